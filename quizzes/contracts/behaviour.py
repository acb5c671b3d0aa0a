"""What a behaviour implements: how tries, feedback and marks of a question interact.

Kinds of questions say how right an answer is; behaviours say what follows from that. Other apps
add behaviours with `behaviours.add(...)`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from lms.plugins.contracts import Json
from lms.plugins.registry import Registry
from quizzes.contracts.question import Fields

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise


@dataclass(frozen=True)
class Try:
    """An answer that was checked. `extra` is what the behaviour asked beside it."""

    answer: Json | None
    fraction: float
    extra: Json


@dataclass(frozen=True)
class Tuning:
    """What the author of the quiz chose for its behaviour."""

    tries: int = 3  # how often a question may be tried; 1 or more
    penalty: float = 1 / 3  # what each try that was not right costs, 0 to 1
    hints: int = 0  # how many hints this question has


@dataclass(frozen=True)
class Stage:
    """What a page may show of a question while its attempt is open."""

    is_open: bool = True  # the answer may be changed
    says_right: bool = False  # whether the last try was right is told
    says_why: bool = False  # comments on what was answered are shown
    shows_key: bool = False  # all of it: the right answer and the explanation
    hints: int = 0  # the first so many hints are shown
    tries_left: int | None = None  # None: no limit, or it does not matter


@dataclass(frozen=True)
class Marked:
    """What an answer earns: at most 1. None where a person must mark it first."""

    fraction: float | None


class Behaviour:
    """How a question is tried. Pure: values in, values out, no database, no clock."""

    key: ClassVar[str] = ""
    label: ClassVar[_StrOrPromise] = ""
    description: ClassVar[_StrOrPromise] = ""
    has_check: ClassVar[bool] = False  # the learner has single answers checked before handing in
    extra_template: ClassVar[str] = ""  # asks what stands beside the answer
    lowest: ClassVar[float] = 0.0  # the least that a question can earn; below 0 takes away

    def parse(self, fields: Fields) -> Json:
        """What a form says beside the answer: JSON; {} for nothing. Never raises."""
        return {}

    def describe(self, extra: Json) -> str:
        """`extra` in words, for people; "" for nothing."""
        return ""

    def stage(self, tries: Sequence[Try], tuning: Tuning) -> Stage:
        """What may be shown after these tries."""
        return Stage()

    def mark(self, tries: Sequence[Try], last: Try | None, tuning: Tuning) -> Marked:
        """What the question earns when the attempt is handed in.

        `last`: the answer as it stands then; None where there is none. It is one more try only
        if it differs from the last of `tries`.
        """
        raise NotImplementedError  # contract


behaviours: Registry[Behaviour] = Registry(Behaviour)


def default_behaviour() -> str:
    """The key of the behaviour of new quizzes: feedback at the end."""
    return "at_end"
