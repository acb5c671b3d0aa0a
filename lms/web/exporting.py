"""Tables as files that spreadsheet programs open without surprises."""

from __future__ import annotations

import csv
import datetime as dt
import io
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.utils.formats import date_format
from django.utils.http import content_disposition_header
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from lms.plugins.vietnamese import fold

FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Table:
    """A title, a header row and rows of texts, numbers, dates or None."""

    title: str
    header: list[str]
    rows: list[list[Any]]

    def file_name(self, suffix: str) -> str:
        """A plain name for the file: the title without diacritics."""
        words = "".join(c if c.isalnum() else " " for c in fold(self.title)).split()
        return f"{'-'.join(words) or 'export'}.{suffix}"


def harmless(value: Any) -> Any:
    """Text that a spreadsheet would run as a formula, with an apostrophe before it."""
    if isinstance(value, str) and value.startswith(FORMULA):
        return f"'{value}"
    return value


def as_csv(table: Table) -> HttpResponse:
    """UTF-8 with a byte order mark, so that Excel reads Vietnamese; dates as people write them."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    for row in [table.header, *table.rows]:
        writer.writerow(
            [
                ""
                if cell is None
                else date_format(cell, "SHORT_DATE_FORMAT")
                if isinstance(cell, dt.date)
                else harmless(cell)
                for cell in row
            ]
        )
    return _file(
        buffer.getvalue().encode("utf-8-sig"), "text/csv; charset=utf-8", table.file_name("csv")
    )


def as_xlsx(table: Table) -> HttpResponse:
    """A workbook with one sheet, the header bold and frozen, numbers and dates as such."""
    book = Workbook(write_only=True)
    title = "".join(" " if c in "[]:*?/\\" else c for c in table.title)
    sheet = book.create_sheet(title[:31].strip() or "1")
    sheet.freeze_panes = "B2"
    sheet.column_dimensions["A"].width = 28
    header = []
    for text in table.header:
        cell = WriteOnlyCell(sheet, value=harmless(text))
        cell.font = Font(bold=True)
        header.append(cell)
    sheet.append(header)
    for row in table.rows:
        cells = []
        for value in row:
            cell = WriteOnlyCell(sheet, value=harmless(value))
            if isinstance(value, dt.date):
                cell.number_format = "DD/MM/YYYY"
            cells.append(cell)
        sheet.append(cells)
    buffer = io.BytesIO()
    book.save(buffer)
    return _file(
        buffer.getvalue(),
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        table.file_name("xlsx"),
    )


def _file(content: bytes, content_type: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=content_type)
    header = content_disposition_header(as_attachment=True, filename=name)
    if header:
        response["Content-Disposition"] = header
    return response
