"""Which column means what: guessed from the headings, then said by a person."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from openpyxl.utils import get_column_letter

from lms.people.importing.cells import text_of
from lms.people.importing.reading import COLUMNS, Grid
from lms.plugins.vietnamese import fold

HEADINGS_WITHIN: Final = 30  # rows: above a list stand an agency, a title, a date
SAMPLES: Final = 3
FULL_NAME, FAMILY_NAMES, GIVEN_NAME = "full_name", "family_names", "given_name"
BIRTH_DATE, SEX, PHONE, USERNAME = "birth_date", "sex", "phone", "username"
POSITION, UNIT, UNIT_CODE = "position", "unit", "unit_code"

#: What a column can mean, in the order in which people are asked.
FIELDS: Final[dict[str, Promise]] = {
    FULL_NAME: _("Full name"),
    FAMILY_NAMES: _("Family and middle names"),
    GIVEN_NAME: _("Given name"),
    BIRTH_DATE: _("Date of birth"),
    SEX: _("Sex"),
    PHONE: _("Phone"),
    POSITION: _("Position"),
    UNIT: _("Unit"),
    UNIT_CODE: _("Code of the unit"),
    USERNAME: _("User name"),
}

_WORDS: Final[
    dict[str, str]
] = {  # as `plain` writes headings; in the order in which they are tried
    FULL_NAME: "ho va ten|ho ten|ho va ten khai sinh|ho ten khai sinh|ten hoc vien|hoc vien"
    "|ho ten hoc vien|ho va ten hoc vien|ho va ten can bo|ho ten can bo|ten day du"
    "|ho va chu dem va ten"
    "|full name|name|name of learner",
    FAMILY_NAMES: "ho|ho dem|ho va ten dem|ho ten dem|ho va dem|ho lot|ho va ten lot|ho chu dem"
    "|ho va chu dem|ho va chu lot|family name|family names|family and middle names|last name"
    "|surname",
    GIVEN_NAME: "ten|ten goi|given name|first name",
    BIRTH_DATE: "ngay sinh|ngay thang nam sinh|ngay thang sinh|nam sinh|sinh ngay|ntns"
    "|ngay thang nam|date of birth|birth date|birthday|dob|born",
    SEX: "gioi tinh|gioi|nam nu|phai|nu|nam|sex|gender",
    PHONE: "dien thoai|so dien thoai|sdt|so dt|dt|dtdd|so dtdd|di dong|dien thoai di dong"
    "|so dien thoai di dong|so di dong|dt di dong|so dt di dong"
    "|dien thoai lien he|so dien thoai lien he|zalo|phone|mobile"
    "|phone number|mobile phone|tel|telephone",
    POSITION: "chuc vu|chuc danh|chuc vu chuc danh|chuc danh chuc vu|chuc vu hien nay|chuc vu dang"
    "|chuc vu cong tac|chuc vu don vi|nhiem vu|position|title|job title|post",
    UNIT: "don vi|don vi cong tac|ten don vi|co quan|co quan don vi|noi cong tac|co quan cong tac"
    "|xa phuong|xa phuong dac khu|xa|phuong|dia phuong|chi bo|dang bo|to chuc|unit|organisation"
    "|organization|department|workplace",
    UNIT_CODE: "ma don vi|ma dv|ma co quan|code of the unit|unit code|unit s code",
    USERNAME: "ten dang nhap|tai khoan|ten tai khoan|user name|username|login|account",
}
SYNONYMS: Final[dict[str, str]] = {
    word: field for field, words in _WORDS.items() for word in words.split("|")
}
_COUNTED = re.compile(r"\(?(?:\d{1,2}|[A-Za-z])\)?")
#: Headings that hold such words and mean something else.
_OTHER = re.compile(r"\b(?:don vi tinh|noi sinh|que quan|ngay vao dang|trinh do|so nam|stt|tt)\b")


@dataclass(frozen=True)
class Column:
    """A column of the file as a person is asked about it."""

    number: int
    heading: str
    samples: tuple[str, ...]

    @property
    def letter(self) -> str:
        """Its name in spreadsheet programs."""
        return get_column_letter(self.number)


@dataclass(frozen=True)
class Head:
    """The headings of a sheet: from which row to which, and the columns that hold something."""

    first: int
    last: int
    columns: tuple[Column, ...]

    @property
    def digest(self) -> str:
        """What two files with the same headings have in common."""
        names = "\n".join(f"{each.number}:{plain(each.heading)}" for each in self.columns)
        return hashlib.sha256(names.encode()).hexdigest()


def plain(heading: str) -> str:
    """A heading for comparison: without marks, signs, what stands in brackets, "(*)"."""
    bare = re.sub(r"\([^)]*\)|\[[^\]]*\]", " ", fold(heading))
    return " ".join(re.sub(r"[\W_]+", " ", bare).split())


def meaning(heading: str) -> str:
    """The field that a heading names, or ""."""
    words = plain(heading)
    if not words or _OTHER.search(words):
        return ""
    if words in SYNONYMS:
        return SYNONYMS[words]
    # "Số điện thoại (Zalo) của học viên", "Họ và tên đảng viên": the longest known beginning.
    known = [each for each in SYNONYMS if " " in each and words.startswith(f"{each} ")]
    return SYNONYMS[max(known, key=len)] if known else ""


def find_head(grid: Grid, row: int = 0) -> Head:
    """The headings in `row`; without it, in the row that has the most known ones."""
    rows = list(islice(grid.rows(), max(HEADINGS_WITHIN, row) + 12))
    texts = {number: [text_of(value) for value in values] for number, values in rows}
    if not row:
        row = max(texts, key=lambda number: (_known(texts[number]), -number), default=1)
        if not _known(texts.get(row, [])):
            filled = [number for number, values in texts.items() if sum(map(bool, values)) > 1]
            row = filled[0] if filled else 1
    last = row
    while any(
        grid.merged.get((last + 1, column), (last + 1, 0))[0] <= row
        for column in range(1, COLUMNS + 1)
    ):
        last += 1
    return Head(row, last, tuple(_columns(grid, texts, row, last)))


def _known(values: Sequence[str]) -> int:
    return len({meaning(value) for value in values} - {""})


def _columns(grid: Grid, texts: Mapping[int, Sequence[str]], row: int, last: int) -> list[Column]:
    found = []
    below = [
        values
        for number, values in texts.items()
        if number > last and any(values) and not counts_columns(values)
    ]
    for number in range(1, COLUMNS + 1):
        parts = dict.fromkeys(_at(grid, texts, at, number) for at in range(row, last + 1))
        heading = " ".join(part for part in parts if part)
        samples = [values[number - 1] for values in below if values[number - 1]][:SAMPLES]
        if heading or samples:
            found.append(Column(number, heading[:120], tuple(each[:60] for each in samples)))
    return found


def _at(grid: Grid, texts: Mapping[int, Sequence[str]], row: int, column: int) -> str:
    row, column = grid.merged.get((row, column), (row, column))
    values = texts.get(row, ())
    return values[column - 1] if column <= len(values) else ""


def counts_columns(values: Sequence[str]) -> bool:
    """Whether a row below the headings only numbers the columns: (1) (2) (3)."""
    filled = [value for value in values if value]
    return len(filled) > 1 and all(map(_COUNTED.fullmatch, filled))


def guess(columns: Iterable[Column]) -> dict[str, int]:
    """{field: number of the column}, from the headings; each field once, the first wins."""
    columns = list(columns)
    found: dict[str, int] = {}
    for column in columns:
        field = meaning(column.heading)
        if field == FULL_NAME and (given := _given_name_beside(column, columns)):
            found.setdefault(FAMILY_NAMES, column.number)
            found.setdefault(GIVEN_NAME, given)
        elif field and column.number not in found.values():
            found.setdefault(field, column.number)
    if FULL_NAME in found:
        found.pop(FAMILY_NAMES, None)
        found.pop(GIVEN_NAME, None)
    elif GIVEN_NAME in found and FAMILY_NAMES not in found:
        found[FULL_NAME] = found.pop(GIVEN_NAME)  # "Tên" alone heads whole names
    return found


def _given_name_beside(column: Column, columns: Sequence[Column]) -> int:
    """The column that holds the given names where "Họ và tên" stands over two of them."""
    for beside in columns:
        if beside.number == column.number + 1 and beside.heading in ("", column.heading):
            words = [len(each.split()) for each in beside.samples]
            if words and max(words) == 1 and all(each.isalpha() for each in beside.samples):
                return beside.number
    return 0


def tidy_mapping(mapping: Mapping[str, Any], columns: Iterable[Column]) -> dict[str, int]:
    """A remembered mapping as far as it fits these columns."""
    numbers = {column.number for column in columns}
    return {
        field: number
        for field, number in mapping.items()
        if field in FIELDS and isinstance(number, int) and number in numbers
    }
