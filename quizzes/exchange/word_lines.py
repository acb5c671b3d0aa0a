"""Lines of a Word document: pieces of text with their looks, pictures and tables in their place.

A line is a paragraph, or what stands between two line breaks of one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final

from django.utils.html import escape

OBJECT: Final = "\ufffc"  # stands in a text for a picture, or for what cannot be read


@dataclass(frozen=True)
class Look:
    """How a piece of text looks; only what can mean something."""

    bold: bool = False
    italic: bool = False
    underline: bool = False
    marked: bool = False  # highlighted or shaded
    coloured: bool = False  # other than black
    raised: str = ""  # "sup", "sub"


PLAIN: Final = Look()
FEATURES: Final = ("marked", "underline", "coloured", "bold")


@dataclass(frozen=True)
class Piece:
    """Text of one look, or an object: then `text` is OBJECT and `html` what stands for it."""

    text: str
    look: Look = PLAIN
    html: str = ""
    picture: str = ""
    fault: str = ""  # why a question with this piece cannot be read
    note: str = ""  # what is lost of it


@dataclass(frozen=True)
class Line:
    """A line of text. `heading`: its level, 0 for none.

    `automatic`: the form of its number (ST_NumberFormat) where Word made it.
    """

    pieces: tuple[Piece, ...] = ()
    heading: int = 0
    automatic: str = ""
    bullet: bool = False

    @cached_property
    def text(self) -> str:
        """What stands on it."""
        return "".join(piece.text for piece in self.pieces)

    @property
    def is_empty(self) -> bool:
        """Whether nothing stands on it."""
        return not self.text.strip()

    def cut(self, start: int, end: int | None = None) -> Line:
        """A part of it, by places in `text`."""
        return replace(
            self, pieces=tuple(self._between(start, len(self.text) if end is None else end))
        )

    def _between(self, start: int, end: int) -> Iterator[Piece]:
        at = 0
        for piece in self.pieces:
            text = piece.text[max(0, start - at) : max(0, end - at)]
            if text:
                yield piece if piece.html or piece.fault else replace(piece, text=text)
            at += len(piece.text)

    def stripped(self) -> Line:
        """Without white space at its ends."""
        text = self.text
        return self.cut(len(text) - len(text.lstrip()), len(text.rstrip()))

    def lines(self) -> Iterator[Line]:
        """What stands between line breaks; only the first keeps the number."""
        line, pieces = self, list[Piece]()
        for piece in self.pieces:
            for at, part in enumerate(piece.text.split("\n")):
                if at:
                    yield replace(line, pieces=tuple(pieces))
                    line, pieces = replace(self, automatic="", bullet=False, heading=0), []
                if part:
                    pieces.append(piece if part == piece.text else replace(piece, text=part))
        yield replace(line, pieces=tuple(pieces))


@dataclass(frozen=True)
class Cell:
    """A cell of a table; `rows` and `columns`: how many it spans."""

    blocks: tuple[Block, ...] = ()
    columns: int = 1
    rows: int = 1

    @cached_property
    def text(self) -> str:
        """Its words."""
        return " ".join(each.text.strip() for each in self.blocks if each.text.strip())


@dataclass(frozen=True)
class Table:
    """A table: rows of cells."""

    rows: tuple[tuple[Cell, ...], ...] = ()

    @cached_property
    def text(self) -> str:
        """Its words."""
        return " ".join(cell.text for row in self.rows for cell in row)

    def flat(self) -> Iterator[Line]:
        """The lines of its cells, row by row."""
        for row in self.rows:
            for cell in row:
                for block in cell.blocks:
                    if isinstance(block, Line):
                        yield block
                    else:
                        yield from block.flat()


Block = Line | Table


@dataclass
class Losses:
    """What a part of a document has that a question cannot keep."""

    faults: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)


def losses_of(blocks: Iterable[Block]) -> Losses:
    """The faults, notes and pictures of all pieces, each once."""
    found = Losses()
    for block in blocks:
        for line in block.flat() if isinstance(block, Table) else (block,):
            for piece in line.pieces:
                for text, kept in (
                    (piece.fault, found.faults),
                    (piece.note, found.notes),
                    (piece.picture, found.pictures),
                ):
                    if text and text not in kept:
                        kept.append(text)
    return found


def looks_of(line: Line, feature: str) -> bool | None:
    """Whether all letters and digits of the line have this feature; None where only some do."""
    found = {
        bool(getattr(piece.look, feature))
        for piece in line.pieces
        if any(letter.isalnum() or letter == OBJECT for letter in piece.text)
    }
    return None if len(found) > 1 else True in found


def without(line: Line, features: Iterable[str]) -> Line:
    """The line without these features."""
    off: dict[str, Any] = dict.fromkeys(features, False)
    return replace(
        line, pieces=tuple(replace(each, look=replace(each.look, **off)) for each in line.pieces)
    )


def without_whole(lines: list[Line], features: Iterable[str]) -> list[Line]:
    """The lines without those features that all of their words have: they stress nothing."""
    words = [line for line in lines if any(each.isalnum() for each in line.text)]
    off = [each for each in features if words and all(looks_of(line, each) for line in words)]
    return [without(line, off) for line in lines]


def html_of_line(line: Line) -> str:
    """The line as HTML that can stand in a line."""
    merged: list[Piece] = []
    for piece in line.stripped().pieces:
        look = replace(piece.look, marked=False, coloured=False)
        piece = replace(piece, look=look)
        if merged and not (piece.html or merged[-1].html) and merged[-1].look == look:
            merged[-1] = replace(merged[-1], text=merged[-1].text + piece.text)
        else:
            merged.append(piece)
    return "".join(_html_of_piece(piece) for piece in merged).strip()


def _html_of_piece(piece: Piece) -> str:
    if piece.html:
        return piece.html
    text = re.sub(r"\s+", " ", piece.text.replace(OBJECT, ""))
    inner = str(escape(text.strip()))
    if not inner:
        return " " if text else ""
    before, after = " " * text.startswith(" "), " " * text.endswith(" ")
    look = piece.look
    if look.raised:
        inner = f"<{look.raised}>{inner}</{look.raised}>"
    if look.italic or look.underline:  # rich text here has no underlining
        inner = f"<em>{inner}</em>"
    if look.bold:
        inner = f"<strong>{inner}</strong>"
    return f"{before}{inner}{after}"


def html_of(blocks: Iterable[Block]) -> str:
    """Paragraphs, lists and tables; empty where nothing stands in them."""
    parts: list[str] = []
    for block in blocks:
        if isinstance(block, Table):
            parts.append(_html_of_table(block))
            continue
        inner = html_of_line(block)
        if not inner:
            continue
        if not block.bullet:
            parts.append(f"<p>{inner}</p>")
        elif parts and parts[-1].endswith("</li></ul>"):
            parts[-1] = f"{parts[-1].removesuffix('</ul>')}<li>{inner}</li></ul>"
        else:
            parts.append(f"<ul><li>{inner}</li></ul>")
    return "".join(parts)


def _html_of_table(table: Table) -> str:
    rows = []
    for row in table.rows:
        cells = []
        for cell in row:
            spans = "".join(
                f' {name}="{count}"'
                for name, count in (("colspan", cell.columns), ("rowspan", cell.rows))
                if 1 < count < 100
            )
            lines = [html_of_line(each) for each in _lines_of(cell)]
            cells.append(f"<td{spans}>{'<br>'.join(filter(None, lines))}</td>")
        rows.append(f"<tr>{''.join(cells)}</tr>")
    return f"<table><tbody>{''.join(rows)}</tbody></table>"


def _lines_of(cell: Cell) -> Iterator[Line]:
    for block in cell.blocks:
        if isinstance(block, Line):
            yield block
        else:
            yield from block.flat()
