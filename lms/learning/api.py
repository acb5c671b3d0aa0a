"""What the rest of the platform, and every plugin, may ask of a learner's record."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from lms.learning.errors import (
    AttemptClosed,
    CannotEnrol,
    CannotGrade,
    CannotOpen,
    NotEnrolled,
)
from lms.learning.marking import attempt_for_marker, attempts_to_mark
from lms.learning.models import Attempt, CourseInstructor, Enrolment
from lms.learning.services.attempting import (
    grade,
    hand_in,
    progressed,
    start,
    submit,
    submit_named,
)
from lms.learning.services.enrolling import enrol, finish_lesson, save_position, withdraw
from lms.plugins.contracts import Json
from modules.content.models import Activity, Placement

if TYPE_CHECKING:
    from lms.people.models import Person

__all__ = [
    "AttemptClosed",
    "CannotEnrol",
    "CannotGrade",
    "CannotOpen",
    "NotEnrolled",
    "attempt_for_marker",
    "attempt_of",
    "attempts_to_mark",
    "enrol",
    "enrolment_for",
    "finish_lesson",
    "grade",
    "hand_in",
    "progressed",
    "readers_of",
    "responses_of",
    "save_position",
    "start",
    "submit",
    "submit_named",
    "withdraw",
]


def enrolment_for(person: Person | None, activity: Activity) -> Enrolment | None:
    """The active enrolment of `person` in a course that holds `activity`; the newest of several."""
    if person is None:
        return None
    courses = Placement.objects.filter(activity_key=activity.translation_key).values(
        "outline__course_key"
    )
    return (
        Enrolment.objects.active()
        .filter(person=person, course_key__in=courses)
        .order_by("-enrolled_at")
        .first()
    )


def attempt_of(person: Person | None, attempt_uuid: uuid.UUID) -> Attempt | None:
    """The attempt with this uuid when it belongs to `person`, its enrolment and activity loaded."""
    if person is None:
        return None
    return (
        Attempt.objects.filter(uuid=attempt_uuid, enrolment__person=person)
        .select_related("enrolment", "activity")
        .first()
    )


def readers_of(enrolment: Enrolment) -> list[str]:
    """The names of those who may read what is handed in: the instructors of the course."""
    instructors = CourseInstructor.objects.filter(course_key=enrolment.course_key)
    names = instructors.order_by("person__sort_key", "pk").values_list("person__full_name")
    return [name for (name,) in names]


def responses_of(person: Person, type_key: str) -> list[tuple[Attempt, Json]]:
    """Every attempt of `person` at activities of this type, with what was handed in."""
    rows: Any = Attempt.objects.filter(
        enrolment__person=person, activity__type_key=type_key
    ).select_related("activity")
    return [(attempt, attempt.response) for attempt in rows]
