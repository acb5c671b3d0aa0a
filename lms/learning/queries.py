"""What pages read from the record. Every function says how many queries it costs."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Case, Max, OuterRef, Prefetch, QuerySet, Subquery, Value, When

from lms.learning.models import (
    ActivityProgress,
    Attempt,
    CourseInstructor,
    Enrolment,
    LessonProgress,
    ModuleProgress,
)
from lms.learning.progress.completion import Standing, standing
from lms.people.rights import rights_of
from lms.plugins.prepared import Many, Prepared
from modules.content.models import CourseOutline
from modules.content.outline import Outline, outline_of

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from lms.people.models import User

RECENT = 5


@dataclass(frozen=True)
class Done:
    """What one enrolment has done, by translation key.

    `started`: the lessons that were viewed and lack something still. `completed`: the others.
    """

    started: frozenset[uuid.UUID] = frozenset()
    completed: frozenset[uuid.UUID] = frozenset()
    modules: frozenset[uuid.UUID] = frozenset()

    def state(self, lesson_key: uuid.UUID) -> str:
        """done | started | todo."""
        if lesson_key in self.completed:
            return "done"
        return "started" if lesson_key in self.started else "todo"

    def standing(self, outline: Outline) -> Standing:
        """How far that is in `outline`."""
        return standing(outline, self.completed, self.modules)


_ACTIVE: Prepared[Enrolment] = Prepared(
    lambda person_id, course_key: (
        Enrolment.objects.active()
        .filter(person_id=person_id, course_key=course_key)
        .select_related("progress", "resume_point")
    ),
    int,
    uuid.UUID,
)


def active_enrolment(person_id: int | None, course_key: uuid.UUID) -> Enrolment | None:
    """The active enrolment with its progress and resume point: one query."""
    if person_id is None:
        return None
    return _ACTIVE.first(person_id, course_key)


STARTED, COMPLETED, MODULE = 0, 1, 2


def _done_rows(enrolment_ids: Sequence[int]) -> QuerySet[Any, Any]:
    """(enrolment, key, what that says). No moments: reading fifty of them takes longer than
    all the rest of the query.
    """
    is_completed = Case(When(completed_at__isnull=True, then=STARTED), default=COMPLETED)
    return (
        LessonProgress.objects.filter(enrolment_id__in=enrolment_ids)
        .annotate(says=is_completed)
        .values_list("enrolment_id", "lesson_key", "says")
        .union(
            ModuleProgress.objects.filter(enrolment_id__in=enrolment_ids)
            .annotate(says=Value(MODULE))
            .values_list("enrolment_id", "module_key", "says"),
            all=True,
        )
    )


_DONE: Prepared[tuple[int, uuid.UUID, int]] = Prepared(_done_rows, Many(int))


def done_by(enrolment_ids: Sequence[int]) -> dict[int, Done]:
    """What each of these enrolments has done: one query however many they are."""
    ids = list(enrolment_ids)
    found: dict[int, tuple[list[uuid.UUID], ...]] = {pk: ([], [], []) for pk in ids}
    for enrolment_id, key, says in _DONE(ids):
        found[enrolment_id][says].append(key)
    return {pk: Done(*map(frozenset, keys)) for pk, keys in found.items()}


def lessons_completed_at(
    enrolment_ids: Sequence[int],
) -> dict[tuple[int, uuid.UUID], dt.datetime]:
    """When each lesson was completed, by (enrolment, lesson key): one query."""
    rows = LessonProgress.objects.filter(
        enrolment_id__in=enrolment_ids, completed_at__isnull=False
    ).values_list("enrolment_id", "lesson_key", "completed_at")
    return {(enrolment_id, key): at for enrolment_id, key, at in rows if at is not None}


_OF_PERSON: Prepared[Enrolment] = Prepared(
    lambda person_id: (
        Enrolment.objects.filter(person_id=person_id)
        .select_related("progress", "resume_point", "position", "unit")
        .order_by("-enrolled_at")
    ),
    int,
)


def enrolments_of(person_id: int | None) -> list[Enrolment]:
    """All enrolments of a person, newest first, with post and unit as they were: one query."""
    if person_id is None:
        return []
    return _OF_PERSON(person_id)


_OUTLINES: Prepared[CourseOutline] = Prepared(
    lambda keys: CourseOutline.objects.filter(course_key__in=keys).defer("data"), Many(uuid.UUID)
)
_ALL_OUTLINES: Prepared[CourseOutline] = Prepared(
    lambda: CourseOutline.objects.defer("data").order_by("pk")
)


def outlines(course_keys: Iterable[uuid.UUID]) -> dict[uuid.UUID, Outline]:
    """The published outlines of these courses: one query, and one per version not in memory."""
    return {row.course_key: outline_of(row) for row in _OUTLINES(set(course_keys))}


def all_outlines() -> list[Outline]:
    """Every published course: one query, and one per version not in memory."""
    return [outline_of(row) for row in _ALL_OUTLINES()]


_ATTEMPTS: Prepared[Attempt] = Prepared(
    lambda enrolment_id, keys: Attempt.objects.filter(
        enrolment_id=enrolment_id, activity_key__in=keys
    ).order_by("number"),
    int,
    Many(uuid.UUID),
)
_NEWEST_STATE = Subquery(
    Attempt.objects.filter(
        enrolment_id=OuterRef("enrolment_id"), activity_key=OuterRef("activity_key")
    )
    .order_by("-number")
    .values("state")[:1]
)
_PROGRESS: Prepared[ActivityProgress] = Prepared(
    lambda enrolment_id, keys: ActivityProgress.objects.filter(
        enrolment_id=enrolment_id, activity_key__in=keys
    ).annotate(newest_state=_NEWEST_STATE),
    int,
    Many(uuid.UUID),
)


def latest_attempts(
    enrolment_id: int, activity_keys: Iterable[uuid.UUID]
) -> dict[uuid.UUID, Attempt]:
    """The newest attempt at each of these activities: one query."""
    return {each.activity_key: each for each in _ATTEMPTS(enrolment_id, list(activity_keys))}


def activity_progress(
    enrolment_id: int, activity_keys: Iterable[uuid.UUID]
) -> dict[uuid.UUID, ActivityProgress]:
    """The folded state of each of these activities: one query.

    Each has `newest_state`, the state of the newest attempt (None without one). A folded state
    stands wherever there is an attempt: starting one is an event.
    """
    return {each.activity_key: each for each in _PROGRESS(enrolment_id, list(activity_keys))}


_RECENT: Prepared[Attempt] = Prepared(
    lambda person_id: (
        Attempt.objects.filter(enrolment__person_id=person_id, submitted_at__isnull=False)
        .select_related("activity")
        # What is not asked for need not be made into moments and JSON, five times over.
        .only(
            *("enrolment_id", "activity_key", "number", "state", "submitted_at"),
            *("raw", "maximum", "passed", "grading_due", "awaits_person"),
            *("activity__uuid", "activity__title", "activity__type_key"),
        )
        .order_by("-submitted_at")[:RECENT]
    ),
    int,
)


def recent_results(person_id: int) -> list[Attempt]:
    """The newest attempts that were handed in, their activities loaded: one query."""
    return _RECENT(person_id)


def best_results(enrolment_ids: Sequence[int]) -> dict[tuple[int, uuid.UUID], float]:
    """The best mark (0 to 1) by (enrolment, activity key): one query."""
    rows = ActivityProgress.objects.filter(
        enrolment_id__in=enrolment_ids, best_scaled__isnull=False
    ).values_list("enrolment_id", "activity_key", "best_scaled")
    return {(enrolment_id, key): best for enrolment_id, key, best in rows if best is not None}


def learners_of(course_key: uuid.UUID, base: QuerySet[Enrolment]) -> QuerySet[Enrolment]:
    """The active enrolments of a course within `base`, by given name, people and posts loaded."""
    return (
        base.filter(course_key=course_key, withdrawn_at__isnull=True)
        .select_related("person", "position", "unit", "progress")
        .order_by("person__sort_key", "pk")
    )


def teaches(user: User | AnonymousUser, course_key: uuid.UUID) -> bool:
    """Whether `user` is an instructor of the course: one query, or none for other roles."""
    if user.is_anonymous or user.person_id is None or not rights_of(user).is_instructor:
        return False
    return CourseInstructor.objects.filter(course_key=course_key, person_id=user.person_id).exists()


def with_lessons(enrolments: QuerySet[Enrolment]) -> QuerySet[Enrolment]:
    """The same, each with its lesson progress loaded: one more query for all."""
    return enrolments.prefetch_related(
        Prefetch(
            "lessons",
            queryset=LessonProgress.objects.only("enrolment_id", "lesson_key", "completed_at"),
        )
    )


def last_active(course_key: uuid.UUID) -> dt.datetime | None:
    """When anybody last did something in the course: one query."""
    found = Enrolment.objects.filter(course_key=course_key).aggregate(
        at=Max("progress__last_event_at")
    )
    at: dt.datetime | None = found["at"]
    return at
