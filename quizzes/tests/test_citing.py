"""A quiz cites what its questions rest on."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from modules.content.queries import lessons_citing_out_of_force
from modules.content.tests.factories import make_course, make_lesson, make_reference
from quizzes.models import Question, Quiz
from quizzes.tests.factories import make_question, make_quiz

pytestmark = pytest.mark.django_db


def codes_of(quiz: Quiz) -> list[str]:
    """The references that the published quiz cites, as the platform finds them."""
    return sorted(Quiz.objects.get(pk=quiz.pk).references.values_list("code", flat=True))


def republish(draft: Any) -> None:
    draft.save_revision().publish()


def test_quiz_cites_what_its_questions_rest_on() -> None:
    make_reference(code="luat-khong-dung")
    first, second = make_reference(code="luat-1"), make_reference(code="luat-2")
    questions = make_question(references=[first]), make_question(references=[first, second])
    assert codes_of(make_quiz(*questions)) == ["luat-1", "luat-2"]


def test_quiz_cites_what_a_question_rests_on_since_it_was_published_again() -> None:
    before, after = make_reference(code="luat-cu"), make_reference(code="luat-moi")
    own = make_reference(code="luat-rieng")
    question = make_question(references=[before])
    quiz = make_quiz(question)
    quiz.references = [own]
    republish(quiz)
    question = Question.objects.get(pk=question.pk)
    question.references = [after]
    draft = question.save_revision()
    assert codes_of(quiz) == ["luat-cu", "luat-rieng"]
    draft.publish()
    assert codes_of(quiz) == ["luat-moi", "luat-rieng"]
    republish(Quiz.objects.get(pk=quiz.pk).get_latest_revision_as_object())
    assert codes_of(quiz) == ["luat-moi", "luat-rieng"]


def test_draft_of_a_quiz_cites_nothing_for_its_questions() -> None:
    question = make_question(references=[make_reference(code="luat-1")])
    assert codes_of(make_quiz(question, publish=False)) == []


def test_quiz_forgets_what_a_question_rested_on_that_was_taken_offline() -> None:
    question = make_question(references=[make_reference(code="luat-1")])
    quiz = make_quiz(question, make_question())
    question.unpublish()
    assert codes_of(quiz) == []


def test_lesson_is_found_when_the_law_under_a_question_of_its_quiz_ends() -> None:
    reference = make_reference(code="luat-het", valid_to=dt.date(2025, 1, 1))
    quiz = make_quiz(make_question(references=[reference]))
    lesson = make_lesson(make_course(lessons=0), quiz)
    found = lessons_citing_out_of_force(dt.date(2026, 1, 1))
    assert list(found) == [lesson]
