"""Commands that the record refuses, and why, in words for people."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from lms.plugins.errors import DomainError


class CannotEnrol(DomainError):
    """The person may not take this course, or not yet."""


class CannotAssign(DomainError):
    """The course cannot be given to these people."""


class NotEnrolled(DomainError):
    """Nothing can be recorded without an enrolment."""

    def __init__(self) -> None:
        super().__init__(_("Enrol in the course first; then what you do here is recorded."))


class CannotOpen(DomainError):
    """No further attempt can be started."""


class AttemptClosed(DomainError):
    """The attempt was handed in before; what was handed in stands."""

    def __init__(self) -> None:
        super().__init__(
            _("This attempt was already handed in. What you handed in then is kept and counts.")
        )


class CannotGrade(DomainError):
    """There is nothing here to mark."""
