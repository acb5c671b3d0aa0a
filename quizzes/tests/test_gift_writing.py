"""GIFT as it is written: read again, it says the same, or what is lost is told."""

from __future__ import annotations

from typing import Any

import pytest

from quizzes.contracts import question_types
from quizzes.exchange.drafts import Draft
from quizzes.exchange.gift import GiftFormat
from quizzes.exchange.loading import load_questions
from quizzes.models import Question
from quizzes.tests.factories import make_question
from quizzes.tests.samples import WRITTEN
from quizzes.tests.test_gift import read


def without_keys(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: without_keys(each) for name, each in value.items() if name != "key"}
    return [without_keys(each) for each in value] if isinstance(value, list) else value


def again(question: Question) -> tuple[Question, list[str]]:
    """The question written and read again, and what was lost."""
    content, faults = GiftFormat().write([question])
    (draft,) = read(content)
    assert isinstance(draft, Draft), draft
    (made,) = load_questions([draft])
    assert draft.code == question.code
    return made, [each.message for each in faults]


CASES = {
    "single_choice": {
        "options": [
            {
                "text": "<p>a &lt;b&gt; {c} ~ = # : \\ \\n</p>",
                "correct": True,
                "feedback": "<p>x</p>",
            },
            {"text": "%50% của [b]", "correct": False, "credit": 50, "feedback": ""},
            {"text": "<p><b>đậm</b> -&gt; thường</p>", "correct": False, "feedback": ""},
        ]
    },
    "multiple_choice": {
        "scheme": "per_option",
        "options": [
            {"text": "a", "correct": True, "credit": 50},
            {"text": "b", "correct": True, "credit": 50},
            {"text": "c", "correct": False, "credit": -100},
        ],
    },
    "true_false": {
        "options": [
            {"text": "True", "correct": False, "feedback": "<p>một</p>"},
            {"text": "False", "correct": True, "feedback": "<p>hai</p>"},
        ]
    },
    "short_answer": {
        "answers": [
            {"pattern": "Hà Nội: {thủ đô}", "credit": 100},
            {"pattern": "%5% \\*", "credit": 50},
        ]
    },
    "numeric": {
        "answers": [
            {"value": -3.142, "tolerance": 0.001, "credit": 100, "feedback": "<p>vì</p>"},
            {"value": 1e-7, "tolerance": 0, "credit": 50},
        ]
    },
    "matching": {
        "pairs": [{"text": "a -> b", "match": "c = d"}, {"text": "<i>e</i>", "match": "f"}],
        "extra": [{"value": "g # h"}],
    },
}


@pytest.mark.django_db
@pytest.mark.parametrize("kind", CASES)
def test_a_round_trip_keeps_everything(kind: str) -> None:
    question = make_question(
        kind=kind,
        written=CASES[kind],
        name="Tên: {một}",
        prompt="<p>Một <b>hai</b> {ba}?</p><ul><li>bốn # năm</li></ul>",
        explanation="<p>Vì \\n = ~</p>",
    )
    made, lost = again(question)
    assert lost == []
    assert (made.name, made.prompt, made.explanation) == (
        question.name,
        question.prompt,
        question.explanation,
    )
    found, kept = without_keys(made.own), without_keys(question.own)
    if kind == "true_false":  # in the words of the reader's language
        for each in (*found["options"], *kept["options"]):
            del each["text"]
    assert found == kept


@pytest.mark.django_db
@pytest.mark.parametrize("kind", WRITTEN)
def test_every_kind_is_written_or_told(kind: str) -> None:
    if kind not in question_types:
        pytest.skip(f"{kind} is not installed")
    question = make_question(kind=kind, written=WRITTEN[kind])
    content, faults = GiftFormat().write([question])
    drafts = [each for each in read(content) if isinstance(each, Draft)]
    if not drafts:
        assert faults and faults[0].place == question.code
    else:
        (made,) = load_questions(drafts)
        assert made.type_key == kind
