"""How far it has come: one line that changes on a terminal, a line now and then in a log."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TextIO

from django.utils.translation import gettext as _

EVERY = 5.0  # seconds between lines in a log
QUICKLY = 0.2  # and between changes on a terminal
MEGABYTE = 1024 * 1024


class Progress:
    """Tells `stream` about one phase after another."""

    def __init__(self, stream: TextIO, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream, self._clock = stream, clock
        self._changes = stream.isatty()
        self._phase, self._total, self._in_bytes = "", 0, False
        self._began = self._said = clock()
        self._open = False  # a line on the terminal that is not finished
        self.done = 0

    def begin(self, phase: str, total: int, *, done: int = 0, in_bytes: bool = False) -> None:
        """A new phase, of which `done` is done already."""
        self.close()
        self._phase, self._total, self._in_bytes = phase, total, in_bytes
        self.done, self._first = done, done
        self._began = self._said = self._clock()
        if self._changes:
            self._show()

    def step(self, by: int) -> None:
        """So much more is done."""
        self.done += by
        if self._clock() - self._said >= (QUICKLY if self._changes else EVERY):
            self._show()

    def end(self) -> None:
        """The phase is over, whatever was counted."""
        self.done = max(self.done, self._total)
        self._show()
        self.close()

    def say(self, text: str) -> None:
        """A line of its own."""
        self.close()
        self._stream.write(f"{text}\n")

    def close(self) -> None:
        """Leave the line that changes."""
        if self._open:
            self._stream.write("\n")
            self._open = False

    def _show(self) -> None:
        self._said = self._clock()
        text = self.text()
        if self._changes:
            self._stream.write(f"\r\x1b[K{text}")
            self._open = True
        else:
            self._stream.write(f"{text}\n")
        self._stream.flush()

    def text(self) -> str:
        """Phase, how much of how much, and how long it will still take."""
        unit, size = ("MB", MEGABYTE) if self._in_bytes else ("", 1)
        share = 100 * self.done // self._total if self._total else 100
        figures = f"{self.done // size:,}/{self._total // size:,} {unit}".rstrip()
        text = f"{self._phase}: {figures} ({share} %)"
        passed, gone = self._clock() - self._began, self.done - self._first
        if gone and self.done < self._total and passed > 1:
            left = round(passed / gone * (self._total - self.done))
            minutes, seconds = divmod(left, 60)
            text += ", " + _("%(time)s left") % {"time": f"{minutes}:{seconds:02}"}
        return text
