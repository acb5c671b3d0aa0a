"""A quiz rests on what its questions rest on: found with it when the law changes."""

from __future__ import annotations

from django.db import transaction

from modules.content.models import LegalReference
from quizzes.models import Question, Quiz


@transaction.atomic
def cite_for_questions(*, quiz: Quiz) -> None:
    """Let the published `quiz` cite its author's references and those of its published questions.

    The author's are read from what was published, so that a reference which a question drops is
    dropped here too. Drafts stay as their authors left them.
    """
    published = quiz.live_revision
    own = set(published.content.get("references") or []) if published is not None else set()
    asked = Question.objects.filter(slots__quiz=quiz, live=True)
    of_questions = LegalReference.objects.filter(questions__in=asked).values_list("pk", flat=True)
    wanted = own | set(of_questions)
    through = Quiz.references.through
    rows = through.objects.filter(activity_id=quiz.pk)
    stored = set(rows.values_list("legalreference_id", flat=True))
    rows.filter(legalreference_id__in=stored - wanted).delete()
    missing = LegalReference.objects.filter(pk__in=wanted - stored).values_list("pk", flat=True)
    through.objects.bulk_create(
        through(activity_id=quiz.pk, legalreference_id=pk) for pk in missing
    )


def cite_for_quizzes_asking(*, question: Question) -> None:
    """As above, for every published quiz that asks `question`."""
    for quiz in Quiz.objects.filter(slots__question=question, live=True).distinct():
        cite_for_questions(quiz=quiz)
