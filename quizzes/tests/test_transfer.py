"""Quizzes as JSON and as the text of a course."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from django.db import transaction
from wagtail.models import Locale

from lms.plugins.contracts.transfer import NoFiles
from lms.plugins.errors import DomainError
from modules.content.tests.factories import make_reference
from quizzes.activity import QuizType
from quizzes.models import Question, QuestionVersion, Quiz
from quizzes.tests.factories import make_quiz
from quizzes.transfer import as_html

pytestmark = pytest.mark.django_db

TEXT: dict[str, Any] = {
    "pass_mark": 70,
    "max_attempts": 2,
    "shuffle_options": False,
    "questions": [
        {
            "code": "1.1-q1",
            "type": "multiple_choice",
            "prompt": "Chọn <hai> việc.\n\nĐọc kỹ.",
            "basis": ["luat-1"],
            "explanation": "Vì vậy.",
            "options": [
                {"text": "Một", "correct": True, "feedback": "Đúng vì …"},
                {"text": "Hai", "correct": True, "feedback": "Đúng vì …"},
                {"text": "Ba", "correct": False, "feedback": "Sai vì …"},
            ],
        },
        {
            "code": "1.1-q2",
            "type": "true_false",
            "prompt": "Đúng hay sai?",
            "explanation": "Vì vậy.",
            "options": [
                {"text": "Đúng", "correct": False, "feedback": "Không, vì …"},
                {"text": "Sai", "correct": True, "feedback": "Phải, vì …"},
            ],
        },
    ],
}


@pytest.fixture(autouse=True)
def reference() -> None:
    make_reference(code="luat-1")


def load(data: Any, into: Quiz | None = None) -> Quiz:
    """Load and publish, as the loader of courses does."""
    quiz = QuizType().load(deepcopy(data), NoFiles(), version=1, into=into)
    quiz.title = "Câu hỏi bài 1.1"
    quiz.locale = Locale.objects.get_or_create(language_code="vi")[0]
    quiz.save()
    quiz.save_revision().publish()
    return Quiz.objects.get(pk=quiz.pk)


def keys_of(code: str) -> list[str]:
    """The keys of the options of this question, in order."""
    return [each["key"] for each in Question.objects.get(code=code).own["options"]]


def versions() -> list[tuple[str, int]]:
    return list(QuestionVersion.objects.values_list("question__code", "number").order_by("pk"))


def test_text_of_a_course_becomes_a_published_quiz() -> None:
    quiz = load(TEXT)
    assert (quiz.pass_mark, quiz.max_attempts, quiz.question_count) == (70, 2, 2)
    assert (quiz.shuffle_options, quiz.shuffle_questions) == (False, False)
    first = Question.objects.get(code="1.1-q1")
    assert first.live
    assert first.current_version.data["prompt"] == "<p>Chọn &lt;hai&gt; việc.</p><p>Đọc kỹ.</p>"
    assert first.current_version.data["basis"] == ["luat-1"]
    assert [each["correct"] for each in first.own["options"]] == [True, True, False]
    assert [str(slot.question.code) for slot in quiz.slots.all()] == ["1.1-q1", "1.1-q2"]
    assert [each for each in QuizType().problems(quiz) if each.is_error] == []


def test_second_load_changes_nothing() -> None:
    quiz = load(TEXT)
    keys = keys_of("1.1-q1")
    slots = [slot.pk for slot in quiz.slots.all()]
    again = load(TEXT, into=quiz)
    assert again.pk == quiz.pk
    assert versions() == [("1.1-q1", 1), ("1.1-q2", 1)]
    assert Question.objects.get(code="1.1-q1").revisions.count() == 1
    assert keys_of("1.1-q1") == keys
    assert [slot.pk for slot in again.slots.all()] == slots


def test_edited_question_gets_a_new_version_and_its_options_keep_their_keys() -> None:
    quiz = load(TEXT)
    keys = keys_of("1.1-q1")
    edited = deepcopy(TEXT)
    options = edited["questions"][0]["options"]
    options[0]["text"] = "Một, có sửa"
    options[1], options[2] = options[2], options[1]
    load(edited, into=quiz)
    assert versions() == [("1.1-q1", 1), ("1.1-q2", 1), ("1.1-q1", 2)]
    own = Question.objects.get(code="1.1-q1").own
    after = [(each["text"], each["key"]) for each in own["options"]]
    assert after == [("Một, có sửa", keys[0]), ("Ba", keys[2]), ("Hai", keys[1])]


def test_removed_question_leaves_the_quiz_and_stays_in_the_bank() -> None:
    quiz = load(TEXT)
    shorter = {**TEXT, "questions": TEXT["questions"][:1]}
    assert load(shorter, into=quiz).question_count == 1
    assert Question.objects.filter(code="1.1-q2").exists()


def test_code_of_another_course_is_not_overwritten() -> None:
    load(TEXT)
    other = deepcopy(TEXT)
    other["questions"][0]["prompt"] = "Câu hỏi của khóa khác?"
    with pytest.raises(DomainError), transaction.atomic():
        load(other)
    assert versions() == [("1.1-q1", 1), ("1.1-q2", 1)]


@pytest.mark.parametrize(
    ("at", "name", "value"),
    [
        (0, "basis", ["khong-co"]),
        (0, "type", "khong_co"),
        (0, "options", []),
        (0, "points", "nhiều"),
        (0, "points", 0),
        (0, "prompt", ""),
        (0, "code", "1.1-q2"),
        (0, "options", [{"text": "Một", "correct": False}, {"text": "Hai", "correct": False}]),
    ],
)
def test_fault_in_the_text_is_told_and_nothing_is_loaded(at: int, name: str, value: Any) -> None:
    broken = deepcopy(TEXT)
    broken["questions"][at][name] = value
    with pytest.raises(DomainError), transaction.atomic():
        load(broken)
    assert Question.objects.count() == 0


def test_dump_loads_elsewhere_with_the_same_keys() -> None:
    make_reference(code="luat-2")
    quiz = make_quiz(count=2, intro="<p>Chào</p>")
    data = QuizType().dump(quiz, NoFiles())
    quiz.delete()
    Question.objects.all().delete()
    assert QuizType().dump(load(data), NoFiles()) == data


def test_plain_text_becomes_paragraphs() -> None:
    assert as_html("Một\nhai\n\nba & <b>") == "<p>Một hai</p><p>ba &amp; &lt;b&gt;</p>"
    assert as_html("<p>Sẵn <b>HTML</b></p>") == "<p>Sẵn <b>HTML</b></p>"
    assert as_html(" ") == ""
