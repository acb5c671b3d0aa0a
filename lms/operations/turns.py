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

from django.db import connection


@contextmanager
def turn(name: str) -> Iterator[bool]:
    """True inside for the one whose turn it is; False for all others, who do not wait."""
    taken = _by_database(name) if connection.vendor == "postgresql" else _by_file(name)
    with taken as mine:
        yield mine


@contextmanager
def _by_database(name: str) -> Iterator[bool]:
    key = int.from_bytes(hashlib.sha256(f"lms {name}".encode()).digest()[:8], signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [key])
        (mine,) = cursor.fetchone()
    try:
        yield mine
    finally:
        # A connection that broke meanwhile has given it up by itself.
        if mine and connection.connection is not None and not connection.connection.closed:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [key])


@contextmanager
def _by_file(name: str) -> Iterator[bool]:
    database = Path(str(connection.settings_dict["NAME"]))
    folder = database.parent if database.is_absolute() else Path(tempfile.gettempdir())
    with (folder / f"{database.name}.{name}.lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
