"""What a check finds, and the list of checks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

ERROR, WARNING, ADVICE = "error", "warning", "advice"
LEVELS = (ERROR, WARNING, ADVICE)


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong and what to do about it, in the language of the moment."""

    level: str
    what: str
    todo: str
    check: str = ""


Look = Callable[[], Iterator[Finding]]


@dataclass(frozen=True)
class Check:
    """A check: what it is called, whether it asks the database, whether it takes minutes."""

    key: str
    look: Look
    database: bool
    deep: bool


CHECKS: list[Check] = []


def check(*, database: bool = True, deep: bool = False) -> Callable[[Look], Look]:
    """Put a function into the list; its name is the key of the check."""

    def add(look: Look) -> Look:
        CHECKS.append(Check(look.__name__, look, database, deep))
        return look

    return add


def error(what: _StrOrPromise, todo: _StrOrPromise) -> Finding:
    """Something does not work, or is not safe."""
    return Finding(ERROR, str(what), str(todo))


def warning(what: _StrOrPromise, todo: _StrOrPromise) -> Finding:
    """Something will not work, or works badly."""
    return Finding(WARNING, str(what), str(todo))


def advice(what: _StrOrPromise, todo: _StrOrPromise) -> Finding:
    """It works; it could be better."""
    return Finding(ADVICE, str(what), str(todo))
