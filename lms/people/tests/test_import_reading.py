"""Files as offices send them: every odd one is read as it was meant, or refused with what to do."""

from __future__ import annotations

import datetime as dt
import io
import time
import tracemalloc
import unicodedata
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from lms.people.importing import columns
from lms.people.importing.reading import Grid, chosen_sheet, open_table
from lms.people.importing.rows import Reader, Row
from lms.people.importing.texts import FileRefused
from lms.people.tests.importing import HEADINGS, codes, text, workbook

TODAY = dt.date(2026, 11, 23)
HOA = ("Nguyễn Thị Hòa", "02/09/1975", "0912 345 678", "Bí thư", "Xã Suối Vân")
AN = ("Lò Văn Ơn", "", "", "Phó Bí thư", "Xã Đầm Sậy")


@pytest.fixture
def grid(tmp_path: Path) -> Callable[..., Grid]:
    def opened(content: bytes, sheet: str = "") -> Grid:
        path = tmp_path / "list"
        path.write_bytes(content)
        table = open_table(path)
        found = chosen_sheet(table, sheet)
        assert found is not None
        return table.grid(found)

    return opened


def people(grid: Grid, header: int = 0) -> list[Row]:
    head = columns.find_head(grid, header)
    return list(Reader(grid, head, columns.guess(head.columns), TODAY))


def names(rows: list[Row]) -> list[str]:
    return [row.full_name for row in rows]


def refusal(read: Callable[..., Any], content: bytes) -> str:
    with pytest.raises(FileRefused) as caught:
        people(read(content))
    return caught.value.code


# --- text ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_text_in_every_encoding_and_with_every_separator(
    grid: Callable[..., Grid], encoding: str, separator: str
) -> None:
    rows = people(grid(text(HEADINGS, HOA, AN, encoding=encoding, separator=separator)))
    assert names(rows) == [HOA[0], AN[0]]
    assert [row.number for row in rows] == [2, 3]
    assert [row.unit for row in rows] == [HOA[4], AN[4]]
    assert [row.faults for row in rows] == [[], []]


def windows_1258(*rows: tuple[str, ...]) -> bytes:
    """As Windows writes Vietnamese: the letter with its own mark, then the tone by itself."""
    joined = "\r\n".join(";".join(row) for row in rows)
    out = ""
    for letter in joined:
        try:
            letter.encode("cp1258")
            out += letter
        except UnicodeEncodeError:
            parts = unicodedata.normalize("NFD", letter)
            tone = [c for c in parts if c in "\u0300\u0301\u0303\u0309\u0323"]
            base = unicodedata.normalize("NFC", "".join(c for c in parts if c not in tone))
            out += base + "".join(tone)
    return out.encode("cp1258")


def test_windows_1258_with_tones_of_their_own_is_composed(grid: Callable[..., Grid]) -> None:
    content = windows_1258(HEADINGS, HOA, ("Đặng Thị Mỹ Lệ", "", "", "Bí thư", "Xã Đầm Sậy"))
    with pytest.raises(UnicodeDecodeError):
        content.decode("utf-8")
    assert names(people(grid(content))) == ["Nguyễn Thị Hòa", "Đặng Thị Mỹ Lệ"]


def test_separator_is_known_though_cells_hold_others(grid: Callable[..., Grid]) -> None:
    content = (
        "Họ và tên;Chức vụ;Đơn vị\r\n"
        "Nguyễn Thị Hòa;Bí thư, Chủ tịch, Trưởng ban;Xã Suối Vân\r\n"
        "Lò Văn Ơn;Bí thư, Chủ tịch;Xã Đầm Sậy\r\n"
    )
    assert [row.position for row in people(grid(content.encode()))] == [
        "Bí thư, Chủ tịch, Trưởng ban",
        "Bí thư, Chủ tịch",
    ]
    assert names(people(grid(b"sep=;\r\n" + content.encode()))) == ["Nguyễn Thị Hòa", "Lò Văn Ơn"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"\r\n;;;\r\n", "empty"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "old-excel"),
        (b"%PDF-1.7\n\x00\x01\x02\x03" + bytes(range(256)) * 4, "not-a-table"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + b"\x01\x00\x07" * 99, "not-a-table"),
        ("Họ tên\nNguyễn\n".encode("utf-16")[:-1], "encoding"),
        ("Họ tên,Đơn vị\nHòa,X".encode("utf-8-sig") + b"\xff\xfe", "encoding"),
        ("Họ tên,Đơn vị\nHòa,X".encode() + b"\x8d\x8f", "encoding"),
        (b'Ho ten,Don vi\n"Hoa' + b",x\n" * 60_000, "quotes"),
        (b"PK\3\4 not a zip file", "archive"),
    ],
)
def test_what_is_no_list_is_refused(grid: Callable[..., Grid], content: bytes, code: str) -> None:
    assert refusal(grid, content) == code


def test_old_fonts_are_refused_row_by_row(grid: Callable[..., Grid]) -> None:
    rows = people(grid(text(HEADINGS, ("NguyÔn ThÞ Hoµ", "", "", "BÝ th­", "X· Suèi V©n"))))
    assert codes(rows[0].faults)[0] == "old-font"


# --- workbooks -----------------------------------------------------------------------------------


def test_workbook_with_titles_above_and_numbers_of_columns_below_the_headings(
    grid: Callable[..., Grid],
) -> None:
    def merge(book: Workbook) -> None:
        book.active.merge_cells("A1:F1")
        book.active.merge_cells("B4:C4")

    content = workbook(
        ("ĐẢNG ỦY XÃ SUỐI VÂN",),
        ("DANH SÁCH HỌC VIÊN",),
        (),
        ("STT", "Họ và tên", None, "Ngày sinh", "Chức vụ", "Đơn vị"),
        ("(1)", "(2)", "(3)", "(4)", "(5)", "(6)"),
        (1, "Nguyễn Thị", "Hòa", dt.date(1975, 9, 2), "Bí thư", "Xã Suối Vân"),
        (2, "Lò Văn", "Ơn", 27639, "Bí thư", "Xã Suối Vân"),
        (None, None, None, None, None, None),
        (3, None, None, None, None, None),
        (None, "Tổng cộng: 2 người", None, None, None, None),
        change=merge,
    )
    read = grid(content)
    head = columns.find_head(read)
    assert (head.first, head.last) == (4, 4)
    assert columns.guess(head.columns) == {
        "family_names": 2, "given_name": 3, "birth_date": 4, "position": 5, "unit": 6,
    }  # fmt: skip
    rows = people(read)
    assert names(rows) == ["Nguyễn Thị Hòa", "Lò Văn Ơn", ""]
    assert rows[0].birth_date == rows[1].birth_date == dt.date(1975, 9, 2)
    assert codes(rows[1].notes) == ["date-number"]
    assert [codes(row.faults) for row in rows] == [[], [], ["name-half"]]


def test_merged_units_count_for_each_row_and_merged_names_are_a_fault(
    grid: Callable[..., Grid],
) -> None:
    def merge(book: Workbook) -> None:
        book.active.merge_cells("C2:C4")
        book.active.merge_cells("A3:A4")

    rows = people(
        grid(
            workbook(
                ("Họ và tên", "Chức vụ", "Đơn vị"),
                ("Nguyễn Thị Hòa", "Bí thư", "Xã Suối Vân"),
                ("Lò Văn Ơn", "Bí thư", None),
                (None, "Phó Bí thư", None),
                change=merge,
            )
        )
    )
    assert [row.unit for row in rows] == ["Xã Suối Vân"] * 3
    assert [codes(row.notes) for row in rows] == [[], ["merged-shared"], ["merged-shared"]]
    assert [codes(row.faults) for row in rows] == [[], [], ["merged"]]
    assert rows[2].faults == [
        {"code": "merged", "field": "full_name", "column": "A", "value": "Lò Văn Ơn"}
    ]


def test_a_heading_over_several_columns_is_no_person(grid: Callable[..., Grid]) -> None:
    rows = people(
        grid(
            workbook(
                HEADINGS,
                ("I. Xã Suối Vân",),
                HOA,
                change=lambda book: book.active.merge_cells("A2:E2"),
            )
        )
    )
    assert [codes(row.faults) for row in rows] == [["heading-row"], []]


def test_two_rows_of_headings(grid: Callable[..., Grid]) -> None:
    def merge(book: Workbook) -> None:
        for area in ("A1:A2", "B1:C1", "D1:D2"):
            book.active.merge_cells(area)

    head = columns.find_head(
        grid(
            workbook(
                ("Họ và tên", "Công tác", None, "Ngày sinh"),
                (None, "Chức vụ", "Đơn vị", None),
                ("Nguyễn Thị Hòa", "Bí thư", "Xã Suối Vân", "1/1/1970"),
                change=merge,
            )
        ),
        1,
    )
    assert head.last == 2
    assert [each.heading for each in head.columns] == [
        "Họ và tên", "Công tác Chức vụ", "Công tác Đơn vị", "Ngày sinh",
    ]  # fmt: skip


def test_formulas_without_a_result_and_errors_are_faults(grid: Callable[..., Grid]) -> None:
    rows = people(
        grid(
            workbook(
                HEADINGS,
                ("=B9&C9", "02/09/1975", "", "Bí thư", "Xã Suối Vân"),
                ("Lò Văn Ơn", "02/09/1975", "", "=VLOOKUP(A1,B1:C3,2)", "#N/A"),
            )
        )
    )
    assert [[(f["code"], f["column"]) for f in row.faults] for row in rows] == [
        [("formula", "A")],
        [("formula", "D"), ("cell-error", "E")],
    ]


def test_hidden_sheets_are_named_and_only_taken_when_chosen(
    tmp_path: Path, grid: Callable[..., Grid]
) -> None:
    def hide(book: Workbook) -> None:
        book.active.title = "Cũ"
        book.active.sheet_state = "hidden"
        book.create_sheet("Trống")
        shown = book.create_sheet("Danh sách")
        for row in (HEADINGS, AN):
            shown.append(row)

    content = workbook(HEADINGS, HOA, change=hide)
    path = tmp_path / "book"
    path.write_bytes(content)
    sheets = open_table(path).sheets()
    assert [(each.name, each.is_hidden, each.filled) for each in sheets] == [
        ("Cũ", True, 2), ("Trống", False, 0), ("Danh sách", False, 2),
    ]  # fmt: skip
    assert names(people(grid(content))) == ["Lò Văn Ơn"]
    assert names(people(grid(content, "Cũ"))) == ["Nguyễn Thị Hòa"]


def test_hidden_rows_are_counted(grid: Callable[..., Grid]) -> None:
    def hide(book: Workbook) -> None:
        book.active.row_dimensions[2].hidden = True

    assert grid(workbook(HEADINGS, HOA, AN, change=hide)).hidden_rows == 1


def test_phones_as_numbers_without_their_zero(grid: Callable[..., Grid]) -> None:
    rows = people(
        grid(
            workbook(
                HEADINGS,
                ("Nguyễn Thị Hòa", None, 912345678, "Bí thư", "X"),
                ("Lò Văn Ơn", None, 912345678.0, "Bí thư", "X"),
            )
        )
    )
    assert [row.phone for row in rows] == ["+84912345678"] * 2
    assert [codes(row.notes) for row in rows] == [["phone-zero"]] * 2


def with_parts(content: bytes, change: Callable[[str, bytes], bytes], *more: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)), zipfile.ZIP_DEFLATED)
        for name in more:
            new.writestr(name, b"x")
    return out.getvalue()


@pytest.mark.parametrize("spoil", ["cut", "macros", "entities", "outside", "no sheet", "not xml"])
def test_damaged_and_hostile_workbooks_are_refused(grid: Callable[..., Grid], spoil: str) -> None:
    content = workbook(HEADINGS, HOA)

    def entity(name: str, part: bytes) -> bytes:
        if "sheet1" in name:
            return b'<!DOCTYPE x [<!ENTITY a "b">]>' + part
        return part

    def lost(name: str, part: bytes) -> bytes:
        return part.replace(b"sheet1.xml", b"sheet9.xml") if "rels" in name else part

    def broken(name: str, part: bytes) -> bytes:
        return part.replace(b"</sheetData>", b"</sheet") if "sheet1" in name else part

    spoiled = {
        "cut": content[: len(content) // 2],
        "macros": with_parts(content, lambda _n, part: part, "xl/vbaProject.bin"),
        "entities": with_parts(content, entity),
        "outside": with_parts(content, lambda _n, part: part, "../evil.xml"),
        "no sheet": with_parts(content, lost),
        "not xml": with_parts(content, broken),
    }[spoil]
    assert refusal(grid, spoiled) in {"archive", "unreadable"}


# --- limits --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def hundred_thousand() -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("DS")
    sheet.append(HEADINGS)
    for number in range(100_000):
        sheet.append(
            (f"Nguyễn Văn {number}", "02/09/1975", 912_000_000 + number, "Bí thư", "Xã Suối Vân")
        )
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_hundred_thousand_rows_are_refused_soon_and_in_little_memory(
    tmp_path: Path, hundred_thousand: bytes
) -> None:
    path = tmp_path / "many"
    path.write_bytes(hundred_thousand)
    tracemalloc.start()
    began = time.process_time()
    with pytest.raises(FileRefused) as caught:
        open_table(path)
    seconds, memory = time.process_time() - began, tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert caught.value.code == "too-many-rows"
    assert "20000" in str(caught.value)
    assert memory < 8 * 2**20
    assert seconds < 20  # five with the memory not traced


def test_a_hundred_thousand_lines_of_text_are_refused(grid: Callable[..., Grid]) -> None:
    content = text(HEADINGS, *[HOA] * 100_000)
    assert refusal(grid, content) == "too-many-rows"


def test_empty_formatted_rows_are_no_people(grid: Callable[..., Grid], settings: Any) -> None:
    settings.LMS_IMPORT_ROWS = 10

    def far_down(book: Workbook) -> None:
        for row in range(3, 400):
            book.active.cell(row=row, column=1).number_format = "@"

    assert names(people(grid(workbook(HEADINGS, HOA, change=far_down)))) == ["Nguyễn Thị Hòa"]


def test_a_file_larger_than_allowed_is_refused(grid: Callable[..., Grid], settings: Any) -> None:
    settings.LMS_IMPORT_BYTES = 100
    assert refusal(grid, text(HEADINGS, HOA)) == "too-large"
