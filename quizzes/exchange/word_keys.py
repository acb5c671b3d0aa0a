"""Keys of a test: a letter after "Đáp án:", looks of one option, a table of letters at the end."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from lms.plugins.vietnamese import fold
from quizzes.exchange.word_lines import FEATURES, Line, Table, looks_of

if TYPE_CHECKING:
    from quizzes.exchange.word_asked import Choice

LETTERS: Final = "ABCDEFGH"
TRUE, FALSE = "Đ", "S"
_TRUTH: Final = {"đ": TRUE, "d": TRUE, "đúng": TRUE, "true": TRUE, "t": TRUE} | {
    "s": FALSE, "sai": FALSE, "false": FALSE, "f": FALSE,
}  # fmt: skip
_LIST: Final = re.compile(
    r"[(\[\s]*([A-H](?:(?:\s*[,;&+/]\s*|\s+và\s+|\s+)[A-H])*|[A-H]{2,8})[)\]\s.;,]*", re.IGNORECASE
)
_LED: Final = re.compile(r"[(\[]?([A-H])\s*(?:[)\].:,;–-]|(?=\())\s*(\S.*)", re.DOTALL)
# "1-A", "Câu 2: C", "3B", "4. A, C", "5 Đ"
_ENTRY: Final = re.compile(
    r"[\s,;|.]*(?:câu\s*)?(\d{1,4})\s*[-.:)=–—/]?\s*"
    r"([A-H](?:\s*[,;&+]\s*[A-H](?![\w.]))*|[A-H]{2,5}|đúng|sai|đ|s)(?![^\W\d_])",
    re.IGNORECASE,
)
_PER_LETTER: Final = re.compile(
    r"[\s,;.|]*([A-Ha-h])\s*[-.:)=–—]?\s*(đúng|sai|đ|s|true|false)(?![^\W\d_])", re.IGNORECASE
)


def letters_of(text: str) -> list[str]:
    """The letters of "B", "A, C", "A và C", "ABD"; empty where it is something else."""
    found = _LIST.fullmatch(text.strip()) if len(text) < 80 else None
    if not found:
        return []
    letters = [each for each in found[1].upper() if each in LETTERS and each.isalpha()]
    if "VÀ" in found[1].upper():
        letters = [each for each in re.sub("VÀ", " ", found[1].upper()) if each in LETTERS]
    return list(dict.fromkeys(letters))


def led_letter(text: str) -> tuple[str, str]:
    """The letter and the words of "B. Hà Nội"; empty where it is something else."""
    found = _LED.fullmatch(text.strip())
    return (found[1], found[2].strip()) if found else ("", "")


def truth_of(text: str) -> str:
    """ "Đ" or "S" for "Đúng", "sai" …; empty where it is neither."""
    return _TRUTH.get(text.strip(" .;:()[]\t").lower(), "")


def truths_of(text: str) -> dict[str, str]:
    """ "a) Đúng; b) Sai …" or "ĐSSĐ" as {"A": "Đ", "B": "S"}; empty where it is something else."""
    compact = re.sub(r"[\s,;\-–]", "", text).upper()
    if re.fullmatch(r"[ĐS]{2,8}", compact):
        return dict(zip(LETTERS, compact, strict=False))
    found, at = dict[str, str](), 0
    while entry := _PER_LETTER.match(text, at):
        found[entry[1].upper()] = truth_of(entry[2])
        at = entry.end()
    return found if found and not text[at:].strip(" .;,") else {}


@dataclass
class KeyTable:
    """Keys by the number of the question, and the numbers for which there are several."""

    keys: dict[int, list[str]] = field(default_factory=dict)
    doubtful: set[int] = field(default_factory=set)

    def add(self, number: int, letters: list[str]) -> None:
        """Another entry; one that says something else than before makes both doubtful."""
        if self.keys.setdefault(number, letters) != letters:
            self.doubtful.add(number)


def entries_of(text: str) -> list[tuple[int, list[str]]]:
    """The entries of "1-A 2-C 3B"; empty where anything else stands in it."""
    found, at = list[tuple[int, list[str]]](), 0
    while entry := _ENTRY.match(text, at):
        truth = truth_of(entry[2])
        found.append((int(entry[1]), [truth] if truth and truth in "ĐS" else letters_of(entry[2])))
        at = entry.end()
    return found if found and not text[at:].strip(" .;,|") else []


def entries_of_table(table: Table) -> list[tuple[int, list[str]]] | None:
    """The keys of a table; None where it is none.

    Cells with "1-A"; pairs of number and letter side by side; or a row of numbers over one of
    letters. A number with several letters beside it (versions of a test) is no key table.
    """
    rows = [[cell.text.strip() for cell in row] for row in table.rows]
    cells = [text for row in rows for text in row if text]
    each = [entries_of(text) for text in cells]
    if (
        cells
        and sum(map(bool, each)) >= max(1, len(cells) - 2)
        and all(
            found or not any(c.isdigit() for c in text)
            for found, text in zip(each, cells, strict=True)
        )
    ):
        return [entry for found in each for entry in found]
    return _in_columns(rows) or _in_rows(rows)


def _in_rows(rows: list[list[str]]) -> list[tuple[int, list[str]]] | None:
    found = list[tuple[int, list[str]]]()
    lines = [row for row in rows if any(row)]
    if not lines or len(lines) % 2:
        return None
    for numbers, letters in zip(lines[::2], lines[1::2], strict=True):
        for place, (above, below) in enumerate(zip(numbers, letters, strict=False)):
            number = _number(above)
            if not above and not below:
                continue
            if number is None:
                if place == 0 and not letters_of(below) and not truth_of(below):
                    continue  # "Câu", "Đáp án"
                return None
            key = _key(below)
            if not key:
                return None
            found.append((number, key))
    return found or None


def _in_columns(rows: list[list[str]]) -> list[tuple[int, list[str]]] | None:
    found = list[tuple[int, list[str]]]()
    for at, row in enumerate(rows):
        texts = [text for text in row if text]
        if len(texts) % 2:
            return None
        pairs = list(zip(texts[::2], texts[1::2], strict=True))
        if at == 0 and not any(c.isdigit() for text in texts for c in text):
            continue  # headings
        for left, right in pairs:
            number, key = _number(left), _key(right)
            if number is None or not key:
                return None
            found.append((number, key))
    return found or None


def _number(text: str) -> int | None:
    found = re.fullmatch(r"(?:câu\s*)?(\d{1,4})[.:)]?", text.strip(), re.IGNORECASE)
    return int(found[1]) if found else None


def _key(text: str) -> list[str]:
    truth = truth_of(text)
    return [truth] if truth and text.strip().upper() not in LETTERS else letters_of(text)


@dataclass(frozen=True)
class Evidence:
    """What says that some options are the right ones: `source` a key of SOURCES."""

    source: str
    letters: tuple[str, ...]


def starred(options: Iterable[Choice]) -> Iterator[Evidence]:
    """An asterisk, or a ticked box."""
    found = tuple(each.letter for each in options if each.is_starred)
    if found:
        yield Evidence("star", found)


def looking(options: list[Choice]) -> Iterator[Evidence]:
    """Looks that some options have as a whole, and the others not.

    The sign ("A.") and the text are looked at apart: often all signs are bold, and the right one
    is underlined.
    """
    if len(options) < 2:
        return
    for feature in FEATURES:
        for parts in ([[each.sign] for each in options], [_texts(each) for each in options]):
            seen = [_all(lines, feature) for lines in parts]
            found = tuple(
                option.letter for option, is_so in zip(options, seen, strict=True) if is_so
            )
            if found and len(found) < len(options):
                yield Evidence(feature, found)


def _texts(option: Choice) -> list[Line]:
    return [each for each in option.blocks if isinstance(each, Line)]


def _all(lines: list[Line], feature: str) -> bool:
    words = [line for line in lines if any(each.isalnum() for each in line.text)]
    return bool(words) and all(looks_of(line, feature) for line in words)


def same_words(one: str, other: str) -> bool:
    """Whether two texts say the same, but for capitals, marks and what stands at the end."""
    return _bare(one) == _bare(other) != ""


def _bare(text: str) -> str:
    return " ".join(fold(text).split()).strip(" .;,:\"'“”")
