"""Markdown with directives → the pieces of a lesson, each a block of its stream field."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from markdown import Markdown

from lms.plugins.richtext import Profile, clean
from modules.content.curriculum.frontmatter import TextError

CALLOUTS = ("key", "warning", "law")
DIRECTIVES = (*CALLOUTS, "checklist", "example", "reveal", "quote", "table", "activity")
OPENING = re.compile(r"^:::\s*(?P<name>[a-z]+)(?:\s+(?P<title>.*?))?\s*$")
HEADING = re.compile(r"^(?P<marks>#+)\s+(?P<text>.*?)\s*$")
ITEM = re.compile(r"^\s*(?:[-*+]|\d+[.)])\s+")
TICK = re.compile(r"^- \[[ xX]\]\s+(?P<text>.*\S)\s*$")
MARKUP = re.compile(r"</?[A-Za-z!]")
EMPHASIS = re.compile(r"(\*\*|\*)(?=\S)(.+?)(?<=\S)\1")


@dataclass(frozen=True)
class Piece:
    """A block: its name in the stream field, its value, and the line on which it begins.

    The value of an "activity" is {"code": …}: who loads the lesson knows which activity that is.
    """

    kind: str
    value: Any
    line: int


@dataclass(frozen=True)
class _Line:
    number: int
    text: str


def read_body(path: str, body: str, first_line: int) -> list[Piece]:
    """The pieces of a lesson's body in order. Raises TextError."""
    return list(_Reader(path).pieces(_numbered(body, first_line)))


def read_rich_text(path: str, body: str, first_line: int) -> str:
    """A body that is nothing but text, as clean HTML. Raises TextError for anything else."""
    lines = _numbered(body, first_line)
    for line in lines:
        if line.text.startswith((":::", "|", "#")):
            raise TextError(path, line.number, "only text and lists may stand here")
    return _Reader(path).html(lines) if any(line.text.strip() for line in lines) else ""


def _numbered(body: str, first_line: int) -> list[_Line]:
    return [_Line(first_line + at, text) for at, text in enumerate(body.split("\n"))]


class _Reader:
    def __init__(self, path: str) -> None:
        self.path = path

    def error(self, line: _Line, reason: str) -> TextError:
        return TextError(self.path, line.number, reason)

    def pieces(self, lines: list[_Line]) -> Iterator[Piece]:
        at = 0
        text: list[_Line] = []
        while at < len(lines):
            line = lines[at]
            heading = HEADING.match(line.text)
            if not (heading or line.text.startswith((":::", "|"))):
                text.append(line)
                at += 1
                continue
            yield from self._rich_text(text)
            text = []
            if heading:
                yield self._heading(line, heading)
                at += 1
            elif line.text.startswith("|"):
                raise self.error(line, "a table needs a caption: put it into ::: table Caption")
            else:
                end = self._end_of(lines, at)
                yield self._directive(line, lines[at + 1 : end])
                at = end + 1
        yield from self._rich_text(text)

    def _end_of(self, lines: list[_Line], start: int) -> int:
        for at in range(start + 1, len(lines)):
            if lines[at].text.strip() == ":::":
                return at
            if OPENING.match(lines[at].text):
                break
        raise self.error(lines[start], "this ::: block is not closed by a line :::")

    def _heading(self, line: _Line, match: re.Match[str]) -> Piece:
        level = len(match["marks"])
        if level not in (2, 3):
            raise self.error(line, "headings are ## or ###; the title stands in the front matter")
        return Piece("heading", {"text": plain(match["text"]), "level": str(level)}, line.number)

    def _rich_text(self, lines: list[_Line]) -> Iterator[Piece]:
        written = [line for line in lines if line.text.strip()]
        if written:
            yield Piece("rich_text", self.html(lines), written[0].number)

    def _directive(self, opening: _Line, lines: list[_Line]) -> Piece:
        match = OPENING.match(opening.text)
        name = match["name"] if match else ""
        if match is None or name not in DIRECTIVES:
            raise self.error(opening, f"::: must be followed by one of {', '.join(DIRECTIVES)}")
        title = plain(match["title"] or "")
        if not title and name not in CALLOUTS:
            raise self.error(opening, f"::: {name} needs words after it")
        if name != "activity" and not any(line.text.strip() for line in lines):
            raise self.error(opening, f"::: {name} is empty")
        if name in CALLOUTS:
            kind, value = "callout", {"kind": name, "title": title, **self._text_and_more(lines)}
        else:
            kind, value = getattr(self, f"_{name}")(title, lines)
        return Piece(kind, value, opening.number)

    def _example(self, title: str, lines: list[_Line]) -> tuple[str, Any]:
        return "worked_example", {"title": title, **self._text_and_more(lines, headings=True)}

    def _checklist(self, title: str, lines: list[_Line]) -> tuple[str, Any]:
        items: list[str] = []
        for line in lines:
            match = TICK.match(line.text)
            if match:
                items.append(plain(match["text"]))
            elif line.text.startswith("  ") and items:
                items[-1] += f" {plain(line.text.strip())}"
            elif line.text.strip():
                raise self.error(line, "lines of a checklist begin with - [ ]")
        return "checklist", {"title": title, "items": items}

    def _reveal(self, title: str, lines: list[_Line]) -> tuple[str, Any]:
        self._refuse_tables(lines)
        return "reveal", {"question": title, "answer": self.html(lines)}

    def _quote(self, title: str, lines: list[_Line]) -> tuple[str, Any]:
        text = "\n".join(plain(line.text) for line in lines).strip()
        return "quotation", {"text": text, "source": title}

    def _table(self, title: str, lines: list[_Line]) -> tuple[str, Any]:
        for line in lines:
            if line.text.strip() and not line.text.startswith("|"):
                raise self.error(line, "lines of a table begin with |")
        return "table", {"caption": title, "cells": self._cells(lines)}

    def _activity(self, title: str, lines: list[_Line]) -> tuple[str, Any]:
        for line in lines:
            if line.text.strip():
                raise self.error(line, "::: activity has no text; close it with ::: at once")
        return "activity", {"code": title}

    def _cells(self, lines: list[_Line]) -> str:
        rows = [line for line in lines if line.text.strip()]
        width = rows[0].text.count("|")
        for row in rows:
            if row.text.count("|") != width:
                raise self.error(row, "this row has not as many cells as the header")
        return "\n".join(plain(row.text) for row in rows)

    def _refuse_tables(self, lines: list[_Line]) -> None:
        for line in lines:
            if line.text.startswith("|"):
                raise self.error(line, "no table can stand here")

    def _text_and_more(self, lines: list[_Line], *, headings: bool = False) -> dict[str, Any]:
        """Text up to the first table as `body`; tables, and text after them, as `more`."""
        parts: list[tuple[str, Any]] = []
        run: list[_Line] = []

        def close() -> None:
            if any(line.text.strip() for line in run):
                if run[0].text.startswith("|"):
                    parts.append(("table", {"caption": "", "cells": self._cells(run)}))
                else:
                    parts.append(("text", self.html(run, headings=headings)))
            run.clear()

        for line in lines:
            if run and line.text.startswith("|") != run[0].text.startswith("|"):
                close()
            run.append(line)
        close()
        body = parts.pop(0)[1] if parts and parts[0][0] == "text" else ""
        return {"body": body, "more": parts}

    def html(self, lines: list[_Line], *, headings: bool = False) -> str:
        """Paragraphs and lists as clean HTML; refuses what would come out garbled."""
        before = ""
        for line in lines:
            if MARKUP.search(line.text):
                raise self.error(line, "HTML cannot stand in a course text")
            if line.text.startswith(("```", ">", "    ", "!")):
                raise self.error(line, "code, > quotations and pictures cannot stand here")
            if line.text.startswith("#") and not (headings and line.text.startswith("### ")):
                raise self.error(line, "no heading can stand here")
            item = ITEM.match(line.text)
            if item and before.strip() and not ITEM.match(before) and not before.startswith(" "):
                raise self.error(line, "put an empty line before a list")
            before = line.text
        source = "\n".join(line.text for line in lines).strip()
        html = clean(Markdown(extensions=["sane_lists"]).convert(source), Profile.TEACHER)
        if "**" in html:
            at = next(line for line in lines if "**" in line.text)
            raise self.error(at, "** without its other half")
        return html


def plain(text: str) -> str:
    """`text` without marks of emphasis, for places that hold no rich text."""
    return EMPHASIS.sub(r"\2", EMPHASIS.sub(r"\2", text)).strip()
