"""Grouping: items into groups, or into none of them."""

from __future__ import annotations

import random
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizzes.contracts import Fields
from quizzes.question_types.grouping import Grouping
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

KIND = Grouping()


def content(*sizes: int, extra: int = 0, **more: Any) -> dict[str, Any]:
    """A question with a group of each of these sizes; items are k7, x2, b9, … in order."""
    keys = iter(KEYS)
    groups = [
        {
            "key": f"g{at}",
            "name": f"Nhóm <b>{at}</b>",
            "items": [{"key": (key := next(keys)), "value": f"Mục {key}"} for _ in range(size)],
        }
        for at, size in enumerate(sizes)
    ]
    rest = [{"key": (key := next(keys)), "value": f"Mục {key}"} for _ in range(extra)]
    return shared(**{"groups": groups, "extra": rest, "scheme": "shares", **more})


contents = st.builds(
    lambda sizes, extra, scheme: content(*sizes, extra=extra, scheme=scheme),
    st.lists(st.integers(0, 2), max_size=3),
    st.integers(0, 1),
    st.sampled_from(["shares", "all_or_nothing"]),
)
TWO = content(2, 1, extra=1)  # k7 and x2; b9; m1 of none


@pytest.mark.parametrize(
    ("chosen", "shares", "whole"),
    [
        ({"k7": "g0", "x2": "g0", "b9": "g1", "m1": "-"}, 1, 1),
        ({"k7": "g0", "x2": "g0", "b9": "g1"}, 3 / 4, 0),
        ({"k7": "g0", "x2": "g0", "b9": "g0", "m1": "g0"}, 2 / 4, 0),
        ({"k7": "-", "x2": "-", "b9": "-", "m1": "-"}, 1 / 4, 0),
        ({"k7": "gone", "x2": "", "other": "g0"}, 0, 0),
    ],
)
def test_score_by_scheme(chosen: dict[str, str], shares: float, whole: float) -> None:
    assert KIND.score(TWO, {"groups": chosen}) == pytest.approx(shares)
    assert KIND.score({**TWO, "scheme": "all_or_nothing"}, {"groups": chosen}) == whole


@patient
@given(data=contents)
def test_solution_earns_everything(data: Any) -> None:
    solution = KIND.solution(data)
    if solution is not None:
        assert KIND.score(data, solution) == 1.0
        assert KIND.is_complete(data, solution)


@patient
@given(data=contents, fields=junk_fields, answer=junk_answers)
def test_any_input_is_read(data: Any, fields: Fields, answer: Any) -> None:
    check_any_input(KIND, data, fields, answer)


@patient
@given(data=contents, chance=st.randoms(use_true_random=False))
def test_one_more_right_group_is_never_worse(data: Any, chance: random.Random) -> None:
    solution = KIND.solution(data)
    if solution is not None:
        groups = sorted({each.value for each in KIND.possible(data)})
        before = {key: chance.choice(groups) for key in solution["groups"]}
        key = chance.choice(sorted(before))
        after = {**before, key: solution["groups"][key]}
        assert KIND.score(data, {"groups": after}) >= KIND.score(data, {"groups": before})


def test_none_of_these_is_offered_only_where_something_belongs_to_none() -> None:
    assert [each["key"] for each in KIND.ask(TWO, {}, None)["groups"]] == ["g0", "g1", "-"]
    without = content(2, 1)
    assert [each["key"] for each in KIND.ask(without, {}, None)["groups"]] == ["g0", "g1"]
    assert KIND.parse(without, Fields({"k7": ["-"]})) is None
    assert len(KIND.instruct(TWO)) > len(KIND.instruct(without))


def test_instruct_says_when_only_all_counts() -> None:
    assert KIND.instruct(content(1, 1)) == str(KIND.instruction)
    assert KIND.instruct(content(1, 1, scheme="all_or_nothing")) != str(KIND.instruction)


# --- what a page gives away
def test_arrange_always_mixes_the_items() -> None:
    data = content(3, 3)
    for shuffle in (True, False):
        orders = {
            tuple(KIND.arrange(data, random.Random(seed), shuffle=shuffle)["order"])
            for seed in range(60)
        }
        assert len(orders) > 20


@pytest.mark.parametrize("groups", [2, 4])
def test_ask_page_is_the_same_whatever_belongs_where(groups: int) -> None:
    first, second = content(*[1] * groups), content(*[1] * groups)
    rows = [each["items"] for each in second["groups"]]
    for each, items in zip(second["groups"], rows[1:] + rows[:1], strict=True):
        each["items"] = items
    assert asked(KIND, first) == asked(KIND, second)


def test_ask_page_has_radios_for_few_groups_and_selects_for_many() -> None:
    few, many = asked(KIND, TWO), asked(KIND, content(1, 1, 1, 1))
    assert (few.count('type="radio"'), few.count("<select")) == (4 * 3, 0)
    assert (many.count('type="radio"'), many.count("<select")) == (0, 4)
    assert "<b>" not in many


def test_ask_page_with_pictures_for_names_shows_them() -> None:
    data = content(1, 1, 1, 1)
    data["groups"][0]["name"] = '<img alt="Cờ" src="/x.png">'
    assert asked(KIND, data).count("<img") == 4


def test_ask_page_labels_every_control() -> None:
    few, many = asked(KIND, TWO), asked(KIND, content(1, 1, 1, 1))
    for reference in re.findall(r'aria-labelledby="([^"]+)"', few):
        assert few.count(f'id="{reference}"') == 1
    assert few.count("<label>") == 4 * 3
    for name in re.findall(r'<select id="([^"]+)"', many):
        assert many.count(f'<label for="{name}">') == 1


@pytest.mark.parametrize("data", [TWO, content(1, 1, 1, 1)])
def test_parse_of_what_a_page_shows_gives_the_same_answer(data: Any) -> None:
    answer = KIND.solution(data)
    html = asked(KIND, data, answer)
    found = re.findall(r'name="a3-(\w+)" value="([\w-]+)" checked', html)
    for name, options in re.findall(r'<select .*?name="a3-(\w+)"(.*?)</select>', html, re.DOTALL):
        found += [(name, value) for value in re.findall(r'value="([\w-]+)" selected', options)]
    assert KIND.parse(data, Fields({key: [value] for key, value in found})) == answer


# --- words and review
def test_describe_says_what_is_in_each_group() -> None:
    answer = {"groups": {"k7": "g1", "x2": "g0", "b9": "g1", "m1": "-"}}
    words = KIND.describe(TWO, answer)
    assert words.startswith("Nhóm 0: Mục x2; Nhóm 1: Mục k7, Mục b9; ")
    assert words.endswith(": Mục m1")


def test_replies_are_the_groups_of_the_items() -> None:
    found = KIND.replies(TWO, {"groups": {"k7": "g1", "m1": "-"}})
    assert [(each.part, each.value, each.credit) for each in found] == [
        ("k7", "g1", 0.0),
        ("m1", "-", 1.0),
    ]


@pytest.mark.parametrize(
    ("chosen", "right", "wrong", "idle"),
    [({"k7": "g0", "b9": "g0", "m1": "-"}, 2, 1, 1), ({}, 0, 0, 4)],
)
def test_review_page_shows_each_item_where_it_belongs(
    chosen: dict[str, str], right: int, wrong: int, idle: int
) -> None:
    html = reviewed(KIND, TWO, {"groups": chosen})
    counts = [html.count(f'"option {each}"') for each in ("is-right", "is-wrong", "is-idle")]
    assert counts == [right, wrong, idle]


# --- authors
def test_problems_of_a_sound_question_are_none() -> None:
    assert list(KIND.problems(TWO)) == []


@pytest.mark.parametrize("data", [content(3), content(0, 0, extra=1), content(1)])
def test_problems_of_too_few(data: Any) -> None:
    assert len(errors(KIND, data)) == 1 + (data == content(1))


def test_problems_of_blank_and_doubled_texts() -> None:
    for path, text in (
        ("name", ""),
        ("name", "nhóm 1"),
        ("value", "<p></p>"),
        ("value", "MỤC  B9"),
    ):
        data = content(2, 1, extra=1)
        row = data["groups"][0]
        (row if path == "name" else row["items"][0])[path] = text
        assert len(errors(KIND, data)) == 1, text


def test_group_without_items_is_only_a_warning() -> None:
    data = content(2, 1, 0)
    assert errors(KIND, data) == []
    assert len(warnings(KIND, data)) == 1


def test_body_makes_the_data_of_a_question_of_what_was_written() -> None:
    data = through_the_editor(
        KIND, {"groups": [{"name": "A", "items": ["Một", "Hai"]}, {"name": "B", "items": ["Ba"]}]}
    )
    solution = KIND.solution(data)
    assert solution is not None
    assert KIND.score(data, solution) == 1.0
    rows = [[item["value"] for item in group["items"]] for group in data["groups"]]
    assert rows == [["Một", "Hai"], ["Ba"]]
    assert (data["scheme"], data["extra"]) == ("shares", [])
