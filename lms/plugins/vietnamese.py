"""Vietnamese text: one composition, letters without marks, order of names, place of tone marks.

Pure functions without Django. Text comes in any composition and leaves in NFC.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

# Letters that Unicode does not take apart. Old fonts and converters left eth and retroflex d, which
# look the same in capitals, where Đ was meant.
_STROKES: Final = str.maketrans("đĐðÐɖƉ", "dDdDdD")

# Places in the alphabet where plain letters have relatives: a ă â, d đ, e ê, o ô ơ, u ư.
_LETTER_RANKS: Final = dict(zip("ăâđðɖêôơư", "121111121", strict=True))

# Marks of the tones in the order of dictionaries: ngang has none, huyền, hỏi, ngã, sắc, nặng.
_TONE_RANKS: Final = {"\u0300": "1", "\u0309": "2", "\u0303": "3", "\u0301": "4", "\u0323": "5"}

# oa, oe and uy at the end of a syllable with the tone on the second letter. After q the u is part
# of the consonant ("quý"), so there the y alone carries the tone.
_TONE_ON_SECOND: Final = re.compile(
    r"(?:(o)([àáảãạèéẻẽẹ])|(?<!q)(u)([ỳýỷỹỵ]))(?![^\W\d_])", re.IGNORECASE
)


def nfc(text: str) -> str:
    """The text with every letter and its marks as one character where Unicode has one."""
    return unicodedata.normalize("NFC", text)


def _without_marks(text: str) -> str:
    parts = unicodedata.normalize("NFD", text)
    return "".join(c for c in parts if not unicodedata.combining(c))


def fold(text: str) -> str:
    """The text as it is typed without marks and capitals: "Lãnh Đạo" gives "lanh dao".

    For search and for finding duplicates; white space and punctuation stay as they are.
    """
    plain = _without_marks(text).translate(_STROKES).casefold()
    # Case folding takes some letters apart, so that marks come free: ŉ, ΐ.
    return nfc(_without_marks(plain).translate(_STROKES))


def _letter_rank(letter: str) -> str:
    parts = unicodedata.normalize("NFD", letter)
    return _LETTER_RANKS.get(nfc("".join(c for c in parts if c not in _TONE_RANKS)), "0")


def _tone_rank(word: str) -> str:
    parts = unicodedata.normalize("NFD", word)
    return next((_TONE_RANKS[c] for c in parts if c in _TONE_RANKS), "0")


def _part_key(words: Iterable[str]) -> str:
    words = [word.casefold() for word in words]
    # Between words and after a level stand characters below all that a word keeps.
    letters = "!".join(
        "".join(c + _letter_rank(letter) for letter in word for c in fold(letter) if c > "!")
        for word in words
    )
    tones = "".join(_tone_rank(word) for word in words)
    return f"{letters} {tones}"


def name_sort_key(full_name: str) -> str:
    """A key that sorts full names as class lists do: given name, middle names, family name.

    Each part goes by the Vietnamese alphabet, in which a ă â, d đ, e ê, o ô ơ, u ư are letters of
    their own, then by tone (ngang, huyền, hỏi, ngã, sắc, nặng): An, Anh, Ân, Ấn; within An by the
    middle names. The old and the new place of a tone mark ("Hòa", "Hoà") make one key. Keys are
    ASCII and compared by code point, so a column of them wants the collation "C" on PostgreSQL.
    """
    words = nfc(full_name).split()
    parts = (words[-1:], words[1:-1], words[:1] if len(words) > 1 else [])
    return " ".join(_part_key(part) for part in parts)


def _tone_on_first(match: re.Match[str]) -> str:
    first, second = (letter for letter in match.groups() if letter)
    parts = unicodedata.normalize("NFD", second)
    return nfc(first + parts[1]) + parts[0]


def modern_tones(text: str) -> str:
    """The text with the tone of an open oa, oe, uy on its first letter: "hoà" gives "hòa".

    Both places are in use: people and keyboards write "hòa, khỏe, thúy", schoolbooks "hoà, khoẻ,
    thuý". Compare names in one of them. Closed syllables ("hoàn", "thuýt") and qu ("quý"), where
    there is but one place, stay as they are.
    """
    return _TONE_ON_SECOND.sub(_tone_on_first, nfc(text))
