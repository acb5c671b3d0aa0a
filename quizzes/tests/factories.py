"""Questions, quizzes and learners who take them, for tests."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wagtail.models import Locale

from lms.learning import api
from lms.learning.models import Attempt, Enrolment
from lms.people.models import User
from lms.people.tests.factories import UserFactory
from modules.content.models import CoursePage, LessonPage
from modules.content.tests.factories import make_course, make_lesson
from quizzes.models import Question, Quiz, QuizSlot, SittingSlot

_numbers = itertools.count(1)

# (text, whether it is right)
SINGLE = (("Đúng rồi", True), ("Sai một", False), ("Sai hai", False))
MULTIPLE = (("Phải A", True), ("Phải B", True), ("Trái C", False), ("Trái D", False))
EITHER = (("Đúng", True), ("Sai", False))


def option(text: str, right: bool) -> dict[str, Any]:
    """An option as one would write it down."""
    return {"text": text, "correct": right, "feedback": f"<p>KEYFEEDBACK {text}</p>"}


def make_question(
    *options: tuple[str, bool],
    kind: str = "single_choice",
    publish: bool = True,
    references: Any = (),
    written: Mapping[str, Any] | None = None,
    **fields: Any,
) -> Question:
    """A question of the bank; published, and so with a version, unless told otherwise.

    Every option has feedback that names it: "KEYFEEDBACK <text>". `written`: the kind's own part
    where it has no options.
    """
    n = next(_numbers)
    defaults = {
        "code": f"cau-{n}",
        "prompt": f"<p>Câu hỏi số {n}?</p>",
        "explanation": f"<p>KEYEXPLANATION {n}</p>",
    }
    question = Question(live=False, **{**defaults, **fields})
    chosen = options or {"multiple_choice": MULTIPLE, "true_false": EITHER}.get(kind, SINGLE)
    question.write(kind, written or {"options": [option(*each) for each in chosen]})
    question.references = list(references)
    question.save()
    revision = question.save_revision()
    if publish:
        revision.publish()
    return Question.objects.get(pk=question.pk)


def make_quiz(*questions: Question, count: int = 3, publish: bool = True, **fields: Any) -> Quiz:
    """A quiz of these questions, or of `count` new single choices; published."""
    locale = fields.pop("locale", None) or Locale.objects.get_or_create(language_code="vi")[0]
    asked = questions or tuple(make_question() for _ in range(count))
    defaults = {"title": f"Bài kiểm tra {next(_numbers)}", "type_key": "quizzes.quiz"}
    quiz = Quiz(locale=locale, live=False, **{**defaults, **fields})
    quiz.slots = [QuizSlot(question=each, sort_order=at) for at, each in enumerate(asked)]
    quiz.save()
    revision = quiz.save_revision()
    if publish:
        revision.publish()
    return Quiz.objects.get(pk=quiz.pk)


def with_options(question: Question, *options: tuple[str, bool]) -> Question:
    """`question` with other options, unsaved; those with the same text keep their keys."""
    question.write(question.type_key, {"options": [option(*each) for each in options]})
    return question


@dataclass
class Placed:
    """A quiz in a lesson, and a learner who takes the course."""

    quiz: Quiz
    course: CoursePage
    lesson: LessonPage
    user: User
    enrolment: Enrolment

    @property
    def url(self) -> str:
        return f"/learn/activities/{self.quiz.uuid}/"

    def begin(self) -> Attempt:
        """The learner's open attempt."""
        return api.start(enrolment=self.enrolment, activity=self.quiz)


def make_placed(quiz: Quiz | None = None, **fields: Any) -> Placed:
    """A course with one lesson that holds `quiz`, and a learner enrolled in it."""
    quiz = quiz or make_quiz(**fields)
    course = make_course(modules=1, lessons=0)
    lesson = make_lesson(course, quiz)
    user = UserFactory()
    enrolment = api.enrol(person=user.person, course_key=course.translation_key)
    return Placed(quiz, course, lesson, user, enrolment)


def slots_of(attempt: Attempt) -> list[SittingSlot]:
    """What the attempt asks, in order."""
    return list(
        SittingSlot.objects.filter(sitting__attempt=attempt)
        .select_related("version")
        .order_by("position")
    )


def keys(slot: SittingSlot, *, right: bool) -> list[str]:
    """The keys of the options of `slot` that are right, or that are wrong."""
    return [each["key"] for each in slot.version.data["options"] if each["correct"] is right]


def answers(attempt: Attempt, *, right: bool) -> dict[str, list[str]]:
    """A form in which every question is answered rightly, or by its first wrong option."""
    return {
        f"a{slot.position}": keys(slot, right=True) if right else keys(slot, right=False)[:1]
        for slot in slots_of(attempt)
    }


def save_url(attempt: Attempt, position: int | None = None) -> str:
    """Where answers of the attempt are saved: one, or the whole form."""
    whole = f"/x/quizzes/attempts/{attempt.uuid}/answers/"
    return whole if position is None else f"{whole}{position}/"
