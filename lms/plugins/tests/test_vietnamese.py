from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.plugins.vietnamese import fold, modern_tones, name_sort_key, nfc

LETTERS = "aăâbcdđeêghiklmnoôơpqrstuưvxy"
TONES = ["", "\u0300", "\u0309", "\u0303", "\u0301", "\u0323"]

TONED = [nfc(c + tone) for c in "aăâeêioôơuưy" for tone in TONES]
vietnamese = st.text(sorted({*LETTERS, *LETTERS.upper(), *TONED, *"".join(TONED).upper(), " "}))
anything = st.text(max_size=40) | vietnamese


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Lãnh đạo", "lanh dao"),
        ("ĐỔI MỚI", "doi moi"),
        (unicodedata.normalize("NFD", "Nghị quyết số 57‑NQ/TW"), "nghi quyet so 57‑nq/tw"),
        ("Ðảng ủy xã Ngọc Hồi", "dang uy xa ngoc hoi"),
        ("Straße, İzmir, ΐ", "strasse, izmir, ι"),
        ("", ""),
    ],
)
def test_fold_gives_what_is_typed_without_marks(text: str, folded: str) -> None:
    assert fold(text) == folded


@pytest.mark.parametrize("tone", TONES)
@pytest.mark.parametrize(("letter", "plain"), list(zip("ăâđêôơưy", "aadeoouy", strict=True)))
def test_fold_of_each_letter_with_each_tone_is_plain(letter: str, plain: str, tone: str) -> None:
    assert fold(nfc(letter + tone)) == plain
    assert fold(nfc(letter + tone).upper()) == plain


@given(anything)
def test_fold_twice_is_fold_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(anything)
def test_fold_does_not_see_composition_or_case(text: str) -> None:
    assert fold(unicodedata.normalize("NFD", text)) == fold(text)
    assert fold(nfc(text).casefold()) == fold(text)


@given(vietnamese)
def test_fold_of_vietnamese_is_ascii_of_the_same_length(text: str) -> None:
    folded = fold(text)
    assert (folded.isascii(), len(folded)) == (True, len(nfc(text)))


@given(anything)
def test_nfc_is_stable_and_changes_no_meaning(text: str) -> None:
    assert nfc(nfc(text)) == nfc(text)
    assert unicodedata.normalize("NFD", nfc(text)) == unicodedata.normalize("NFD", text)


def test_names_sort_by_given_then_middle_then_family_name() -> None:
    in_order = [
        "An",
        "Nguyễn An",
        "Trần An",
        "Nguyễn Thị An",
        "Lê Văn An",
        "Trần Văn An",
        "Bùi Văn Bình An",
        "Lê Anh",
        "Đỗ Ân",
        "Lê Văn Ân",
        "Hoàng Ấn",
        "Vũ Văn Bình",
        "Lê Thị Dào",
        "Lê Thị Dung",
        "Lê Thị Đào",
        "Phan Thị Lan",
        "Phan Thị Lân",
        "Phan Thị Lợi",
        "Trần Ý",
    ]
    upside_down = in_order[::-1]
    assert sorted(upside_down, key=name_sort_key) == in_order


def test_names_that_differ_in_one_word_follow_alphabet_and_tones() -> None:
    given_names = ["Ma", "Mà", "Mả", "Mã", "Má", "Mạ", "Măn", "Mân", "Mo", "Mô", "Mơ", "Mu", "Mư"]
    names = [f"Lê Văn {name}" for name in given_names]
    upside_down = names[::-1]
    assert sorted(upside_down, key=name_sort_key) == names


def test_name_keys_do_not_see_case_spaces_composition_or_place_of_tone() -> None:
    spellings = [
        "Lê Thị Hòa",
        "LÊ THỊ HOÀ",
        "  lê  thị\thoà ",
        unicodedata.normalize("NFD", "Lê Thị Hòa"),
    ]
    assert len({name_sort_key(name) for name in spellings}) == 1


def test_name_key_of_nothing_sorts_first() -> None:
    assert name_sort_key(" ") < name_sort_key("a")


ALPHABET = "aăâbcdđeêghiklmnoôơpqrstuưvxy"
given_names = st.text(ALPHABET, min_size=1, max_size=6)


@given(st.lists(given_names, min_size=2, max_size=6))
def test_given_names_follow_the_vietnamese_alphabet(names: list[str]) -> None:
    by_alphabet = sorted(names, key=lambda name: [ALPHABET.index(letter) for letter in name])
    assert sorted(names, key=name_sort_key) == by_alphabet


@given(vietnamese)
def test_name_keys_are_plain_ascii(name: str) -> None:
    assert name_sort_key(name).isascii()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hoà", "Hòa"),
        ("HOÀ BÌNH", "HÒA BÌNH"),
        ("khoẻ khoắn", "khỏe khoắn"),
        ("Thuý, Thuỷ, Thuỵ Sĩ", "Thúy, Thủy, Thụy Sĩ"),
        ("uỷ ban", "ủy ban"),
        ("Ủy ban nhân dân xã Hòa Lạc", "Ủy ban nhân dân xã Hòa Lạc"),
        # One place only: closed syllables, three vowels, qu, gi, other pairs.
        (
            "hoàn toàn loại khuỷu ngoáy ngoèo thuýt huỳnh",
            "hoàn toàn loại khuỷu ngoáy ngoèo thuýt huỳnh",
        ),
        ("quý quỳ QUỸ quà già giò của mía thuở", "quý quỳ QUỸ quà già giò của mía thuở"),
        (unicodedata.normalize("NFD", "hoà"), "hòa"),
    ],
)
def test_modern_tones_moves_only_tones_with_two_places(text: str, expected: str) -> None:
    assert modern_tones(text) == expected


@given(anything)
def test_modern_tones_twice_is_once_and_keeps_the_letters(text: str) -> None:
    moved = modern_tones(text)
    assert modern_tones(moved) == moved
    assert fold(moved) == fold(text)
