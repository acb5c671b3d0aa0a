"""Writes down who looked at, took out or changed what is held about somebody else.

The person reads it on their own record. One look a day of one person at one thing is one line:
turning pages back and forth says nothing more.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lms.people.models import RecordAccess

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from lms.people.models import Person, User

#: What an access is about, in words for the person. Keys are stored.
SUBJECTS: dict[str, Promise | str] = {
    "person": _("name, post and account"),
    "progress": _("progress in courses"),
    "evidence": _("handed-in work"),
    "details": _("name, phone or date of birth"),
    "account": _("the account"),
    "code": _("a code to set the password"),
    "second_factor": _("the second step of signing in"),
    "post": _("a post"),
    "merge": _("two entries made one"),
}


def note_access(
    *,
    person_ids: Iterable[int],
    by: User | None,
    act: RecordAccess.Act,
    subject: str,
    now: dt.datetime | None = None,
) -> int:
    """Note that `by` saw, took out or changed `subject` of these persons; how many lines are new.

    `by` is None for the operator at the server. One's own data is not noted. Two queries at most,
    however many persons; looks and exports that were noted that day already are passed over.
    """
    if subject not in SUBJECTS:
        raise ValueError(f"{subject} has no words for the person: add them to SUBJECTS")
    at = now or timezone.now()
    wanted = set(person_ids) - {by.person_id if by else None}
    if wanted and act != RecordAccess.Act.CHANGED:
        midnight = timezone.localtime(at).replace(hour=0, minute=0, second=0, microsecond=0)
        today = RecordAccess.objects.filter(
            by=by, act=act, subject=subject, at__gte=midnight, person_id__in=wanted
        )
        wanted -= set(today.values_list("person_id", flat=True))
    RecordAccess.objects.bulk_create(
        [
            RecordAccess(person_id=pk, by=by, act=act, subject=subject, at=at)
            for pk in sorted(wanted)
        ],
        batch_size=500,
    )
    return len(wanted)


def accesses_of(person: Person, ids: Iterable[int]) -> QuerySet[RecordAccess]:
    """What was noted of `person` under any of `ids` (see `identities_of`), newest first."""
    return RecordAccess.objects.filter(person_id__in={person.pk, *ids}).select_related("by__person")
