"""Runs several programs as one: when one ends, or somebody asks, all end."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Sequence
from types import FrameType

PATIENCE = 15.0


class Asked(Exception):
    """Somebody pressed Ctrl-C or sent SIGTERM."""


def run_together(commands: Sequence[Sequence[str]]) -> int:
    """Run the commands until one ends or a signal comes; gives 0 if we were asked to stop."""

    def asked(number: int, frame: FrameType | None) -> None:
        raise Asked

    before = {number: signal.signal(number, asked) for number in (signal.SIGINT, signal.SIGTERM)}
    running: list[subprocess.Popen[bytes]] = []
    try:
        for command in commands:
            # A session of its own: whatever it starts in turn ends with it.
            running.append(subprocess.Popen(command, start_new_session=True))  # noqa: S603
        while all(each.poll() is None for each in running):
            time.sleep(0.2)
        return next(each.returncode for each in running if each.returncode is not None) or 1
    except Asked:
        return 0
    finally:
        for number in before:
            signal.signal(number, signal.SIG_IGN)  # a second Ctrl-C must not leave one behind
        _end(running)
        for number, handler in before.items():
            signal.signal(number, handler)


def _end(running: Sequence[subprocess.Popen[bytes]]) -> None:
    """Ask each to stop and wait; whoever does not is made to."""
    for each in running:
        _signal(each, signal.SIGTERM)
    until = time.monotonic() + PATIENCE
    for each in running:
        try:
            each.wait(max(0.1, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            _signal(each, signal.SIGKILL)
            each.wait()
        # The reloader of runserver leaves its child behind when it is ended itself.
        _signal(each, signal.SIGKILL)


def _signal(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    try:
        os.killpg(process.pid, number)
    except (ProcessLookupError, PermissionError):
        return
