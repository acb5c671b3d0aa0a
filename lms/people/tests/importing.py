"""Spreadsheets made for tests, and an import of them run to its end."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook

from lms.people.importing import checking, columns
from lms.people.importing.checking import Progress, check, judge_again
from lms.people.importing.committing import commit
from lms.people.importing.options import Options
from lms.people.importing.steps import name_columns, send
from lms.people.models import ImportRow, PeopleImport, User

HEADINGS = ("Họ và tên", "Ngày sinh", "Điện thoại", "Chức vụ", "Đơn vị")
Table = Sequence[Sequence[Any]]


def workbook(*rows: Sequence[Any], change: Callable[[Workbook], None] | None = None) -> bytes:
    """An XLSX file whose first sheet holds the rows."""
    book = Workbook()
    for row in rows:
        book.active.append(list(row))
    if change is not None:
        change(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def text(*rows: Sequence[Any], encoding: str = "utf-8", separator: str = ",") -> bytes:
    """A CSV file of the rows."""
    out = io.StringIO()
    csv.writer(out, delimiter=separator).writerows(rows)
    return out.getvalue().encode(encoding)


def sent(by: User, content: bytes, name: str = "danh-sach.xlsx") -> PeopleImport:
    """An import that waits for its columns to be named."""
    return send(by=by, upload=SimpleUploadedFile(name, content))


def run(steps: Iterator[Progress]) -> list[Progress]:
    """All the progress of a generator run to its end."""
    return list(steps)


def checked(by: User, content: bytes, name: str = "danh-sach.xlsx", **options: Any) -> PeopleImport:
    """An import with the guessed columns, checked."""
    people_import = sent(by, content, name)
    return renamed(people_import, people_import.mapping, **options)


def renamed(people_import: PeopleImport, mapping: dict[str, int], **options: Any) -> PeopleImport:
    """The import with other columns or options, checked."""
    grid = checking.grid_of(people_import, checking.opened(people_import))
    head = columns.find_head(grid, people_import.header_row)
    chosen = Options.from_json(people_import.options, options.pop("on"))
    people_import = name_columns(
        people_import=people_import,
        sheet=people_import.sheet,
        head=head,
        mapping=mapping,
        options=Options(**{**chosen.__dict__, **options}),
    )
    run(check(people_import))
    return people_import


def again(people_import: PeopleImport) -> PeopleImport:
    """The import judged anew."""
    people_import.refresh_from_db()
    run(judge_again(people_import))
    return people_import


def committed(people_import: PeopleImport) -> PeopleImport:
    """The import taken over."""
    run(commit(people_import))
    return people_import


def outcomes(people_import: PeopleImport) -> dict[int, str]:
    """{number of the row: outcome}."""
    return dict(people_import.rows.values_list("number", "outcome"))


def row(people_import: PeopleImport, number: int) -> ImportRow:
    """A row that was checked."""
    found: ImportRow = people_import.rows.get(number=number)
    return found


def codes(problems: list[dict[str, Any]]) -> list[str]:
    """The codes of faults or notes."""
    return [each["code"] for each in problems]
