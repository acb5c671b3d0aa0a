from __future__ import annotations

import math

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from quizzes.question_types.numbers import (
    is_within,
    number_of,
    quantity,
    readings,
    unit_key,
    written,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12", {12}),
        ("1,5", {1.5}),
        ("1.5", {1.5}),
        (",5", {0.5}),
        ("1.500", {1.5, 1500}),
        ("1,500", {1.5, 1500}),
        ("0.500", {0.5}),
        ("1.500,25", {1500.25}),
        ("1,500.25", {1500.25}),
        ("1 500,25", {1500.25}),
        ("1\u202f500", {1500}),
        ("1\u2009500\u2009000", {1500000}),
        ("1.500.000", {1500000}),
        ("-3", {-3}),
        ("−3,5", {-3.5}),
        ("– 3", {-3}),
        ("+3", {3}),
        ("1/2", {0.5}),
        ("-1/2", {-0.5}),
        ("2 1/2", {2.5}),
        ("2½", {2.5}),
        ("½", {0.5}),
        ("1,5e3", {1500}),
        ("1.5E-3", {0.0015}),
        ("1,5×10^3", {1500}),
        ("1,5 x 10^-3", {0.0015}),
        ("1,5.10³", {1500}),
        ("1,5·10⁻³", {0.0015}),
        ("10^6", {1000000}),
        ("12%", {12, 0.12}),
        ("12,5 %", {12.5, 0.125}),
        ("12 phần trăm", {12, 0.12}),
        ("12.", {12}),
        ("１２", {12}),
        ("-0", {0}),
        ("", set()),
        ("-", set()),
        ("mười hai", set()),
        ("12 ha", set()),
        ("1.2.3", set()),
        ("12.34,5", set()),
        ("1/0", set()),
        ("1e999", set()),
        ("9" * 400, set()),
        ("NaN", set()),
        ("inf", set()),
        ("٣", set()),
    ],
)
def test_readings(text: str, expected: set[float]) -> None:
    assert set(readings(text)) == expected


@pytest.mark.parametrize(
    ("text", "numbers", "unit"),
    [
        ("12,5 ha", [12.5], "ha"),
        ("12 500m2", [12500], "m2"),
        ("12 m²", [12], "m2"),
        ("12 m^2.", [12], "m2"),
        ("5 tấn/ha", [5], "tấn/ha"),
        ("1,5×10³ kg", [1500], "kg"),
        ("10 m³", [10], "m3"),
        ("12", [12], ""),
        ("ha", [], ""),
    ],
)
def test_quantity(text: str, numbers: list[float], unit: str) -> None:
    found, rest = quantity(text)
    assert found == numbers
    assert unit_key(rest) == unit


def test_capitals_of_units_matter() -> None:
    assert unit_key("mg") != unit_key("Mg")
    assert unit_key("m\u0301") == unit_key("ḿ")


finite = st.floats(allow_nan=False, allow_infinity=False)


@given(finite | st.integers(-(10**9), 10**9).map(float), st.sampled_from(["vi", "en"]))
def test_a_number_written_is_read_back(number: float, code: str) -> None:
    with translation.override(code):
        assert number in readings(written(number))


@pytest.mark.parametrize(
    ("number", "vi", "en"),
    [
        (1234567.25, "1.234.567,25", "1,234,567.25"),
        (-0.5, "-0,5", "-0.5"),
        (0.0, "0", "0"),
        (-0.0, "0", "0"),
        (1500.0, "1.500", "1,500"),
        (1.5e20, "1,5×10^20", "1.5×10^20"),
    ],
)
def test_written(number: float, vi: str, en: str) -> None:
    for code, expected in (("vi", vi), ("en", en)):
        with translation.override(code):
            assert written(number) == expected


@given(st.text(max_size=250) | st.text(alphabet="0123456789 ,.-−/eE×x·^%²³½⁻", max_size=40))
def test_readings_of_anything_are_finite(text: str) -> None:
    assert all(math.isfinite(number) for number in readings(text))


def test_tolerance_is_inclusive() -> None:
    assert is_within(0.3, 0.1, 0.2)
    assert is_within(0.1 + 0.2, 0.3, 0.0)
    assert not is_within(0.31, 0.1, 0.2)
    assert is_within(1_000_000_000_001.0, 1_000_000_000_001.0, 0.0)
    assert not is_within(1_000_000_000_002.0, 1_000_000_000_001.0, 0.0)
    assert not is_within(math.inf, 1.0, 5.0)


def test_number_of() -> None:
    assert number_of(3) == 3.0
    for value in (True, None, "3", 10**400, math.inf, math.nan):
        assert number_of(value) is None
