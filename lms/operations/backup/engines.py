"""What SQLite and PostgreSQL want done differently when tables are filled from outside."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.color import no_style
from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from lms.operations.backup import codecs, marks
from lms.operations.backup.schema import Schema, Table
from lms.operations.errors import RestoreError

FOREIGN_KEYS = """
SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid)
FROM pg_constraint
WHERE contype = 'f' AND connamespace = current_schema()::regnamespace
ORDER BY 1, 2
"""
CONSTRAINTS = "constraints"  # the mark that keeps them while they are dropped


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)


def is_postgresql() -> bool:
    """Whether this is PostgreSQL; the only other engine is SQLite."""
    return connection.vendor == "postgresql"


@contextmanager
def unchecked() -> Iterator[None]:
    """Within, rows may refer to rows that come later.

    PostgreSQL's foreign keys have been dropped by `empty`.
    """
    if is_postgresql():
        yield
        return
    with connection.constraint_checks_disabled():
        yield


def empty(schema: Schema) -> None:
    """Delete every row of these tables and drop PostgreSQL's foreign keys, all or nothing."""
    with unchecked(), transaction.atomic(), connection.cursor() as cursor:
        names = [*(table.name for table in schema.tables), *schema.emptied]
        if not is_postgresql():
            for name in names:
                cursor.execute(f"DELETE FROM {_quoted(name)}")  # noqa: S608 -- our own names
            cursor.execute("DELETE FROM sqlite_sequence")
        else:
            cursor.execute(FOREIGN_KEYS)
            keys = [list(row) for row in cursor.fetchall()]
            kept = json.loads(marks.read(CONSTRAINTS) or "[]")
            marks.write(CONSTRAINTS, json.dumps([*kept, *keys]))
            for table, name, _definition in keys:
                cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
            cursor.execute(f"TRUNCATE {', '.join(map(_quoted, names))} RESTART IDENTITY")
        marks.write("phase", marks.TABLES)


def insert(table: Table, rows: Iterable[list[Any]]) -> None:
    """Put rows in, given in the backup's form."""
    changes = [
        (at, change)
        for at, column in enumerate(table.columns)
        if (change := codecs.writer(connection.vendor, column.kind))
    ]
    names = ", ".join(_quoted(column.name) for column in table.columns)
    if is_postgresql():
        _copy(f"COPY {_quoted(table.name)} ({names}) FROM STDIN", rows, changes)
        return
    places = ", ".join(["%s"] * len(table.columns))
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {_quoted(table.name)} ({names}) VALUES ({places})",  # noqa: S608 -- as above
            list(_changed(rows, changes)),
        )


def _copy(command: str, rows: Iterable[list[Any]], changes: list[tuple[int, Any]]) -> None:
    with connection.cursor() as cursor, connection.wrap_database_errors:
        reach: Any = cursor  # Django's wrapper hands out the driver's own methods as well
        with reach.copy(command) as copy:
            for row in _changed(rows, changes):
                copy.write_row(row)


def _changed(rows: Iterable[list[Any]], changes: list[tuple[int, Any]]) -> Iterator[list[Any]]:
    for row in rows:
        for at, change in changes:
            if row[at] is not None:
                row[at] = change(row[at])
        yield row


def constrain(schema: Schema) -> None:
    """Check every reference and forbid wrong ones from now on; let new ids follow the highest.

    Raises RestoreError where a row refers to one that is not there.
    """
    with transaction.atomic():
        try:
            _restore_constraints()
        except IntegrityError as error:
            raise RestoreError(
                _("A row in the backup refers to a row that is not there: %(error)s")
                % {"error": str(error).strip()}
            ) from error
        models = [table.model for table in schema.tables]
        with connection.cursor() as cursor:
            for statement in connection.ops.sequence_reset_sql(no_style(), models):
                cursor.execute(statement)
        marks.write("phase", marks.CONSTRAINED)


def _restore_constraints() -> None:
    if not is_postgresql():
        connection.check_constraints()
        return
    with connection.cursor() as cursor:
        for table, name, definition in json.loads(marks.read(CONSTRAINTS)):
            cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")


def settle() -> None:
    """Tell the engine how the tables look now, so that it plans queries well."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
