"""How far a restore has come, kept in the database it fills.

A table of its own, made when a restore begins and dropped when it is whole: while it exists the
site holds half a backup. Each mark is written in one transaction with what it tells of.
"""

from __future__ import annotations

from typing import Final

from django.db import connection

NAME: Final = "operations_restore"

# What is done, in this order.
PREPARING, TABLES, CONSTRAINED, MIGRATED = "preparing", "tables", "constrained", "migrated"


def exist() -> bool:
    """Whether a restore has begun here that is not finished."""
    return NAME in connection.introspection.table_names()


def create() -> None:
    """Begin: from here on the site counts as half restored."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TABLE IF NOT EXISTS {NAME}"
            " (name varchar(40) NOT NULL PRIMARY KEY, value text NOT NULL)"
        )


def drop() -> None:
    """The restore is whole."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {NAME}")


def read(name: str) -> str:
    """A mark, empty if it was never set."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT value FROM {NAME} WHERE name = %s", [name])  # noqa: S608 -- a constant
        found = cursor.fetchone()
    return str(found[0]) if found else ""


def write(name: str, value: str) -> None:
    """Set a mark."""
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {NAME} WHERE name = %s", [name])  # noqa: S608 -- a constant
        cursor.execute(
            f"INSERT INTO {NAME} (name, value) VALUES (%s, %s)",  # noqa: S608 -- a constant
            [name, value],
        )
