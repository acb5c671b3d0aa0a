"""What a plugin shows on a person's home page."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.utils.safestring import SafeString

    from lms.people.models import Person


class Priority(enum.IntEnum):
    """Where a panel stands: something to do comes before something to know."""

    TO_DO = 10
    TO_KNOW = 20
    MORE = 30


@dataclass(frozen=True)
class Panel:
    """One block of the home page: a translated title and HTML that is already safe."""

    title: str
    body: SafeString
    priority: Priority = Priority.TO_KNOW


class HomePanel:
    """Gives panels for one person's home page. Reads only, at most two queries."""

    key: ClassVar[str] = ""

    def panels(self, person: Person, request: HttpRequest) -> list[Panel]:
        """The panels to show now; none when there is nothing to say."""
        raise NotImplementedError  # contract
