"""A person marks answers; when none waits any more, the attempt has its grade."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from lms.learning import api
from lms.plugins.errors import DomainError
from lms.plugins.vietnamese import nfc
from quizzes.models import Mark, Response, SittingSlot
from quizzes.services.marking import grade_of
from quizzes.tries import is_for_person, response_of

if TYPE_CHECKING:
    from lms.learning.models import Attempt
    from lms.people.models import User


class CannotMark(DomainError):
    """The mark does not fit the question."""


@dataclass(frozen=True)
class Given:
    """What a marker gave for one answer."""

    fraction: float
    levels: Mapping[str, str] = field(default_factory=dict)
    comment: str = ""


@transaction.atomic
def give_marks(
    *, attempt: Attempt, marks: Mapping[int, Given], by: User, at: dt.datetime
) -> bool:
    """Add marks, {position: what was given}; whether the attempt is graded now.

    Given again, the new marks count and the grade that follows supersedes the one before. Raises
    CannotMark for an answer that no person marks, or a fraction outside 0 to 1; nothing is
    written then.
    """
    if by.person_id is None:
        raise CannotMark(_("This account belongs to no person, so it cannot mark."))
    slots = {
        slot.position: slot
        for slot in SittingSlot.objects.filter(sitting__attempt=attempt)
        .select_related("sitting", "version", "response")
        .order_by("position")
    }
    for position, given in marks.items():
        slot = slots.get(position)
        if slot is None or not is_for_person(slot):
            raise CannotMark(_("Question %(n)d is not marked by a person.") % {"n": position})
        if not 0.0 <= given.fraction <= 1.0:
            raise CannotMark(
                _("Question %(n)d: the points are outside what it is worth.") % {"n": position}
            )
    for position, given in marks.items():
        response = slots[position].response
        Mark.objects.create(
            response=response,
            fraction=given.fraction,
            levels=dict(given.levels),
            comment=nfc(given.comment).strip(),
            by=by,
            at=at,
        )
        response.fraction = given.fraction
        Response.objects.filter(pk=response.pk).update(fraction=given.fraction)
    found = list(slots.values())
    responses = [response_of(slot) or Response(slot=slot, fraction=0.0) for slot in found]
    if any(each.fraction is None for each in responses) or not marks:
        return False
    api.grade(attempt=attempt, grade=grade_of(found, responses), by_id=by.person_id)
    return True
