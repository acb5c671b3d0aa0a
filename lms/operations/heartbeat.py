"""Signs of life: the worker and the periodic tick say now and then that they are there.

One small file each in LMS_STATE_DIR, so that a sign costs nothing and is seen by every process of
the server without the database. Its time is when the file was last changed.
"""

from __future__ import annotations

import datetime as dt
import os
import re
from contextlib import suppress
from pathlib import Path

from django.conf import settings

WORKER, TICK = "worker", "tick"
_NAME = re.compile(r"[a-z][a-z0-9-]*")


def path_of(name: str) -> Path | None:
    """Where the sign of `name` is kept; None on a site without LMS_STATE_DIR."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"not a name for a heartbeat: {name!r}")
    if not settings.LMS_STATE_DIR:
        return None
    return Path(settings.LMS_STATE_DIR) / f"{name}.beat"


def beat(name: str) -> None:
    """Say that `name` is alive now. Raises OSError where LMS_STATE_DIR cannot be written."""
    path = path_of(name)
    if path is None:
        return
    try:
        os.utime(path)
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o644)
        os.utime(path)


def last_beat(name: str) -> dt.datetime | None:
    """When `name` was last alive; None if never."""
    path = path_of(name)
    if path is not None:
        with suppress(FileNotFoundError, NotADirectoryError):
            return dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC)
    return None
