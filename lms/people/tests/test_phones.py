from __future__ import annotations

import pytest

from lms.people.phones import normalise_phone, phone_as_dialled


@pytest.mark.parametrize(
    "typed",
    [
        "0912345678",
        "0912 345 678",
        " 0912.345.678 ",
        "0912-345-678",
        "+84912345678",
        "+84 912 345 678",
        "84 912.345.678",
        "84912345678",
        "+84 (0)912 345 678",
        "0084912345678",
        "０９１２３４５６７８",
        "0912\u00a0345\u00a0678",
    ],
)
def test_normalise_phone_usual_forms_are_one(typed: str) -> None:
    assert normalise_phone(typed) == "+84912345678"


@pytest.mark.parametrize(
    "typed",
    ["", "hoa.nt", "12345", "0012345678", "0912 345", "+84", "09123456789012", "001088012345"],
)
def test_normalise_phone_what_is_none_gives_nothing(typed: str) -> None:
    assert normalise_phone(typed) == ""


def test_normalise_phone_landline_and_other_country() -> None:
    assert normalise_phone("024 3825 1234") == "+842438251234"
    assert normalise_phone("+856 20 5512 3456") == "+8562055123456"


def test_phone_as_dialled_groups_digits() -> None:
    assert phone_as_dialled("+84912345678") == "0912 345 678"
    assert phone_as_dialled("+8562055123456") == "+8562055123456"
