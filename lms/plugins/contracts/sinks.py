"""Where learning events go besides the record: an LRS, a personnel system, mail."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from lms.learning.models import LearningEvent


class EventSink:
    """Receives each accepted event at least once; must be idempotent by `event.uuid`."""

    key: ClassVar[str] = ""

    def accepts(self, event: LearningEvent) -> bool:
        """Whether `event` should be delivered here. Reads only, while it is recorded: be quick."""
        return True

    def deliver(self, events: Sequence[LearningEvent]) -> None:
        """Send the events; raise when any was not taken: all of them are tried again later."""
        raise NotImplementedError  # contract
