"""What instructors may mark: attempts handed in that wait for a person, in courses they teach."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from lms.learning.models import Attempt, Enrolment
from lms.people.models import RecordAccess
from lms.people.services.accesses import note_access

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser
    from django.db.models import QuerySet

    from lms.people.models import User


def attempts_to_mark(user: User | AnonymousUser, type_key: str) -> QuerySet[Attempt]:
    """Attempts at activities of this type that `user` may mark and that wait, the oldest first.

    Enrolment, person, unit and activity are loaded along.
    """
    return (
        Attempt.objects.filter(
            enrolment__in=Enrolment.objects.read_by(user).order_by(),
            activity__type_key=type_key,
            state=Attempt.State.SUBMITTED,
            awaits_person=True,
        )
        .select_related("activity", "enrolment__person", "enrolment__unit")
        .order_by("submitted_at", "pk")
    )


def attempt_for_marker(user: User, attempt_uuid: uuid.UUID) -> Attempt | None:
    """An attempt that was handed in and that `user` may mark, marked before or not.

    That `user` looked at it is noted for the learner.
    """
    attempt = (
        Attempt.objects.filter(
            uuid=attempt_uuid,
            enrolment__in=Enrolment.objects.read_by(user).order_by(),
            submitted_at__isnull=False,
        )
        .select_related("activity", "enrolment__person", "enrolment__unit")
        .first()
    )
    if attempt is not None:
        note_access(
            person_ids=[attempt.enrolment.person_id],
            by=user,
            act=RecordAccess.Act.VIEWED,
            subject="evidence",
        )
    return attempt
