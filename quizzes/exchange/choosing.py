"""Questions to choose in, from weights of options as Moodle's formats have them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from lms.plugins.errors import DomainError

ALL = 100.0
ROUNDING = 0.02


class UnknownWeights(DomainError):
    """Nobody could earn everything, or nobody knows what."""


@dataclass(frozen=True)
class Option:
    """One option as a file has it: HTML, what it earns in percent, HTML."""

    text: str
    weight: float
    feedback: str = ""


@dataclass
class Choosing:
    """The kind, its own part, and what it cannot keep."""

    type_key: str
    written: dict[str, Any]
    notes: list[str] = field(default_factory=list)


def choosing(options: Sequence[Option], *, one: bool) -> Choosing:
    """The question that these options make; `one`: only one of them can be chosen.

    One right option: single choice, the others with their share. Several that can be chosen
    together: each earns its own. Several that are right though only one can be chosen: there is no
    such kind here; all are asked for, and a note says so.
    """
    full = [option for option in options if option.weight >= ALL]
    if not one:
        best = sum(max(0.0, option.weight) for option in options)
        if 0 < best < ALL - ROUNDING:
            raise UnknownWeights(
                _("The weights of the right options add up to %(percent)s%%, not to 100%%.")
                % {"percent": f"{best:.2f}"}
            )
        rows = [_row(option, correct=option.weight > 0, credit=option.weight) for option in options]
        return Choosing("multiple_choice", {"options": rows, "scheme": "per_option"})
    if len(full) > 1:
        rows = [_row(option, correct=option.weight >= ALL, credit=None) for option in options]
        note = _("Several options are right and one of them was enough; here all must be chosen.")
        return Choosing("multiple_choice", {"options": rows, "scheme": "shares"}, [note])
    rows = [
        _row(option, correct=option.weight >= ALL, credit=_share(option.weight))
        for option in options
    ]
    found = Choosing("single_choice", {"options": rows})
    if any(option.weight < 0 for option in options):
        found.notes.append(_("A wrong option took points away; here it earns nothing."))
    return found


def true_or_false(is_true: bool, of_true: str, of_false: str) -> dict[str, Any]:
    """The own part of a statement to agree with, with the feedback on either choice."""
    return {
        "options": [
            {"text": _("True"), "correct": is_true, "feedback": of_true},
            {"text": _("False"), "correct": not is_true, "feedback": of_false},
        ]
    }


def weights(written: dict[str, Any], *, one: bool) -> list[float]:
    """What each option earns in percent where a format knows weights only."""
    options = written["options"]
    right = sum(1 for option in options if option["correct"])
    wrong = len(options) - right
    found = []
    for option in options:
        credit, is_right = option.get("credit"), option["correct"]
        if one:
            found.append(ALL if is_right else float(credit or 0))
        elif written.get("scheme") == "per_option":
            own = ALL / max(1, right) if is_right else 0.0
            found.append(own if credit is None else float(credit))
        else:
            found.append(ALL / right if is_right else -ALL / max(1, wrong))
    return found


def _share(weight: float) -> float | None:
    return weight if 0 < weight < ALL else None


def _row(option: Option, *, correct: bool, credit: float | None) -> dict[str, Any]:
    row: dict[str, Any] = {"text": option.text, "correct": correct, "feedback": option.feedback}
    return row if credit is None else {**row, "credit": credit}
