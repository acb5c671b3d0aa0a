"""A file that somebody sent in, as sheets of rows; nothing in it is trusted.

`open_table` looks at the content, not at the name: a workbook (XLSX) goes through the guard of
archives, everything else is read as text with separators (CSV). Rows come one by one; a file with
more than `settings.LMS_IMPORT_ROWS` filled rows is refused before its cells are read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol

from django.conf import settings

from lms.people.importing.texts import FileRefused

COLUMNS: Final = 60
"""Columns that are looked at; whatever lies further right is no list of people."""


@dataclass(frozen=True)
class Sheet:
    """One sheet of a file: its name, whether the file hides it, how many rows hold something."""

    name: str
    is_hidden: bool = False
    filled: int = 0


@dataclass
class Grid:
    """The rows of a sheet, and what is peculiar about its cells.

    `rows()` gives (number as the program shows it, values); `merged` is {cell: the cell at the
    upper left that holds its value}; `uncalculated` are formulas without a result. Cells are
    (row, column), both from 1.
    """

    source: Table
    sheet: Sheet
    merged: dict[tuple[int, int], tuple[int, int]] = field(default_factory=dict)
    uncalculated: frozenset[tuple[int, int]] = frozenset()
    hidden_rows: int = 0

    def rows(self) -> Iterator[tuple[int, Sequence[Any]]]:
        """Every row in order, empty ones too."""
        return self.source.rows(self.sheet)


class Table(Protocol):
    """What both kinds of file can be asked."""

    def sheets(self) -> list[Sheet]:
        """Its sheets, in their order."""

    def grid(self, sheet: Sheet) -> Grid:
        """A sheet with the peculiarities of its cells; refuses one with too many rows."""

    def rows(self, sheet: Sheet) -> Iterator[tuple[int, Sequence[Any]]]:
        """The rows of a sheet."""


def most_rows() -> int:
    """How many people one file may hold."""
    return int(settings.LMS_IMPORT_ROWS)


def refuse_rows() -> FileRefused:
    """The refusal of a file with too many rows."""
    return FileRefused("too-many-rows", most=most_rows())


def open_table(path: Path) -> Table:
    """The file at `path`. Raises FileRefused with what to do when it cannot be read."""
    # They read this module's classes.
    from lms.people.importing.delimited import TextTable  # noqa: PLC0415
    from lms.people.importing.workbook import Workbook  # noqa: PLC0415

    if path.stat().st_size > settings.LMS_IMPORT_BYTES:
        raise FileRefused("too-large", megabytes=settings.LMS_IMPORT_BYTES // 2**20)
    with path.open("rb") as file:
        begins = file.read(8)
    if not begins:
        raise FileRefused("empty")
    if begins.startswith(b"PK\3\4"):
        return Workbook(path)
    if begins.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        raise FileRefused("old-excel")
    return TextTable(path)


def chosen_sheet(table: Table, name: str) -> Sheet | None:
    """The sheet with this name, else the first that is not hidden and holds something."""
    sheets = table.sheets()
    named = [sheet for sheet in sheets if sheet.name == name]
    open_ones = [sheet for sheet in sheets if not sheet.is_hidden and sheet.filled]
    return next(iter([*named, *open_ones]), None)
