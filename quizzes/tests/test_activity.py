"""The quiz as its type describes it: problems, summary, starting, marking."""

from __future__ import annotations

import pytest
from django.utils import translation

from lms.learning import api
from lms.learning.models import ActivityProgress, Attempt
from lms.learning.services.attempting import grade_later
from lms.plugins.contracts import Trait
from modules.content.models import Activity
from quizzes.activity import QuizType
from quizzes.models import Question, Quiz, QuizSlot, Response, Sitting
from quizzes.tests.factories import (
    answers,
    keys,
    make_placed,
    make_question,
    make_quiz,
    slots_of,
)

pytestmark = pytest.mark.django_db


def errors(quiz: Quiz) -> list[str]:
    return [str(each.message) for each in QuizType().problems(quiz) if each.is_error]


def test_type_is_registered_and_plays_on_a_page_of_its_own() -> None:
    quiz = make_quiz()
    assert isinstance(Activity.objects.get(pk=quiz.pk).activity_type, QuizType)
    assert Trait.FULL_PAGE in QuizType.traits
    assert quiz.rule.key == "passed"


def test_summary_takes_no_query(django_assert_num_queries) -> None:
    quiz = Quiz.objects.get(pk=make_quiz(count=5).pk)
    with translation.override("en"), django_assert_num_queries(0):
        assert str(QuizType().summary(quiz)) == "5 questions · pass from 60%"
    with translation.override("vi"):
        assert str(QuizType().summary(quiz)) == "5 câu hỏi · đạt từ 60%"


def test_question_count_follows_the_slots() -> None:
    quiz = make_quiz(count=2)
    quiz.slots.add(QuizSlot(question=make_question(), sort_order=9))
    quiz.save_revision().publish()
    assert Quiz.objects.get(pk=quiz.pk).question_count == 3


def test_problems_of_a_sound_quiz_are_none() -> None:
    assert errors(make_quiz()) == []


def test_quiz_without_questions_is_an_error() -> None:
    quiz = make_quiz()
    quiz.slots.set([])
    with translation.override("en"):
        assert errors(quiz) == ["The quiz has no questions."]


def test_quiz_that_asks_a_question_twice_is_an_error() -> None:
    question = make_question(code="hai-lan")
    with translation.override("en"):
        assert errors(make_quiz(question, question)) == ["Question hai-lan is in the quiz twice."]


def test_quiz_with_a_withdrawn_question_is_an_error() -> None:
    question = make_question(code="da-rut")
    quiz = make_quiz(question)
    question.unpublish()
    with translation.override("en"):
        assert errors(quiz) == [
            "Question da-rut: it was taken offline; publish it again or take it out."
        ]


def test_quiz_with_a_faulty_new_question_is_an_error() -> None:
    question = make_question(("Một", False), ("Hai", False), code="khong-khoa", publish=False)
    quiz = make_quiz(question, publish=False)
    with translation.override("en"):
        assert errors(quiz) == ["Question khong-khoa: No option is marked as right."]


def test_start_fixes_versions_points_and_order() -> None:
    placed = make_placed(count=3, pass_mark=70)
    attempt = placed.begin()
    sitting = Sitting.objects.get(attempt=attempt)
    before = [(slot.version_id, slot.arrangement) for slot in slots_of(attempt)]
    question = Question.objects.get(pk=placed.quiz.slots.first().question_id)
    question.prompt = "<p>Sửa sau khi đã bắt đầu?</p>"
    question.save_revision().publish()
    placed.quiz.pass_mark = 10
    placed.quiz.save_revision().publish()
    assert [(slot.version_id, slot.arrangement) for slot in slots_of(attempt)] == before
    assert sitting.pass_mark == 70


def test_start_of_a_quiz_without_published_questions_says_so(settings) -> None:
    settings.LMS_PLUGINS_STRICT = False
    placed = make_placed(count=1)
    placed.quiz.slots.first().question.unpublish()
    with pytest.raises(api.CannotOpen):
        placed.begin()
    assert Attempt.objects.count() == 0
    assert Sitting.objects.count() == 0


def test_options_are_shuffled_only_where_the_author_wants_it() -> None:
    question = make_question(*((f"Phương án {n}", n == 0) for n in range(12)))
    wanted = [option["key"] for option in question.current_version.data["options"]]
    still = slots_of(make_placed(make_quiz(question, shuffle_options=False)).begin())
    mixed = slots_of(make_placed(make_quiz(question, shuffle_options=True)).begin())
    assert still[0].arrangement == {"order": wanted}
    assert mixed[0].arrangement["order"] != wanted  # one chance in 12! of a false alarm
    assert sorted(mixed[0].arrangement["order"]) == sorted(wanted)


def test_attempts_are_limited_by_the_quiz() -> None:
    placed = make_placed(count=1, max_attempts=1)
    api.submit(attempt=placed.begin(), activity=placed.quiz, response={})
    with pytest.raises(api.CannotOpen):
        placed.begin()


def test_handing_in_right_answers_passes_and_completes() -> None:
    placed = make_placed(count=3)
    attempt = placed.begin()
    attempt = api.submit(
        attempt=attempt, activity=placed.quiz, response=answers(attempt, right=True)
    )
    assert (attempt.state, attempt.raw, attempt.maximum, attempt.passed) == ("graded", 3, 3, True)
    progress = ActivityProgress.objects.get(activity_key=placed.quiz.translation_key)
    assert progress.completed_at is not None


def test_handing_in_nothing_earns_nothing() -> None:
    placed = make_placed(count=3)
    attempt = placed.begin()
    attempt = api.submit(attempt=attempt, activity=placed.quiz, response={})
    assert (attempt.state, attempt.raw, attempt.maximum, attempt.passed) == ("graded", 0, 3, False)
    assert list(Response.objects.values_list("answer", "fraction")) == [(None, 0.0)] * 3


def test_points_weigh_the_questions() -> None:
    quiz = make_quiz(count=2, publish=False)
    first = quiz.slots.first()
    first.points = 3
    quiz.slots.set([first, quiz.slots.last()])
    quiz.save_revision().publish()
    placed = make_placed(Quiz.objects.get(pk=quiz.pk))
    attempt = placed.begin()
    slots = slots_of(attempt)
    response = {f"a{slots[0].position}": keys(slots[0], right=True)}
    attempt = api.submit(attempt=attempt, activity=placed.quiz, response=response)
    assert (attempt.raw, attempt.maximum, attempt.passed) == (3, 4, True)


def test_pass_mark_is_not_missed_by_rounding() -> None:
    # Three thirds of a multiple choice: 1/3 + 1/3 + 1/3 in floating point.
    options = (("A", True), ("B", True), ("C", True), ("D", False))
    quiz = make_quiz(
        *(make_question(*options, kind="multiple_choice") for _ in range(3)), pass_mark=33
    )
    placed = make_placed(quiz)
    attempt = placed.begin()
    response = {f"a{slot.position}": keys(slot, right=True)[:1] for slot in slots_of(attempt)}
    attempt = api.submit(attempt=attempt, activity=placed.quiz, response=response)
    assert attempt.percent == 33
    assert attempt.passed is True


def test_answer_saved_before_counts_when_the_form_says_nothing() -> None:
    placed = make_placed(count=1)
    attempt = placed.begin()
    slot = slots_of(attempt)[0]
    Response.objects.create(
        slot=slot, answer={"options": keys(slot, right=True)}, saved_at=attempt.started_at
    )
    attempt = api.submit(attempt=attempt, activity=placed.quiz, response={})
    assert attempt.passed is True


def test_old_tab_does_not_undo_a_newer_answer() -> None:
    placed = make_placed(count=1)
    attempt = placed.begin()
    slot = slots_of(attempt)[0]
    Response.objects.create(
        slot=slot, answer={"options": keys(slot, right=True)}, saved_at=attempt.started_at
    )
    # The tab was opened before there was an answer: w1 is the mark of none, and it says none.
    attempt = api.submit(attempt=attempt, activity=placed.quiz, response={"w1": [""]})
    assert attempt.passed is True


def test_missing_kind_of_question_keeps_what_was_handed_in(settings) -> None:
    settings.LMS_PLUGINS_STRICT = False
    placed = make_placed(count=2)
    attempt = placed.begin()
    slot = slots_of(attempt)[0]
    type(slot.version).objects.filter(pk=slot.version_id).update(type_key="gone.kind")
    response = answers(attempt, right=True)
    attempt = api.submit(attempt=attempt, activity=placed.quiz, response=response)
    assert attempt.state == "submitted"
    assert attempt.grading_due is not None
    assert Attempt.objects.get().response == response
    assert Response.objects.count() == 0
    type(slot.version).objects.filter(pk=slot.version_id).update(type_key="single_choice")

    assert grade_later(attempt=Attempt.objects.get()).passed is True


@pytest.mark.parametrize("count", [5, 20])
def test_start_takes_the_same_statements_for_any_length(
    count: int, django_assert_num_queries
) -> None:
    placed = make_placed(count=count)
    sitting_of = QuizType()
    attempt = Attempt.objects.create(
        enrolment=placed.enrolment,
        activity=placed.quiz,
        activity_key=placed.quiz.translation_key,
        number=1,
        started_at=placed.enrolment.enrolled_at,
    )
    with django_assert_num_queries(6):  # two reads, two inserts, and the savepoint around them
        sitting_of.start(placed.quiz, attempt)


@pytest.mark.parametrize("count", [5, 20])
def test_marking_takes_the_same_statements_for_any_length(
    count: int, django_assert_num_queries
) -> None:
    placed = make_placed(count=count)
    attempt = placed.begin()
    response = answers(attempt, right=True)
    with django_assert_num_queries(2):
        QuizType().grade(placed.quiz, attempt, response)
