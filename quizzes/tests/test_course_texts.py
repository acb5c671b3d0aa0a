"""The questions of the courses that come with the platform, as their kinds see them."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings

from lms.learning import api
from lms.learning.models import Enrolment
from lms.people.tests.factories import PersonFactory
from lms.plugins.config import registries
from modules.content.curriculum.loader import load_curriculum
from modules.content.models import CoursePage
from quizzes.contracts import question_type
from quizzes.demo import take
from quizzes.faults import content_problems
from quizzes.models import Question, QuestionVersion, Quiz
from quizzes.tests.factories import slots_of

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.one_engine,
    pytest.mark.skipif(
        registries.activity_types.get("task.task") is None,
        reason="a plugin of the first course is switched off",
    ),
]


@pytest.fixture
def versions() -> dict[str, QuestionVersion]:
    """The current versions of all questions by their codes; the courses are loaded."""
    load_curriculum(root=Path(settings.BASE_DIR) / "modules" / "curriculum")
    current = QuestionVersion.objects.current().select_related("question")
    found = {each.question.code: each for each in current}
    assert len(found) == 20
    return found


def enrolled() -> Enrolment:
    course = CoursePage.objects.get(locale__language_code="vi")
    return api.enrol(
        person=PersonFactory(), course_key=course.translation_key, invited=True, source="import"
    )


def test_every_question_is_sound_and_can_be_answered_rightly(
    versions: dict[str, QuestionVersion],
) -> None:
    for code, version in versions.items():
        kind = question_type(version.type_key)
        problems = content_problems(version.type_key, version.data)
        assert [str(each.message) for each in problems] == [], code
        assert not kind.marked_by_person, code
        solution = kind.solution(version.data)
        assert solution is not None, code
        assert kind.is_complete(version.data, solution), code
        assert kind.score(version.data, solution) == 1.0, code

    votes = {
        text: question_type("numeric").score(versions["1.2-q1"].data, {"text": text})
        for text in ("14", "14 phiếu", "14 người", "11", "13", "13,5", "18", "21")
    }
    assert [text for text, fraction in votes.items() if fraction] == ["14", "14 phiếu", "14 người"]

    minutes = versions["1.2-q5"].data
    first = minutes["gaps"][0]["key"]
    named = {
        text: question_type("gaps").score(minutes, {"gaps": {first: text}})
        for text in ("cách kiểm", "Cách kiểm tra.", "cach kiem", "kiểm tra", "hạn", "người")
    }
    assert [text for text, fraction in named.items() if not fraction] == ["hạn", "người"]


def test_question_in_another_form_is_a_new_version_and_open_attempts_keep_theirs(
    versions: dict[str, QuestionVersion],
) -> None:
    question = Question.objects.get(code="1.2-q3")
    quiz = Quiz.objects.get(slots__question=question)
    first = api.start(enrolment=enrolled(), activity=quiz)
    options = [
        {"text": text, "correct": text == "Mở", "feedback": "Vì …"} for text in ("Mở", "Bàn")
    ]
    question.write("single_choice", {"options": options})
    question.save_revision().publish()
    kinds = question.versions.order_by("number").values_list("type_key", flat=True)
    assert list(kinds) == ["ordering", "single_choice"]
    second = api.start(enrolment=enrolled(), activity=quiz)
    asked = [
        next(each.version for each in slots_of(attempt) if each.version.question_id == question.pk)
        for attempt in (first, second)
    ]
    assert [each.type_key for each in asked] == ["ordering", "single_choice"]


def test_demo_learners_pass_and_fail_the_quizzes(versions: dict[str, QuestionVersion]) -> None:
    enrolment = enrolled()
    for quiz in Quiz.objects.all():
        for right in (False, True):
            attempt = take(enrolment=enrolment, activity=quiz, right=right)
            assert attempt is not None
            assert attempt.grade is not None
            assert attempt.grade.passed is right, quiz.title
            assert attempt.grade.percent == (100 if right else 20), quiz.title
