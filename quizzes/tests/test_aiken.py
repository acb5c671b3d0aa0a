"""Aiken, strict and as people write it."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizzes.contracts import question_types
from quizzes.exchange.aiken import AikenFormat
from quizzes.exchange.drafts import Draft, Fault, UnreadableFile
from quizzes.exchange.loading import load_questions
from quizzes.tests.factories import make_question
from quizzes.tests.import_tables import check_table
from quizzes.tests.samples import WRITTEN
from tests.shared_data import shared_data


def read(text: str | bytes) -> list[Draft | Fault]:
    content = text.encode() if isinstance(text, str) else text
    return list(AikenFormat().read("a.txt", content))


def key(text: str) -> str:
    """The letters that are right in the one question of `text`."""
    (found,) = read(text)
    assert isinstance(found, Draft), found
    options = found.written["options"]
    return "".join("ABCDEF"[at] for at, option in enumerate(options) if option["correct"])


def files() -> list[Path]:
    return sorted(shared_data("questions", "moodle", "aiken").glob("*.txt"))


def test_files_of_moodle() -> None:
    errors, sound = (read(path.read_bytes()) for path in files())
    assert [isinstance(each, Draft) for each in sound] == [True, True]
    drafts = [each for each in errors if isinstance(each, Draft)]
    assert [draft.prompt for draft in drafts] == [
        "<p>A good question</p>",
        "<p>A second good question</p>",
        "<p>A third good question with HTML chars such as &gt; &lt; &amp;</p>",
    ]
    assert len(errors) - len(drafts) == 4


@pytest.mark.django_db
def test_the_table_in_the_docs_says_what_the_files_bring() -> None:
    check_table("aiken", AikenFormat(), files())


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("Một?\nA. a\nB. b\nANSWER: B", "B"),
        ("Một?\nA) a\nB) b\nANSWER:A", "A"),
        ("Một?\n\nA) a\n\nB) b\n\nANSWER: b\n\n", "B"),
        ("Một?\na) một\nb) hai\nanswer: b.", "B"),
        ("Một?\n(A) một\n(B) hai\nAnswer: (B)", "B"),
        ("Một?\nA: một\nB: hai\nĐáp án: A", "A"),
        ("Một?\nA.một\nB.hai\nĐÁP ÁN ĐÚNG: B. hai", "B"),
        ("Một?\nA) a\nB) b\nC) c\nANSWER: A, C", "AC"),
        ("Một?\nA) a\nB) b\nC) c\nANSWER: A và B", "AB"),
        ("Một?\n\xa0\tA)\ta\n  B) b\nANSWER :  B  ", "B"),
        ("Dòng một\ndòng hai:\nA) a\ntiếp\nB) b\nANSWER: B", "B"),
        ("Việc gì?\nI. Một\nII. Hai\nA) I\nB) II\nANSWER: B", "B"),
    ],
)
def test_ways_to_write_it(text: str, right: str) -> None:
    assert key(text) == right


@pytest.mark.parametrize(
    "text",
    [
        "Một?\nA) a\nB) b\nANSWER: C",
        "Một?\nA) a\nB) b\nANSWER:",
        "Một?\nA) a\nB) b\nANSWER: Both",
        "Một?\nA) a\nB) b\nANSWER: A B",
        "Một?\nA) a\nB) b\nANSWER: AB",
        "Một?\nA) a\nB) b\nANSWER: A/B",
        "Một?\nA) a\nANSWER: A",
        "Một?\nA) a\nB) b\n",
        "A) a",
        "ANSWER: A",
        "Một?",
    ],
)
def test_what_may_be_wrong_is_a_fault(text: str) -> None:
    (found,) = read(text)
    assert isinstance(found, Fault) and found.place


def test_a_forgotten_answer_costs_one_question() -> None:
    first, second = read("Một?\nA) a\nB) b\nHai?\nA) c\nB) d\nANSWER: B")
    assert isinstance(first, Fault)
    assert isinstance(second, Draft) and second.prompt == "<p>Hai?</p>"


def test_what_is_aiken() -> None:
    known = AikenFormat().recognises
    text = "Một?\nA. a\nB. b\nĐáp án: B".encode()
    assert known("a.txt", text) and known("a.TXT", text.decode().encode("utf-16"))
    assert not known("a.txt", b"1+1? {=2 ~3}") and not known("a.gift.txt", text)
    assert not known("a.csv", text)


@given(st.text(alphabet="AaBb).(: \nANSWER:Đáp án", max_size=80))
def test_letters_in_any_order_never_break_the_reading(text: str) -> None:
    for each in read(text):
        assert isinstance(each, Draft | Fault) and each.place


@given(st.binary(max_size=80) | st.text(max_size=80).map(str.encode))
def test_junk_never_breaks_the_reading(content: bytes) -> None:
    AikenFormat().recognises("a.txt", content)
    with contextlib.suppress(UnreadableFile):
        read(content)


@pytest.mark.django_db
@pytest.mark.parametrize("kind", WRITTEN)
def test_every_kind_is_written_or_told(kind: str) -> None:
    if kind not in question_types:
        pytest.skip(f"{kind} is not installed")
    question = make_question(kind=kind, written=WRITTEN[kind], prompt="<p>Chọn &lt;b&gt;?</p>")
    content, faults = AikenFormat().write([question])
    assert faults and all(each.place == question.code for each in faults)
    drafts: list[Any] = read(content)
    if kind not in ("single_choice", "true_false"):
        assert drafts == []
        return
    (made,) = load_questions(drafts)
    assert made.prompt == question.prompt
    kept = [(each["text"], bool(each["correct"])) for each in question.own["options"]]
    assert [(each["text"], bool(each["correct"])) for each in made.own["options"]] == kept
