"""The lines of a test as people in Vietnam write it, sorted into questions and their parts.

Nothing is judged here: `word_drafts` does. See docs/imports/word.md for the forms.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from django.utils.translation import gettext as _

from lms.plugins.vietnamese import fold
from quizzes.exchange import word_keys as keys
from quizzes.exchange.word_asked import Asked, Choice, Sheet, joined
from quizzes.exchange.word_lines import OBJECT, Block, Line, Piece, Table
from quizzes.exchange.word_option_tables import options_of_table
from quizzes.exchange.word_signs import (
    KEY_LINE,
    PASSAGE,
    Field,
    field_of,
    is_rule,
    is_small,
    keys_begin,
    option_starts,
    section_of,
    strong_number,
    task_number,
    truth_lines,
    weak_number,
)

LONGEST: Final = 5_000  # characters of a line
CONTINUED: Final = ("explanation", "guidance", "hint", "feedback", "basis", "key")


class Sorter:
    """Takes the blocks of a document one by one."""

    def __init__(self, blocks: list[Block]) -> None:
        self.sheet = Sheet()
        self.blocks = blocks
        self.has_strong = any(
            strong_number(line.text)
            for line in _all_lines(blocks)
            if not keys.entries_of(line.text)
        )
        self.headings: list[tuple[int, str]] = []
        self.is_essay = False
        self.in_keys = False
        self.told: Asked | None = None  # the question of which the part with keys speaks
        self.passages: list[tuple[int, int, list[Block]]] = []
        self.target: list[Block] | None = None  # where lines without a sign of their own go
        self.is_text = False  # the target is one in which letters and numbers are text
        self.dropped: list[Block] = []  # what stands between a heading and its first question

    @property
    def current(self) -> Asked | None:
        """The question that is being read."""
        return self.sheet.asked[-1] if self.sheet.asked else None

    def sheet_of_all(self) -> Sheet:
        """Everything, sorted."""
        for block in self.blocks:
            if isinstance(block, Table):
                self.table(block)
            else:
                self.line(block)
        for asked in self.sheet.asked:
            for first, last, passage in self.passages:
                if first <= asked.number <= last and passage is not asked.stem:
                    asked.stem[:0] = passage
        return self.sheet

    def line(self, line: Line) -> None:
        """One line, which may hold several parts."""
        line = line.stripped()
        if line.is_empty or is_rule(line.text):
            return
        if len(line.text) > LONGEST:
            line = Line((Piece(OBJECT, fault=_too_long()),))
        for part in _parted(line):
            self.part(part)

    def part(self, line: Line) -> None:
        text = line.text
        if keys_begin(line):
            self.in_keys, self.told = True, None
            return
        if self.in_keys and self.key_line(line):
            return
        strong = strong_number(text) or (task_number(text) if self.is_essay else None)
        if strong:
            if not self.is_key_only(text):
                self.begin(line, *strong)
            return
        if self.heading(line):
            return
        weak = weak_number(text) if not self.has_strong else None
        if weak and self.may_follow(weak[0]):
            self.begin(line, *weak)
            return
        self.inner(line)

    def is_key_only(self, text: str) -> bool:
        """Whether "Câu 3: B" is a key of a question that was met, not another question."""
        entries = keys.entries_of(text)
        known = {asked.number for asked in self.sheet.asked}
        if not entries or not all(number in known for number, _letters in entries):
            return False
        self.in_keys = True
        for entry in entries:
            self.sheet.keys.add(*entry)
        return True

    def may_follow(self, number: int) -> bool:
        """Whether a line that begins with this number is the next question, no list in one."""
        last = self.current
        if last is None:
            return number == 1 or not self.sheet.asked
        if number == last.number + 1:
            return True
        return last.is_complete and (number > last.number or number == 1)

    def begin(self, line: Line, number: int, header: str, end: int) -> None:
        """A new question; what stands on the line after its number is its beginning."""
        self.in_keys = False
        asked = Asked(number, tuple(text for _, text in self.headings), self.is_essay, header)
        self.sheet.asked.append(asked)
        self.target, self.is_text = asked.stem, False
        rest = line.cut(end).stripped()
        if not rest.is_empty:
            self.inner(_bare(rest))

    def inner(self, line: Line) -> None:
        """A line of a question, or of what stands before the first."""
        text, asked = line.text, self.current
        passage = PASSAGE.search(text)
        if passage and int(passage[1]) < int(passage[2]) < int(passage[1]) + 60:
            last = asked.number if asked else 0
            if int(passage[1]) > last:
                self.target, self.is_text = [_bare(line)], True
                self.passages.append((int(passage[1]), int(passage[2]), self.target))
                return
        if (asked is None or self.target is self.dropped) and (
            field_of(text) or option_starts(text, "", "", is_automatic=False)
        ):
            self.sheet.lost += 1
            return
        if asked is None:
            if self.target is not None:
                self.target.append(line)
            self.is_essay = _is_essay(text, self.is_essay)
            return
        found = field_of(text)
        if found:
            self.field(asked, found, line)
            return
        if not self.is_text and self.choices(asked, line):
            return
        if self.target is None:
            self.target = asked.stem
        if asked.options and self.target is asked.options[-1].blocks and self.target:
            asked.strays.append(" ".join(text.split()))
        if self.key_line_after(asked, line):
            return
        self.target.append(line)

    def key_line_after(self, asked: Asked, line: Line) -> bool:
        """Whether an empty "Đáp án:" is followed by keys of all questions."""
        last = asked.fields[-1] if asked.fields else None
        if last and last[0].name == "key" and not last[1] and self.target is last[1]:
            entries = keys.entries_of(line.text)
            if len(entries) > 1 and {1, asked.number} & {number for number, _ in entries}:
                asked.fields.pop()
                self.in_keys = True
                return self.key_line(line)
        return False

    def field(self, asked: Asked, found: Field, line: Line) -> None:
        rest = line.cut(found.end).stripped()
        blocks: list[Block] = [] if is_rule(rest.text) else [_bare(rest)]
        asked.fields.append((found, blocks))
        if found.name in CONTINUED:
            self.target, self.is_text = blocks, found.name != "key" or bool(asked.options)

    def choices(self, asked: Asked, line: Line) -> bool:
        """Whether the line, or its end, has options."""
        last = asked.options[-1].letter if asked.options else ""
        style = asked.options[0].sign.text if asked.options else ""
        starts = option_starts(line.text, last, style, is_automatic=_is_lettered(line))
        if not starts and is_small(style):  # "a) … b) …" were a list in the question
            starts = option_starts(line.text, "", "A", is_automatic=False)
            if starts:
                for each in asked.options:
                    asked.stem += joined(each)
                asked.options.clear()
        if starts:
            before = line.cut(0, starts[0].start).stripped()
            if not before.is_empty:
                (self.target if self.target is not None else asked.stem).append(before)
            ends = [each.start for each in starts[1:]] + [len(line.text)]
            for sign, end in zip(starts, ends, strict=True):
                rest = line.cut(sign.end, end).stripped()
                blocks: list[Block] = [] if rest.is_empty else [_bare(rest)]
                asked.options.append(
                    Choice(sign.letter, line.cut(sign.start, sign.end), blocks, sign.is_starred)
                )
                self.target = blocks
            return True
        if not asked.options or all(each.letter in "ĐS" for each in asked.options):
            truths = truth_lines(line.text)
            for sign in truths:
                words = _bare(line.cut(sign.start, sign.end).stripped())
                asked.options.append(Choice(sign.letter, Line(), [words], sign.is_starred))
            return bool(truths)
        return False

    def heading(self, line: Line) -> bool:
        """Whether the line names a part of the test or of the bank."""
        last = self.current
        level, title = section_of(line, may_begin=last is None or last.is_complete)
        if not level:
            return False
        is_essay = _is_essay(line.text, self.is_essay)
        says_form = is_essay != self.is_essay or "trac nghiem" in fold(line.text)
        self.is_essay = is_essay
        if not (says_form or "tu luan" in fold(line.text)):
            self.headings = [each for each in self.headings if each[0] < level] + [(level, title)]
        self.target, self.is_text = None, False
        if self.current is not None:  # what follows is no part of the last option
            self.target, self.is_text = self.dropped, True
        return True

    def key_line(self, line: Line) -> bool:
        """A line of the part with keys; False where questions begin again."""
        text = line.text
        entries = keys.entries_of(text)
        if entries:
            for entry in entries:
                self.sheet.keys.add(*entry)
            self.told = None
            return True
        strong = strong_number(text) or (None if self.has_strong else weak_number(text))
        if strong:
            told = next((each for each in self.sheet.asked if each.number == strong[0]), None)
            if told is None:
                self.in_keys = False
                return False
            rest = line.cut(strong[2]).stripped()
            led = KEY_LINE.match(rest.text)
            if led:
                self.sheet.keys.add(told.number, keys.letters_of(led[1]))
                rest = rest.cut(led.end()).stripped()
            self.told = told
            if not rest.is_empty:
                told.from_table.append(_bare(rest))
            return True
        if line.heading and self.heading(line):
            self.told = None
            return True
        if self.told is not None:
            self.told.from_table.append(line)
        return True

    def table(self, table: Table) -> None:
        """A table: options, keys, a layout of questions, or a part of a question."""
        entries = keys.entries_of_table(table)
        if entries and (self.in_keys or (len(entries) > 2 and self.sheet.asked)):
            self.in_keys = True
            for entry in entries:
                self.sheet.keys.add(*entry)
            return
        if self.in_keys:
            if self.told is not None:
                self.told.from_table.append(table)
            else:
                self.sheet.versions += 1
            return
        heads = {fold(cell.text) for row in table.rows[:1] for cell in row}
        if any("cau hoi" in each or each == "noi dung" for each in heads) and any(
            each.startswith(("dap an", "phuong an")) for each in heads
        ):
            self.sheet.tables_of_questions += 1
            return
        lines = list(table.flat())
        if any(strong_number(line.text) for line in lines):
            for line in lines:
                self.line(line)
            return
        options = options_of_table(table)
        if options and self.current is not None and not self.current.options:
            for line in options:
                self.line(line)
            return
        if self.target is None and self.current is not None:
            self.target = self.current.stem
        if self.target is not None:
            self.target.append(table)


def _all_lines(blocks: list[Block]) -> Iterator[Line]:
    for block in blocks:
        for line in block.flat() if isinstance(block, Table) else (block,):
            if keys_begin(line):
                return
            yield line


def _parted(line: Line) -> Iterator[Line]:
    """The line, cut before a field that stands behind options."""
    found = re.search(r"(?:\t|\s{2,40})(?=(?:đáp án|đ/?a)\b[^:]{0,12}:)", line.text, re.IGNORECASE)
    if found and found.start():
        yield line.cut(0, found.start()).stripped()
        yield _bare(line.cut(found.end()).stripped())
    else:
        yield line


def _bare(line: Line) -> Line:
    """The line without the number that it had."""
    return Line(line.pieces, bullet=line.bullet and not line.automatic)


def _too_long() -> str:
    return _("One of its lines has more than %(count)d characters.") % {"count": LONGEST}


def _is_lettered(line: Line) -> bool:
    return line.automatic in ("upperLetter", "lowerLetter")


def _is_essay(text: str, before: bool) -> bool:
    words = fold(text)
    choice, essay = "trac nghiem" in words, "tu luan" in words
    return before if choice == essay else essay
