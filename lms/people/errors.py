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


class CannotMerge(DomainError):
    """Two rows cannot be made one person, or one of them not two again."""


class CannotChangePerson(DomainError):
    """What is held about the person cannot be changed so, or not by this account."""


class CannotIssueCode(DomainError):
    """The account needs no code, or not from this hand."""


class CannotEnter(DomainError):
    """A code does not open the account (any more). `is_guess`: nobody was ever given it."""

    is_guess = False


class UnknownCode(CannotEnter):
    """No code like that was ever given out."""

    is_guess = True


class CannotImport(DomainError):
    """The file cannot be read, or what was decided about it no longer holds."""


class CannotRemoveFactor(DomainError):
    """The second factor is not removed by this account, or not in this way."""
