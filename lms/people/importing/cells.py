"""What stands in a cell, as the value that was meant: text, dates, phones, sex.

Every function gives a `Read`: the value, and a code of what is wrong with it or of what was mended
(lms/people/importing/texts.py has the words for both). Nothing is mended in silence.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass
from typing import Any, Final

from lms.people.models import Sex
from lms.people.phones import normalise_phone
from lms.plugins.vietnamese import fold, nfc

EXCEL_BEGINS: Final = dt.date(1899, 12, 30)
OLDEST: Final = 1900
#: Who is entered here is not a child: a year of two digits is the latest that makes this age.
YOUNGEST: Final = 14
SERIALS: Final = range(10_000, 60_000)  # days since 1900: from 1927 on; less is taken for a year

_INVISIBLE = re.compile("[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_NUMBER = re.compile(r"\d+(?:\.0+)?")
_POWER = re.compile(r"\d(?:[.,]\d+)?E\+?\d{1,2}", re.IGNORECASE)
_ERRORS: Final = frozenset(
    ["#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#GETTING_DATA", "#SPILL!"]
)
_DAY_MONTH_YEAR = re.compile(r"(\d{1,2})\s*[/.\- ]\s*(\d{1,2})\s*[/.\- ]\s*(\d{4}|\d{2})")
_YEAR_MONTH_DAY = re.compile(r"(\d{4})\s*[/.\-]\s*(\d{1,2})\s*[/.\-]\s*(\d{1,2})")
_MONTH_YEAR = re.compile(r"(\d{1,2})\s*[/.\- ]\s*(\d{4})")
_IN_WORDS = re.compile(r"(?:ngay )?(\d{1,2}) thang (\d{1,2}) nam (\d{4})")
_WOMEN: Final = frozenset(["nu", "f", "female", "woman", "ba", "gai"])
_MEN: Final = frozenset(["nam", "m", "male", "man", "ong", "trai"])
_MARKS: Final = frozenset(["x", "v", "co", "yes", "1", "✓", "✔"])

# Letters that TCVN3 (ABC) and VNI fonts borrowed and that Unicode Vietnamese never writes.
_OLD_FONT = re.compile(
    "[¨©ª«¬®µ¶·¸¹»¼½¾ÆÇËÎÏÑÖ×ØÛÜÞßäåæçëîïñö÷øûüþÿ]|a[âáàãêéèúùõ]|e[âáàã]|oâ", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Read:
    """A value, and what is wrong with it (`fault`) or what was mended (`note`), if anything."""

    value: Any = ""
    fault: str = ""
    note: str = ""


def text_of(raw: Any) -> str:
    """Any cell as one line of text: NFC, plain spaces, nothing invisible, "12" for 12.0."""
    if raw is None:
        return ""
    if isinstance(raw, bool):
        return "1" if raw else "0"
    if isinstance(raw, float):
        return str(int(raw)) if raw.is_integer() else repr(raw)
    if isinstance(raw, dt.datetime):
        return f"{raw:%d/%m/%Y}"
    if isinstance(raw, dt.date):
        return f"{raw:%d/%m/%Y}"
    text = _INVISIBLE.sub("", str(raw))
    if not text.isprintable():  # of all spaces only the plain one is
        spaces = ("Cc", "Zs", "Zl", "Zp")
        text = "".join(" " if unicodedata.category(c) in spaces else c for c in text)
    text = " ".join(nfc(text).split())
    # Programs put an apostrophe before what could be taken for a formula; ours does as well.
    return text[1:].lstrip() if text[:1] == "'" else text


def is_error(text: str) -> bool:
    """Whether a spreadsheet wrote that it could not work out the cell: #N/A, #REF! …"""
    return text.upper() in _ERRORS


def is_old_font(text: str) -> bool:
    """Whether the text was typed for a TCVN3 or VNI font, before Unicode, or read wrongly.

    Their letters stand in for others ("NguyÔn V¨n B×nh"); marks that belong to no letter, and
    capital vowels inside of words, are signs too.
    """
    if _OLD_FONT.search(text):
        return True
    if any(unicodedata.combining(c) for c in text):
        return True
    return any(
        before.islower() and after.isupper() and not after.isascii()
        for before, after in zip(text, text[1:], strict=False)
    )


def name(raw: Any) -> Read:
    """A full name. All in capitals, it is written as names are written."""
    text = text_of(raw).strip(" .,;:-")
    if not text:
        return Read("", fault="name-missing")
    if is_old_font(text):
        return Read(text, fault="old-font")
    if len(text) > 160:
        return Read(text[:160], fault="too-long")
    if not all(c.isalpha() or c in " '’.-()" for c in text) or sum(map(str.isalpha, text)) < 2:
        return Read(text, fault="name-signs")
    if text.isupper() and len(text) > 3:
        return Read(nfc(text.title()), note="name-capitals")
    return Read(text)


def birth_date(raw: Any, today: dt.date) -> Read:
    """A date of birth, or None: written in any way, or as the number that Excel keeps for it."""
    if isinstance(raw, dt.datetime):
        return _in_range(raw.date(), today)
    if isinstance(raw, dt.date):
        return _in_range(raw, today)
    text = text_of(raw)
    if not text:
        return Read(None)
    if _NUMBER.fullmatch(text):
        return _date_from_number(int(float(text)), text, today)
    plain = fold(text)
    if found := _IN_WORDS.fullmatch(plain) or _DAY_MONTH_YEAR.fullmatch(plain.split(",")[0]):
        day, month, year = found.groups()
        if len(year) == 2:
            read = _date(_century(int(year), today), int(month), int(day), today)
            return read if read.fault else Read(read.value, note="short-year")
        return _date(int(year), int(month), int(day), today)
    if found := _YEAR_MONTH_DAY.match(plain):  # perhaps with a time behind it
        return _date(int(found[1]), int(found[2]), int(found[3]), today)
    if (found := _MONTH_YEAR.fullmatch(plain)) and 1 <= int(found[1]) <= 12:
        return _year(int(found[2]), today)
    return Read(None, fault="date-bad")


def _date_from_number(number: int, text: str, today: dt.date) -> Read:
    if OLDEST <= number <= today.year:
        return _year(number, today)
    if number in SERIALS:
        read = _in_range(EXCEL_BEGINS + dt.timedelta(days=number), today)
        return read if read.fault else Read(read.value, note="date-number")
    digits = text.split(".")[0]
    if len(digits) in (7, 8):  # 01031975, which may have lost its zero; or 19750301
        digits = digits.zfill(8)
        for year, month, day in (
            (digits[4:], digits[2:4], digits[:2]),
            (digits[:4], digits[4:6], digits[6:]),
        ):
            read = _date(int(year), int(month), int(day), today)
            if not read.fault:
                return read
    return Read(None, fault="date-bad")


def _century(year: int, today: dt.date) -> int:
    return 2000 + year if 2000 + year <= today.year - YOUNGEST else 1900 + year


def _date(year: int, month: int, day: int, today: dt.date) -> Read:
    try:
        return _in_range(dt.date(year, month, day), today)
    except ValueError:
        return Read(None, fault="date-bad")


def _in_range(value: dt.date, today: dt.date) -> Read:
    if value.year < OLDEST or value > today:
        return Read(None, fault="date-range")
    return Read(value)


def _year(year: int, today: dt.date) -> Read:
    if not OLDEST <= year <= today.year:
        return Read(None, fault="date-range")
    return Read(None, note="year-only")


def phone(raw: Any) -> Read:
    """A phone number as it is stored; one that a spreadsheet took for a number gets its zero."""
    text = text_of(raw)
    if not text:
        return Read("")
    if _POWER.fullmatch(text.replace(" ", "")):
        number = float(text.replace(" ", "").replace(",", "."))
        # "9.12E+08" has lost digits for good; "9.12345678E+08" has all of them.
        digits = re.sub(r"\D", "", text.upper().split("E")[0])
        if len(digits) < len(str(int(number))):
            return Read("", fault="phone-rounded")
        text = str(int(number))
    if found := normalise_phone(text):
        return Read(found)
    bare = re.sub(r"[\s.\-()/]", "", text)
    if re.fullmatch(r"[1-9]\d{8,9}", bare) and (found := normalise_phone("0" + bare)):
        return Read(found, note="phone-zero")
    parts = [part for part in re.split(r"[;,/\n]| - | hoặc ", text) if normalise_phone(part)]
    return Read("", fault="phone-two" if len(parts) > 1 else "phone-bad")


def sex(raw: Any, heading: str = "") -> Read:
    """One of Sex, or "". In a column that is headed "Nữ" women are marked with a cross."""
    text = fold(text_of(raw)).strip(" .")
    if not text:
        return Read("")
    if heading in ("nu", "nam") and text in _MARKS:
        return Read(Sex.FEMALE.value if heading == "nu" else Sex.MALE.value)
    if text in _WOMEN:
        return Read(Sex.FEMALE.value)
    if text in _MEN:
        return Read(Sex.MALE.value)
    return Read("", fault="sex-bad")
