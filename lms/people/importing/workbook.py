"""Workbooks (XLSX): proven by the archive guard, looked through as text, then read by openpyxl."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final
from xml.etree.ElementTree import ParseError

from django.conf import settings
from openpyxl import load_workbook
from openpyxl.utils.cell import column_index_from_string, coordinate_from_string, range_boundaries
from openpyxl.utils.exceptions import InvalidFileException

from lms.people.importing.reading import COLUMNS, Grid, Sheet, most_rows, refuse_rows
from lms.people.importing.texts import FileRefused
from lms.plugins.archive import SPREADSHEET, ArchiveError, GuardedArchive, check_ooxml, open_archive

#: Whatever openpyxl meets in a file that only looks like a workbook.
UNREADABLE: Final = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    InvalidFileException,
    LookupError,
    OSError,
    ParseError,
    TypeError,
    ValueError,
    zipfile.BadZipFile,
)
TOO_MUCH: Final = frozenset(["file-too-large", "entry-too-large", "total-too-large", "ratio"])
MERGED_CELLS: Final = 200_000

_ROW_ENDS = re.compile(rb"</(?:\w+:)?row>")
_ROW = re.compile(rb"<(?:\w+:)?row\b([^>]*)>")
_NUMBER = re.compile(rb'\br="(\d+)"')
_HIDDEN = re.compile(rb'\bhidden="(?:1|true)"')
_FILLED = re.compile(rb"<(?:\w+:)?(?:v|is|f)\b[^>]*>[^<]*[^<\s]|<(?:\w+:)?is\b")
_CELL = re.compile(rb"<(?:\w+:)?c\b([^>/]*)>(.*?)</(?:\w+:)?c>", re.DOTALL)
_PLACE = re.compile(rb'\br="([A-Z]{1,3}\d{1,7})"')
_FORMULA = re.compile(rb"<(?:\w+:)?f\b")
_VALUE = re.compile(rb"<(?:\w+:)?v\b[^>]*>[^<]")
_MERGE = re.compile(rb'<(?:\w+:)?mergeCell\b[^>]*?\bref="([A-Z0-9:]{5,21})"')


@dataclass
class Scan:
    """What the text of a sheet says before anything of it is kept."""

    filled: int = 0
    last: int = 0
    hidden: int = 0
    uncalculated: set[tuple[int, int]] = field(default_factory=set)
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)  # column, row; twice


def scan(archive: GuardedArchive, part: str) -> Scan:
    """Count and note in one pass, in pieces: memory does not grow with the sheet."""
    found, left = Scan(), b""
    number = 0
    for piece in archive.chunks(part):
        *rows, left = _ROW_ENDS.split(left + piece)
        for row in rows:
            number = _scan_row(found, row, number)
    for ref in _MERGE.findall(left):
        left_column, top, right_column, bottom = range_boundaries(ref.decode())
        # Whole rows and whole columns have no bounds of their own.
        found.merges.append(
            (left_column or 1, top or 1, right_column or COLUMNS, bottom or found.last)
        )
    return found


def _scan_row(found: Scan, row: bytes, before: int) -> int:
    # Rows without any cell close themselves and stand before this one in the same piece.
    heads = _ROW.findall(row)
    head = heads[-1] if heads else b""
    said = _NUMBER.search(head)
    number = int(said[1]) if said else before + len(heads)
    if not _FILLED.search(row):
        return number
    found.filled += 1
    found.last = number
    found.hidden += bool(_HIDDEN.search(head))
    if _FORMULA.search(row) and found.filled <= most_rows() + 1:
        for attributes, body in _CELL.findall(row):
            place = _PLACE.search(attributes)
            if place and _FORMULA.search(body) and not _VALUE.search(body):
                letters, at = coordinate_from_string(place[1].decode())
                found.uncalculated.add((at, column_index_from_string(letters)))
    return number


class Workbook:
    """A workbook that has passed the guard."""

    def __init__(self, path: Path) -> None:
        self.path = path
        limits = replace(SPREADSHEET, max_file_bytes=settings.LMS_IMPORT_BYTES)
        try:
            with open_archive(path, limits) as archive:
                check_ooxml(archive, "xlsx")
                parts = [name for name in archive.names() if _is_sheet(name)]
                self._scans = {part: scan(archive, part) for part in parts}
        except ArchiveError as error:
            if error.rule in TOO_MUCH:
                raise refuse_rows() from error
            raise FileRefused("archive", rule=error.rule, entry=error.entry) from error
        except ValueError as error:
            raise FileRefused("unreadable") from error
        filled = [found.filled for found in self._scans.values() if found.filled]
        if not filled:
            raise FileRefused("empty")
        # The headings may take some rows of their own.
        if min(filled) > most_rows() + COLUMNS:
            raise refuse_rows()
        # By its name openpyxl would refuse it: the name has no ending. Closed with this object.
        self._file = path.open("rb")
        try:
            self._book = load_workbook(self._file, read_only=True, data_only=True, keep_links=False)
            self._sheets = {
                Sheet(each.title, each.sheet_state != "visible", found.filled): (each, found)
                for each in self._book.worksheets
                if (found := self._scans.get(_part_of(each)))
            }
        except UNREADABLE as error:
            raise FileRefused("unreadable") from error
        if not self._sheets:
            raise FileRefused("unreadable")

    def sheets(self) -> list[Sheet]:
        """Its sheets with cells; charts are no sheets."""
        return list(self._sheets)

    def grid(self, sheet: Sheet) -> Grid:
        """A sheet; refused when more rows are filled than one file may hold."""
        found = self._sheets[sheet][1]
        if found.filled > most_rows() + COLUMNS:
            raise refuse_rows()
        return Grid(
            self, sheet, _spread(found), frozenset(found.uncalculated), hidden_rows=found.hidden
        )

    def rows(self, sheet: Sheet) -> Iterator[tuple[int, Sequence[Any]]]:
        """The rows up to the last one that is filled."""
        worksheet, found = self._sheets[sheet]
        try:
            yield from enumerate(
                worksheet.iter_rows(
                    min_row=1, max_row=found.last, max_col=COLUMNS, values_only=True
                ),
                start=1,
            )
        except UNREADABLE as error:
            raise FileRefused("unreadable") from error

    def __del__(self) -> None:
        if file := getattr(self, "_file", None):
            file.close()


def _is_sheet(name: str) -> bool:
    return "/worksheets/" in f"/{name}" and name.endswith(".xml")


def _part_of(worksheet: Any) -> str:
    """The part of the archive that a sheet is read from; openpyxl knows it and says it nowhere."""
    return str(getattr(worksheet, "_worksheet_path", "")).lstrip("/")


def _spread(found: Scan) -> dict[tuple[int, int], tuple[int, int]]:
    """Every cell under a merged one: {(row, column): (row, column) of the value}."""
    cells: dict[tuple[int, int], tuple[int, int]] = {}
    for left, top, right, bottom in found.merges:
        right, bottom = min(right, COLUMNS), min(bottom, found.last)
        if len(cells) + (right - left + 1) * (bottom - top + 1) > MERGED_CELLS:
            raise FileRefused("merged-too-much")
        for row in range(top, bottom + 1):
            for column in range(left, right + 1):
                cells[row, column] = (top, left)
    return cells
