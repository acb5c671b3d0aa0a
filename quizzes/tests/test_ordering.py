"""Ordering: five measures of order, answers that are not whole, and a start that is never right."""

from __future__ import annotations

import random
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizzes.contracts import Fields
from quizzes.question_types import sequences
from quizzes.question_types.ordering import Ordering
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

KIND = Ordering()
SCHEMES = ["all_or_nothing", "places", "neighbours", "longest_run", "pairs"]
ROUNDING = 1e-9


def content(count: int = 5, scheme: str = "places", **more: Any) -> dict[str, Any]:
    items = [{"key": key, "text": f"Bước <b>{key.upper()}</b>"} for key in KEYS[:count]]
    return shared(**{"items": items, "scheme": scheme, "feedback": "<p>SECRET</p>", **more})


def score(order: str, scheme: str) -> float:
    """The score of an order given as digits: "210" is the reverse of three; "." is empty."""
    slots = [None if each == "." else int(each) for each in order]
    return sequences.MEASURES[scheme](slots)


orders = st.integers(2, 7).flatmap(lambda n: st.permutations(range(n)))
partial = orders.flatmap(
    lambda order: st.lists(st.booleans(), min_size=len(order), max_size=len(order)).map(
        lambda kept: [each if keep else None for each, keep in zip(order, kept, strict=True)]
    )
)


@pytest.mark.parametrize(
    ("order", "expected"),
    [  # in the order of SCHEMES
        ("01234", [1, 1, 1, 1, 1]),
        ("43210", [0, 1 / 5, 0, 0, 0]),
        ("12340", [0, 0, 3 / 4, 3 / 4, 6 / 10]),  # the first one went to the end
        ("01243", [0, 3 / 5, 2 / 4, 3 / 4, 9 / 10]),
        ("10234", [0, 3 / 5, 2 / 4, 3 / 4, 9 / 10]),
        ("23401", [0, 0, 3 / 4, 2 / 4, 4 / 10]),
        ("0.2.4", [0, 3 / 5, 0, 2 / 4, 3 / 10]),
        (".....", [0, 0, 0, 0, 0]),
        ("..0..", [0, 0, 0, 0, 0]),
    ],
)
def test_score_by_scheme(order: str, expected: list[float]) -> None:
    assert [score(order, scheme) for scheme in SCHEMES] == pytest.approx(expected)


@pytest.mark.parametrize("scheme", SCHEMES)
@patient
@given(slots=partial)
def test_score_is_never_outside_0_to_1(scheme: str, slots: list[int | None]) -> None:
    assert 0.0 <= sequences.MEASURES[scheme](slots) <= 1.0


@pytest.mark.parametrize("scheme", SCHEMES)
@patient
@given(order=orders)
def test_score_is_1_for_the_right_order_only(scheme: str, order: list[int]) -> None:
    assert (sequences.MEASURES[scheme](order) == 1.0) == (order == sorted(order))


@pytest.mark.parametrize("scheme", ["all_or_nothing", "neighbours", "longest_run", "pairs"])
@patient
@given(count=st.integers(2, 7))
def test_score_of_the_reversed_order_is_0(scheme: str, count: int) -> None:
    assert sequences.MEASURES[scheme](list(reversed(range(count)))) == 0.0


@pytest.mark.parametrize("scheme", ["longest_run", "pairs"])
@patient
@given(order=orders, at=st.integers(0, 5))
def test_swapping_two_neighbours_towards_the_key_is_never_worse(
    scheme: str, order: list[int], at: int
) -> None:
    if at + 1 < len(order) and order[at] > order[at + 1]:
        better = [*order]
        better[at], better[at + 1] = order[at + 1], order[at]
        gain = sequences.MEASURES[scheme](better) - sequences.MEASURES[scheme](order)
        assert gain >= (ROUNDING if scheme == "pairs" else -ROUNDING)


@patient
@given(order=orders, at=st.integers(0, 6))
def test_places_a_swap_that_brings_one_home_is_always_better(order: list[int], at: int) -> None:
    if at < len(order) and order[at] != at:
        better = [*order]
        home = order[at]
        better[at], better[home] = order[home], home
        assert sequences.places(better) > sequences.places(order)


@patient
@given(slots=partial)
def test_longest_run_is_as_long_as_trying_all_finds(slots: list[int | None]) -> None:
    standing = [each for each in slots if each is not None]
    best = [0] * len(standing)
    for at, each in enumerate(standing):
        best[at] = 1 + max((best[i] for i in range(at) if standing[i] < each), default=0)
    run = sequences.in_run(slots)
    assert len(run) == max(best, default=0)
    assert [each for each in standing if each in run] == sorted(run)


@pytest.mark.parametrize("scheme", SCHEMES)
@patient
@given(count=st.integers(1, 7))
def test_solution_earns_everything(scheme: str, count: int) -> None:
    data = content(count, scheme)
    solution = KIND.solution(data)
    assert solution == {"order": list(KEYS[:count])}
    assert KIND.score(data, solution) == 1.0
    assert KIND.is_complete(data, solution)
    assert KIND.comments(data, solution) == []


# --- the start
@patient
@given(count=st.integers(2, 7), seed=st.integers(), shuffle=st.booleans())
def test_arrange_never_shows_the_right_order(count: int, seed: int, shuffle: bool) -> None:
    order = KIND.arrange(content(count), random.Random(seed), shuffle=shuffle)["order"]
    assert sorted(order) == sorted(KEYS[:count])
    assert order != list(KEYS[:count])


@patient
@given(texts=st.lists(st.sampled_from("ab"), min_size=2, max_size=5), seed=st.integers())
def test_arrange_with_equal_items_does_not_look_right(texts: list[str], seed: int) -> None:
    data = content()
    data["items"] = [{"key": key, "text": text} for key, text in zip(KEYS, texts, strict=False)]
    order = KIND.arrange(data, random.Random(seed), shuffle=True)["order"]
    by_key = dict(zip(KEYS, texts, strict=False))
    assert ([by_key[key] for key in order] == texts) == (len(set(texts)) == 1)


@patient
@given(count=st.integers(2, 7))
def test_ask_without_an_arrangement_is_mixed_and_always_the_same(count: int) -> None:
    data = content(count)
    order = [item["key"] for item in KIND.ask(data, {}, None)["items"]]
    assert order != list(KEYS[:count])
    assert order == [item["key"] for item in KIND.ask(data, {}, None)["items"]]


def test_ask_with_an_item_newer_than_the_attempt_has_it_last() -> None:
    shown = KIND.ask(content(3), {"order": ["b9", "gone", "k7"]}, None)["items"]
    assert [item["key"] for item in shown] == ["b9", "k7", "x2"]


# --- answers
def test_parse_sorts_by_place() -> None:
    sent = Fields({"k7": ["2"], "x2": ["3"], "b9": [" 1 "], "other": ["4"]})
    assert KIND.parse(content(3), sent) == {"order": ["b9", "k7", "x2"]}


@pytest.mark.parametrize(
    ("sent", "slots"),
    [
        ({"k7": "1", "b9": "3"}, ["k7", None, "b9"]),
        ({"k7": "1", "x2": "2", "b9": "2"}, ["k7", None, None]),
        ({"k7": "2", "x2": "2", "b9": "2"}, [None, None, None]),
        ({"k7": "1", "x2": "4", "b9": "0"}, ["k7", None, None]),
        ({"k7": "1", "x2": "", "b9": "x"}, ["k7", None, None]),
    ],
)
def test_parse_keeps_what_is_not_whole_as_it_was_given(
    sent: dict[str, str], slots: list[str | None]
) -> None:
    data = content(3)
    answer = KIND.parse(data, Fields({key: [value] for key, value in sent.items()}))
    assert answer is not None
    assert answer["order"] == [key for key in slots if key]
    assert sequences.slots_of(answer, KEYS[:3]) == slots
    assert not KIND.is_complete(data, answer)
    shown = {item["key"]: item["place"] for item in KIND.ask(data, {}, answer)["items"]}
    assert shown == {
        key: int(sent[key]) if sent.get(key, "") in ("1", "2", "3") else None for key in KEYS[:3]
    }


@pytest.mark.parametrize("sent", [{}, {"k7": ""}, {"k7": "9"}, {"": "1"}, {"k7": "9" * 5000}])
def test_parse_of_nothing_is_none(sent: dict[str, str]) -> None:
    assert KIND.parse(content(3), Fields({key: [value] for key, value in sent.items()})) is None


@pytest.mark.parametrize("scheme", SCHEMES)
@patient
@given(fields=junk_fields, answer=junk_answers)
def test_any_input_is_read(scheme: str, fields: Fields, answer: Any) -> None:
    check_any_input(KIND, content(4, scheme), fields, answer)


@patient
@given(order=st.permutations(KEYS[:5]))
def test_parse_of_what_a_page_shows_gives_the_same_answer(order: list[str]) -> None:
    data = content(5)
    html = asked(KIND, data, {"order": order})
    found = re.findall(r'name="a3-(\w+)".*?value="(\d)" selected', html, re.DOTALL)
    assert KIND.parse(data, Fields({key: [place] for key, place in found})) == {"order": order}


# --- words
def test_describe_says_the_items_in_order() -> None:
    data = content(3)
    assert KIND.describe(data, {"order": ["b9", "k7", "x2"]}) == "Bước B9 → Bước K7 → Bước X2"
    half = {"order": ["k7"], "places": {"k7": 2}}
    assert KIND.describe(data, half) == "… → Bước K7 → …"


def test_replies_are_places_and_right_at_their_own() -> None:
    found = KIND.replies(content(3), {"order": ["k7", "b9", "x2"]})
    assert [(each.part, each.value, each.credit) for each in found] == [
        ("k7", "1", 1.0),
        ("x2", "3", 0.0),
        ("b9", "2", 0.0),
    ]
    assert len(KIND.possible(content(3))) == 9


@pytest.mark.parametrize("scheme", SCHEMES)
def test_instruct_says_when_only_all_counts(scheme: str) -> None:
    told = KIND.instruct(content(3, scheme))
    assert (told != str(KIND.instruction)) == (scheme == "all_or_nothing")


# --- pages
@patient
@given(order=st.permutations(KEYS[:4]))
def test_ask_page_holds_nothing_of_the_key(order: list[str]) -> None:
    html = asked(KIND, content(4), None, {"order": order})
    assert "SECRET" not in html
    assert re.findall(r'name="a3-(\w+)"', html) == order
    assert "selected" not in html


def test_ask_page_labels_every_control() -> None:
    html = asked(KIND, content(4))
    controls = re.findall(r"<(?:select|button)[^>]*>", html)
    assert len(controls) == 4 * 3 + 1
    unlabelled = [each for each in controls if "aria-label=" not in each]
    assert len(unlabelled) == 1 and "data-keep" in unlabelled[0]  # it has words in it
    for reference in re.findall(r'aria-describedby="([^"]+)"', html):
        assert html.count(f'id="{reference}"') == 1


@pytest.mark.parametrize("scheme", SCHEMES)
def test_review_page_shows_what_counted_and_the_right_order(scheme: str) -> None:
    data = content(4, scheme)
    html = reviewed(KIND, data, {"order": ["x2", "b9", "m1", "k7"]})
    sound = {"neighbours": 2, "longest_run": 3}.get(scheme, 0)
    assert html.count("is-right") == 4 + sound
    assert html.count("is-wrong") == 4 - sound
    assert "SECRET" in html


def test_review_page_of_a_right_answer_shows_one_order() -> None:
    html = reviewed(KIND, content(4), {"order": list(KEYS[:4])})
    assert (html.count("is-right"), html.count("is-wrong")) == (4, 0)


def test_review_page_without_an_answer_shows_the_right_order_only() -> None:
    html = reviewed(KIND, content(4), None)
    assert (html.count("is-right"), html.count("is-wrong")) == (4, 0)


def test_review_page_of_an_answer_that_is_not_whole_shows_what_has_no_place() -> None:
    html = reviewed(KIND, content(3), {"order": ["k7"], "places": {"k7": 1, "x2": 2, "b9": 2}})
    assert html.count("is-wrong") == 2


# --- authors
def test_problems_of_a_sound_question_are_none() -> None:
    assert list(KIND.problems(content())) == []


def test_problems_name_what_is_wrong() -> None:
    assert len(errors(KIND, content(1))) == 1
    twice = content(3)
    twice["items"][1]["text"] = " bước  k7"
    assert len(errors(KIND, twice)) == 1
    twice["items"][1]["text"] = "<p> </p>"
    assert len(errors(KIND, twice)) == 1
    assert len(warnings(KIND, content(feedback=""))) == 1


def test_body_makes_the_data_of_a_question_of_what_was_written() -> None:
    data = through_the_editor(KIND, {"items": [{"text": "Một"}, {"text": "<p>Hai <b>lần</b></p>"}]})
    solution = KIND.solution(data)
    assert solution is not None
    assert KIND.score(data, solution) == 1.0
    assert [item["text"] for item in data["items"]] == ["Một", "Hai <b>lần</b>"]
    assert (data["scheme"], data["feedback"]) == ("places", "")
