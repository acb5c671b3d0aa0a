"""Text with separators (CSV), in whatever encoding and with whatever separator it was saved."""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from lms.people.importing.reading import COLUMNS, Grid, Sheet, most_rows, refuse_rows
from lms.people.importing.texts import FileRefused

SEPARATORS: Final = ("\t", ";", ",", "|")
LONGEST_CELL: Final = 20_000
#: Encodings of Vietnamese offices after UTF-8 was ruled out. Windows-1258 writes a letter and its
#: tone as two characters; cells are composed (NFC) when they are read.
LEGACY: Final = "cp1258"
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def encoding_of(content: bytes) -> str:
    """The encoding in which the bytes were written. Raises FileRefused when it is none of ours."""
    for mark, name in _MARKS:
        if content.startswith(mark):
            return _proven(content, name)
    head = content[:4096]
    if b"\0" in head:  # UTF-16 without a mark: half of plain letters and separators is zero
        even, odd = head[0::2].count(0), head[1::2].count(0)
        if max(even, odd) * 5 < len(head) // 2 or min(even, odd) * 10 > max(even, odd):
            raise FileRefused("not-a-table")
        return _proven(content, "utf-16-le" if odd > even else "utf-16-be")
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return _proven(content, LEGACY)
    return "utf-8"


def _proven(content: bytes, encoding: str) -> str:
    try:
        content.decode(encoding)
    except UnicodeDecodeError as error:
        raise FileRefused("encoding") from error
    return encoding


def separator_of(text: str) -> str:
    """What stands between the cells: the one that cuts most lines into equally many of them."""
    if text[:4].lower() == "sep=" and text[4:5]:
        return text[4]
    lines = text.splitlines()[:30]
    best, most = ",", (0, 0)
    for separator in SEPARATORS:
        try:
            widths = [len(row) for row in csv.reader(lines, delimiter=separator) if row]
        except csv.Error:
            continue
        width, times = Counter(widths).most_common(1)[0] if widths else (1, 0)
        if width > 1 and (times, width) > most:
            best, most = separator, (times, width)
    return best


class TextTable:
    """A file of text: one sheet without a name."""

    def __init__(self, path: Path) -> None:
        content = path.read_bytes()
        text = content.decode(encoding_of(content))
        if sum(not (c.isprintable() or c in "\t\r\n\ufeff") for c in text[:4096]) > 8:
            raise FileRefused("not-a-table")
        self._text = text.removeprefix("\ufeff")
        self._separator = separator_of(self._text)
        filled = sum(1 for _number, row in self._records() if any(map(str.strip, row)))
        if not filled:
            raise FileRefused("empty")
        self._sheet = Sheet("", filled=filled)

    def sheets(self) -> list[Sheet]:
        """The one sheet."""
        return [self._sheet]

    def grid(self, sheet: Sheet) -> Grid:
        """The sheet: text has no peculiar cells."""
        return Grid(self, sheet)

    def rows(self, sheet: Sheet) -> Iterator[tuple[int, Sequence[Any]]]:
        """The records, numbered as a spreadsheet program would show them."""
        for number, row in self._records():
            yield number, [*row[:COLUMNS], *[None] * (COLUMNS - len(row))]

    def _records(self) -> Iterator[tuple[int, list[str]]]:
        reader = csv.reader(io.StringIO(self._text, newline=""), delimiter=self._separator)
        most, number = most_rows() + COLUMNS, 0
        filled = 0
        try:
            for number, row in enumerate(reader, start=1):
                if number == 1 and self._text[:4].lower() == "sep=":
                    continue
                filled += any(row)
                if filled > most:
                    raise refuse_rows()
                if any(len(cell) > LONGEST_CELL for cell in row):
                    raise FileRefused("quotes", row=number)
                yield number, row
        except csv.Error as error:
            raise FileRefused("quotes", row=number + 1) from error
