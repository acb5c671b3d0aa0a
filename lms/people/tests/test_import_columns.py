"""Headings of lists, as offices write them."""

from __future__ import annotations

import pytest

from lms.people.importing import columns
from lms.people.importing.columns import Column, guess


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("Họ và tên", "full_name"),
        ("HỌ TÊN (*)", "full_name"),
        ("Họ và tên học viên", "full_name"),
        ("Họ, đệm", "family_names"),
        ("Họ và tên đệm", "family_names"),
        ("Tên", "given_name"),
        ("Ngày, tháng, năm sinh", "birth_date"),
        ("Năm sinh", "birth_date"),
        ("Giới tính", "sex"),
        ("Số điện thoại\n(Zalo)", "phone"),
        ("SĐT", "phone"),
        ("ĐT di động", "phone"),
        ("Chức vụ/Chức danh", "position"),
        ("Chức vụ, đơn vị công tác", "position"),
        ("Đơn vị công tác", "unit"),
        ("Mã đơn vị", "unit_code"),
        ("Tên đăng nhập", "username"),
        ("Date of birth", "birth_date"),
        ("Đơn vị tính", ""),
        ("Nơi sinh", ""),
        ("Ngày vào Đảng", ""),
        ("STT", ""),
        ("", ""),
    ],
)
def test_headings_are_known_without_marks_case_and_brackets(heading: str, field: str) -> None:
    assert columns.meaning(heading) == field


def named(*headings: str, samples: tuple[tuple[str, ...], ...] = ()) -> list[Column]:
    return [
        Column(number, heading, samples[number - 1] if samples else ())
        for number, heading in enumerate(headings, start=1)
    ]


@pytest.mark.parametrize(
    ("found", "mapping"),
    [
        (named("STT", "Họ và tên", "Đơn vị"), {"full_name": 2, "unit": 3}),
        (named("Họ", "Tên"), {"family_names": 1, "given_name": 2}),
        (named("Tên", "Đơn vị"), {"full_name": 1, "unit": 2}),
        (named("Họ và tên", "Tên"), {"full_name": 1}),
        (named("Đơn vị", "Đơn vị"), {"unit": 1}),
        (
            named("Họ và tên", "", samples=(("Nguyễn Thị", "Lò Văn"), ("Hòa", "Ơn"))),
            {"family_names": 1, "given_name": 2},
        ),
        (named("Họ và tên", "", samples=(("Lò Văn Ơn",), ("12/3/1975",))), {"full_name": 1}),
    ],
)
def test_columns_are_guessed_and_names_in_two_columns_are_seen(
    found: list[Column], mapping: dict[str, int]
) -> None:
    assert guess(found) == mapping
