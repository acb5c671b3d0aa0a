"""What can go wrong, in words for whoever sits at the terminal."""

from __future__ import annotations

from lms.plugins.errors import DomainError


class OperationsError(DomainError):
    """Something asked for at the terminal cannot be done; the message says what to do."""


class BackupError(OperationsError):
    """No backup could be made."""


class RestoreError(OperationsError):
    """A backup could not be restored."""


class NotABackup(RestoreError):
    """The file is something else."""


class Damaged(RestoreError):
    """The file was a backup once: part of it is missing or is not what was written."""


class Newer(RestoreError):
    """The backup was made by a newer site than this one."""


class NotEmpty(RestoreError):
    """There are data here already."""


class Interrupted(RestoreError):
    """Another restore has begun here and is not finished."""
