"""What each event may say: one frozen dataclass for each name, checked on write.

Payloads hold no names of people and no free text: erasing a person must not need to touch them.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Any


class BadPayload(ValueError):
    """The payload does not fit the event's name; a fault of the caller, never of a learner."""


@dataclass(frozen=True)
class Nothing:
    """The fact itself says all."""


@dataclass(frozen=True)
class Started:
    """attempt.started: which try it is."""

    number: int


@dataclass(frozen=True)
class Graded:
    """attempt.graded: the mark, 0 <= scaled <= 1, and whether it passes (None: no such thing)."""

    raw: float
    maximum: float
    scaled: float
    passed: bool | None = None

    def __post_init__(self) -> None:
        if not (math.isfinite(self.raw) and math.isfinite(self.maximum)):
            raise BadPayload("a mark must be a finite number")
        if not 0.0 <= self.scaled <= 1.0:
            raise BadPayload("scaled must lie between 0 and 1")


@dataclass(frozen=True)
class Progressed:
    """activity.progressed: the fraction done, 0 to 1."""

    fraction: float

    def __post_init__(self) -> None:
        if not 0.0 <= self.fraction <= 1.0:
            raise BadPayload("fraction must lie between 0 and 1")


@dataclass(frozen=True)
class Completed:
    """activity.completed: the key of the rule that was met."""

    rule: str


@dataclass(frozen=True)
class Corrected:
    """record.corrected: why, as a code of the platform's (no free text)."""

    reason: str


PAYLOADS: dict[str, type] = {
    "enrolment.created": Nothing,
    "enrolment.withdrawn": Nothing,
    "attempt.started": Started,
    "attempt.submitted": Nothing,
    "attempt.graded": Graded,
    "activity.progressed": Progressed,
    "activity.completed": Completed,
    "lesson.viewed": Nothing,
    "lesson.completed": Nothing,
    "module.completed": Nothing,
    "course.completed": Nothing,
    "record.corrected": Corrected,
}
DERIVED = frozenset({"lesson.completed", "module.completed", "course.completed"})


def checked(name: str, data: dict[str, Any]) -> dict[str, Any]:
    """`data` as JSON values for an event of this name. Raises BadPayload when it does not fit.

    A plugin's own event ("<label>.<verb>") may say anything that is flat: texts of at most 80
    characters, numbers, booleans.
    """
    payload = PAYLOADS.get(name)
    if payload is None:
        if name.count(".") != 1:
            raise BadPayload(f"{name!r} is not the name of an event")
        for key, value in data.items():
            if not isinstance(value, str | int | float | bool | type(None)) or (
                isinstance(value, str) and len(value) > 80
            ):
                raise BadPayload(f"{name}: {key} must be a short text, a number or a boolean")
        return data
    try:
        return dataclasses.asdict(payload(**data))
    except TypeError as error:
        raise BadPayload(f"{name}: {error}") from error
