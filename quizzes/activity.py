"""The quiz as an activity type."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar

from django.forms import Media
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from lms.plugins.contracts import (
    ActivityType,
    ArchiveReader,
    ArchiveWriter,
    CompletionRule,
    Grade,
    Json,
    Mode,
    Pending,
    PersonalData,
    Problem,
    Trait,
    Visit,
)
from quizzes import delivery
from quizzes.answers import fields_of
from quizzes.faults import content_problems
from quizzes.models import Question, Quiz
from quizzes.people import answers_of, forget_answers_of
from quizzes.rules import COMPLETION_RULES
from quizzes.services.marking import mark
from quizzes.services.sittings import open_sitting
from quizzes.transfer import VERSION, dump_quiz, load_quiz

if TYPE_CHECKING:
    from lms.learning.models import Attempt
    from lms.people.models import Person


class QuizType(ActivityType):
    """Questions of the bank, answered one by one, marked when handed in."""

    key = "quizzes.quiz"
    model = Quiz
    label = gettext_lazy("Quiz")
    description = gettext_lazy("Questions with feedback and a pass mark.")
    icon = "quiz"
    traits = frozenset({Trait.GRADED, Trait.RESUMABLE, Trait.FULL_PAGE, Trait.PRINTABLE})
    completion_rules: ClassVar[tuple[CompletionRule, ...]] = COMPLETION_RULES
    template_name = "quizzes/quiz.html"
    media = Media(js=["quizzes/quiz.js"])
    xapi_type = "http://adlnet.gov/expapi/activities/assessment"
    schema_version = VERSION

    def problems(self, activity: Quiz) -> Iterator[Problem]:
        """What keeps the quiz from being asked, question by question."""
        slots = list(activity.slots.all())
        if not slots:
            yield Problem(_("The quiz has no questions."), field="slots")
        questions = Question.objects.in_bulk([slot.question_id for slot in slots])
        counts = Counter(slot.question_id for slot in slots)
        for pk, count in counts.items():
            if count > 1:
                yield Problem(
                    _("Question %(code)s is in the quiz twice.") % {"code": questions[pk].code},
                    field="slots",
                )
        for pk in counts:
            for problem in self._question_problems(questions[pk]):
                message = _("Question %(code)s: %(problem)s") % {
                    "code": questions[pk].code,
                    "problem": problem.message,
                }
                yield Problem(message, problem.is_error, "slots")

    def _question_problems(self, question: Question) -> Iterable[Problem]:
        version = question.current_version
        if version is not None:
            return content_problems(version.type_key, version.data)
        if question.first_published_at is not None:
            return [Problem(_("it was taken offline; publish it again or take it out."))]
        # Never published: it goes out together with the quiz, as its newest draft says.
        draft: Question = question.get_latest_revision_as_object()
        return draft.problems()

    def summary(self, activity: Quiz) -> str:
        """How many questions, and what is needed to pass. No query."""
        count = activity.question_count
        questions = ngettext("%(count)d question", "%(count)d questions", count) % {"count": count}
        if not activity.pass_mark:
            return questions
        return _("%(questions)s · pass from %(percent)d%%") % {
            "questions": questions,
            "percent": activity.pass_mark,
        }

    def get_context(self, activity: Quiz, visit: Visit) -> dict[str, Any]:
        """What the page of the quiz shows in its present state."""
        attempt = visit.attempt
        left = delivery.attempts_left(activity, visit)
        context: dict[str, Any] = {
            "phase": "intro",
            "attempts_left": left,
            "can_start": visit.enrolment is not None and left != 0 and not visit.is_open,
            "is_preview": visit.mode is Mode.PREVIEW,
            "is_print": visit.mode is Mode.PRINT,
        }
        if attempt is None:
            if visit.mode in (Mode.PREVIEW, Mode.PRINT):
                context |= {"phase": "preview", "questions": delivery.previewed(activity)}
        elif attempt.is_open:
            questions = delivery.asked(attempt.pk)
            context |= {
                "phase": "open",
                "questions": questions,
                "scripts": list(dict.fromkeys(name for each in questions for name in each.scripts)),
                "unanswered": sum(not each.is_answered for each in questions),
            }
        elif attempt.grade is None:
            context["phase"] = "waiting"
        else:
            questions, pass_mark = delivery.reviewed(attempt.pk)
            context |= {
                "phase": "result",
                "questions": questions,
                "pass_mark": pass_mark,
                "percent": attempt.grade.percent,
            }
        return context

    def attempts_allowed(self, activity: Quiz) -> int:
        """What the author chose; 0 means no limit."""
        return activity.max_attempts

    def start(self, activity: Quiz, attempt: Attempt) -> None:
        """Fix the questions of this attempt."""
        open_sitting(quiz=activity, attempt_id=attempt.pk)

    def grade(self, activity: Quiz, attempt: Attempt, response: Json) -> Grade | Pending:
        """Take the answers that came along, then mark all that are there."""
        return mark(attempt_id=attempt.pk, fields=fields_of(response), at=timezone.now())

    def fraction(self, activity: Quiz, attempt: Attempt) -> float | None:
        """The share of questions that have an answer."""
        questions = delivery.asked(attempt.pk)
        if not questions:
            return None
        return sum(each.is_answered for each in questions) / len(questions)

    def dump(self, activity: Quiz, files: ArchiveWriter) -> Json:
        """The quiz with its questions as its author sees them."""
        return dump_quiz(activity)

    def load(
        self, data: Json, files: ArchiveReader, *, version: int, into: Quiz | None = None
    ) -> Quiz:
        """The quiz that `data` describes, unsaved; its questions are saved and published."""
        return load_quiz(data, version=version, into=into)

    def personal_data(self, person: Person) -> Iterable[PersonalData]:
        """The person's answers, quiz by quiz."""
        return answers_of(person)

    def forget(self, person: Person) -> None:
        """Delete the person's answers."""
        forget_answers_of(person)
