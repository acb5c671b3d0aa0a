"""Saving answers while an attempt is open, and marking them when it is handed in.

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
from lms.plugins.contracts import Grade, Json
from lms.plugins.errors import DomainError
from lms.plugins.prepared import Prepared
from quizzes.answers import fields_at, mark_of, says_something_new
from quizzes.contracts import Fields, QuestionType, question_type, question_types
from quizzes.models import Response, Sitting, SittingSlot


class NoSuchSitting(DomainError):
    """There is no such attempt, or it is another person's."""

    def __init__(self) -> None:
        super().__init__(_("This quiz attempt was not found."))


class ChangedElsewhere(DomainError):
    """Another tab or device has saved an answer that this page did not know of."""

    def __init__(self, sequence: int) -> None:
        super().__init__(_("This question was answered on another page. Reload to see it."))
        self.sequence = sequence


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
    nothing is written; AttemptClosed after handing in; NoSuchSitting.
    """
    slots = _open_slots(person_id, attempt_uuid, position=position)
    if not slots:
        raise NoSuchSitting
    slot = slots[0]
    response = response_of(slot)
    if response is not None:
        if key is not None and response.save_key == key:
            return _receipt(response)
        if base is not None and base < response.sequence:
            raise ChangedElsewhere(response.sequence)
    given = question_type(slot.version.type_key).parse(
        slot.version.data, fields_at(fields, position)
    )
    written = _next(slot, given, at, key)
    _write([written])
    return _receipt(written)


@transaction.atomic
def save_form(
    *, person_id: int | None, attempt_uuid: uuid.UUID, fields: Fields, at: dt.datetime
) -> int:
    """Save what a whole form says that is new; how many answers that were.

    Raises AttemptClosed after handing in; NoSuchSitting.
    """
    written = _news(_open_slots(person_id, attempt_uuid), fields, at)
    _write(written.values())
    return len(written)


def mark(*, attempt_id: int, fields: Fields, at: dt.datetime) -> Grade:
    """Save what the form says that is new and mark every answer: two statements.

    Call it under the lock on the enrolment, as the platform does when something is handed in.
    What was not answered earns nothing. Raises UnknownQuestionType while the app of a question's
    kind is missing, NoSuchSitting where nothing was started.
    """
    slots = _OF_ATTEMPT(attempt_id)
    if not slots:
        raise NoSuchSitting
    kinds = {slot.pk: question_type(slot.version.type_key) for slot in slots}
    news = _news(slots, fields, at)
    marked = []
    raw = maximum = 0.0
    answered = right = 0
    for slot in slots:
        last = news.get(slot.pk) or response_of(slot) or Response(slot=slot, saved_at=at)
        fraction = _fraction(kinds[slot.pk], slot.version.data, last.answer)
        # Rows without an id, known or not: one upsert by slot writes them all.
        marked.append(
            Response(
                slot=slot,
                answer=last.answer,
                fraction=fraction,
                sequence=last.sequence,
                save_key=last.save_key,
                saved_at=last.saved_at,
            )
        )
        raw += float(slot.points) * fraction
        maximum += float(slot.points)
        answered += last.answer is not None
        right += fraction == 1.0
    _write(marked)
    percent = 100 * raw / maximum
    return Grade(
        raw=raw,
        maximum=maximum,
        # 3 × ⅓ is a hair less than 1: nobody shall fail by that.
        passed=percent + 1e-9 >= slots[0].sitting.pass_mark,
        parts={"questions": len(slots), "answered": answered, "right": right},
    )


def response_of(slot: SittingSlot) -> Response | None:
    """The answer row of `slot`, without a query where it was selected along."""
    return getattr(slot, "response", None)


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
_OF_ATTEMPT: Prepared[SittingSlot] = Prepared(
    lambda attempt_id: SittingSlot.objects.filter(sitting__attempt_id=attempt_id).select_related(
        "sitting", "version", "response"
    ),
    int,
)


POSITIONS = 32_767  # what a position's column can hold


def _open_slots(
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


def _news(slots: list[SittingSlot], fields: Fields, at: dt.datetime) -> dict[int, Response]:
    found = {}
    for slot in slots:
        kind = question_types.get(slot.version.type_key)
        if kind is None:  # its answers cannot be read now; those of the others can
            continue
        given = kind.parse(slot.version.data, fields_at(fields, slot.position))
        if says_something_new(fields, slot.position, given):
            found[slot.pk] = _next(slot, given, at, None)
    return found


def _next(
    slot: SittingSlot, answer: Json | None, at: dt.datetime, key: uuid.UUID | None
) -> Response:
    before = response_of(slot)
    sequence = 1 if before is None else before.sequence + 1
    return Response(slot=slot, answer=answer, sequence=sequence, save_key=key, saved_at=at)


def _write(responses: Iterable[Response]) -> None:
    Response.objects.bulk_create(
        responses,
        update_conflicts=True,
        unique_fields=["slot"],
        update_fields=["answer", "fraction", "sequence", "save_key", "saved_at"],
    )


def _fraction(kind: QuestionType, data: Json, answer: Json | None) -> float:
    return 0.0 if answer is None else max(0.0, min(1.0, kind.score(data, answer)))


def _receipt(response: Response) -> Receipt:
    return Receipt(response.saved_at, response.sequence, mark_of(response.answer))
