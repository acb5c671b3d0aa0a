"""Rows of a workbook (XLSX, ECMA-376 part 1, chapter 18) or of text with separators, as text."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from django.utils.translation import gettext as _
from openpyxl import load_workbook
from openpyxl.utils.cell import range_boundaries
from openpyxl.utils.exceptions import InvalidFileException

from lms.plugins.archive import (
    MB,
    SPREADSHEET,
    ArchiveError,
    GuardedArchive,
    check_ooxml,
    open_archive,
)
from lms.plugins.vietnamese import nfc
from quizzes.exchange.decoding import decoded
from quizzes.exchange.drafts import UnreadableFile
from quizzes.exchange.plain_numbers import with_comma

MOST_ROWS: Final = 10_000
COLUMNS: Final = 60
LAST_ROW: Final = 100_000  # programs leave empty rows with borders behind the last one
SEPARATORS: Final = (",", ";", "\t")
OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LIMITS: Final = replace(SPREADSHEET, max_entry_bytes=48 * MB, max_total_bytes=64 * MB)
_MERGE: Final = re.compile(
    rb'<(?:\w+:)?mergeCell\b[^>]*?\bref="([A-Z]{1,3}\d{1,7}:[A-Z]{1,3}\d{1,7})"'
)
_FAR: Final = re.compile(rb"\br=[\"'](?:[A-Z]{1,3})?(\d{6,})[\"']")  # a row or a cell, far below
_UNREADABLE: Final = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    DefusedXmlException,
    InvalidFileException,
    LookupError,
    OSError,
    ParseError,
    TypeError,
    ValueError,
    zipfile.BadZipFile,
)


@dataclass(frozen=True)
class Cell:
    """What stands in a cell. `fault`: why that cannot be told."""

    text: str = ""
    fault: str = ""


@dataclass
class SheetRows:
    """A sheet: its rows by number, and the ranges of its merged cells."""

    name: str
    rows: list[tuple[int, list[Cell]]] = field(default_factory=list)  # those with something in them
    is_hidden: bool = False
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)  # column, row; twice


def sheets_of(content: bytes) -> list[SheetRows]:
    """All sheets. Raises UnreadableFile."""
    if content.startswith(OLE):
        raise UnreadableFile(
            _("This is an old workbook (.xls), or one with a password. Save it as .xlsx.")
        )
    if content.startswith(b"PK"):
        return _workbook(content)
    return [SheetRows("", list(_text_rows(decoded(content))))]


def _workbook(content: bytes) -> list[SheetRows]:
    try:
        with open_archive(io.BytesIO(content), _LIMITS) as archive:
            check_ooxml(archive, "xlsx")
            merges = {name: _merges(archive, name) for name in archive.names() if _is_sheet(name)}
        return _sheets(content, merges)
    except ArchiveError as error:
        raise UnreadableFile(_(error.message) % error.params) from error
    except _UNREADABLE as error:
        raise UnreadableFile(_("The workbook is damaged. Save it again as .xlsx.")) from error


def _sheets(content: bytes, merges: dict[str, list[tuple[int, int, int, int]]]) -> list[SheetRows]:
    # Twice: the results of formulas, and where a formula stands that was never computed.
    options = {"read_only": True, "keep_links": False}
    values = load_workbook(io.BytesIO(content), data_only=True, **options)
    formulas = load_workbook(io.BytesIO(content), data_only=False, **options)
    found, filled = [], 0
    for one, other in zip(values.worksheets, formulas.worksheets, strict=True):
        sheet = SheetRows(
            nfc(one.title),
            is_hidden=one.sheet_state != "visible",
            merged=merges.get(str(getattr(one, "_worksheet_path", "")).lstrip("/"), []),
        )
        both: list[Any] = [one, other]
        for each in both:
            each.reset_dimensions()
        rows = zip(
            *(each.iter_rows(max_col=COLUMNS, max_row=LAST_ROW) for each in both), strict=False
        )
        for number, (cells, sources) in enumerate(rows, 1):
            texts = [_cell(*pair) for pair in zip(cells, sources, strict=False)]
            if any(each.text or each.fault for each in texts):
                filled += 1
                _check(filled)
                sheet.rows.append((number, texts))
        found.append(sheet)
    return found


def _check(filled: int) -> None:
    if filled > MOST_ROWS + 100:  # headings and explanations stand above the questions
        raise _too_many()


def _too_many() -> UnreadableFile:
    return UnreadableFile(
        _("The file has more than %(limit)d rows. Split it.") % {"limit": MOST_ROWS}
    )


def _cell(cell: Any, source: Any) -> Cell:
    value = cell.value
    if value is None:
        if getattr(source, "data_type", "") == "f":
            return Cell(fault=_("A formula has no result. Open the file, save it, and try again."))
        return Cell()
    if getattr(cell, "data_type", "") == "e":
        return Cell(fault=_("A cell shows the error %(error)s.") % {"error": value})
    if isinstance(value, bool):
        return Cell("Đúng" if value else "Sai")
    if isinstance(value, int | float | Decimal):
        if "%" in str(getattr(cell, "number_format", "")):
            return Cell(f"{with_comma(float(value) * 100)}%")
        return Cell(str(value) if isinstance(value, int) else with_comma(float(value)))
    if isinstance(value, datetime):
        form = "%d/%m/%Y" if value.time() == time() else "%d/%m/%Y %H:%M"
        return Cell(value.strftime(form))
    if isinstance(value, date):
        return Cell(value.strftime("%d/%m/%Y"))
    if isinstance(value, time):
        return Cell(value.strftime("%H:%M"))
    return Cell(_tidy(str(value)))


def _tidy(text: str) -> str:
    lines = nfc(text).replace("\r\n", "\n").replace("\r", "\n").replace("_x000D_", "").split("\n")
    return "\n".join(" ".join(line.replace("\xa0", " ").split()) for line in lines).strip()


def _is_sheet(name: str) -> bool:
    return "/worksheets/" in f"/{name}" and name.endswith(".xml")


def _merges(archive: GuardedArchive, name: str) -> list[tuple[int, int, int, int]]:
    """Read as text: where cells are merged stands behind all the rows."""
    found, left = [], b""
    for piece in archive.chunks(name):
        text = left + piece
        if any(int(each[:9]) > LAST_ROW for each in _FAR.findall(text)):
            raise _too_many()
        ends = 0
        for match in _MERGE.finditer(text):
            columns = range_boundaries(match[1].decode())
            found.append(tuple(each or 1 for each in columns))
            ends = match.end()
        left = text[max(ends, len(text) - 200) :]
    return [(a, b, c, d) for a, b, c, d in found]


def _text_rows(text: str) -> Iterator[tuple[int, list[Cell]]]:
    if text[:4].lower() == "sep=" and "\n" in text:
        separator, offset = text[4], 1
        text = text.split("\n", 1)[1]
    else:
        separator, offset = _separator(text), 0
    filled = 0
    reader = csv.reader(io.StringIO(text), delimiter=separator if separator.strip('\n"') else ",")
    try:
        for number, row in enumerate(reader, 1 + offset):
            cells = [Cell(_tidy(each)) for each in row[:COLUMNS]]
            if any(each.text for each in cells):
                filled += 1
                _check(filled)
                yield number, cells
    except csv.Error as error:
        raise UnreadableFile(
            _("The table is damaged near line %(line)d. A quotation mark may be missing.")
            % {"line": reader.line_num}
        ) from error


def _separator(text: str) -> str:
    """What parts the cells: that which is most frequent in the first lines, outside quotes."""
    head = re.sub(r'"(?:[^"]|"")*"', "", text[:20_000]).split("\n")[:20]
    return max(SEPARATORS, key=lambda each: max((line.count(each) for line in head), default=0))
