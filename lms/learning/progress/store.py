"""Reads the folded state of one enrolment and writes back only what changed."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from typing import Any

from django.db import models

from lms.learning.models import (
    ActivityProgress,
    CourseProgress,
    LessonProgress,
    ModuleProgress,
)
from lms.learning.progress.fold import ActivityState, LessonState, State

BATCH = 500


def load_state(enrolment_id: int) -> State:
    """The state as stored: four queries."""
    return load_states([enrolment_id])[enrolment_id]


def load_states(enrolment_ids: Iterable[int]) -> dict[int, State]:
    """The stored states of these enrolments: four queries however many they are."""
    ids = list(enrolment_ids)
    states = {pk: State() for pk in ids}
    for activity in ActivityProgress.objects.filter(enrolment_id__in=ids):
        states[activity.enrolment_id].activities[activity.activity_key] = ActivityState(
            fraction=activity.fraction,
            best_scaled=activity.best_scaled,
            passed=activity.passed,
            attempts=frozenset(range(1, activity.attempts + 1)),
            submitted_at=activity.submitted_at,
            completed_at=activity.completed_at,
        )
    for lesson in LessonProgress.objects.filter(enrolment_id__in=ids):
        states[lesson.enrolment_id].lessons[lesson.lesson_key] = LessonState(
            lesson.viewed_at, lesson.completed_at
        )
    for module in ModuleProgress.objects.filter(enrolment_id__in=ids):
        states[module.enrolment_id].modules[module.module_key] = module.completed_at
    for course in CourseProgress.objects.filter(enrolment_id__in=ids):
        states[course.enrolment_id].completed_at = course.completed_at
        states[course.enrolment_id].last_event_at = course.last_event_at
    return states


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
