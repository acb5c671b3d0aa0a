"""Essays: what is taken as an answer, word limits, and what learners and markers see."""

from __future__ import annotations

import json
import random
import uuid
from types import SimpleNamespace
from typing import Any

import pytest
from django.template.loader import render_to_string
from hypothesis import given
from hypothesis import strategies as st

from quizzes.contracts import Fields
from quizzes.question_types.essay import Essay

KIND = Essay()
ONE, TWO, THREE = (str(uuid.UUID(int=n)) for n in (1, 2, 3))
RUBRIC = [
    {
        "key": "c1",
        "name": "Đúng luật",
        "levels": [
            {"key": "l1", "name": "Chưa", "points": 0},
            {"key": "l2", "name": "Đủ", "points": 2},
        ],
    }
]


def content(**more: Any) -> dict[str, Any]:
    return {
        "prompt": "<p>Vì sao?</p>",
        "explanation": "",
        "hints": [],
        "basis": [],
        "minimum": None,
        "maximum": None,
        "may_type": True,
        "may_attach": False,
        "files": 1,
        "template": "",
        "rubric": RUBRIC,
        "guidance": "<p>KEYGUIDANCE</p>",
        **more,
    }


def fields(text: str = "", *files: str) -> Fields:
    return Fields({"": [text], "file": list(files)})


def page(template: str, own: dict[str, Any]) -> str:
    question = SimpleNamespace(position=3, own=own)
    return render_to_string(template, {"question": question})


def messages(data: dict[str, Any], *, errors: bool) -> list[str]:
    return [str(each.message) for each in KIND.problems(data) if each.is_error is errors]


def test_a_person_marks() -> None:
    assert KIND.marked_by_person is True
    assert KIND.solution(content()) is None
    with pytest.raises(NotImplementedError):
        KIND.score(content(), {"text": "x", "files": []})


@pytest.mark.parametrize(
    ("data", "given_", "expected"),
    [
        (content(), fields("Vì thế."), {"text": "Vì thế.", "files": []}),
        (content(), fields("a\r\nb\rc"), {"text": "a\nb\nc", "files": []}),
        (content(), fields("  lùi vào\n"), {"text": "  lùi vào\n", "files": []}),
        (content(), fields("e\u0302"), {"text": "ê", "files": []}),
        (content(), fields(" \n\t"), None),
        (content(), Fields(), None),
        (content(), fields("", ONE), None),
        (content(may_attach=True), fields("", ONE), {"text": "", "files": [ONE]}),
        (content(may_attach=True), fields("", ONE, TWO), {"text": "", "files": [ONE]}),
        (
            content(may_attach=True, files=3),
            fields("x", TWO, "junk", ONE, TWO),
            {"text": "x", "files": [TWO, ONE]},
        ),
        (content(may_type=False, may_attach=True), fields("x"), None),
        (content(template="1. …\n2. …"), fields("1. …\r\n2. …\r\n"), None),
        (content(template="1. …"), fields("1. Rồi"), {"text": "1. Rồi", "files": []}),
    ],
)
def test_parse(data: dict[str, Any], given_: Fields, expected: Any) -> None:
    assert KIND.parse(data, given_) == expected


@given(text=st.text(alphabet=st.characters(codec=None)), file=st.text())
def test_parse_takes_anything_and_what_it_gives_can_be_stored(text: str, file: str) -> None:
    data = content(may_attach=True, minimum=5, maximum=9)
    answer = KIND.parse(data, fields(text, file))
    if answer is not None:
        stored = json.dumps(answer, ensure_ascii=False).encode()
        assert b"\0" not in stored
        assert KIND.parse(data, fields(answer["text"], *answer["files"])) == answer
        assert isinstance(KIND.describe(data, answer), str)
        assert KIND.review(data, {}, answer)["text"] == answer["text"]


@given(words=st.integers(0, 30))
def test_length_is_told_and_never_cut(words: int) -> None:
    data = content(minimum=10, maximum=20)
    text = " ".join(["từ"] * words)
    answer = KIND.parse(data, fields(text))
    if not words:
        assert answer is None
        return
    assert answer == {"text": text, "files": []}
    expected = ""
    if words < 10:
        expected = f"Còn thiếu {10 - words} từ."
    elif words > 20:
        expected = f"Thừa {words - 20} từ."
    asked = KIND.ask(data, {}, answer)
    assert (asked["words"], asked["notice"]) == (words, expected)
    assert KIND.review(data, {}, answer)["notice"] == expected
    assert KIND.is_complete(data, answer) is (words >= 10)


def test_a_file_makes_it_complete() -> None:
    data = content(may_attach=True, minimum=10)
    assert KIND.is_complete(data, {"text": "", "files": [ONE]}) is True
    assert KIND.is_complete(data, {"text": "Chưa đủ.", "files": []}) is False


def test_answer_in_words() -> None:
    data = content(may_attach=True, files=2)
    assert KIND.describe(data, {"text": "Một\nhai", "files": [ONE, TWO]}) == "Một hai (2 tệp)"
    assert KIND.describe(data, {"text": "", "files": [ONE]}) == "(1 tệp)"
    assert KIND.describe(data, {"options": ["a"]}) == ""


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({}, "Trả lời bằng lời của mình."),
        ({"may_attach": True}, "Viết câu trả lời, đính kèm tệp hoặc cả hai."),
        ({"may_type": False, "may_attach": True}, "Trả lời bằng tệp đính kèm."),
    ],
)
def test_learner_is_told_what_to_give(more: dict[str, Any], said: str) -> None:
    assert KIND.instruct(content(**more)) == f"{said} Bài sẽ có người chấm sau khi nộp."


def test_ask_shows_nothing_that_is_for_markers() -> None:
    data = content(may_attach=True, minimum=5, template="Mở bài: <b>")
    own = KIND.ask(data, KIND.arrange(data, random.Random(1), shuffle=True), None)
    html = page(KIND.ask_template, own)
    assert "KEYGUIDANCE" not in html
    assert "Đúng luật" not in html
    assert "Mở bài: &lt;b&gt;</textarea>" in html
    assert 'name="a3"' in html
    assert 'name="upload-3"' in html
    assert "Ít nhất 5 từ." in html


def test_ask_keeps_a_text_as_it_was_written() -> None:
    answer = {"text": "\n  Một <i>hai</i>", "files": []}
    html = page(KIND.ask_template, KIND.ask(content(), {}, answer))
    assert 'autocomplete="off">\n\n  Một &lt;i&gt;hai&lt;/i&gt;</textarea>' in html
    assert 'type="file"' not in html


def test_review_shows_text_and_criteria_but_no_guidance() -> None:
    own = KIND.review(content(), {}, {"text": "Một <i>\n\nHai", "files": []})
    html = page(KIND.review_template, own)
    assert "<p>Một &lt;i&gt;</p>" in html
    assert "<p>Hai</p>" in html
    assert "Đúng luật" in html
    assert "KEYGUIDANCE" not in html


def test_whole_question_has_no_problems() -> None:
    assert messages(content(), errors=True) == []
    assert messages(content(), errors=False) == []


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"may_type": False}, "Không cho viết bài và cũng không cho nộp tệp."),
        (
            {"minimum": 9, "maximum": 3},
            "Không thể vừa ít nhất 9 từ vừa nhiều nhất 3 từ.",
        ),
        ({"may_attach": True, "files": 0}, "Cho phép đính kèm từ 1 đến 10 tệp."),
        ({"may_attach": True, "files": None}, "Cho phép đính kèm từ 1 đến 10 tệp."),
        (
            {"rubric": [{"key": "c", "name": "Rõ", "levels": []}]},
            "Tiêu chí “Rõ” cần ít nhất hai mức.",
        ),
    ],
)
def test_error(more: dict[str, Any], expected: str) -> None:
    assert messages(content(**more), errors=True)[0] == expected


def test_nothing_to_mark_by_is_a_warning() -> None:
    assert messages(content(rubric=[], guidance=""), errors=False) == [
        "Chưa có tiêu chí hay hướng dẫn chấm: mỗi người sẽ chấm một kiểu."
    ]
