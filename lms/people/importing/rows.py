"""Rows of a sheet as people: every cell read, every fault noted with its place."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from openpyxl.utils import get_column_letter

from lms.people.importing import cells, columns
from lms.people.importing.cells import Read
from lms.people.importing.columns import Head, plain
from lms.people.importing.reading import Grid
from lms.plugins.vietnamese import fold

Problem = dict[str, Any]
"""{"code", "field", "column", "value"}: lms/people/importing/texts.py puts it into words."""

#: Several people may share these, so a merged cell means all of its rows.
SHARED: Final = frozenset([columns.POSITION, columns.UNIT, columns.UNIT_CODE])
_LENGTHS: Final = {columns.POSITION: 120, columns.UNIT: 200, columns.UNIT_CODE: 40}
_NOT_A_PERSON = re.compile(
    r"(?:tong (?:cong|so)|cong\b|nguoi lap|lap bieu|ghi chu|danh sach (?:nay|co|gom)|an dinh)"
)


@dataclass
class Row:
    """Somebody as one row of a file describes them."""

    number: int
    full_name: str = ""
    birth_date: dt.date | None = None
    sex: str = ""
    phone: str = ""
    position: str = ""
    unit: str = ""
    unit_code: str = ""
    username: str = ""
    faults: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)

    def as_data(self) -> dict[str, Any]:
        """For a JSON column: what was read, without the problems."""
        data = {k: v for k, v in asdict(self).items() if v and k not in ("faults", "notes")}
        if self.birth_date is not None:
            data["birth_date"] = self.birth_date.isoformat()
        return data

    @classmethod
    def from_data(cls, data: Mapping[str, Any], faults: list[Problem], notes: list[Problem]) -> Row:
        """The row that `as_data` was made of."""
        values = dict(data)
        if born := values.get("birth_date"):
            values["birth_date"] = dt.date.fromisoformat(born)
        return cls(**values, faults=list(faults), notes=list(notes))


class Reader:
    """Reads the rows of a sheet by a mapping of its columns."""

    def __init__(self, grid: Grid, head: Head, mapping: Mapping[str, int], today: dt.date) -> None:
        self.grid, self.head, self.mapping, self.today = grid, head, dict(mapping), today
        self._headings = {each.number: plain(each.heading) for each in head.columns}
        self._tops = set(grid.merged.values())
        self._values: dict[tuple[int, int], Any] = {}

    def __iter__(self) -> Iterator[Row]:
        """Whoever stands below the headings; rows without any of the mapped cells are passed by."""
        first = True
        for number, values in self.grid.rows():
            if self._tops:
                self._keep(number, values)
            if number <= self.head.last:
                continue
            if not any(self._raw(number, values, each) for each in self.mapping.values()):
                continue
            if first and columns.counts_columns([cells.text_of(value) for value in values]):
                continue
            first = False
            yield self._row(number, values)

    def _keep(self, number: int, values: Sequence[Any]) -> None:
        for column, value in enumerate(values, start=1):
            if (number, column) in self._tops:
                self._values[number, column] = value

    def _raw(self, number: int, values: Sequence[Any], column: int) -> bool:
        if column <= len(values) and cells.text_of(values[column - 1]) != "":
            return True
        return (number, column) in self.grid.uncalculated

    def _row(self, number: int, values: Sequence[Any]) -> Row:
        row = Row(number)
        if self._is_heading(number, values):
            text = next(text for value in values if (text := cells.text_of(value)))
            row.faults.append({"code": "heading-row", "value": text[:80]})
            return row
        read = {name: self._cell(row, name, number, values) for name in self.mapping}
        self._names(row, read)
        for name in (columns.POSITION, columns.UNIT, columns.UNIT_CODE, columns.USERNAME):
            text = cells.text_of(read.get(name))
            if cells.is_old_font(text):
                self._fault(row, name, "old-font", text)
            elif len(text) > _LENGTHS.get(name, 150):
                self._fault(row, name, "too-long", text)
            setattr(row, name, text[: _LENGTHS.get(name, 150)])
        for name, found in (
            (columns.BIRTH_DATE, cells.birth_date(read.get(columns.BIRTH_DATE), self.today)),
            (columns.PHONE, cells.phone(read.get(columns.PHONE))),
            (columns.SEX, cells.sex(read.get(columns.SEX), self._heading(columns.SEX))),
        ):
            self._take(row, name, found, read.get(name))
        return row

    def _names(self, row: Row, read: Mapping[str, Any]) -> None:
        parts = [
            cells.text_of(read.get(each))
            for each in (columns.FAMILY_NAMES, columns.GIVEN_NAME)
            if each in self.mapping
        ]
        whole = cells.text_of(read.get(columns.FULL_NAME)) or " ".join(filter(None, parts))
        name = columns.FULL_NAME if columns.FULL_NAME in self.mapping else columns.FAMILY_NAMES
        if row.faults and not whole:
            return  # an unreadable cell was told already
        if len(parts) == 2 and whole and not all(parts):
            self._fault(row, name, "name-half", whole)
        elif _NOT_A_PERSON.match(fold(whole)):
            self._fault(row, name, "not-a-person", whole)
        else:
            self._take(row, name, cells.name(whole), whole, "full_name")

    def _cell(self, row: Row, name: str, number: int, values: Sequence[Any]) -> Any:
        column = self.mapping[name]
        value = values[column - 1] if column <= len(values) else None
        top = self.grid.merged.get((number, column), (number, column))
        if top != (number, column) and top[0] < number:
            value = self._values.get(top)
            if name in SHARED:
                self._note(row, name, "merged-shared", cells.text_of(value))
            elif cells.text_of(value):
                self._fault(row, name, "merged", cells.text_of(value))
                return None
        elif (number, column) in self.grid.uncalculated:
            self._fault(row, name, "formula", "")
            return None
        if cells.is_error(text := cells.text_of(value)):
            self._fault(row, name, "cell-error", text)
            return None
        return value

    def _is_heading(self, number: int, values: Sequence[Any]) -> bool:
        """Whether the row is one text over several columns: "I. Xã Suối Vân"."""
        filled = [at for at, value in enumerate(values, start=1) if cells.text_of(value)]
        return len(filled) == 1 and (
            self.grid.merged.get((number, filled[0] + 1)) == (number, filled[0])
        )

    def _heading(self, name: str) -> str:
        return self._headings.get(self.mapping.get(name, 0), "")

    def _take(self, row: Row, name: str, read: Read, raw: Any, attribute: str = "") -> None:
        setattr(row, attribute or name, read.value)
        if read.fault:
            self._fault(row, name, read.fault, cells.text_of(raw))
        if read.note:
            self._note(row, name, read.note, cells.text_of(raw))

    def _fault(self, row: Row, name: str, code: str, value: str) -> None:
        row.faults.append(self._problem(name, code, value))

    def _note(self, row: Row, name: str, code: str, value: str) -> None:
        row.notes.append(self._problem(name, code, value))

    def _problem(self, name: str, code: str, value: str) -> Problem:
        letter = get_column_letter(self.mapping[name]) if name in self.mapping else ""
        return {"code": code, "field": name, "column": letter, "value": value[:80]}
