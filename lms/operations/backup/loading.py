"""Tables of a backup into the database, chunk by chunk."""

from __future__ import annotations

import gzip
import json
import tarfile
import zlib
from collections.abc import Iterator
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.utils.translation import gettext as _

from lms.operations.backup import engines, marks
from lms.operations.backup.format import TABLES, Walk
from lms.operations.backup.manifest import Manifest
from lms.operations.backup.progress import Progress
from lms.operations.backup.schema import Schema, Table
from lms.operations.errors import Damaged, RestoreError

LAST, ROWS = "last chunk", "rows"


def load(walk: Walk, manifest: Manifest, schema: Schema, progress: Progress) -> None:
    """Every chunk that is not in yet; each with its mark in one transaction."""
    tables = {table.label: table for table in schema.tables}
    last = marks.read(LAST)
    done = int(marks.read(ROWS) or 0)
    progress.begin(_("Tables (rows)"), manifest.rows, done=done)
    skipping = bool(last)
    for member in walk.members():
        if not member.name.startswith(TABLES):
            continue
        if skipping:
            skipping = member.name != last
            continue
        label = member.name.removeprefix(TABLES).partition("/")[0]
        if label not in tables:
            raise Damaged(_("The backup is damaged at “%(name)s”.") % {"name": member.name})
        rows = list(_rows(walk, member))
        with engines.unchecked(), transaction.atomic():
            _insert(tables[label], rows, member.name)
            marks.write(LAST, member.name)
            marks.write(ROWS, str(progress.done + len(rows)))
        progress.step(len(rows))
    if progress.done != manifest.rows:
        raise Damaged(
            _("The backup holds %(found)d rows where it says %(told)d.")
            % {"found": progress.done, "told": manifest.rows}
        )
    progress.end()


def _rows(walk: Walk, member: tarfile.TarInfo) -> Iterator[list[Any]]:
    try:
        text = gzip.decompress(walk.content(member)).decode()
        for line in text.split("\n"):
            yield json.loads(line)
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise Damaged(_("The backup is damaged at “%(name)s”.") % {"name": member.name}) from error


def _insert(table: Table, rows: list[list[Any]], name: str) -> None:
    try:
        engines.insert(table, rows)
    except (DatabaseError, OverflowError) as error:
        raise RestoreError(
            _("%(engine)s does not take the rows of %(table)s in “%(name)s”: %(error)s")
            % {
                "engine": connection.display_name,
                "table": table.label,
                "name": name,
                "error": str(error).strip(),
            }
        ) from error
