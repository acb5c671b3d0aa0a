"""The one base of errors that people are meant to read, and the one that plugins may raise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise


class DomainError(Exception):
    """A rule of the domain refused the command; `message` is translated, for people."""

    def __init__(self, message: _StrOrPromise) -> None:
        super().__init__(message)
        self.message = message

    def __str__(self) -> str:
        return str(self.message)


class Refused(DomainError):
    """What was handed in cannot be taken yet; `fields` says what to mend, by field of the form."""

    def __init__(
        self, message: _StrOrPromise, fields: Mapping[str, _StrOrPromise] | None = None
    ) -> None:
        super().__init__(message)
        self.fields = dict(fields or {})
