"""Commands about people that are refused, and why."""

from __future__ import annotations

from lms.plugins.errors import DomainError


class CannotGrant(DomainError):
    """The role cannot be granted by this person, or not in this reach."""


class CannotAppoint(DomainError):
    """The person cannot hold the post at that time."""


class CannotChangeUnits(DomainError):
    """Units cannot be made, merged or split in that way."""


class CannotMakeAccount(DomainError):
    """The person has an account already, or the user name or phone belongs to another one."""


class CannotSetPassword(DomainError):
    """The password is too easy to guess."""
