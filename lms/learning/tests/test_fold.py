"""The fold is pure, commutative and idempotent (architecture.md 3.5)."""

from __future__ import annotations

import datetime as dt
import random
import uuid

from hypothesis import given
from hypothesis import strategies as st

from lms.learning.progress.fold import ActivityState, Fact, State, fold, project

START = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
SUBJECTS = [uuid.UUID(int=number) for number in range(1, 5)]

moments = st.integers(0, 5000).map(lambda minutes: START + dt.timedelta(minutes=minutes))
unit = st.floats(0, 1, allow_nan=False)


def facts_named(name: str, data: st.SearchStrategy[dict[str, object]]) -> st.SearchStrategy[Fact]:
    return st.builds(
        Fact,
        uuid=st.uuids(),
        name=st.just(name),
        subject=st.sampled_from(SUBJECTS),
        occurred_at=moments,
        data=data,
    )


nothing = st.just({})
some_facts = st.one_of(
    facts_named("enrolment.created", nothing),
    facts_named("attempt.started", st.fixed_dictionaries({"number": st.integers(1, 9)})),
    facts_named("attempt.submitted", nothing),
    facts_named(
        "attempt.graded",
        st.fixed_dictionaries({"scaled": unit, "passed": st.sampled_from([True, False, None])}),
    ),
    facts_named("activity.progressed", st.fixed_dictionaries({"fraction": unit})),
    facts_named("activity.completed", st.just({"rule": "passed"})),
    facts_named("lesson.viewed", nothing),
    facts_named("lesson.completed", nothing),
    facts_named("module.completed", nothing),
    facts_named("course.completed", nothing),
)
histories = st.lists(some_facts, max_size=40, unique_by=lambda fact: fact.uuid)


@given(histories, st.randoms())
def test_project_any_order_and_duplicates_give_the_same_state(
    history: list[Fact], rnd: random.Random
) -> None:
    shuffled = history + rnd.choices(history, k=10) if history else []
    rnd.shuffle(shuffled)
    assert project(shuffled) == project(history)


@given(histories, st.randoms(), st.integers(0, 3))
def test_project_superseded_facts_leave_no_trace(
    history: list[Fact], rnd: random.Random, count: int
) -> None:
    gone = rnd.sample(history, k=min(count, len(history)))
    corrections = [
        Fact(uuid.uuid4(), "record.corrected", None, START, {"reason": "error"}, None, fact.uuid)
        for fact in gone
    ]
    kept = [fact for fact in history if fact not in gone]
    mixed = history + corrections
    rnd.shuffle(mixed)
    assert project(mixed) == project(kept + corrections)


@given(histories)
def test_fold_a_copy_leaves_the_original_alone(history: list[Fact]) -> None:
    half = project(history[: len(history) // 2])
    again = project(history[: len(history) // 2])
    copy = half.copy()
    for fact in history:
        fold(copy, fact)
    assert half == again


def test_fold_completion_keeps_the_earliest_moment() -> None:
    key = SUBJECTS[0]
    late = Fact(uuid.uuid4(), "activity.completed", key, START + dt.timedelta(days=2), {})
    early = Fact(uuid.uuid4(), "activity.completed", key, START, {})
    assert project([late, early]).activities[key] == ActivityState(fraction=1.0, completed_at=START)


def test_fold_unknown_names_only_move_the_last_moment() -> None:
    fact = Fact(uuid.uuid4(), "hello.waved", SUBJECTS[0], START, {})
    assert fold(State(), fact) == State(last_event_at=START)
