"""Cells of a list as what was meant: text, dates, phones, names; faults and what was mended."""

from __future__ import annotations

import datetime as dt
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.people.importing import cells
from lms.people.importing.cells import Read

TODAY = dt.date(2026, 11, 23)
BORN = dt.date(1975, 3, 12)


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (None, ""),
        ("  Xã\u00a0Suối\u200b Vân \n", "Xã Suối Vân"),
        (unicodedata.normalize("NFD", "Nguyễn Thị Hòa"), "Nguyễn Thị Hòa"),
        ("\ufeffHọ tên", "Họ tên"),
        ("'0912345678", "0912345678"),
        ("a\tb\r\nc", "a b c"),
        (12.0, "12"),
        (12.5, "12.5"),
        (True, "1"),
        (dt.datetime(1975, 3, 12), "12/03/1975"),
    ],
)
def test_text_is_one_line_composed_and_without_what_nobody_sees(raw: Any, text: str) -> None:
    assert cells.text_of(raw) == text


@given(st.text(max_size=60))
def test_text_of_text_is_itself(raw: str) -> None:
    once = cells.text_of(raw)
    assert once == cells.text_of(once) or once.startswith("'")
    assert unicodedata.is_normalized("NFC", once)


@pytest.mark.parametrize(
    ("raw", "read"),
    [
        (None, Read(None)),
        ("", Read(None)),
        (BORN, Read(BORN)),
        (dt.datetime(1975, 3, 12, 9), Read(BORN)),
        ("12/3/1975", Read(BORN)),
        ("12-03-1975", Read(BORN)),
        ("12.3.1975", Read(BORN)),
        ("12 3 1975", Read(BORN)),
        ("1975-03-12", Read(BORN)),
        ("1975-03-12 00:00:00", Read(BORN)),
        ("Ngày 12 tháng 3 năm 1975", Read(BORN)),
        ("12/3/75", Read(BORN, note="short-year")),
        ("1/2/05", Read(dt.date(2005, 2, 1), note="short-year")),
        ("1/2/13", Read(dt.date(1913, 2, 1), note="short-year")),
        (27465, Read(BORN, note="date-number")),
        (27465.0, Read(BORN, note="date-number")),
        ("27465", Read(BORN, note="date-number")),
        ("12031975", Read(BORN)),
        (1031975, Read(dt.date(1975, 3, 1))),
        ("19750312", Read(BORN)),
        ("1975", Read(None, note="year-only")),
        (1975, Read(None, note="year-only")),
        ("3/1975", Read(None, note="year-only")),
        ("25/13/1975", Read(None, fault="date-bad")),
        ("31/2/1980", Read(None, fault="date-bad")),
        ("khoảng 1975", Read(None, fault="date-bad")),
        (5, Read(None, fault="date-bad")),
        ("12/3/2027", Read(None, fault="date-range")),
        ("12/3/1875", Read(None, fault="date-range")),
    ],
)
def test_date_of_birth_however_it_was_written(raw: Any, read: Read) -> None:
    assert cells.birth_date(raw, TODAY) == read


@given(st.dates(dt.date(1930, 1, 1), dt.date(2010, 1, 1)))
def test_every_way_to_write_a_day_is_the_same_day(day: dt.date) -> None:
    serial = (day - dt.date(1899, 12, 30)).days
    written = [day, f"{day:%d/%m/%Y}", f"{day.day}.{day.month}.{day.year}", f"{day:%Y-%m-%d}"]
    assert {cells.birth_date(each, TODAY).value for each in [*written, serial]} == {day}


@pytest.mark.parametrize(
    ("raw", "read"),
    [
        (None, Read("")),
        ("0912 345 678", Read("+84912345678")),
        ("'0912.345.678", Read("+84912345678")),
        (84912345678, Read("+84912345678")),
        ("912345678", Read("+84912345678", note="phone-zero")),
        (912345678, Read("+84912345678", note="phone-zero")),
        (912345678.0, Read("+84912345678", note="phone-zero")),
        ("9.12345678E+08", Read("+84912345678", note="phone-zero")),
        ("9,12345678E8", Read("+84912345678", note="phone-zero")),
        ("9.12E+08", Read("", fault="phone-rounded")),
        ("0912345678; 0987654321", Read("", fault="phone-two")),
        ("0912345678 - 0987654321", Read("", fault="phone-two")),
        ("12345", Read("", fault="phone-bad")),
        ("không có", Read("", fault="phone-bad")),
    ],
)
def test_phone_that_lost_its_zero_gets_it_back_and_it_is_said(raw: Any, read: Read) -> None:
    assert cells.phone(raw) == read


@pytest.mark.parametrize(
    ("raw", "read"),
    [
        ("Nguyễn Thị Hòa", Read("Nguyễn Thị Hòa")),
        (" Nguyễn  Thị Hòa. ", Read("Nguyễn Thị Hòa")),
        ("NGUYỄN THỊ HÒA", Read("Nguyễn Thị Hòa", note="name-capitals")),
        ("H'Lan Niê", Read("H'Lan Niê")),
        ("Giàng A Phử", Read("Giàng A Phử")),
        ("Phạm Văn Đạt (B)", Read("Phạm Văn Đạt (B)")),
        ("Nguyễn Thị Hoà", Read("Nguyễn Thị Hoà")),
        ("", Read("", fault="name-missing")),
        ("-", Read("", fault="name-missing")),
        ("Nguyễn 2", Read("Nguyễn 2", fault="name-signs")),
        ("=HYPERLINK(1)", Read("=HYPERLINK(1)", fault="name-signs")),
        ("x" * 161, Read("x" * 160, fault="too-long")),
        ("NguyÔn ThÞ Hoµ", Read("NguyÔn ThÞ Hoµ", fault="old-font")),  # TCVN3
        ("Nguyeãn Thò Hoøa", Read("Nguyeãn Thò Hoøa", fault="old-font")),  # VNI
        ("Traàn Vaên Bình", Read("Traàn Vaên Bình", fault="old-font")),
    ],
)
def test_name(raw: str, read: Read) -> None:
    assert cells.name(raw) == read


UNICODE = (
    "Đặng Thị Thúy|Lê Quý Đôn|Vũ Khoả|Hoàng Hoè|Nguyễn Thị Hoá|Thuỷ|Phạm Xuân Ẩn|Âu Dương Ửng"
    "|Y Bhiu Niê|Trần Huệ Mẫn|ĐỖ MƯỜI|Ngô Quyền|Lý Toàn Thắng|Khuất Duy Toản"
)


@pytest.mark.parametrize("name", UNICODE.split("|"))
def test_names_in_unicode_are_no_old_fonts(name: str) -> None:
    assert not cells.is_old_font(name)


@pytest.mark.parametrize(
    ("raw", "heading", "value"),
    [
        ("Nữ", "", "female"),
        ("nu", "gioi tinh", "female"),
        ("NAM", "", "male"),
        ("x", "nu", "female"),
        ("x", "nam", "male"),
        ("", "nu", ""),
    ],
)
def test_sex(raw: str, heading: str, value: str) -> None:
    assert cells.sex(raw, heading) == Read(value)


@pytest.mark.parametrize(("raw", "heading"), [("x", ""), ("khác?", "gioi tinh"), ("2", "nu")])
def test_sex_that_is_not_understood_is_a_fault(raw: str, heading: str) -> None:
    assert cells.sex(raw, heading) == Read("", fault="sex-bad")
