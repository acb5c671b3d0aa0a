"""Publishing a question makes a version; taking it back ends the version in use."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from quizzes.models import Question, QuestionVersion, Quiz


@transaction.atomic
def take_version(
    *, question: Question, at: dt.datetime, by_id: int | None = None
) -> QuestionVersion | None:
    """The version that says what `question` says: the current one, or a new one.

    What has errors makes no version: learners keep meeting the one before. None where there is
    none.
    """
    # Two authors may publish at the same instant: number and currency are decided one by one.
    Question.objects.select_for_update().only("pk").get(pk=question.pk)
    last = QuestionVersion.objects.filter(question=question).order_by("-number").first()
    data = question.content()
    if last is not None and (last.type_key, last.data) == (question.type_key, data):
        if last.superseded_at is not None:
            question.versions.filter(pk=last.pk).update(superseded_at=None)
            last.superseded_at = None
        return last
    if any(problem.is_error for problem in question.problems()):
        return last if last is not None and last.superseded_at is None else None
    question.versions.current().update(superseded_at=at)
    return QuestionVersion.objects.create(
        question=question,
        number=1 if last is None else last.number + 1,
        type_key=question.type_key,
        data=data,
        created_by_id=by_id,
        created_at=at,
    )


def withdraw(*, question: Question, at: dt.datetime) -> None:
    """New attempts no longer get this question; attempts that have it keep it."""
    question.versions.current().update(superseded_at=at)


def publish_new_questions(*, quiz: Quiz) -> None:
    """Publish the questions of `quiz` that never were: who approves a quiz approves them too.

    Later edits of a question go through a review of their own.
    """
    new = Question.objects.filter(slots__quiz=quiz, live=False, first_published_at=None)
    for question in new.distinct():
        revision = question.latest_revision or question.save_revision(clean=False)
        revision.publish()
