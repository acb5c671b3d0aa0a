"""Saving answers while an attempt is open, and having single ones checked.

Every write happens under the lock on the enrolment that the platform takes for handing in, so an
answer is either saved before and counts, or is refused and says so.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from lms.learning.api import AttemptClosed
from lms.plugins.contracts import Json
from lms.plugins.errors import DomainError
from lms.plugins.guard import PluginFailure, guard
from lms.plugins.prepared import Prepared
from quizzes.answers import BESIDE, fields_at, mark_of, says_something_new
from quizzes.contracts import (
    Fields,
    QuestionType,
    UnknownQuestionType,
    question_type,
    question_types,
)
from quizzes.models import Response, Sitting, SittingSlot
from quizzes.tries import behaviour_of, response_of, stage_of, tries_of


class NoSuchSitting(DomainError):
    """There is no such attempt, or it is another person's."""

    def __init__(self) -> None:
        super().__init__(_("This quiz attempt was not found."))


class ChangedElsewhere(DomainError):
    """Another tab or device has saved an answer that this page did not know of."""

    def __init__(self, sequence: int) -> None:
        super().__init__(_("This question was answered on another page. Reload to see it."))
        self.sequence = sequence


class QuestionClosed(DomainError):
    """The question was checked for the last time: its answer stands."""

    def __init__(self) -> None:
        super().__init__(_("This question has been checked; its answer stands."))


@dataclass(frozen=True)
class Receipt:
    """An answer is on the server."""

    saved_at: dt.datetime
    sequence: int
    mark: str


@transaction.atomic
def save_answer(
    *,
    person_id: int | None,
    attempt_uuid: uuid.UUID,
    position: int,
    fields: Fields,
    at: dt.datetime,
    key: uuid.UUID | None = None,
    base: int | None = None,
) -> Receipt:
    """Save the answer to one question. The same `key` again changes nothing.

    `base`: the sequence that the page knew. Raises ChangedElsewhere when it is behind, then
    nothing is written; QuestionClosed after its last check; AttemptClosed after handing in;
    NoSuchSitting.
    """
    slots = open_slots(person_id, attempt_uuid, position=position)
    if not slots:
        raise NoSuchSitting
    slot = slots[0]
    response = response_of(slot)
    if response is not None:
        if key is not None and response.save_key == key:
            return _receipt(response)
        if base is not None and base < response.sequence:
            raise ChangedElsewhere(response.sequence)
    kind = question_type(slot.version.type_key)
    if not stage_of(slot).is_open:
        raise QuestionClosed
    try:
        answer = _given(kind, slot, fields)
    except PluginFailure as failure:
        raise UnknownQuestionType(kind.key) from failure
    written = _next(slot, answer, _extra(slot, fields), at, key)
    write([written])
    return _receipt(written)


@transaction.atomic
def save_form(
    *, person_id: int | None, attempt_uuid: uuid.UUID, fields: Fields, at: dt.datetime
) -> int:
    """Save what a whole form says that is new; how many answers that were.

    Raises AttemptClosed after handing in; NoSuchSitting.
    """
    written = news_of(open_slots(person_id, attempt_uuid), fields, at)
    write(written.values())
    return len(written)


@transaction.atomic
def check_answer(
    *,
    person_id: int | None,
    attempt_uuid: uuid.UUID,
    position: int,
    fields: Fields,
    at: dt.datetime,
) -> bool:
    """Save what the form says that is new and have the answer at `position` checked: one try more.

    Sent twice it is one try: the same answer is not checked again. False where there is no answer
    to check or it was checked before. Raises AttemptClosed, NoSuchSitting, UnknownQuestionType.
    """
    slots = open_slots(person_id, attempt_uuid)
    slot = next((each for each in slots if each.position == position), None)
    if slot is None:
        raise NoSuchSitting
    kind = question_type(slot.version.type_key)
    written = news_of(slots, fields, at)
    now = written.get(slot.pk) or response_of(slot)
    behaviour = behaviour_of(slot)
    is_new = False
    if now is not None and now.answer is not None and behaviour.has_check:
        tries = tries_of(now)
        is_new = not tries or (tries[-1].answer, tries[-1].extra) != (now.answer, now.extra)
    if now is not None and is_new and stage_of(slot).is_open:
        try:
            fraction = fraction_of(kind, slot.version.data, now.answer)
        except PluginFailure as failure:
            raise UnknownQuestionType(kind.key) from failure
        tried = {
            "answer": now.answer,
            "fraction": fraction,
            "extra": now.extra,
            "at": at.isoformat(),
        }
        now = copy_of(slot, now)
        now.tries = [*now.tries, tried]
        written[slot.pk] = now
    write(written.values())
    return is_new


_HELD: Prepared[Sitting] = Prepared(
    lambda attempt_uuid, person_id: (
        Sitting.objects.filter(attempt__uuid=attempt_uuid, attempt__enrolment__person_id=person_id)
        .select_related("attempt__enrolment")
        .select_for_update(of=("attempt__enrolment",))
    ),
    uuid.UUID,
    int,
)
_SLOTS: Prepared[SittingSlot] = Prepared(
    lambda sitting_id: SittingSlot.objects.filter(sitting_id=sitting_id).select_related(
        "sitting__attempt", "version", "response"
    ),
    int,
)
_SLOT: Prepared[SittingSlot] = Prepared(
    lambda sitting_id, position: SittingSlot.objects.filter(
        sitting_id=sitting_id, position=position
    ).select_related("sitting__attempt", "version", "response"),
    int,
    int,
)
POSITIONS = 32_767  # what a position's column can hold


def open_slots(
    person_id: int | None, attempt_uuid: uuid.UUID, position: int | None = None
) -> list[SittingSlot]:
    """The slots of an open attempt, locked against handing in until the transaction ends."""
    if person_id is None:  # an account without a person
        raise NoSuchSitting
    if position is not None and position > POSITIONS:
        raise NoSuchSitting
    sitting = _HELD.first(attempt_uuid, person_id)
    if sitting is None:
        raise NoSuchSitting
    # Read after the lock was taken: what others wrote while we waited for it must be seen.
    slots = _SLOTS(sitting.pk) if position is None else _SLOT(sitting.pk, position)
    if any(not slot.sitting.attempt.is_open for slot in slots):
        raise AttemptClosed
    return slots


def news_of(slots: list[SittingSlot], fields: Fields, at: dt.datetime) -> dict[int, Response]:
    """Rows, not yet written, for what a form says that is new, by the id of the slot.

    Questions that are closed, and those whose kind is not installed now, are passed over.
    """
    found = {}
    for slot in slots:
        kind = question_types.get(slot.version.type_key)
        if kind is None:  # its answers cannot be read now; those of the others can
            continue
        try:
            given = _given(kind, slot, fields)
        except PluginFailure:  # it is in the log; what was saved before stays
            continue
        extra = _extra(slot, fields)
        is_news = says_something_new(fields, slot.position, given, extra)
        if is_news and stage_of(slot).is_open:
            found[slot.pk] = _next(slot, given, extra, at, None)
    return found


def _given(kind: QuestionType, slot: SittingSlot, fields: Fields) -> Json | None:
    with guard(kind.key, "parse", writes=False):
        return kind.parse(slot.version.data, fields_at(fields, slot.position))


def _extra(slot: SittingSlot, fields: Fields) -> Json:
    return behaviour_of(slot).parse(fields_at(fields, slot.position, BESIDE))


def _next(
    slot: SittingSlot, answer: Json | None, extra: Json, at: dt.datetime, key: uuid.UUID | None
) -> Response:
    before = response_of(slot)
    return Response(
        slot=slot,
        answer=answer,
        extra=extra,
        tries=[] if before is None else before.tries,
        sequence=1 if before is None else before.sequence + 1,
        save_key=key,
        saved_at=at,
    )


def copy_of(slot: SittingSlot, row: Response) -> Response:
    """`row` without its id, known or not: one upsert by slot writes all rows."""
    return Response(
        slot=slot,
        answer=row.answer,
        extra=row.extra,
        tries=row.tries,
        fraction=row.fraction,
        sequence=row.sequence,
        save_key=row.save_key,
        saved_at=row.saved_at,
    )


def write(responses: Iterable[Response]) -> None:
    """Write rows without an id, new ones and those that are known: one statement."""
    Response.objects.bulk_create(
        responses,
        update_conflicts=True,
        unique_fields=["slot"],
        update_fields=[
            *("answer", "extra", "tries", "fraction"),
            *("sequence", "save_key", "saved_at"),
        ],
    )


def fraction_of(kind: QuestionType, data: Json, answer: Json | None) -> float:
    """How right the answer is, 0 to 1, whatever the kind says. PluginFailure where it fails."""
    if answer is None:
        return 0.0
    with guard(kind.key, "score", writes=False):
        return max(0.0, min(1.0, float(kind.score(data, answer))))


def _receipt(response: Response) -> Receipt:
    return Receipt(response.saved_at, response.sequence, mark_of(response.answer, response.extra))
