"""Jobs for the tests of the queue; they tell of themselves by files."""

from __future__ import annotations

import time
from pathlib import Path

from django_tasks import task


@task(backend="lms")
def touch(path: str) -> str:
    """Leave a file."""
    Path(path).touch()
    return path


@task(backend="lms")
def linger(began: str, leave: str) -> str:
    """Leave a file, then wait for another."""
    Path(began).touch()
    until = time.monotonic() + 60
    while not Path(leave).exists() and time.monotonic() < until:
        time.sleep(0.05)
    return leave
