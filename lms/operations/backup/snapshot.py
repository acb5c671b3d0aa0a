"""Reading everything as it was at one moment, while others go on writing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from lms.operations.backup import codecs
from lms.operations.backup.schema import Column, Table
from lms.operations.errors import BackupError

FETCH = 200  # rows at a time: a revision of a page may be 200 KB


@contextmanager
def snapshot() -> Iterator[None]:
    """Within, every query sees the database as it was at the first one."""
    if connection.vendor == "postgresql":
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield
        return
    if connection.vendor != "sqlite":
        raise BackupError(_("Only SQLite and PostgreSQL can be backed up."))
    unmapped()
    # atomic() would begin as the settings say, as a writer, and keep all others from writing.
    with connection.cursor() as cursor:
        cursor.execute("BEGIN DEFERRED")
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")


def unmapped() -> None:
    """Read SQLite's file piece by piece: mapped, all that is read counts as our memory."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA mmap_size=0")


def count(table: Table) -> int:
    """How many rows the table has."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COUNT(*) FROM {_quoted(table.name)}")  # noqa: S608 -- our own names
        return int(cursor.fetchone()[0])


def rows(table: Table) -> Iterator[list[Any]]:
    """Every row in the order of its key, in the backup's form; some hundred in memory."""
    names = ", ".join(_selected(column) for column in table.columns)
    query = f"SELECT {names} FROM {_quoted(table.name)} ORDER BY {_quoted(table.key)}"  # noqa: S608 -- as above
    changes = [
        (at, change)
        for at, column in enumerate(table.columns)
        if (change := codecs.reader(connection.vendor, column.kind, column.places))
    ]
    with connection.chunked_cursor() as cursor:
        cursor.execute(query)
        while found := cursor.fetchmany(FETCH):
            for each in found:
                row = list(each)
                for at, change in changes:
                    if row[at] is not None:
                        row[at] = change(row[at])
                yield row


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)


def _selected(column: Column) -> str:
    if connection.vendor == "sqlite" and column.kind in codecs.AS_TEXT_IN_SQLITE:
        return f"CAST({_quoted(column.name)} AS TEXT)"
    return _quoted(column.name)
