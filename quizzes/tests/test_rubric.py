"""Marking by criteria is pure: from nothing to everything, and a better level is never worse."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizzes.question_types import rubric


def criterion(key: str, *points: float | None) -> dict[str, Any]:
    levels = [{"key": f"{n}", "name": f"Mức {n}", "points": p} for n, p in enumerate(points)]
    return {"key": key, "name": f"Tiêu chí {key}", "levels": levels}


worths = st.lists(
    st.integers(0, 20).map(lambda half: half / 2), min_size=2, max_size=5, unique=True
)
rubrics = st.lists(worths, max_size=5).map(
    lambda all_: [criterion(f"c{n}", *each) for n, each in enumerate(all_)]
)
choices = st.dictionaries(
    st.sampled_from(["c0", "c1", "c2", "c3", "c4", "gone"]),
    st.sampled_from(["0", "1", "2", "3", "4", "9", ""]),
)
TWO = [criterion("a", 0, 1, 2), criterion("b", 0, 3)]


@pytest.mark.parametrize(
    ("chosen", "points", "fraction", "missing"),
    [
        ({"a": "2", "b": "1"}, 5, 1.0, []),
        ({"a": "1", "b": "1"}, 4, 0.8, []),
        ({"a": "0", "b": "0"}, 0, 0.0, []),
        ({"a": "2"}, 2, None, ["b"]),
        ({"a": "2", "b": "9"}, 2, None, ["b"]),
        ({"c": "1"}, 0, None, ["a", "b"]),
    ],
)
def test_levels_that_were_chosen(
    chosen: dict[str, str], points: float, fraction: float | None, missing: list[str]
) -> None:
    assert rubric.maximum(TWO) == 5
    assert rubric.points(TWO, chosen) == points
    assert rubric.fraction(TWO, chosen) == fraction
    assert rubric.missing(TWO, chosen) == missing


def test_without_criteria_there_is_nothing_to_go_by() -> None:
    assert rubric.maximum([]) == 0
    assert rubric.missing([], {}) == []
    assert rubric.fraction([], {}) is None
    assert list(rubric.problems([])) == []


def test_tenths_add_up_to_everything() -> None:
    tenths = [criterion(f"c{n}", 0, 0.1) for n in range(10)]
    assert rubric.fraction(tenths, {f"c{n}": "1" for n in range(10)}) == 1.0


@given(criteria=rubrics, chosen=choices)
def test_fraction_is_from_0_to_1_or_not_known_yet(criteria: Any, chosen: Any) -> None:
    found = rubric.fraction(criteria, chosen)
    if rubric.missing(criteria, chosen) or rubric.maximum(criteria) == 0:
        assert found is None
    else:
        assert found is not None
        assert 0.0 <= found <= 1.0
    assert 0.0 <= rubric.points(criteria, chosen) <= rubric.maximum(criteria)


@given(criteria=rubrics)
def test_best_levels_earn_everything_and_worst_the_least(criteria: Any) -> None:
    def ends(pick: Any) -> dict[str, str]:
        return {
            each["key"]: pick(each["levels"], key=lambda level: level["points"])["key"]
            for each in criteria
        }

    if rubric.maximum(criteria) > 0:
        assert rubric.fraction(criteria, ends(max)) == 1.0
        least = rubric.fraction(criteria, ends(min))
        assert least is not None
        assert least < 1.0


@given(criteria=rubrics, chosen=choices, data=st.data())
def test_better_level_is_never_worse(criteria: Any, chosen: Any, data: st.DataObject) -> None:
    if not criteria:
        return
    one = data.draw(st.sampled_from(criteria))
    low, high = sorted(
        data.draw(st.tuples(*[st.sampled_from(one["levels"])] * 2)), key=lambda each: each["points"]
    )
    worse = rubric.points(criteria, {**chosen, one["key"]: low["key"]})
    assert rubric.points(criteria, {**chosen, one["key"]: high["key"]}) >= worse


def messages(criteria: Any, *, errors: bool) -> list[str]:
    return [str(each.message) for each in rubric.problems(criteria) if each.is_error is errors]


def test_whole_rubric_has_no_problems() -> None:
    assert messages(TWO, errors=True) == []
    assert messages(TWO, errors=False) == []


def test_what_is_wrong_is_said() -> None:
    assert messages([criterion("a", 1)], errors=True) == [
        "Tiêu chí “Tiêu chí a” cần ít nhất hai mức."
    ]
    assert messages([criterion("a", 0, None)], errors=True) == [
        "Một mức của “Tiêu chí a” chưa có điểm.",
        "Không mức nào của các tiêu chí có điểm.",
    ]
    assert messages([criterion("a", -1, 1)], errors=True) == [
        "Một mức của “Tiêu chí a” có điểm dưới 0."
    ]
    assert messages([criterion("a", 0, 0)], errors=True) == [
        "Không mức nào của các tiêu chí có điểm."
    ]
    assert messages([criterion("a", 0, 1), criterion("a", 0, 1)], errors=True) == [
        "Tiêu chí “Tiêu chí a” bị lặp."
    ]
    assert messages([criterion("a", 1, 1, 0)], errors=False) == [
        "Hai mức của “Tiêu chí a” có cùng số điểm."
    ]
    nameless = criterion("a", 0, 1)
    nameless["name"], nameless["levels"][0]["name"] = " ", ""
    assert messages([nameless], errors=True) == [
        "Một tiêu chí chưa có tên.",
        "Một mức của “ ” chưa có tên.",
    ]
