"""Reads the folded state of one enrolment and writes back only what changed."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from typing import Any

from django.db import models
from django.db.models import F, Value
from django.db.models.functions import Cast

from lms.learning.models import (
    ActivityProgress,
    CourseProgress,
    LessonProgress,
    ModuleProgress,
)
from lms.learning.progress.fold import ActivityState, LessonState, State
from lms.plugins.prepared import Many, Prepared

BATCH = 500


def load_state(enrolment_id: int) -> State:
    """The state as stored: two queries."""
    return load_states([enrolment_id])[enrolment_id]


def load_states(enrolment_ids: Iterable[int]) -> dict[int, State]:
    """The stored states of these enrolments: two queries however many they are."""
    ids = list(enrolment_ids)
    states = {pk: State() for pk in ids}
    for activity in _ACTIVITIES(ids):
        states[activity.enrolment_id].activities[activity.activity_key] = ActivityState(
            fraction=activity.fraction,
            best_scaled=activity.best_scaled,
            passed=activity.passed,
            attempts=frozenset(range(1, activity.attempts + 1)),
            submitted_at=activity.submitted_at,
            completed_at=activity.completed_at,
        )
    for kind, enrolment_id, key, first_at, completed_at in _OUTLINE_ROWS(ids):
        state = states[enrolment_id]
        if kind == LESSON:
            state.lessons[key] = LessonState(first_at, completed_at)
        elif kind == MODULE:
            state.modules[key] = completed_at
        else:
            state.completed_at, state.last_event_at = completed_at, first_at
    return states


LESSON, MODULE, COURSE = 1, 2, 3


def _outline_rows(ids: list[int]) -> Any:
    """(kind, enrolment, key, first moment, completed) of lessons, modules and courses: one query.

    The first moment is when a lesson was viewed, or when the course last had an event.
    """
    no_key = Cast(Value(None), output_field=models.UUIDField())
    no_time = Cast(Value(None), output_field=models.DateTimeField())
    names = ("kind", "enrolment_id", "key", "first_at", "completed_at")
    lessons, modules, courses = (
        model._default_manager.filter(enrolment_id__in=ids)
        .annotate(kind=Value(kind), key=key, first_at=first_at)
        .values_list(*names)
        for model, kind, key, first_at in (
            (LessonProgress, LESSON, F("lesson_key"), F("viewed_at")),
            (ModuleProgress, MODULE, F("module_key"), no_time),
            (CourseProgress, COURSE, no_key, F("last_event_at")),
        )
    )
    return lessons.union(modules, courses, all=True)


_ACTIVITIES: Prepared[ActivityProgress] = Prepared(
    lambda ids: ActivityProgress.objects.filter(enrolment_id__in=ids), Many(int)
)
_OUTLINE_ROWS: Prepared[tuple[Any, ...]] = Prepared(_outline_rows, Many(int))


def save_state(enrolment_id: int, before: State, after: State) -> None:
    """Write the rows in which `after` differs from `before`: one upsert per kind that changed."""
    save_states({enrolment_id: (before, after)})


def save_states(changes: dict[int, tuple[State, State]]) -> None:
    """As `save_state`, for many enrolments at once."""
    activities, lessons, modules, courses = [], [], [], []
    for pk, (before, after) in changes.items():
        for key, activity in _changed(before.activities, after.activities):
            activities.append(
                ActivityProgress(
                    enrolment_id=pk,
                    activity_key=key,
                    fraction=activity.fraction,
                    best_scaled=activity.best_scaled,
                    passed=activity.passed,
                    attempts=max(activity.attempts, default=0),
                    submitted_at=activity.submitted_at,
                    completed_at=activity.completed_at,
                )
            )
        for key, lesson in _changed(before.lessons, after.lessons):
            lessons.append(
                LessonProgress(
                    enrolment_id=pk,
                    lesson_key=key,
                    viewed_at=lesson.viewed_at,
                    completed_at=lesson.completed_at,
                )
            )
        for key, at in _changed(before.modules, after.modules):
            modules.append(ModuleProgress(enrolment_id=pk, module_key=key, completed_at=at))
        course = (after.completed_at, after.last_event_at)
        if course != (before.completed_at, before.last_event_at) and after.last_event_at:
            courses.append(
                CourseProgress(
                    enrolment_id=pk,
                    completed_at=after.completed_at,
                    last_event_at=after.last_event_at,
                )
            )
    _upsert(ActivityProgress, activities, ["enrolment", "activity_key"])
    _upsert(LessonProgress, lessons, ["enrolment", "lesson_key"])
    _upsert(ModuleProgress, modules, ["enrolment", "module_key"])
    _upsert(CourseProgress, courses, ["enrolment"])


def _changed(
    before: dict[uuid.UUID, Any], after: dict[uuid.UUID, Any]
) -> Iterator[tuple[uuid.UUID, Any]]:
    return ((key, value) for key, value in after.items() if before.get(key) != value)


def _upsert(model: type[models.Model], rows: list[Any], unique: list[str]) -> None:
    if not rows:
        return
    fields = [
        field.name
        for field in model._meta.local_concrete_fields
        if not field.primary_key and field.name not in unique
    ]
    model._default_manager.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=unique,
        update_fields=fields,
        batch_size=BATCH,
    )
