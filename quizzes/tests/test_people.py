from __future__ import annotations

import pytest
from django.test import RequestFactory

from lms.learning import api
from lms.people.tests.factories import PersonFactory
from quizzes.activity import QuizType
from quizzes.models import Response, Sitting
from quizzes.panels import UnfinishedQuizzes
from quizzes.tests.factories import answers, make_placed, make_question, make_quiz

pytestmark = pytest.mark.django_db


def test_personal_data_gives_questions_and_answers_in_words() -> None:
    placed = make_placed(make_quiz(make_question(prompt="<p>Ai <b>ký</b>?</p>"), title="Bài một"))
    attempt = placed.begin()
    api.submit(attempt=attempt, activity=placed.quiz, response=answers(attempt, right=True))
    (piece,) = QuizType().personal_data(placed.user.person)
    assert "Bài một" in str(piece.label)
    assert [(each["question"], each["answer"], each["fraction"]) for each in piece.data] == [
        ("Ai ký?", "Đúng rồi", 1.0)
    ]


def test_forget_takes_the_answers_of_that_person_only() -> None:
    quiz = make_quiz()
    one, other = make_placed(quiz), make_placed(quiz)
    for placed in (one, other):
        attempt = placed.begin()
        api.submit(attempt=attempt, activity=quiz, response=answers(attempt, right=True))
    QuizType().forget(one.user.person)
    assert list(QuizType().personal_data(one.user.person)) == []
    assert Sitting.objects.get().attempt.enrolment == other.enrolment
    assert Response.objects.count() == 3


def test_panel_names_what_was_begun_and_not_handed_in(django_assert_num_queries) -> None:
    placed = make_placed(make_quiz(title="Bài dở dang"))
    request = RequestFactory().get("/")
    person = placed.user.person
    assert UnfinishedQuizzes().panels(person, request) == []
    attempt = placed.begin()
    with django_assert_num_queries(1):
        (panel,) = UnfinishedQuizzes().panels(person, request)
    assert "Bài dở dang" in panel.body
    assert placed.url in panel.body
    assert UnfinishedQuizzes().panels(PersonFactory(), request) == []
    api.submit(attempt=attempt, activity=placed.quiz, response={})
    assert UnfinishedQuizzes().panels(person, request) == []
