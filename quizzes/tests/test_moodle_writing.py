"""Moodle XML as it is written: read again, it says the same, or what is lost is told."""

from __future__ import annotations

from typing import Any

import pytest

from quizzes.contracts import question_types
from quizzes.exchange.drafts import Draft
from quizzes.exchange.loading import load_questions
from quizzes.exchange.moodle_xml import MoodleXmlFormat
from quizzes.tests.factories import make_question
from quizzes.tests.samples import WRITTEN
from quizzes.tests.test_moodle_xml import read
from tests.shared_data import shared_data

CASES: dict[str, Any] = {
    "multiple_choice": {
        "scheme": "per_option",
        "options": [
            {"text": "a", "correct": True, "credit": 50, "feedback": "<p>x</p>"},
            {"text": "<b>b</b> c", "correct": True, "credit": 50},
            {"text": "c", "correct": False, "credit": -100},
        ],
    },
    "numeric": {
        "answers": [{"value": -3.142, "tolerance": 0.001, "credit": 100, "feedback": "<p>x</p>"}],
        "units": [{"name": "kg", "factor": 1}, {"name": "tấn", "factor": 1000}],
        "unit_rule": "required",
        "unit_penalty": 20,
    },
    "gaps": {
        "text": "<p>Số [[1]], chữ [[2]], chọn [[3]].</p>",
        "gaps": [
            {"kind": "number", "answers": "1.2340\n=50=2", "tolerance": 0.5},
            {"kind": "typed", "answers": "a {b} # ~ \\ * = %5%\n=50=%c", "feedback": "<p>#1</p>"},
            {"kind": "chosen", "answers": "<p> & x", "wrong": "=y\nz"},
        ],
        "case_matters": True,
    },
    "matching": {"pairs": [{"text": "a", "match": "b"}, {"text": "c", "match": "d < e"}]},
    "essay": {"minimum": 5, "template": "a\nb", "may_attach": True, "files": 3},
}


def without_keys(value: Any) -> Any:
    if isinstance(value, dict):
        found = {name: without_keys(each) for name, each in value.items() if name != "key"}
        return {name: bool(each) if name == "correct" else each for name, each in found.items()}
    return [without_keys(each) for each in value] if isinstance(value, list) else value


@pytest.mark.django_db
@pytest.mark.parametrize("kind", sorted({*WRITTEN, *CASES}))
def test_a_round_trip_keeps_everything_or_tells(kind: str) -> None:
    if kind not in question_types:
        pytest.skip(f"{kind} is not installed")
    before = make_question(kind=kind, written=CASES.get(kind) or WRITTEN[kind], name="Tên")
    content, faults = MoodleXmlFormat().write([before])
    drafts = [each for each in read(content) if isinstance(each, Draft)]
    if not drafts:
        assert [each.place for each in faults] == [before.code]
        assert kind in ("grouping", "judgement", "hotspot")
        return
    (made,) = load_questions(drafts)
    assert (made.name, made.prompt, made.explanation) == (
        before.name,
        before.prompt,
        before.explanation,
    )
    assert drafts[0].code == before.code and drafts[0].notes == []
    if not faults and kind != "true_false":
        assert without_keys(made.own) == without_keys(before.own)
    assert bool(faults) == (kind == "matching" and kind not in CASES)


@pytest.mark.django_db
def test_pictures_are_kept_in_the_library_and_written_again() -> None:
    content = shared_data("questions", "moodle", "xml", "truefalse.xml").read_bytes()
    drafts = read(content)
    made = load_questions(each for each in drafts if isinstance(each, Draft))
    assert "embedtype" in made[0].prompt
    written, faults = MoodleXmlFormat().write(made)
    assert faults == []
    for before, after in zip(drafts, read(written), strict=True):
        assert isinstance(before, Draft) and isinstance(after, Draft)
        assert sorted(after.pictures.values()) == sorted(before.pictures.values())
        assert 'alt="Moodle logo"' in after.prompt
        assert [each["correct"] for each in after.written["options"]] == [
            each["correct"] for each in before.written["options"]
        ]
