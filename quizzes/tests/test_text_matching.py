from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.plugins.vietnamese import nfc
from quizzes.question_types.text_matching import Manner, fill, is_open

LOOSE, STRICT = Manner(False, False), Manner(True, True)

words = st.text(alphabet="abđoàáeéuýyqĐÀ *\\.!…́ \u00a0", max_size=12)


@pytest.mark.parametrize(
    ("manner", "one", "other", "expected"),
    [
        (Manner(), "Hoà bình", "hòa  bình.", True),
        (STRICT, "HOÀ", "HÒA", True),
        (Manner(), "khoẻ", "khỏe", True),
        (Manner(), "quý", "qúy", False),  # there the u is part of the consonant
        (Manner(), unicodedata.normalize("NFD", "Nguyễn"), "nguyễn", True),
        (Manner(), "Ủy ban", "Uỷ ban", True),
        (Manner(), "ban", "bàn", False),
        (LOOSE, "Đường", "duong", True),
        (STRICT, "Đường", "đường", False),
        (Manner(True, False), "Đường", "Duong", True),
        (Manner(True, False), "Đường", "duong", False),
        (Manner(), "  xã\u00a0 phường ?! ", "Xã phường", True),
        (Manner(), "xã, phường", "xã phường", False),
        (Manner(), "a*", "ab", False),
        (Manner(), "?", "!", False),  # a text of signs only keeps them
        (Manner(), "?", "?", True),
    ],
)
def test_same(manner: Manner, one: str, other: str, expected: bool) -> None:
    assert manner.same(one, other) is expected
    assert manner.same(other, one) is expected


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("uỷ ban*xã", "Ủy ban nhân dân xã", True),
        ("ủy ban * xã", "ủy ban xã", True),
        ("ủy ban * xã", "ủy banxã", False),
        ("* xã", "xã", True),
        ("xã *", "xã", True),
        ("xã *", "xãy", False),
        ("*", "gì cũng được", True),
        ("*", "", False),
        ("", "gì", False),
        ("hoà*", "hoàn thành", True),
        ("hoà*", "hòa bình", True),
        ("hòa*", "hoà bình", True),
        ("a*a", "a", False),
        ("a*a", "aa", True),
        ("*a*b*", "xaxbx", True),
        ("*b*a*", "xaxbx", False),
        (r"5\*3", "5*3", True),
        (r"5\*3", "5x3", False),
        (r"5\*", "5*", True),
        ("luật đất đai*", "Luật Đất đai 2024.", True),
    ],
)
def test_matches(pattern: str, text: str, expected: bool) -> None:
    assert Manner().matches(pattern, text) is expected


manners = st.builds(Manner, st.booleans(), st.booleans())


@given(manners, words)
def test_a_text_is_the_same_as_itself_in_any_composition(manner: Manner, text: str) -> None:
    for form in ("NFC", "NFD"):
        assert manner.same(text, unicodedata.normalize(form, text))


@given(words)
def test_who_tells_less_apart_finds_no_less_the_same(text: str) -> None:
    strict, usual = STRICT.normal(text).casefold(), Manner().normal(text).casefold()
    assert nfc(strict) == nfc(usual)
    assert LOOSE.same(text, STRICT.normal(text))


@given(manners, words, words, words)
def test_what_is_put_for_a_star_matches(manner: Manner, a: str, b: str, middle: str) -> None:
    # No mark of its own, which would join the letter before it.
    a, b, middle = ("".join(set(each) - set("*\\\u0301")) for each in (a, b, middle))
    text = f"x{a}y{middle}z{b}x"
    assert manner.matches(f"x{a}y*z{b}x", text)
    assert manner.matches(f"*{text}*", text)


@given(manners, words)
def test_a_pattern_without_star_is_compared_whole(manner: Manner, text: str) -> None:
    pattern = text.replace("*", "")
    if manner.normal(pattern):
        assert manner.matches(pattern, pattern)
        assert not manner.matches(pattern, f"{pattern} nữa")


def test_many_stars_take_no_time() -> None:
    started = time.perf_counter()
    assert not Manner().matches("a*" * 200 + "b", "a" * 1000)
    assert not Manner().matches("*a" * 200 + "*b*", "a" * 1000)
    assert time.perf_counter() - started < 1


def test_fill() -> None:
    assert fill(r"a * b\*", "…") == "a … b*"
    assert fill("a * b", "") == "a b"
    assert is_open("a*")
    assert not is_open(r"a\*")
