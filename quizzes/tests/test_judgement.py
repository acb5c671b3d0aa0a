"""Situational judgement: near to the experts, by ratings or by ranks."""

from __future__ import annotations

import itertools
import random
import re
from typing import Any

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from quizzes.contracts import Fields
from quizzes.question_types import sequences
from quizzes.question_types.judgement import Judgement, credit
from quizzes.tests.arranging import (
    KEYS,
    asked,
    check_any_input,
    errors,
    junk_answers,
    junk_fields,
    patient,
    reviewed,
    shared,
    through_the_editor,
    warnings,
)

KIND = Judgement()
ROUNDING = 1e-9


def content(*ratings: float | None, mode: str = "rate", **more: Any) -> dict[str, Any]:
    """A question with an action for each rating of the experts; keys are k7, x2, b9, …"""
    actions = [
        {"key": key, "text": f"Việc {key}", "rating": rating, "reason": f"<p>SECRET {key}</p>"}
        for key, rating in zip(KEYS, ratings, strict=False)
    ]
    own = {"mode": mode, "steps": 5, "lowest": "tệ", "highest": "tốt", "experts": "SECRET 5 người"}
    return shared(**{**own, "actions": actions, **more})


def rank(*ratings: float) -> dict[str, Any]:
    return content(*ratings, mode="rank")


heights = st.lists(st.sampled_from([1, 2, 2.5, 4, 5]), min_size=2, max_size=6)
distinct = st.integers(2, 6).flatmap(lambda n: st.permutations(range(1, n + 1)))


def ordered(order: Any) -> dict[str, Any]:
    return {"order": [KEYS[at] for at in order]}


# --- ratings
@pytest.mark.parametrize(
    ("experts", "steps", "expected"),
    [
        (5, 5, [0, 1 / 4, 2 / 4, 3 / 4, 1]),
        (3, 5, [0, 1 / 2, 1, 1 / 2, 0]),
        (2, 5, [2 / 3, 1, 2 / 3, 1 / 3, 0]),
        (3.5, 5, [0, 1 / 2, 1, 1, 1 / 2]),
        (4.6, 5, [0, 0.3125, 0.625, 0.9375, 1]),
        (1, 3, [1, 1 / 2, 0]),
    ],
)
def test_credit_of_a_rating(experts: float, steps: int, expected: list[float]) -> None:
    found = [credit(step, experts, steps) for step in range(1, steps + 1)]
    assert found == pytest.approx(expected)


@patient
@given(
    experts=st.integers(10, 70).map(lambda tenths: tenths / 10),
    steps=st.integers(3, 7),
    pair=st.tuples(st.integers(1, 7), st.integers(1, 7)),
)
def test_credit_is_never_less_for_the_nearer(
    experts: float, steps: int, pair: tuple[int, int]
) -> None:
    near, far = sorted((min(each, steps) for each in pair), key=lambda step: abs(step - experts))
    assert 0 <= credit(far, experts, steps) <= credit(near, experts, steps) + ROUNDING <= 1 + 1e-8


@pytest.mark.parametrize(
    ("ratings", "expected"),
    [
        ({"k7": 5, "x2": 1, "b9": 3}, 1.0),
        ({"k7": 5, "x2": 1}, 2 / 3),
        ({"k7": 1, "x2": 5, "b9": 1}, 0.0),
        ({"k7": 4, "x2": 2, "b9": 2}, (3 / 4 + 3 / 4 + 1 / 2) / 3),
        ({"k7": 9, "x2": 0, "gone": 3}, 0.0),
    ],
)
def test_score_of_ratings_is_the_mean(ratings: dict[str, int], expected: float) -> None:
    assert KIND.score(content(5, 1, 3), {"ratings": ratings}) == pytest.approx(expected)


# --- ranks
@pytest.mark.parametrize(
    ("ratings", "order", "expected"),
    [
        ((4, 3, 2, 1), "k7 x2 b9 m1", 1),
        ((4, 3, 2, 1), "m1 b9 x2 k7", 0),
        ((4, 3, 2, 1), "x2 k7 b9 m1", 1 - 2 / 8),
        ((4, 3, 2, 1), "b9 m1 k7 x2", 0),
        ((5, 4, 3, 2, 1), "x2 b9 m1 q4 k7", 1 - 8 / 12),
        ((5, 5, 1), "x2 k7 b9", 1),
        ((5, 5, 1), "k7 x2 b9", 1),
        ((5, 5, 1), "b9 k7 x2", 0),
        ((5, 5, 1), "k7 b9 x2", 1 - 2 / 4),
        ((4, 3, 2, 1), "", 0),
        ((4, 3, 2, 1), "k7", 1 - 7 / 8),  # 0 + 2 + 2 + 3
    ],
)
def test_score_of_ranks(ratings: tuple[float, ...], order: str, expected: float) -> None:
    assert KIND.score(rank(*ratings), {"order": order.split()}) == pytest.approx(expected)


@patient
@given(ratings=heights)
def test_nearness_spans_0_to_1_over_all_orders(ratings: list[float]) -> None:
    data = rank(*ratings)
    found = [
        KIND.score(data, ordered(order)) for order in itertools.permutations(range(len(ratings)))
    ]
    assert max(found) == 1.0
    assert min(found) == (0.0 if len(set(ratings)) > 1 else 1.0)


@patient
@given(ratings=heights, seed=st.integers())
def test_nearness_is_to_the_nearest_of_the_orders_that_are_right(
    ratings: list[float], seed: int
) -> None:
    count = len(ratings)
    order = random.Random(seed).sample(range(count), count)
    rights = [
        each
        for each in itertools.permutations(range(count))
        if all(ratings[a] >= ratings[b] for a, b in itertools.pairwise(each))
    ]
    least = min(sum(abs(order.index(each) - at) for at, each in enumerate(it)) for it in rights)
    height = {KEYS[at]: each for at, each in enumerate(ratings)}
    slots = [KEYS[at] for at in order]
    assert sequences.disarray(slots, height) == least


@patient
@given(ratings=heights, order=st.permutations(range(6)))
def test_nearness_of_the_reversed_order_is_0(ratings: list[float], order: list[int]) -> None:
    if len(set(ratings)) > 1:
        kept = [at for at in order if at < len(ratings)]
        worst = sorted(kept, key=lambda at: ratings[at])
        assert KIND.score(rank(*ratings), ordered(worst)) == 0.0


@patient
@given(ratings=heights, order=st.permutations(range(6)), at=st.integers(0, 4))
def test_swapping_two_neighbours_towards_the_experts_is_never_worse(
    ratings: list[float], order: list[int], at: int
) -> None:
    kept = [each for each in order if each < len(ratings)]
    if at + 1 < len(kept) and ratings[kept[at]] < ratings[kept[at + 1]]:
        better = [*kept]
        better[at], better[at + 1] = kept[at + 1], kept[at]
        data = rank(*ratings)
        assert KIND.score(data, ordered(better)) >= KIND.score(data, ordered(kept)) - ROUNDING


@patient
@given(ratings=distinct, order=st.permutations(range(6)), cut=st.integers(0, 6))
def test_nearness_of_a_part_is_never_more_than_of_the_whole(
    ratings: list[int], order: list[int], cut: int
) -> None:
    kept = [each for each in order if each < len(ratings)]
    data = rank(*ratings)
    whole, part = ordered(kept), ordered(kept[:cut])
    assert KIND.score(data, part) <= KIND.score(data, whole) + ROUNDING


# --- both
@pytest.mark.parametrize("mode", ["rate", "rank"])
@patient
@given(ratings=heights)
def test_solution_earns_everything(mode: str, ratings: list[float]) -> None:
    data = content(*ratings, mode=mode)
    solution = KIND.solution(data)
    assert solution is not None
    assert KIND.score(data, solution) == 1.0
    assert KIND.is_complete(data, solution)
    assert KIND.comments(data, solution) == []


@pytest.mark.parametrize("mode", ["rate", "rank"])
@patient
@given(ratings=heights, fields=junk_fields, answer=junk_answers)
def test_any_input_is_read(mode: str, ratings: list[float], fields: Fields, answer: Any) -> None:
    check_any_input(KIND, content(*ratings, mode=mode), fields, answer)


@patient
@given(ratings=heights, seed=st.integers(), shuffle=st.booleans())
def test_arrange_for_ranking_does_not_start_with_the_experts_order(
    ratings: list[float], seed: int, shuffle: bool
) -> None:
    data = rank(*ratings)
    for arrangement in (KIND.arrange(data, random.Random(seed), shuffle=shuffle), {}):
        order = [item["key"] for item in KIND.ask(data, arrangement, None)["items"]]
        assert (KIND.score(data, {"order": order}) == 1.0) == (len(set(ratings)) == 1)


def test_arrange_for_rating_mixes_only_where_told() -> None:
    data = content(1, 2, 3, 4, 5)
    plain = KIND.arrange(data, random.Random(1), shuffle=False)["order"]
    assert plain == list(KEYS[:5])
    assert KIND.arrange(data, random.Random(1), shuffle=True)["order"] != plain


def test_parse_takes_steps_of_the_scale_only() -> None:
    sent = Fields({"k7": ["5"], "x2": ["6"], "b9": ["1.0"], "other": ["2"]})
    answer = KIND.parse(content(1, 2, 3), sent)
    assert answer == {"ratings": {"k7": 5}}
    assert not KIND.is_complete(content(1, 2, 3), answer)
    ranked = KIND.parse(rank(1, 2, 3), Fields({"k7": ["3"], "x2": ["2"], "b9": ["1"]}))
    assert ranked == {"order": ["b9", "x2", "k7"]}


def test_answer_of_the_other_mode_is_no_answer() -> None:
    assert KIND.score(content(1, 2), {"order": ["x2", "k7"]}) == 0.0
    assert KIND.score(rank(1, 2), {"ratings": {"k7": 1}}) == 0.0


def test_comments_are_about_judgements_that_are_not_close() -> None:
    answer = {"ratings": {"k7": 5, "x2": 3}}
    assert KIND.comments(content(5, 1, 3), answer) == ["<p>SECRET x2</p>"]


def test_describe_says_ratings_and_ranks() -> None:
    assert KIND.describe(content(1, 2), {"ratings": {"x2": 4, "k7": 1}}) == "Việc k7: 1; Việc x2: 4"
    assert KIND.describe(rank(1, 2), {"order": ["x2", "k7"]}) == "Việc x2 → Việc k7"


def test_replies_have_the_credit_of_their_step_or_place() -> None:
    found = KIND.replies(content(5, 1), {"ratings": {"k7": 4, "x2": 1}})
    assert [(each.part, each.value, each.credit) for each in found] == [
        ("k7", "4", 0.75),
        ("x2", "1", 1.0),
    ]
    tied = KIND.replies(rank(5, 5, 1), {"order": ["x2", "b9", "k7"]})
    assert [(each.part, each.value, each.credit) for each in tied] == [
        ("k7", "3", 0.0),
        ("x2", "1", 1.0),
        ("b9", "2", 0.5),
    ]


# --- pages
@pytest.mark.parametrize("mode", ["rate", "rank"])
@patient
@given(seed=st.integers())
def test_ask_page_does_not_depend_on_the_experts(mode: str, seed: int) -> None:
    pages = set()
    for ratings in ((5, 1, 3.5), (2, 4, 1)):
        data = content(*ratings, mode=mode)
        arrangement = {"order": ["x2", "b9", "k7"]}
        pages.add(asked(KIND, data, None, arrangement))
    assert len(pages) == 1
    assert "SECRET" not in pages.pop()


def test_ask_page_for_rating_names_the_ends_of_the_scale() -> None:
    html = asked(KIND, content(1, 5), {"ratings": {"x2": 4}})
    assert html.count('type="radio"') == 10
    assert re.findall(r'name="a3-(\w+)" value="(\d)" checked', html) == [("x2", "4")]
    assert (html.count("tệ"), html.count("tốt")) == (4, 4)
    for reference in re.findall(r'aria-labelledby="([^"]+)"', html):
        assert html.count(f'id="{reference}"') == 1


def test_review_page_shows_both_ratings_and_who_the_experts_are() -> None:
    with translation.override("vi"):
        html = reviewed(KIND, content(4.5, 1, 3), {"ratings": {"k7": 4, "x2": 5}})
    assert re.findall(r"<b>([^<]+)</b>", html) == ["4", "4,5", "–", "3", "5", "1"]
    assert html.count("SECRET") == 4
    assert "is-wrong" not in html and "is-right" not in html
    assert (html.count("badge ok"), html.count("badge warn"), html.count('"badge"')) == (1, 1, 1)


def test_review_page_shows_both_places_and_where_experts_do_not_tell_apart() -> None:
    html = reviewed(KIND, rank(4, 1, 4), {"order": ["x2", "b9", "k7"]})
    assert re.findall(r"<b>([^<]+)</b>", html) == ["3", "1–2", "2", "1–2", "1", "3"]


# --- authors
@pytest.mark.parametrize("mode", ["rate", "rank"])
def test_problems_of_a_sound_question_are_none(mode: str) -> None:
    assert list(KIND.problems(content(4.5, 1, 3, mode=mode))) == []


@pytest.mark.parametrize(
    ("data", "count"),
    [
        (content(3), 1),
        (content(0.5, 3), 1),
        (content(3, 5.1), 1),
        (content(3, None), 1),
        (content(3, 4, steps=2), 3),  # and both ratings are off the scale
        (content(3, 4, steps=8), 1),
        (content(3, 4, lowest=""), 1),
        (content(3, 3), 0),
        (rank(3, 3), 1),
        (content(3, 4, mode="rank", lowest="", highest=""), 0),
    ],
)
def test_problems_name_what_is_wrong(data: Any, count: int) -> None:
    assert len(errors(KIND, data)) == count


def test_problems_of_blank_and_doubled_actions() -> None:
    for text in ("<p></p>", "việc  X2"):
        data = content(1, 2)
        data["actions"][0]["text"] = text
        assert len(errors(KIND, data)) == 1


def test_missing_reasons_and_experts_are_only_warnings() -> None:
    data = content(1, 2, experts="")
    data["actions"][0]["reason"] = ""
    assert errors(KIND, data) == []
    assert len(warnings(KIND, data)) == 2


def test_body_makes_the_data_of_a_question_of_what_was_written() -> None:
    data = through_the_editor(
        KIND, {"actions": [{"text": "Một", "rating": 4.5}, {"text": "Hai", "rating": 1}]}
    )
    solution = KIND.solution(data)
    assert solution is not None
    assert KIND.score(data, solution) == 1.0
    assert [action["rating"] for action in data["actions"]] == [4.5, 1]
    assert (data["mode"], data["steps"], data["experts"]) == ("rate", 5, "")
