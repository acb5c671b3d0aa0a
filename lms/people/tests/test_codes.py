"""Codes: hard to guess, easy to type, nowhere kept."""

from __future__ import annotations

import math
import unicodedata
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.people.codes import (
    ALPHABET,
    LENGTH,
    code_for,
    digests_of,
    first_group,
    in_groups,
    is_among,
    new_digest,
    normalise_code,
)

NUMBER = uuid.UUID("0d6b4f3e-1a2b-4c3d-8e9f-000000000001")
CODES = st.text(ALPHABET, min_size=LENGTH, max_size=LENGTH)


def code_of(number: uuid.UUID) -> str:
    return code_for(number, new_digest(number))


def test_code_holds_more_than_fifty_bits() -> None:
    assert LENGTH * math.log2(len(ALPHABET)) > 50
    assert len(set(ALPHABET)) == len(ALPHABET)


def test_alphabet_leaves_keyboards_for_vietnamese_nothing_to_compose() -> None:
    # Telex and VNI change a letter only after one of these.
    assert set(ALPHABET).isdisjoint("AEIOUYDW")


def test_code_follows_from_its_number_and_fits_the_alphabet() -> None:
    code = code_of(NUMBER)
    assert code == code_of(NUMBER)
    assert len(code) == LENGTH
    assert set(code) <= set(ALPHABET)
    assert code_of(uuid.uuid4()) != code


def test_codes_use_the_whole_alphabet_at_every_place() -> None:
    codes = [code_of(uuid.UUID(int=n)) for n in range(2000)]
    assert len(set(codes)) == len(codes)
    assert [len({code[at] for code in codes}) for at in range(LENGTH)] == [len(ALPHABET)] * LENGTH


@pytest.mark.parametrize(
    "typed",
    [
        "4F7K-92MX-0HTC",
        "4f7k 92mx 0htc",
        "  4f7k92mx0htc\n",
        "4F7K–92MX—OHTC",
        "4.F.7.K.9.2.M.X.O.H.T.C",
        "4f7k_92mx_qhtc",
        "4F7K 92MX dHTC",
        "4F7K 9ZMX ĐHTC",
        "\u200b4F7K92MX0HTC",
    ],
)
def test_typed_code_is_read_however_it_is_written(typed: str) -> None:
    assert normalise_code(typed) == "4F7K92MX0HTC"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("oil", "011"), ("OQD", "000"), ("lI1", "111"), ("zsgb", "2568"), ("uy", "VV")],
)
def test_letters_that_look_like_others_are_taken_for_them(typed: str, meant: str) -> None:
    rest = "2" * (LENGTH - len(typed))
    assert normalise_code(typed + rest) == meant + rest


@pytest.mark.parametrize(
    "typed", ["", " ", "4F7K92MX0HT", "4F7K92MX0HTCC", "4F7K92MX0HTA", "mật khẩu nào", "2" * 5000]
)
def test_text_that_can_be_no_code_is_none(typed: str) -> None:
    assert normalise_code(typed) == ""


@given(CODES)
def test_printed_code_is_read_back(code: str) -> None:
    assert normalise_code(in_groups(code)) == code
    assert normalise_code(unicodedata.normalize("NFD", in_groups(code)).lower()) == code


@given(st.text())
def test_any_text_is_a_code_or_none(text: str) -> None:
    code = normalise_code(text)
    assert code == "" or (len(code) == LENGTH and set(code) <= set(ALPHABET))
    assert len(first_group(text)) <= 4


def test_code_is_printed_in_groups_of_four() -> None:
    assert in_groups("4F7K92MX0HTC") == "4F7K-92MX-0HTC"


def test_guesses_are_counted_by_how_they_begin_however_typed() -> None:
    assert {first_group(text) for text in ("4f7o", "4F7-0XX", " 4 F 7 q9")} == {"4F70"}


def test_digest_says_nothing_without_the_key(settings) -> None:
    digest = new_digest(NUMBER)
    code = code_of(NUMBER)
    assert code not in digest
    settings.SECRET_KEY = "another key"
    assert code_for(NUMBER, digest) == ""
    assert not is_among(digest, digests_of(code))


def test_codes_outlive_a_change_of_the_key(settings) -> None:
    digest, code = new_digest(NUMBER), code_of(NUMBER)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "a new key", [settings.SECRET_KEY]
    assert code_for(NUMBER, digest) == code
    assert is_among(digest, digests_of(code))
    assert new_digest(NUMBER) != digest
