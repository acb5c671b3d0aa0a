"""When a course is complete. Golden test 7 of domain.md 2.9 is here."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.learning.progress.completion import (
    course_is_complete,
    lesson_is_complete,
    module_is_complete,
    next_lesson,
    rule_is_met,
    standing,
)
from lms.learning.progress.fold import ActivityState, LessonState, State
from lms.plugins.contracts import GRADED, PASSED, SUBMITTED, VIEWED, progress_of
from modules.content.outline import (
    ActivityRef,
    LessonRef,
    ModuleRef,
    Outline,
    PageRef,
    from_json,
    to_json,
)

AT = dt.datetime(2026, 5, 1, tzinfo=dt.UTC)


def lesson(*activities: ActivityRef, minutes: int = 10) -> LessonRef:
    return LessonRef(
        key=uuid.uuid4(),
        code="1.1",
        minutes=minutes,
        periods=Decimal("0.5"),
        pages={"vi": PageRef(1, "Bài", "/a/b/c/")},
        activities={"vi": tuple(activities)},
    )


def activity(*, required: bool = True, rule: str = "passed") -> ActivityRef:
    return ActivityRef(1, uuid.uuid4(), uuid.uuid4(), "quizzes.quiz", "Q", rule, required)


def module(*lessons: LessonRef, elective: bool = False) -> ModuleRef:
    return ModuleRef(uuid.uuid4(), "1", elective, {"vi": PageRef(2, "M", "/a/b/")}, lessons)


def outline(*modules: ModuleRef, electives_needed: int = 0) -> Outline:
    pages = {"vi": PageRef(3, "C", "/a/")}
    return Outline(uuid.uuid4(), "v1", "signed_in", None, electives_needed, pages, modules)


def keys(modules: list[ModuleRef]) -> set[uuid.UUID]:
    return {each.key for each in modules}


@pytest.mark.parametrize(
    ("required_done", "electives_done", "complete"),
    [(5, 5, True), (4, 9, False), (5, 4, False), (5, 9, True), (4, 5, False)],
)
def test_golden_7_five_required_and_five_of_nine_electives(
    required_done: int, electives_done: int, complete: bool
) -> None:
    required = [module(lesson()) for _ in range(5)]
    electives = [module(lesson(), elective=True) for _ in range(9)]
    course = outline(*required, *electives, electives_needed=5)
    done = keys(required[:required_done] + electives[:electives_done])
    assert course_is_complete(course, done) is complete


def test_course_without_lessons_is_never_complete() -> None:
    assert course_is_complete(outline(), set()) is False
    assert course_is_complete(outline(module()), set()) is False


def test_module_without_lessons_is_not_complete_and_does_not_stand_in_the_way() -> None:
    empty, full = module(), module(lesson())
    assert module_is_complete(empty, set()) is False
    assert course_is_complete(outline(empty, full), {full.key}) is True


def test_lesson_needs_its_button_and_its_required_activities() -> None:
    needed, extra = activity(), activity(required=False)
    one = lesson(needed, extra)
    state = State()
    assert lesson_is_complete(one, state) is False
    state.activities[needed.key] = ActivityState(completed_at=AT)
    assert lesson_is_complete(one, state) is False
    state.lessons[one.key] = LessonState(viewed_at=AT)
    assert lesson_is_complete(one, state) is True
    state.activities[needed.key] = ActivityState(fraction=0.9)
    assert lesson_is_complete(one, state) is False


def test_rules_each_looks_at_its_own_fact() -> None:
    key = uuid.uuid4()
    ninety = progress_of(0.9, "watched")
    state = State(activities={key: ActivityState(fraction=0.9)})
    met = [
        rule_is_met(rule, state, key, viewed=False)
        for rule in (VIEWED, SUBMITTED, GRADED, PASSED, ninety)
    ]
    assert met == [False, False, False, False, True]
    state.activities[key] = ActivityState(submitted_at=AT, best_scaled=0.2)
    met = [
        rule_is_met(rule, state, key, viewed=True)
        for rule in (VIEWED, SUBMITTED, GRADED, PASSED, ninety)
    ]
    assert met == [True, True, True, False, False]
    state.activities[key] = ActivityState(passed=True)
    assert rule_is_met(PASSED, state, key, viewed=False) is True
    assert rule_is_met(PASSED, State(), key, viewed=True) is False


def test_standing_counts_required_lessons_and_the_nearest_electives() -> None:
    first, second = lesson(minutes=10), lesson(minutes=15)
    required = module(first, second)
    near = module(lesson(minutes=20), lesson(minutes=5), elective=True)
    far = module(lesson(), lesson(), lesson(), elective=True)
    course = outline(required, near, far, electives_needed=1)
    done = {first.key, near.lessons[0].key}
    now = standing(course, done)
    assert (now.done, now.total, now.minutes_left, now.percent) == (2, 4, 20, 50)
    assert now.periods_done == Decimal("1.0")
    assert (now.electives_done, now.electives_needed) == (0, 1)


def test_standing_a_completed_module_stays_done_when_a_lesson_is_added() -> None:
    old = lesson()
    grown = module(old, lesson())
    now = standing(outline(grown), {old.key}, {grown.key})
    assert (now.done, now.total, now.percent) == (2, 2, 100)


@given(st.integers(1, 30), st.data())
def test_standing_percent_is_100_only_when_all_is_done(size: int, data: st.DataObject) -> None:
    lessons = [lesson() for _ in range(size)]
    count = data.draw(st.integers(0, size))
    now = standing(outline(module(*lessons)), {each.key for each in lessons[:count]})
    assert (now.percent == 100) is (count == size)
    assert now.is_complete is (count == size)


def test_next_lesson_goes_on_from_where_one_stopped_then_from_the_start() -> None:
    one, two, three = lesson(), lesson(), lesson()
    course = outline(module(one, two), module(three))
    assert next_lesson(course, set()) == one
    assert next_lesson(course, {one.key}, after=two.key) == two
    assert next_lesson(course, {two.key, three.key}, after=two.key) == one
    assert next_lesson(course, {one.key, two.key, three.key}) is None


def test_outline_survives_json() -> None:
    course = outline(module(lesson(activity())), module(lesson(), elective=True))
    assert from_json(course.course_key, "v1", to_json(course)) == course
