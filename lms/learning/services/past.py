"""Courses that were taken before this site kept the record: entered afterwards."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from lms.learning.errors import CannotEnrol
from lms.learning.models import Enrolment
from lms.learning.services.recording import NewFact, record
from lms.people.api import current_post

if TYPE_CHECKING:
    from lms.people.models import Person


@transaction.atomic
def enter_past_course(
    *,
    person: Person,
    course_key: uuid.UUID,
    course_title: str,
    began: dt.datetime,
    completed: dt.datetime | None = None,
    source: str = "import",
    actor_id: int | None = None,
) -> Enrolment:
    """The enrolment of `person` in a course that was held then, with the post and unit of then.

    The course need not be on the site. Entering it again changes nothing. Raises CannotEnrol when
    the days cannot be, or the person takes this course now.
    """
    if (completed is not None and completed < began) or began > timezone.now():
        raise CannotEnrol(_("A course of the past begins before it ends, and before today."))
    found = Enrolment.objects.filter(person=person, course_key=course_key)
    known = found.filter(enrolled_at=began).first()
    if known is not None:
        return known
    if found.active().exists():
        raise CannotEnrol(_("%(person)s takes this course already.") % {"person": person})
    post = current_post(person, timezone.localdate(began))
    enrolment = Enrolment.objects.create(
        person=person,
        course_key=course_key,
        course_title=course_title,
        cycle=(found.aggregate(last=Max("cycle"))["last"] or 0) + 1,
        position_id=post.position_id if post else None,
        unit_id=post.unit_id if post else None,
        enrolled_at=began,
    )
    moments = [("enrolment.created", began), ("course.completed", completed)]
    facts = [
        NewFact(
            name,
            subject_key=course_key,
            uuid=uuid.uuid5(enrolment.uuid, name),
            occurred_at=at,
        )
        for name, at in moments
        if at is not None
    ]
    record(enrolment=enrolment, facts=facts, source=source, actor_id=actor_id, locked=True)
    return enrolment
