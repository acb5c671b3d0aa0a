from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from modules.content.tests.factories import make_reference
from quizzes.models import Question, QuestionVersion
from quizzes.services.versions import take_version
from quizzes.tests.factories import make_placed, make_question, make_quiz, slots_of, with_options

pytestmark = pytest.mark.django_db


def publish(question: Question) -> Question:
    question.save_revision().publish()
    return Question.objects.get(pk=question.pk)


def numbers(question: Question) -> list[tuple[int, bool]]:
    return [
        (version.number, version.superseded_at is None)
        for version in question.versions.order_by("number")
    ]


def test_publishing_a_question_makes_its_first_version() -> None:
    reference = make_reference(code="luat-5")
    question = make_question(prompt="<p>Ai ký?</p>", references=[reference])
    version = question.current_version
    assert numbers(question) == [(1, True)]
    assert version.type_key == "single_choice"
    assert version.data["prompt"] == "<p>Ai ký?</p>"
    assert version.data["basis"] == ["luat-5"]
    assert [each["correct"] for each in version.data["options"]] == [True, False, False]


def test_draft_makes_no_version() -> None:
    assert numbers(make_question(publish=False)) == []


def test_publishing_the_same_content_again_makes_no_version() -> None:
    assert numbers(publish(make_question())) == [(1, True)]


def test_publishing_another_name_makes_no_version() -> None:
    question = make_question()
    question.name = "Tên khác"
    assert numbers(publish(question)) == [(1, True)]


def test_publishing_other_words_makes_the_next_version() -> None:
    question = make_question()
    question.prompt = "<p>Câu khác?</p>"
    question = publish(question)
    assert numbers(question) == [(1, False), (2, True)]
    assert question.versions.get(number=1).data["prompt"] != "<p>Câu khác?</p>"


def test_version_never_changes() -> None:
    version = make_question().current_version
    version.data = {}
    with pytest.raises(TypeError):
        version.save()


def test_one_version_is_current_whatever_code_does() -> None:
    question = make_question()
    second = QuestionVersion(
        question=question, number=2, type_key="x", data={}, created_at=timezone.now()
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        second.save()


def test_content_with_an_error_makes_no_version() -> None:
    question = make_question()
    first = question.current_version
    with_options(question, ("Đúng rồi", False), ("Sai một", False)).save()
    question = Question.objects.get(pk=question.pk)
    assert take_version(question=question, at=timezone.now()) == first
    assert numbers(question) == [(1, True)]


def test_unpublished_question_is_left_out_of_new_attempts_only() -> None:
    placed = make_placed(count=2)
    before = placed.begin()
    question = placed.quiz.slots.first().question
    question.unpublish()
    other = make_placed(placed.quiz)
    assert len(slots_of(before)) == 2
    assert len(slots_of(other.begin())) == 1
    publish(Question.objects.get(pk=question.pk))
    assert numbers(question) == [(1, True)]


def test_script_in_a_question_is_taken_out_when_it_is_saved() -> None:
    question = make_question(
        ("<p><b>Đậm</b><script>alert(1)</script></p>", True),
        ("a < b", False),
        ("Không", False),
        prompt="<p>Hỏi<script>alert(1)</script><img src=x onerror=alert(1)></p>",
    )
    version = question.current_version
    assert question.prompt == "<p>Hỏi</p>"
    assert version.data["prompt"] == "<p>Hỏi</p>"
    # What does not begin with an element was typed as plain text and is shown as it was typed.
    texts = [each["text"] for each in version.data["options"]]
    assert texts == ["<b>Đậm</b>", "a &lt; b", "Không"]


def test_publishing_a_quiz_publishes_its_new_questions_and_no_other() -> None:
    new = make_question(publish=False)
    old = make_question()
    old.prompt = "<p>Bản nháp</p>"
    old.save_revision()
    make_quiz(new, old)
    assert numbers(new) == [(1, True)]
    assert numbers(old) == [(1, True)]
    assert Question.objects.get(pk=new.pk).live
