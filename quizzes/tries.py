"""How far the questions of an attempt have come: tries so far, and what may be shown now.

Reads what was selected along with the slots; no queries of its own.
"""

from __future__ import annotations

from quizzes.behaviours.at_end import AtEnd
from quizzes.contracts import Behaviour, Stage, Try, Tuning, behaviours, question_types
from quizzes.models import Response, SittingSlot

_AT_END = AtEnd()


def response_of(slot: SittingSlot) -> Response | None:
    """The answer row of `slot`, without a query where it was selected along."""
    return getattr(slot, "response", None)


def tries_of(response: Response | None) -> list[Try]:
    """The answers that were checked, oldest first."""
    kept = response.tries if response is not None else []
    return [Try(each["answer"], each["fraction"], each["extra"]) for each in kept]


def behaviour_of(slot: SittingSlot) -> Behaviour:
    """How this question is tried: as its quiz said at the start; by a person where it must be.

    Where the app of the behaviour is gone, feedback comes at the end.
    """
    kind = question_types.get(slot.version.type_key)
    key = "manual" if kind is not None and kind.marked_by_person else slot.sitting.behaviour
    return behaviours.get(key) or _AT_END


def tuning_of(slot: SittingSlot) -> Tuning:
    """What the author of the quiz chose, for this question."""
    sitting = slot.sitting
    hints = len(slot.version.data.get("hints") or ())
    return Tuning(tries=sitting.tries, penalty=sitting.penalty / 100, hints=hints)


def stage_of(slot: SittingSlot) -> Stage:
    """What a page may show of this question now, and whether its answer may change."""
    return behaviour_of(slot).stage(tries_of(response_of(slot)), tuning_of(slot))


def waits_for_person(slot: SittingSlot) -> bool:
    """Whether the answer is there, handed in and not marked."""
    response = response_of(slot)
    return response is not None and response.answer is not None and response.fraction is None


def is_for_person(slot: SittingSlot) -> bool:
    """Whether a person marks this answer, now or before: it may be marked again."""
    kind = question_types.get(slot.version.type_key)
    response = response_of(slot)
    if response is None or response.answer is None:
        return False
    by_person = kind is None or kind.marked_by_person or slot.sitting.behaviour == "manual"
    return by_person or response.fraction is None
