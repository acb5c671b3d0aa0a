"""When a lesson, a module and a course are complete, and how far a person has come. Pure.

Golden test 7 of domain.md: "5 required + at least 5 electives of 14".
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain

from lms.learning.progress.fold import State
from lms.plugins.contracts import CompletionRule
from modules.content.outline import LessonRef, ModuleRef, Outline


@dataclass(frozen=True)
class Standing:
    """How far somebody is: `done` of `total` lessons that completing the course needs."""

    done: int
    total: int
    minutes_left: int
    periods_done: Decimal
    electives_done: int = 0
    electives_needed: int = 0

    @property
    def percent(self) -> int:
        """Whole percent; 100 only when everything is done."""
        if not self.total:
            return 0
        return min(99, self.done * 100 // self.total) if self.done < self.total else 100

    @property
    def is_complete(self) -> bool:
        """Whether nothing is missing."""
        return self.total > 0 and self.done >= self.total


def rule_is_met(rule: CompletionRule, state: State, key: uuid.UUID, *, viewed: bool) -> bool:
    """Whether the activity with this key counts as done under `rule`.

    `viewed`: whether a lesson that holds it has been finished.
    """
    activity = state.activities.get(key)
    if rule.on == "viewed":
        return viewed
    if activity is None:
        return False
    if rule.on == "submitted":
        return activity.submitted_at is not None
    if rule.on == "graded":
        return activity.best_scaled is not None
    if rule.on == "passed":
        return activity.passed
    return activity.fraction >= rule.threshold - 1e-9


def lesson_is_complete(lesson: LessonRef, state: State) -> bool:
    """A lesson: finished by its button, and every required activity in it done."""
    seen = state.lessons.get(lesson.key)
    if seen is None or seen.viewed_at is None:
        return False
    return all(
        (activity := state.activities.get(key)) is not None and activity.completed_at is not None
        for key in lesson.required_activities
    )


def module_is_complete(module: ModuleRef, done: Collection[uuid.UUID]) -> bool:
    """A module: it has lessons and all of them are in `done`."""
    return bool(module.lessons) and all(lesson.key in done for lesson in module.lessons)


def course_is_complete(outline: Outline, done: Collection[uuid.UUID]) -> bool:
    """A course: every required module and the wanted number of elective ones are in `done`.

    Modules without lessons are left out; a course without any lesson is never complete.
    """
    taught = [module for module in outline.modules if module.lessons]
    required = [module for module in taught if not module.elective]
    electives = [module for module in taught if module.elective]
    if not taught:
        return False
    chosen = sum(module.key in done for module in electives)
    return all(module.key in done for module in required) and chosen >= min(
        outline.electives_needed, len(electives)
    )


def standing(
    outline: Outline,
    lessons_done: Collection[uuid.UUID],
    modules_done: Collection[uuid.UUID] = (),
) -> Standing:
    """How far one person is in `outline`: lessons of all required modules and of the electives
    that they are nearest to completing.
    """
    completed, finished = frozenset(lessons_done), frozenset(modules_done)
    periods = Decimal(0)
    done = total = minutes = chosen = 0
    electives: list[tuple[int, int, int]] = []  # lessons left, lessons, minutes left
    for module in outline.modules:
        size = len(module.lessons)
        if not size:
            continue
        count = spent = 0
        if keys := module.lesson_keys & completed:  # of a long course most are not begun
            count, spent, earned = _done_in(module, keys)
            periods += earned
        if finished and module.key in finished:
            count, spent = size, module.minutes
        if module.elective:
            electives.append((size - count, size, module.minutes - spent))
            chosen += count == size
        else:
            total += size
            done += count
            minutes += module.minutes - spent
    needed = min(outline.electives_needed, len(electives))
    for left, size, minutes_left in sorted(electives)[:needed]:
        total += size
        done += size - left
        minutes += minutes_left
    return Standing(done, total, minutes, periods, chosen, needed)


def _done_in(module: ModuleRef, keys: Collection[uuid.UUID]) -> tuple[int, int, Decimal]:
    """How many lessons of `module` are among `keys`, their minutes and their periods.

    Most modules are done as a whole or not begun, and their sums are known: lessons are looked at
    only where somebody is in the middle.
    """
    if len(keys) == len(module.lessons):
        return len(keys), module.minutes, module.periods
    lessons = [lesson for lesson in module.lessons if lesson.key in keys]
    periods = sum((lesson.periods for lesson in lessons), Decimal(0))
    return len(lessons), sum(lesson.minutes for lesson in lessons), periods


def next_lesson(
    outline: Outline, lessons_done: Collection[uuid.UUID], after: uuid.UUID | None = None
) -> LessonRef | None:
    """The first lesson not done, at or after `after`, else from the start; None when all are."""
    start = (outline.position(after) or 0) if after is not None else 0
    for lesson in chain(outline.order[start:], outline.order[:start]):
        if lesson.key not in lessons_done:
            return lesson
    return None


def lesson_states(
    outline: Outline, viewed: Mapping[uuid.UUID, dt.datetime | None], done: Collection[uuid.UUID]
) -> dict[uuid.UUID, str]:
    """ "done", "begun" or "open" for each lesson of `outline`."""
    return {
        lesson.key: "done" if lesson.key in done else "begun" if lesson.key in viewed else "open"
        for lesson in outline.lessons()
    }
