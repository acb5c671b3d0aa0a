"""Marking an attempt when it is handed in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.utils.translation import gettext_lazy

from lms.plugins.contracts import Grade, Pending
from lms.plugins.guard import PluginFailure
from lms.plugins.prepared import Prepared
from quizzes.contracts import Fields, QuestionType, Try, question_type
from quizzes.models import Response, SittingSlot
from quizzes.services.answering import NoSuchSitting, copy_of, fraction_of, news_of, write
from quizzes.tries import behaviour_of, response_of, tries_of, tuning_of

_OF_ATTEMPT: Prepared[SittingSlot] = Prepared(
    lambda attempt_id: SittingSlot.objects.filter(sitting__attempt_id=attempt_id).select_related(
        "sitting", "version", "response"
    ),
    int,
)


def mark(*, attempt_id: int, fields: Fields, at: dt.datetime) -> Grade | Pending:
    """Save what the form says that is new and mark every answer: two statements.

    Call it under the lock on the enrolment, as the platform does when something is handed in.
    What was not answered earns nothing. Pending where a person must mark an answer first. Raises
    UnknownQuestionType while the app of a question's kind is missing, NoSuchSitting where nothing
    was started.
    """
    slots = _OF_ATTEMPT(attempt_id)
    if not slots:
        raise NoSuchSitting
    kinds = {slot.pk: question_type(slot.version.type_key) for slot in slots}
    news = news_of(slots, fields, at)
    marked = []
    for slot in slots:
        last = news.get(slot.pk) or response_of(slot) or Response(slot=slot, saved_at=at)
        row = copy_of(slot, last)
        row.fraction = _earned(slot, kinds[slot.pk], last)
        marked.append(row)
    write(marked)
    if any(row.fraction is None for row in marked):
        return Pending(gettext_lazy("A person marks some of the answers."))
    return grade_of(slots, marked)


def grade_of(slots: Sequence[SittingSlot], responses: Sequence[Response]) -> Grade:
    """The grade of an attempt all of whose answers are marked.

    A behaviour may take credit away for a wrong answer; the whole is never below 0.
    """
    raw = maximum = 0.0
    answered = right = 0
    for slot, response in zip(slots, responses, strict=True):
        fraction = response.fraction or 0.0
        raw += float(slot.points) * fraction
        maximum += float(slot.points)
        answered += response.answer is not None
        right += fraction >= 1.0
    raw = max(0.0, raw)
    return Grade(
        raw=raw,
        maximum=maximum,
        # 3 × ⅓ is a hair less than 1: nobody shall fail by that.
        passed=100 * raw / maximum + 1e-9 >= slots[0].sitting.pass_mark,
        parts={"questions": len(slots), "answered": answered, "right": right},
    )


def _earned(slot: SittingSlot, kind: QuestionType, row: Response) -> float | None:
    """What the question earns at the end; None where a person must say so."""
    behaviour = behaviour_of(slot)
    last = None
    if row.answer is not None:
        by_person = kind.marked_by_person
        try:
            fraction = 0.0 if by_person else fraction_of(kind, slot.version.data, row.answer)
        except PluginFailure:  # it is in the log; a person marks what the kind cannot
            return None
        last = Try(row.answer, fraction, row.extra)
    earned = behaviour.mark(tries_of(row), last, tuning_of(slot)).fraction
    return None if earned is None else max(behaviour.lowest, min(1.0, earned))
