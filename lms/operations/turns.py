"""One at a time over all processes of the site; whoever dies gives it up.

On PostgreSQL a lock of the session, so that workers on several servers see each other. On SQLite
there is one server, and a file beside the database.
"""

from __future__ import annotations

import fcntl
import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import DatabaseError, connection
from django.db.backends.base.base import BaseDatabaseWrapper


@contextmanager
def turn(name: str, *, on: BaseDatabaseWrapper | None = None, once: bool = False) -> Iterator[bool]:
    """True inside for the one whose turn it is; False for all others, who do not wait.

    `on`: a connection to hold it on other than the usual one. `once`: nobody will ask for this name
    again, so nothing of it is kept.
    """
    on = on or connection
    taken = _by_database(name, on) if on.vendor == "postgresql" else _by_file(name, on, once)
    with taken as mine:
        yield mine


@contextmanager
def _by_database(name: str, on: BaseDatabaseWrapper) -> Iterator[bool]:
    key = int.from_bytes(hashlib.sha256(f"lms {name}".encode()).digest()[:8], signed=True)
    with on.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [key])
        (mine,) = cursor.fetchone()
    try:
        yield mine
    finally:
        # A connection that broke meanwhile has given it up by itself.
        if mine and on.connection is not None and not on.connection.closed:
            try:
                with on.cursor() as cursor:
                    cursor.execute("SELECT pg_advisory_unlock(%s)", [key])
            except DatabaseError:
                if on.in_atomic_block:
                    raise
                on.close()


@contextmanager
def _by_file(name: str, on: BaseDatabaseWrapper, once: bool) -> Iterator[bool]:
    database = Path(str(on.settings_dict["NAME"]))
    folder = database.parent if database.is_absolute() else Path(tempfile.gettempdir())
    path = folder / f"{database.name}.{name}.lock"
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        try:
            yield True
        finally:
            if once:
                path.unlink(missing_ok=True)
