"""From the XML of a Word document to its lines (ECMA-376 part 1, chapter 17).

Deleted and hidden text, comments and field codes are no text. What cannot be shown (formulas of
old editors, drawings, objects) stays in its line as a fault of the question that has it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

from django.utils.html import escape
from django.utils.translation import gettext as _

from lms.plugins.vietnamese import nfc
from quizzes.exchange.decoding import from_vn3
from quizzes.exchange.drafts import PICTURE
from quizzes.exchange.word_lines import OBJECT, PLAIN, Block, Cell, Line, Look, Piece, Table
from quizzes.exchange.word_math import html_of_math
from quizzes.exchange.word_package import WordPackage, child, named, number, value

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_OFF: Final = ("0", "false", "off", "none")
_BLACK: Final = ("", "auto", "000000")
_INSIDE: Final = frozenset(
    ["w:ins", "w:moveTo", "w:smartTag", "w:fldSimple", "w:sdtContent", "w:customXml"]
)
_PICTURES: Final = (
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpg"),
    (b"GIF8", "gif"),
)
_BOXES: Final = {0xF0FE: "☑", 0xF0FD: "☒", 0xF0A8: "☐", 0xF06F: "☐", 0xF0A3: "☐", 0xF0E0: "→"}
_HEADING: Final = re.compile(r"heading ([1-9])", re.IGNORECASE)


def blocks_of(package: WordPackage) -> list[Block]:
    """The lines and tables of the document."""
    return _Reader(package).blocks(package.body)


class _Reader:
    def __init__(self, package: WordPackage) -> None:
        self.package = package
        self.fields: list[bool] = []  # of each open field: whether its result has begun

    def blocks(self, parent: Element) -> list[Block]:
        found: list[Block] = []
        carried: tuple[Piece, ...] = ()  # of paragraphs whose end was deleted
        for element in _flat(parent):
            if named(element.tag) == "w:tbl":
                found.append(self.table(element))
            elif named(element.tag) == "w:p":
                line = self.paragraph(element)
                line = replace(line, pieces=carried + line.pieces)
                if child(element, "w:pPr", "w:rPr", "w:del") is not None:
                    carried = line.pieces
                    continue
                carried = ()
                found += line.lines()
        if carried:
            found += Line(carried).lines()
        return found

    def table(self, element: Element) -> Table:
        rows: list[list[Cell]] = []
        open_cells: dict[int, tuple[int, int]] = {}  # column → where the cell that goes on is
        for row in _rows(element):
            cells: list[Cell] = []
            column = number(value(child(row, "w:trPr", "w:gridBefore")))
            for cell in (each for each in _flat(row) if named(each.tag) == "w:tc"):
                properties = child(cell, "w:tcPr")
                span = max(1, number(value(child(properties, "w:gridSpan")), 1))
                merge = child(properties, "w:vMerge")
                if merge is not None and value(merge) != "restart" and column in open_cells:
                    up, at = open_cells[column]
                    rows[up][at] = replace(rows[up][at], rows=rows[up][at].rows + 1)
                else:
                    open_cells.pop(column, None)
                    if merge is not None:
                        open_cells[column] = (len(rows), len(cells))
                    cells.append(Cell(tuple(self.blocks(cell)), columns=span))
                column += span
            rows.append(cells)
        return Table(tuple(tuple(row) for row in rows))

    def paragraph(self, element: Element) -> Line:
        properties = child(element, "w:pPr")
        styles = self.package.styles
        chain = list(styles.chain(value(child(properties, "w:pStyle")) or styles.default))
        both = [
            each for each in (properties, *(child(s, "w:pPr") for s in chain)) if each is not None
        ]
        base = self.look([each for each in (child(s, "w:rPr") for s in chain) if each is not None])
        pieces = list(self.inline(element, chain))
        label, form = self.label(both)
        if label and form != "bullet":
            pieces.insert(0, Piece(f"{label} ", base))
        return Line(
            tuple(pieces),
            _heading(both, chain),
            form if label and form != "bullet" else "",
            form == "bullet",
        )

    def label(self, properties: list[Element]) -> tuple[str, str]:
        """What Word puts before the paragraph, and the form of its number."""
        for each in properties:
            numbers = child(each, "w:numPr")
            if numbers is not None and child(numbers, "w:numId") is not None:
                instance = value(child(numbers, "w:numId"))
                at = number(value(child(numbers, "w:ilvl")))
                level = self.package.numbering.level(instance, at)
                label = self.package.numbering.next_label(instance, at)
                return label, level.form if level else ""
        return "", ""

    def inline(self, element: Element, chain: list[Element]) -> Iterator[Piece]:
        """The pieces of a paragraph, or of what groups some of them."""
        for each in element:
            name = named(each.tag)
            if name == "w:r":
                yield from self.run(each, chain)
            elif name == "w:hyperlink":  # its colour and stroke say nothing
                for piece in self.inline(each, chain):
                    yield replace(piece, look=replace(piece.look, underline=False, coloured=False))
            elif name in _INSIDE:
                yield from self.inline(each, chain)
            elif name == "w:sdt":
                inner = child(each, "w:sdtContent")
                yield from self.inline(inner, chain) if inner is not None else ()
            elif name in ("m:oMath", "m:oMathPara"):
                shown = html_of_math(each)
                yield (
                    Piece(OBJECT, html=shown)
                    if shown is not None
                    else _lost(_("It holds a formula that cannot be read. Insert it as a picture."))
                )

    def run(self, run: Element, chain: list[Element]) -> Iterator[Piece]:
        own = child(run, "w:rPr")
        style = value(child(own, "w:rStyle"))
        sources = [each for each in (own,) if each is not None]
        for each in (*self.package.styles.chain(style), *chain):
            properties = child(each, "w:rPr")
            if properties is not None:
                sources.append(properties)
        if self.package.styles.defaults is not None:
            sources.append(self.package.styles.defaults)
        look, font = self.look(sources), _font(sources)
        is_hidden = _is_on(sources, "w:vanish")
        for element in run:
            name = named(element.tag)
            if name == "w:fldChar":
                self.field(value(element, "w:fldCharType"))
            elif self.fields and not all(self.fields):
                continue
            elif is_hidden:
                if name == "w:t" and (element.text or "").strip():
                    yield Piece(OBJECT, html=" ", note=_("Hidden text is left out."))
            else:
                yield from self.content(element, name, look, font, _is_on(sources, "w:caps"))

    def field(self, kind: str) -> None:
        if kind == "begin":
            self.fields.append(False)
        elif kind == "separate" and self.fields:
            self.fields[-1] = True
        elif kind == "end" and self.fields:
            self.fields.pop()

    def content(
        self, element: Element, name: str, look: Look, font: str, is_caps: bool
    ) -> Iterator[Piece]:
        """What one element of a run shows."""
        if name == "w:t":
            text = _decoded(element.text or "", font)
            if text and font.startswith("vni-") and not text.isascii():
                text, fault = re.sub(r"[^\x00-\x7f]", "?", text), _vni()
                yield Piece(OBJECT, fault=fault)
            if text:
                yield Piece(text.upper() if is_caps else text, look)
        elif name in ("w:tab", "w:ptab"):
            yield Piece("\t", look)
        elif name in ("w:br", "w:cr"):
            yield Piece("\n", look)
        elif name == "w:noBreakHyphen":
            yield Piece("-", look)
        elif name == "w:sym":
            code = int(f"0{value(element, 'w:char')[:4]}" if _is_hex(element) else "0", 16)
            sign = _BOXES.get(code)
            yield (
                Piece(sign, look)
                if sign
                else _lost(
                    _("It holds a sign of the font “%(font)s” that cannot be read.")
                    % {"font": value(element, "w:font")}
                )
            )
        elif name in ("w:drawing", "w:pict", "w:object"):
            yield self.drawing(element, is_object=name == "w:object")
        elif name in ("w:footnoteReference", "w:endnoteReference"):
            yield Piece(OBJECT, html=" ", note=_("A footnote is left out."))
        elif name == "mc:AlternateContent":
            inner = child(element, "mc:Choice")
            for each in inner if inner is not None else ():
                yield from self.content(each, named(each.tag), look, font, is_caps)

    def drawing(self, element: Element, *, is_object: bool) -> Piece:
        """A picture, or why it is none."""
        everything = list(element.iter())
        if is_object:
            return _lost(_("It holds an embedded object or formula. Insert it as a picture."))
        if any(named(each.tag) == "w:txbxContent" for each in everything):
            return Piece(
                OBJECT, html=" ", note=_("A text box is left out: write it as plain text.")
            )
        sources = [
            value(each, "r:embed") or value(each, "r:id") or value(each, "r:link")
            for each in everything
            if named(each.tag) in ("a:blip", "v:imagedata")
        ]
        sources = [each for each in sources if each]
        if not sources:
            return _lost(_("It holds a drawing or a chart. Insert it as a picture."))
        if len(sources) > 1:
            return _lost(_("It holds grouped pictures. Insert them as one picture."))
        name = self.package.targets.get(sources[0], "")
        content = self.package.media.get(name)
        if content is None:
            return _lost(_("It holds a picture that is not in the document. Insert it again."))
        kind = next((kind for start, kind in _PICTURES if content.startswith(start)), "")
        if not kind:
            return _lost(
                _("It holds a picture as %(kind)s, which browsers do not show. Insert it as PNG.")
                % {"kind": PurePosixPath(name).suffix.removeprefix(".").upper() or "?"}
            )
        words = next(
            (
                found
                for each in everything
                if named(each.tag) in ("wp:docPr", "v:shape")
                and (found := nfc(each.get("descr") or each.get("alt") or each.get("title") or ""))
            ),
            "",
        )
        alt = escape(" ".join(words.split()))
        note = "" if alt else _("A picture has no description.")
        shown = f'<img alt="{alt}" src="{PICTURE}{escape(PurePosixPath(name).name)}">'
        return Piece(OBJECT, html=shown, picture=name, note=note)

    def look(self, sources: list[Element]) -> Look:
        """The looks that these properties give, the nearest first."""
        colour = _first(sources, "w:color").upper().lower()
        marked = _first(sources, "w:highlight")
        shading = next((each for s in sources if (each := child(s, "w:shd")) is not None), None)
        fill = value(shading, "w:fill").lower()
        raised = {"superscript": "sup", "subscript": "sub"}.get(_first(sources, "w:vertAlign"), "")
        return Look(
            bold=_is_on(sources, "w:b"),
            italic=_is_on(sources, "w:i"),
            underline=_first(sources, "w:u") not in ("", "none"),
            marked=marked not in ("", "none", "white") or fill not in ("", "auto", "ffffff"),
            coloured=colour not in _BLACK and not _is_dark(colour),
            raised=raised,
        )


def _flat(parent: Element) -> Iterator[Element]:
    """The children, those in content controls and insertions too; of alternatives the first."""
    for each in parent:
        name = named(each.tag)
        if name in ("w:sdt", "w:sdtContent", "w:customXml", "w:ins", "w:moveTo", "w:smartTag"):
            yield from _flat(each)
        elif name == "mc:AlternateContent":
            choice = child(each, "mc:Choice")
            yield from _flat(choice) if choice is not None else ()
        else:
            yield each


def _rows(table: Element) -> Iterator[Element]:
    for row in _flat(table):
        if named(row.tag) == "w:tr" and child(row, "w:trPr", "w:del") is None:
            yield row


def _heading(properties: list[Element], chain: list[Element]) -> int:
    for each in properties:
        level = value(child(each, "w:outlineLvl"))
        if level.isdigit():
            return number(level) + 1 if number(level) < 9 else 0
    for style in chain:
        found = _HEADING.fullmatch(value(child(style, "w:name")))
        if found:
            return int(found[1])
    return 0


def _is_on(sources: list[Element], name: str) -> bool:
    """A property that is on or off (17.17.4): the nearest that says something counts."""
    found = next((each for s in sources if (each := child(s, name)) is not None), None)
    return found is not None and value(found) not in _OFF


def _first(sources: list[Element], name: str) -> str:
    found = next((each for s in sources if (each := child(s, name)) is not None), None)
    return value(found)


def _font(sources: list[Element]) -> str:
    fonts = (child(each, "w:rFonts") for each in sources)
    return next(
        (
            name.lower()
            for each in fonts
            if (name := value(each, "w:ascii") or value(each, "w:hAnsi"))
        ),
        "",
    )


def _decoded(text: str, font: str) -> str:
    """The text in Unicode; fonts of TCVN3 (".VnTime") have letters where others have Western."""
    text = "".join(chr(ord(c) - 0xF000) if 0xF020 <= ord(c) <= 0xF0FF else c for c in text)
    if font.startswith(".vn"):
        text = from_vn3(text)
        return nfc(text.upper() if font.endswith("h") else text)
    return nfc(text).replace("\xa0", " ").replace("\u200b", "").replace("\xad", "")


def _is_dark(colour: str) -> bool:
    """Whether a colour is near black, so that nobody tells it from black."""
    return bool(re.fullmatch(r"[0-9a-f]{6}", colour)) and all(
        int(colour[at : at + 2], 16) < 0x50 for at in (0, 2, 4)
    )


def _is_hex(element: Element) -> bool:
    return bool(re.fullmatch(r"[0-9A-Fa-f]{1,8}", value(element, "w:char")))


def _lost(why: str) -> Piece:
    return Piece(OBJECT, look=PLAIN, fault=why)


def _vni() -> str:
    return _("Its text is in a VNI font, which cannot be read. Change it to Unicode.")
