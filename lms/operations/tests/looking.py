"""Asking one check of the doctor, and the files that it looks at."""

from __future__ import annotations

import datetime as dt
import os
import time
from collections import namedtuple
from pathlib import Path

from django.utils import translation

from lms.operations.checks import registry  # noqa: F401 -- puts the checks into their list
from lms.operations.checks.findings import CHECKS, Finding

KEY = "x7Q-2kd9_fGh4LmnP0rStUvWz1YbEc5AaJiKoNqRe3TdFgHyZsXwVuMl8B"
Usage = namedtuple("Usage", "total used free")


def look(key: str) -> list[Finding]:
    """What this one check finds."""
    (found,) = [check for check in CHECKS if check.key == key]
    with translation.override("en"):
        return list(found.look())


def age(path: Path, by: dt.timedelta) -> None:
    """Have the file last changed that long ago."""
    then = time.time() - by.total_seconds()
    os.utime(path, (then, then))


def put_backup(folder: Path, name: str = "hanh-trang-20260101-023000.tar") -> Path:
    path = folder / name
    path.touch(mode=0o600)
    return path
