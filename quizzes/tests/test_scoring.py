"""Scoring is pure: every scheme stays between nothing and everything, and is monotone."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizzes.contracts import Fields, QuestionType
from quizzes.faults import content_problems
from quizzes.question_types import MultipleChoice, SingleChoice, TrueFalse

KEYS = "abcdefgh"
BUILT_IN = (SingleChoice(), MultipleChoice(), TrueFalse())


def content(*right: bool, **more: Any) -> dict[str, Any]:
    """A question with one option per argument, right where it is True."""
    return {
        "prompt": "<p>Câu hỏi?</p>",
        "explanation": "",
        "basis": [],
        "options": [
            {"key": KEYS[at], "text": f"Phương án {at}", "correct": each, "feedback": "<p>Vì …</p>"}
            for at, each in enumerate(right)
        ],
        **more,
    }


contents = st.lists(st.booleans(), min_size=2, max_size=8).map(lambda flags: content(*flags))
answers = st.lists(st.sampled_from(KEYS), unique=True).map(lambda keys: {"options": keys})


def right_of(data: dict[str, Any]) -> list[str]:
    return [option["key"] for option in data["options"] if option["correct"]]


def wrong_of(data: dict[str, Any]) -> list[str]:
    return [option["key"] for option in data["options"] if not option["correct"]]


@pytest.mark.parametrize("kind", BUILT_IN, ids=lambda kind: kind.key)
@given(data=contents, answer=answers)
def test_score_is_never_outside_0_to_1(kind: QuestionType, data: Any, answer: Any) -> None:
    assert 0.0 <= kind.score(data, answer) <= 1.0


@pytest.mark.parametrize("kind", BUILT_IN, ids=lambda kind: kind.key)
@given(data=contents)
def test_score_of_the_key_is_1(kind: QuestionType, data: Any) -> None:
    right = right_of(data)
    expected = 1.0 if right else kind.score(data, {"options": []})
    assert kind.score(data, {"options": right}) == expected


@given(data=contents, answer=answers, chosen=st.sampled_from(KEYS))
def test_multiple_choice_with_one_more_right_option_is_never_worse(
    data: Any, answer: Any, chosen: str
) -> None:
    kind = MultipleChoice()
    if chosen in right_of(data):
        more = {"options": [*answer["options"], chosen]}
        assert kind.score(data, more) >= kind.score(data, answer)


@given(data=contents, answer=answers, chosen=st.sampled_from(KEYS))
def test_multiple_choice_with_one_more_wrong_option_is_never_better(
    data: Any, answer: Any, chosen: str
) -> None:
    kind = MultipleChoice()
    if chosen in wrong_of(data):
        more = {"options": [*answer["options"], chosen]}
        assert kind.score(data, more) <= kind.score(data, answer)


@given(data=contents)
def test_multiple_choice_of_everything_earns_nothing(data: Any) -> None:
    everything = {"options": [option["key"] for option in data["options"]]}
    expected = 1.0 if not wrong_of(data) else 0.0
    assert MultipleChoice().score(data, everything) == expected


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [("ab", 1.0), ("a", 0.5), ("abc", 0.5), ("ac", 0.0), ("c", 0.0), ("", 0.0), ("abcd", 0.0)],
)
def test_multiple_choice_scheme(chosen: str, expected: float) -> None:
    data = content(True, True, False, False)
    assert MultipleChoice().score(data, {"options": list(chosen)}) == expected


@pytest.mark.parametrize(("chosen", "expected"), [("a", 1.0), ("b", 0.0), ("", 0.0)])
@pytest.mark.parametrize("kind", [SingleChoice(), TrueFalse()], ids=lambda kind: kind.key)
def test_single_choice_scheme(kind: QuestionType, chosen: str, expected: float) -> None:
    assert kind.score(content(True, False), {"options": list(chosen)}) == expected


values = st.lists(st.text(max_size=4) | st.sampled_from(KEYS), max_size=10)


@pytest.mark.parametrize("kind", BUILT_IN, ids=lambda kind: kind.key)
@given(data=contents, sent=values)
def test_parse_keeps_only_options_of_the_question(
    kind: QuestionType, data: Any, sent: list[str]
) -> None:
    answer = kind.parse(data, Fields({"": sent, "part": sent}))
    known = {option["key"] for option in data["options"]}
    assert answer is None or (answer["options"] and set(answer["options"]) <= known & set(sent))


def test_parse_of_a_single_choice_takes_one() -> None:
    sent = Fields({"": ["b", "a"]})
    assert SingleChoice().parse(content(True, False), sent) == {"options": ["b"]}


@given(data=contents, answer=answers)
def test_what_is_asked_holds_no_key_and_no_feedback(data: Any, answer: Any) -> None:
    for kind in BUILT_IN:
        for option in kind.ask(data, {}, answer)["options"]:
            assert set(option) == {"key", "text", "is_chosen"}


def test_true_or_false_is_never_shuffled() -> None:
    class Backwards:
        def shuffle(self, keys: list[str]) -> None:
            keys.reverse()

    data = content(True, False)
    assert TrueFalse().arrange(data, Backwards(), shuffle=True) == {"order": ["a", "b"]}
    assert SingleChoice().arrange(data, Backwards(), shuffle=True) == {"order": ["b", "a"]}
    assert SingleChoice().arrange(data, Backwards(), shuffle=False) == {"order": ["a", "b"]}


def errors(kind: QuestionType, data: dict[str, Any]) -> list[str]:
    return [str(each.message) for each in kind.problems(data) if each.is_error]


def test_problems_of_a_sound_question_are_none() -> None:
    assert list(SingleChoice().problems(content(True, False, False))) == []
    assert list(MultipleChoice().problems(content(True, True, False))) == []
    assert list(TrueFalse().problems(content(False, True))) == []


@pytest.mark.parametrize(
    ("kind", "flags", "count"),
    [
        (SingleChoice(), (False, False), 1),
        (SingleChoice(), (True, True, False), 1),
        (SingleChoice(), (True,), 1),
        (MultipleChoice(), (False, False), 1),
        (MultipleChoice(), (True, True), 0),
        (TrueFalse(), (True, False, False), 1),
        (TrueFalse(), (True, True), 1),
    ],
)
def test_problems_of_the_key(kind: QuestionType, flags: tuple[bool, ...], count: int) -> None:
    assert len(errors(kind, content(*flags))) == count


def test_problems_of_an_empty_and_a_doubled_option() -> None:
    data = content(True, False, False)
    data["options"][1]["text"] = " "
    assert len(errors(SingleChoice(), data)) == 1
    data["options"][1]["text"] = "phương  ÁN 0"
    assert len(errors(SingleChoice(), data)) == 1


def test_problems_of_an_empty_question() -> None:
    empty = content(True, False, prompt="<p> </p>")
    assert [each.is_error for each in content_problems("single_choice", empty)] == [True]


def test_option_without_feedback_is_only_a_warning() -> None:
    data = content(True, False)
    data["options"][1]["feedback"] = "<p></p>"
    assert [each.is_error for each in SingleChoice().problems(data)] == [False]
