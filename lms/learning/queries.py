"""What pages read from the record. Every function says how many queries it costs."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db.models import Max, Prefetch, QuerySet, Value

from lms.learning.models import (
    ActivityProgress,
    Attempt,
    Enrolment,
    LessonProgress,
    ModuleProgress,
)
from lms.learning.progress.completion import Standing, standing
from lms.plugins.prepared import Many, Prepared
from modules.content.models import CourseOutline
from modules.content.outline import Outline, outline_of

RECENT = 5


@dataclass(frozen=True)
class Done:
    """What one enrolment has done, by translation key. `lessons`: None where only viewed."""

    lessons: dict[uuid.UUID, dt.datetime | None] = field(default_factory=dict)
    modules: frozenset[uuid.UUID] = frozenset()

    @cached_property
    def completed(self) -> frozenset[uuid.UUID]:
        """Keys of the lessons completed."""
        return frozenset(key for key, at in self.lessons.items() if at is not None)

    def state(self, lesson_key: uuid.UUID) -> str:
        """done | started | todo."""
        if lesson_key not in self.lessons:
            return "todo"
        return "started" if self.lessons[lesson_key] is None else "done"

    def standing(self, outline: Outline) -> Standing:
        """How far that is in `outline`."""
        return standing(outline, self.completed, self.modules)


_ACTIVE: Prepared[Enrolment] = Prepared(
    lambda person_id, course_key: Enrolment.objects.active()
    .filter(person_id=person_id, course_key=course_key)
    .select_related("progress", "resume_point"),
    int,
    uuid.UUID,
)


def active_enrolment(person_id: int | None, course_key: uuid.UUID) -> Enrolment | None:
    """The active enrolment with its progress and resume point: one query."""
    if person_id is None:
        return None
    return _ACTIVE.first(person_id, course_key)


def _done_rows(enrolment_ids: Sequence[int]) -> QuerySet[Any, Any]:
    """(enrolment, key, completed at, whether the key is a module's)."""
    return (
        LessonProgress.objects.filter(enrolment_id__in=enrolment_ids)
        .annotate(whole_module=Value(False))
        .values_list("enrolment_id", "lesson_key", "completed_at", "whole_module")
        .union(
            ModuleProgress.objects.filter(enrolment_id__in=enrolment_ids)
            .annotate(whole_module=Value(True))
            .values_list("enrolment_id", "module_key", "completed_at", "whole_module"),
            all=True,
        )
    )


_DONE: Prepared[tuple[int, uuid.UUID, dt.datetime | None, bool]] = Prepared(_done_rows, Many(int))


def done_by(enrolment_ids: Sequence[int]) -> dict[int, Done]:
    """What each of these enrolments has done: one query however many they are."""
    lessons: dict[int, dict[uuid.UUID, dt.datetime | None]] = defaultdict(dict)
    modules: dict[int, set[uuid.UUID]] = defaultdict(set)
    ids = list(enrolment_ids)
    for enrolment_id, key, at, whole_module in _DONE(ids):
        if whole_module:
            modules[enrolment_id].add(key)
        else:
            lessons[enrolment_id][key] = at
    return {pk: Done(lessons[pk], frozenset(modules[pk])) for pk in ids}


_OF_PERSON: Prepared[Enrolment] = Prepared(
    lambda person_id: Enrolment.objects.filter(person_id=person_id)
    .select_related("progress", "resume_point", "position", "unit")
    .order_by("-enrolled_at"),
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
_PROGRESS: Prepared[ActivityProgress] = Prepared(
    lambda enrolment_id, keys: ActivityProgress.objects.filter(
        enrolment_id=enrolment_id, activity_key__in=keys
    ),
    int,
    Many(uuid.UUID),
)


def latest_attempts(enrolment_id: int, activity_keys: Iterable[uuid.UUID]) -> dict[
    uuid.UUID, Attempt
]:
    """The newest attempt at each of these activities: one query."""
    return {each.activity_key: each for each in _ATTEMPTS(enrolment_id, list(activity_keys))}


def activity_progress(
    enrolment_id: int, activity_keys: Iterable[uuid.UUID]
) -> dict[uuid.UUID, ActivityProgress]:
    """The folded state of each of these activities: one query."""
    return {each.activity_key: each for each in _PROGRESS(enrolment_id, list(activity_keys))}


_RECENT: Prepared[Attempt] = Prepared(
    lambda person_id: Attempt.objects.filter(
        enrolment__person_id=person_id, submitted_at__isnull=False
    )
    .select_related("activity")
    .order_by("-submitted_at")[:RECENT],
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


def with_lessons(enrolments: QuerySet[Enrolment]) -> QuerySet[Enrolment]:
    """The same, each with its lesson progress loaded: one more query for all."""
    return enrolments.prefetch_related(
        Prefetch("lessons", queryset=LessonProgress.objects.only(
            "enrolment_id", "lesson_key", "completed_at"
        ))
    )


def last_active(course_key: uuid.UUID) -> dt.datetime | None:
    """When anybody last did something in the course: one query."""
    found = Enrolment.objects.filter(course_key=course_key).aggregate(
        at=Max("progress__last_event_at")
    )
    at: dt.datetime | None = found["at"]
    return at
