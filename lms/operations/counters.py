"""Counts of requests that all worker processes share, without a server of their own.

Each process writes its numbers into a small file of fixed places, mapped into memory: counting is
an addition. Whoever is asked for the sums reads all files. A process holds a lock on its file as
long as it lives; the numbers of one that ended are added to the past, so that sums never fall.
"""

from __future__ import annotations

import fcntl
import logging
import mmap
import os
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

logger = logging.getLogger(__name__)

GROUPS = (
    "account", "activate", "admin", "courses", "documents", "en", "front", "home", "learn",
    "manage", "media", "page", "record", "search", "static", "teaching", "x",
)  # fmt: skip
CLASSES = ("2xx", "3xx", "4xx", "5xx")
BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)  # seconds
WIDTH = len(CLASSES) + len(BUCKETS) + 2  # one bucket for what is slower, and the microseconds
PLACES = len(GROUPS) * WIDTH
SIZE = PLACES * 8
AT = {name: number * WIDTH for number, name in enumerate(GROUPS)}
#: Files of a version of this program with other places are not read.
SUFFIX = f".{PLACES}.counts"


class Counters:
    """The numbers of this process, and the sums of all that share `folder` (None: only this)."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._file: int | None = None
        self._open()
        os.register_at_fork(after_in_child=self._open)

    def count(self, group: str, status: int, seconds: float) -> None:
        """One answer more."""
        base = AT[group]
        slow = len(BUCKETS)
        for number, bound in enumerate(BUCKETS):
            if seconds <= bound:
                slow = number
                break
        numbers = self._numbers
        with self._lock:
            numbers[base + min(max(status // 100, 2), 5) - 2] += 1
            numbers[base + len(CLASSES) + slow] += 1
            numbers[base + WIDTH - 1] += int(seconds * 1e6)

    def totals(self) -> list[int]:
        """The sums over all processes, those that ended included."""
        if self._folder is None or self._name is None:
            return list(self._numbers)
        with self._all_files() as folder:
            past = _mapped(folder / f"past{SUFFIX}")
            sums = list(self._numbers)
            for path in sorted(folder.glob(f"*-*{SUFFIX}")):
                if path.name != self._name:
                    _add(sums, path, past)
            sums = [own + before for own, before in zip(sums, past, strict=True)]
            past.release()
        return sums

    def _open(self) -> None:
        """Begin at nothing; also in a child after a fork, whose parent goes on with its file."""
        self._lock = threading.Lock()
        self._name: str | None = None
        if self._file is not None:
            os.close(self._file)  # the parent's own stays open, and locked
            self._file = None
        self._numbers = memoryview(bytearray(SIZE)).cast("Q")
        if self._folder is None:
            return
        try:
            self._folder.mkdir(mode=0o750, parents=True, exist_ok=True)
            name = f"{os.getpid()}-{uuid.uuid4().hex}{SUFFIX}"
            with self._all_files() as folder:
                # Kept open, because the lock goes with it.
                self._file = os.open(folder / name, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o640)
                fcntl.flock(self._file, fcntl.LOCK_EX)
                os.ftruncate(self._file, SIZE)
                self._numbers = memoryview(mmap.mmap(self._file, SIZE)).cast("Q")
            self._name = name
        except OSError as error:
            logger.warning("Requests are counted for each process alone: %s", error)

    @contextmanager
    def _all_files(self) -> Iterator[Path]:
        if self._folder is None:
            raise ValueError("these counters have no folder")
        with (self._folder / "counts.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield self._folder


def _add(sums: list[int], path: Path, past: memoryview) -> None:
    """Add the numbers of another process: to `sums` if it lives, else to those of the past."""
    with path.open("rb") as file:
        data = file.read()
        if len(data) != SIZE:
            return
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            into: list[int] | memoryview = sums
        else:
            into = past
            path.unlink()
        for place, number in enumerate(memoryview(data).cast("Q")):
            if number:
                into[place] += number


def _mapped(path: Path) -> memoryview:
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o640)
    try:
        os.ftruncate(file, SIZE)
        return memoryview(mmap.mmap(file, SIZE)).cast("Q")
    finally:
        os.close(file)
