"""A cache that all processes of one server share, in a file of its own.

allauth counts failed sign-ins in the default cache, and remembers there which codes of a second
factor were used. A cache per process would give everybody five tries at each process. Redis is one
answer (LMS_REDIS); this is the answer for a site on one server that should need no second program.

Why a file of its own, and why SQLite:
- Not Django's cache in the database: each sign-in would write six times to the site's database, in
  SQLite behind its one writer and inside the transactions of others.
- Not Django's cache in files: its `add` looks first and writes then, so two at once both succeed,
  and allauth's lock stands on `add`; and when full it throws away entries by chance: whoever
  invents enough user names wipes out the count of the one under attack.
- In SQLite, `add` and `incr` are one statement or one transaction, for threads and processes alike.
  When full, what ends soonest goes first, and what has ended before all else.
"""

from __future__ import annotations

import os
import pickle
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.core.checks import CheckMessage, Error, register

TABLE = (
    "CREATE TABLE IF NOT EXISTS entries"
    " (key TEXT PRIMARY KEY, value BLOB NOT NULL, ends REAL NOT NULL) WITHOUT ROWID"
)
INDEX = "CREATE INDEX IF NOT EXISTS entries_by_end ON entries (ends)"
WRITE = (
    "INSERT INTO entries (key, value, ends) VALUES (?, ?, ?)"
    " ON CONFLICT (key) DO UPDATE SET value = excluded.value, ends = excluded.ends"
)
#: Takes the place of an entry that has ended, never of one that lives.
ADD = WRITE + " WHERE entries.ends <= ?"
READ = "SELECT value FROM entries WHERE key = ? AND ends > ?"
NEVER = 1e15  # seconds since 1970: for entries without an end
PATIENCE = 5.0  # seconds to wait for another writer
CULL_EVERY = 200  # writes of one process between two clean-ups


class SharedFileCache(BaseCache):
    """Django's cache interface on one SQLite file; `LOCATION` is its path.

    The file holds pickles: it is made readable and writable for its owner only, and must lie in a
    folder that nobody else may write to.
    """

    pickle_protocol = pickle.HIGHEST_PROTOCOL

    def __init__(self, location: str | os.PathLike[str], params: dict[str, Any]) -> None:
        super().__init__(params)
        self._path = Path(location)
        self._local = threading.local()
        self._writes = 0

    def add(
        self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> bool:
        """Store it unless there is one; of several at once exactly one succeeds."""
        row = self._row(key, value, timeout, version)
        with self._writing() as connection:
            return bool(connection.execute(ADD, (*row, time.time())).rowcount)

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        found = self._read(self._connection(), self.make_and_validate_key(key, version=version))
        return default if found is None else pickle.loads(found)  # noqa: S301 -- our own file

    def set(
        self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> None:
        row = self._row(key, value, timeout, version)
        with self._writing() as connection:
            connection.execute(WRITE, row)

    def touch(self, key: str, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        key = self.make_and_validate_key(key, version=version)
        with self._writing() as connection:
            changed = connection.execute(
                "UPDATE entries SET ends = ? WHERE key = ? AND ends > ?",
                (self._end(timeout), key, time.time()),
            )
            return bool(changed.rowcount)

    def delete(self, key: str, version: int | None = None) -> bool:
        key = self.make_and_validate_key(key, version=version)
        with self._writing() as connection:
            return bool(connection.execute("DELETE FROM entries WHERE key = ?", (key,)).rowcount)

    def has_key(self, key: str, version: int | None = None) -> bool:
        key = self.make_and_validate_key(key, version=version)
        return self._read(self._connection(), key) is not None

    def incr(self, key: str, delta: int = 1, version: int | None = None) -> int:
        """Add to a number; what others add at the same time is not lost."""
        made = self.make_and_validate_key(key, version=version)
        with self._writing() as connection:
            found = self._read(connection, made)
            if found is None:
                raise ValueError(f"Key {key!r} not found")
            value: int = pickle.loads(found) + delta  # noqa: S301 -- our own file
            connection.execute(
                "UPDATE entries SET value = ? WHERE key = ?", (self._dump(value), made)
            )
            return value

    def clear(self) -> None:
        with self._writing() as connection:
            connection.execute("DELETE FROM entries")

    def close(self, **kwargs: Any) -> None:
        """Django calls this after each request: the connection of a thread is kept for the next."""

    def _row(
        self, key: str, value: Any, timeout: Any, version: int | None
    ) -> tuple[str, bytes, float]:
        made = self.make_and_validate_key(key, version=version)
        return made, self._dump(value), self._end(timeout)

    def _dump(self, value: Any) -> bytes:
        return pickle.dumps(value, self.pickle_protocol)

    def _end(self, timeout: Any) -> float:
        end = self.get_backend_timeout(timeout)
        return NEVER if end is None else float(end)

    def _read(self, connection: sqlite3.Connection, key: str) -> bytes | None:
        row = connection.execute(READ, (key, time.time())).fetchone()
        return None if row is None else row[0]

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        connection = self._connection()
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
            self._cull(connection)
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")

    def _cull(self, connection: sqlite3.Connection) -> None:
        self._writes += 1
        if self._writes % CULL_EVERY != 1:
            return
        connection.execute("DELETE FROM entries WHERE ends <= ?", (time.time(),))
        ((count,),) = connection.execute("SELECT COUNT(*) FROM entries")
        if count > self._max_entries:
            connection.execute(
                "DELETE FROM entries WHERE key IN (SELECT key FROM entries ORDER BY ends LIMIT ?)",
                (count - self._max_entries + self._max_entries // 10,),
            )

    def _connection(self) -> sqlite3.Connection:
        """The connection of this thread, of this process: SQLite's must not go through a fork."""
        kept: tuple[int, sqlite3.Connection] | None = getattr(self._local, "kept", None)
        if kept is not None and kept[0] == os.getpid():
            return kept[1]
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = os.open(self._path, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW, 0o600)
        try:
            if os.fstat(file).st_uid != os.geteuid():
                raise PermissionError(f"{self._path} belongs to somebody else")
        finally:
            os.close(file)
        # isolation_level=None: transactions begin where this class says, not where Python guesses.
        connection = sqlite3.connect(self._path, timeout=PATIENCE, isolation_level=None)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute(TABLE)
        connection.execute(INDEX)
        self._local.kept = (os.getpid(), connection)
        return connection


@register
def check_folder(**kwargs: Any) -> list[CheckMessage]:
    """The folder of the file lets the site write, and nobody else."""
    default = settings.CACHES["default"]
    if default["BACKEND"] != f"{__name__}.{SharedFileCache.__name__}":
        return []
    folder = Path(str(default["LOCATION"])).parent
    if not os.access(folder, os.W_OK):
        what = f"{folder} cannot be written to, and failed sign-ins are counted there."
    elif folder.stat().st_mode & 0o002:
        what = f"Everybody may write to {folder}, where failed sign-ins are counted."
    else:
        return []
    hint = "Name a file in a folder of the site's own user in LMS_CACHE_FILE."
    return [Error(what, hint=hint, id="people.E004")]
