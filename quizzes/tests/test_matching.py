"""Matching: a page that does not give pairs away, and shares of what was found."""

from __future__ import annotations

import random
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizzes.contracts import Fields
from quizzes.question_types.labels import LONG, letter
from quizzes.question_types.matching import Matching, face
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

KIND = Matching()


def content(*matches: str, extra: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:
    """A question with a pair for each of `matches`; keys are k7, x2, b9, …"""
    pairs = [
        {"key": key, "text": f"Vế {at}", "match": match, "feedback": f"<p>SECRET {match}</p>"}
        for at, (key, match) in enumerate(zip(KEYS, matches, strict=False))
    ]
    rows = [{"key": f"e{at}", "value": each} for at, each in enumerate(extra)]
    return shared(**{"pairs": pairs, "extra": rows, "scheme": "shares", **more})


contents = st.builds(
    lambda matches, extra, scheme: content(*matches, extra=tuple(extra), scheme=scheme),
    st.lists(st.sampled_from(["Một", "Hai", "<b>Hai</b>", "hai", "Ba", "Bốn"]), max_size=6),
    st.lists(st.sampled_from(["Năm", "Sáu", "Ba"]), max_size=3),
    st.sampled_from(["shares", "all_or_nothing"]),
)
THREE = content("Một", "Hai", "Ba", extra=("Bốn",))


@pytest.mark.parametrize(
    ("chosen", "shares", "whole"),
    [
        ({"k7": "k7", "x2": "x2", "b9": "b9"}, 1, 1),
        ({"k7": "k7", "x2": "b9", "b9": "b9"}, 2 / 3, 0),
        ({"k7": "k7"}, 1 / 3, 0),
        ({"k7": "x2", "x2": "b9", "b9": "k7"}, 0, 0),
        ({"k7": "e0", "x2": "e0", "b9": "gone"}, 0, 0),
        ({}, 0, 0),
    ],
)
def test_score_by_scheme(chosen: dict[str, str], shares: float, whole: float) -> None:
    assert KIND.score(THREE, {"pairs": chosen}) == pytest.approx(shares)
    assert KIND.score({**THREE, "scheme": "all_or_nothing"}, {"pairs": chosen}) == whole


@patient
@given(data=contents)
def test_solution_earns_everything(data: Any) -> None:
    solution = KIND.solution(data)
    assert (solution is None) == (not data["pairs"])
    if solution is not None:
        assert KIND.score(data, solution) == 1.0
        assert KIND.is_complete(data, solution)


@patient
@given(data=contents, fields=junk_fields, answer=junk_answers)
def test_any_input_is_read(data: Any, fields: Fields, answer: Any) -> None:
    check_any_input(KIND, data, fields, answer)


@patient
@given(data=contents, chance=st.randoms(use_true_random=False))
def test_one_more_right_match_is_never_worse(data: Any, chance: random.Random) -> None:
    solution = KIND.solution(data)
    if solution is not None:
        choices = sorted({each.value for each in KIND.possible(data)})
        before = {key: chance.choice(choices) for key in solution["pairs"]}
        key = chance.choice(sorted(before))
        after = {**before, key: solution["pairs"][key]}
        assert KIND.score(data, {"pairs": after}) >= KIND.score(data, {"pairs": before})


def test_matches_that_look_the_same_are_one_choice() -> None:
    data = content("Một", "Hai", "<b>một</b>")
    assert {each.value for each in KIND.possible(data)} == {"k7", "x2"}
    assert KIND.solution(data) == {"pairs": {"k7": "k7", "x2": "x2", "b9": "k7"}}
    assert len(KIND.ask(data, {}, None)["choices"]) == 2


# --- what a page gives away
@patient
@given(data=contents, shuffle=st.booleans(), seed=st.integers(), answered=st.booleans())
def test_ask_page_holds_no_keys_and_no_feedback(
    data: Any, shuffle: bool, seed: int, answered: bool
) -> None:
    arrangement = KIND.arrange(data, random.Random(seed), shuffle=shuffle)
    html = asked(KIND, data, KIND.solution(data) if answered else None, arrangement)
    assert "SECRET" not in html
    for key in (*KEYS, "e0", "e1", "e2"):
        assert f'"{key}"' not in html and f'-{key}"' not in html


def test_ask_page_is_the_same_whatever_matches_what() -> None:
    pages = {
        asked(KIND, content(*order, extra=("Bốn",)))
        for order in (("Một", "Hai", "Ba"), ("Ba", "Một", "Hai"), ("Hai", "Ba", "Một"))
    }
    assert len(pages) == 1


def test_arrange_always_mixes_the_choices() -> None:
    data = content("Một", "Hai", "Ba", "Bốn", "Năm")
    orders = {
        tuple(KIND.arrange(data, random.Random(seed), shuffle=False)["choices"])
        for seed in range(60)
    }
    assert len(orders) > 20
    assert KIND.arrange(data, random.Random(1), shuffle=False)["pairs"] == list(KEYS[:5])


@patient
@given(data=contents, seed=st.integers())
def test_arrange_has_every_choice_once(data: Any, seed: int) -> None:
    arrangement = KIND.arrange(data, random.Random(seed), shuffle=True)
    shown = [each["key"] for each in KIND.ask(data, arrangement, None)["choices"]]
    rows = [each["match"] for each in data["pairs"]] + [each["value"] for each in data["extra"]]
    assert sorted(shown) == sorted({face(text) for text in rows})


# --- answers
@patient
@given(data=contents, chance=st.randoms(use_true_random=False))
def test_parse_of_what_a_page_shows_gives_the_same_answer(data: Any, chance: random.Random) -> None:
    choices = sorted({each.value for each in KIND.possible(data)})
    given_ = {
        pair["key"]: chance.choice(choices) for pair in data["pairs"] if chance.random() > 0.3
    }
    answer = {"pairs": given_} if given_ else None
    shown = KIND.ask(data, {}, answer)["pairs"]
    sent = Fields({each["key"]: [each["chosen"]] for each in shown})
    assert KIND.parse(data, sent) == answer


def test_answer_outlives_a_corrected_letter() -> None:
    answer = KIND.solution(content("Mot", "Hai"))
    assert answer is not None
    assert KIND.score(content("Một", "Hai"), answer) == 1.0


def test_answer_to_a_match_that_is_gone_is_no_answer() -> None:
    answer = {"pairs": {"k7": "e0", "x2": "x2"}}
    assert KIND.replies(content("Một", "Hai"), answer)[0].part == "x2"
    assert not KIND.is_complete(content("Một", "Hai"), answer)


def test_comments_are_about_pairs_that_were_found_only() -> None:
    answer = {"pairs": {"k7": "k7", "x2": "b9"}}
    assert KIND.comments(THREE, answer) == ["<p>SECRET Một</p>"]


def test_describe_says_the_pairs_in_words() -> None:
    data = content("Một", '<img alt="Cờ &amp; hoa" src="/x.png">')
    answer = {"pairs": {"k7": "x2", "x2": "k7"}}
    assert KIND.describe(data, answer) == "Vế 0 → Cờ & hoa; Vế 1 → Một"


# --- pages
def test_ask_page_with_long_matches_offers_letters() -> None:
    data = content("Một", "h" * (LONG + 1))
    html = asked(KIND, data)
    assert re.findall(r"<option value=\"\w+\">(.*?)</option>", html) == ["A", "B"] * 2
    assert html.count("h" * (LONG + 1)) == 1


def test_ask_page_with_short_matches_offers_them() -> None:
    html = asked(KIND, content("Một &lt; hai", "Ba"), None, {"choices": ["k7", "x2"]})
    assert re.findall(r"<option value=\"\w+\">(.*?)</option>", html) == ["Một &lt; hai", "Ba"] * 2


def test_ask_page_labels_every_select() -> None:
    html = asked(KIND, THREE)
    names = re.findall(r'<select id="([^"]+)" name="\1"', html)
    assert len(names) == 3
    assert all(html.count(f'<label for="{name}">') == 1 for name in names)


@pytest.mark.parametrize(
    ("chosen", "right", "wrong", "idle"),
    [({"k7": "k7", "x2": "b9"}, 1, 1, 1), ({}, 0, 0, 3), ({"k7": "e0"}, 0, 1, 2)],
)
def test_review_page_shows_what_was_found(
    chosen: dict[str, str], right: int, wrong: int, idle: int
) -> None:
    html = reviewed(KIND, THREE, {"pairs": chosen})
    counts = [html.count(f'"option {each}"') for each in ("is-right", "is-wrong", "is-idle")]
    assert counts == [right, wrong, idle]
    assert html.count("SECRET") == 3


@pytest.mark.parametrize(
    ("at", "expected"), [(0, "A"), (25, "Z"), (26, "AA"), (51, "AZ"), (52, "BA")]
)
def test_letter_goes_on_after_z(at: int, expected: str) -> None:
    assert letter(at) == expected


# --- authors
def test_problems_of_a_sound_question_are_none() -> None:
    assert list(KIND.problems(THREE)) == []
    assert list(KIND.problems(content("Một", "Hai", "Một"))) == []


@pytest.mark.parametrize(
    "data",
    [
        content("Một"),
        content("Một", "một"),
        content("Một", "Hai", " "),
        content("Một", "Hai", extra=("",)),
        content("Một", "Hai", extra=("<b>hai</b>",)),
    ],
)
def test_problems_name_what_is_wrong(data: Any) -> None:
    assert len(errors(KIND, data)) == 1


def test_problems_of_a_text_that_is_there_twice() -> None:
    data = content("Một", "Hai")
    data["pairs"][1]["text"] = "vế  0"
    assert len(errors(KIND, data)) == 1


def test_pair_without_feedback_is_only_a_warning() -> None:
    data = content("Một", "Hai")
    data["pairs"][0]["feedback"] = ""
    assert errors(KIND, data) == []
    assert len(warnings(KIND, data)) == 1


def test_instruct_says_when_only_all_counts() -> None:
    assert KIND.instruct(THREE) == str(KIND.instruction)
    assert KIND.instruct({**THREE, "scheme": "all_or_nothing"}) != str(KIND.instruction)


def test_body_makes_the_data_of_a_question_of_what_was_written() -> None:
    data = through_the_editor(
        KIND, {"pairs": [{"text": "Một", "match": "1"}, {"text": "Hai", "match": "2"}]}
    )
    solution = KIND.solution(data)
    assert solution is not None
    assert KIND.score(data, solution) == 1.0
    assert [pair["match"] for pair in data["pairs"]] == ["1", "2"]
    assert (data["scheme"], data["extra"]) == ("shares", [])
