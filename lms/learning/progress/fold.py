"""Progress as a fold over events: pure, commutative, idempotent.

Only max, earliest and set union are used, so events may come in any order and any number of
times: late offline batches need no special case (architecture.md 3.5).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID


@dataclass(frozen=True)
class Fact:
    """An event as the fold sees it. `subject` is the translation key of what it is about."""

    uuid: UUID
    name: str
    subject: UUID | None
    occurred_at: dt.datetime
    data: dict[str, Any] = field(default_factory=dict)
    attempt_id: int | None = None
    supersedes: UUID | None = None


@dataclass(frozen=True)
class ActivityState:
    """What is known of one activity. `attempts` is the set of tries begun."""

    fraction: float = 0.0
    best_scaled: float | None = None
    passed: bool = False
    attempts: frozenset[int] = frozenset()
    submitted_at: dt.datetime | None = None
    completed_at: dt.datetime | None = None


@dataclass(frozen=True)
class LessonState:
    """What is known of one lesson."""

    viewed_at: dt.datetime | None = None
    completed_at: dt.datetime | None = None


@dataclass
class State:
    """All that is known of one enrolment. Changed in place by `fold`; compare with ==."""

    activities: dict[UUID, ActivityState] = field(default_factory=dict)
    lessons: dict[UUID, LessonState] = field(default_factory=dict)
    modules: dict[UUID, dt.datetime] = field(default_factory=dict)
    completed_at: dt.datetime | None = None
    last_event_at: dt.datetime | None = None

    def copy(self) -> State:
        """A state that can be folded on without changing this one."""
        return State(
            dict(self.activities),
            dict(self.lessons),
            dict(self.modules),
            self.completed_at,
            self.last_event_at,
        )


def earliest(a: dt.datetime | None, b: dt.datetime | None) -> dt.datetime | None:
    """The earlier of two moments, where None is "not yet"."""
    if a is None or b is None:
        return a or b
    return min(a, b)


def latest(a: dt.datetime | None, b: dt.datetime | None) -> dt.datetime | None:
    """The later of two moments, where None is "never"."""
    if a is None or b is None:
        return a or b
    return max(a, b)


def fold(state: State, fact: Fact) -> State:
    """`state` with `fact` taken in. Taking the same fact in again changes nothing."""
    state.last_event_at = latest(state.last_event_at, fact.occurred_at)
    subject, at = fact.subject, fact.occurred_at
    if fact.name == "course.completed":
        state.completed_at = earliest(state.completed_at, at)
    elif subject is None:
        pass
    elif fact.name in _ACTIVITY:
        old = state.activities.get(subject, ActivityState())
        state.activities[subject] = _ACTIVITY[fact.name](old, fact)
    elif fact.name == "lesson.viewed":
        seen = state.lessons.get(subject, LessonState())
        state.lessons[subject] = replace(seen, viewed_at=earliest(seen.viewed_at, at))
    elif fact.name == "lesson.completed":
        done = state.lessons.get(subject, LessonState())
        state.lessons[subject] = replace(done, completed_at=earliest(done.completed_at, at))
    elif fact.name == "module.completed":
        state.modules[subject] = earliest(state.modules.get(subject), at) or at
    return state


def _started(old: ActivityState, fact: Fact) -> ActivityState:
    return replace(old, attempts=old.attempts | {int(fact.data["number"])})


def _submitted(old: ActivityState, fact: Fact) -> ActivityState:
    return replace(old, submitted_at=earliest(old.submitted_at, fact.occurred_at))


def _graded(old: ActivityState, fact: Fact) -> ActivityState:
    scaled = float(fact.data["scaled"])
    best = scaled if old.best_scaled is None else max(old.best_scaled, scaled)
    return replace(old, best_scaled=best, passed=old.passed or fact.data["passed"] is True)


def _progressed(old: ActivityState, fact: Fact) -> ActivityState:
    return replace(old, fraction=max(old.fraction, float(fact.data["fraction"])))


def _completed(old: ActivityState, fact: Fact) -> ActivityState:
    return replace(old, fraction=1.0, completed_at=earliest(old.completed_at, fact.occurred_at))


_ACTIVITY = {
    "attempt.started": _started,
    "attempt.submitted": _submitted,
    "attempt.graded": _graded,
    "activity.progressed": _progressed,
    "activity.completed": _completed,
}


def project(facts: Iterable[Fact]) -> State:
    """The state after all `facts`, those that another one supersedes left out."""
    kept = list(facts)
    gone = {fact.supersedes for fact in kept if fact.supersedes is not None}
    state = State()
    for fact in kept:
        if fact.uuid not in gone:
            fold(state, fact)
    return state
