"""Commands about reports that are refused, and why, in words for people."""

from __future__ import annotations

from lms.plugins.errors import DomainError


class CannotReport(DomainError):
    """Nothing is said, or too much."""


class CannotAnswer(DomainError):
    """The report was answered already, or the answer says nothing."""
