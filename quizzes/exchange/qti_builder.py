"""HTML, such as people write it, as elements of the few kinds that questions know."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Final
from xml.etree.ElementTree import Element, SubElement

_GAP: Final = re.compile(r"\[\[\s*([1-9][0-9]{0,2})\s*\]\]")
_VOID: Final = frozenset({"br", "hr", "img"})
_UNSEEN: Final = frozenset({"script", "style", "title"})
_DEEPEST: Final = 90
_NO_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_KNOWN: Final = frozenset(
    re.findall(
        r"\w+",
        "p ul ol li blockquote pre b code em i strong sub sup a h1 h2 h3 h4 hr br abbr table"
        " caption thead tbody tfoot tr td th img",
    )
)
_ATTRIBUTES: Final = frozenset({"href", "colspan", "rowspan", "src", "alt", "title"})


def text_of(value: object) -> str:
    """A text without the signs that XML cannot hold."""
    return _NO_XML.sub("", str(value))


class Builder(HTMLParser):
    """Builds elements; those that QTI does not know leave what is in them."""

    def __init__(self, parent: Element, gaps: Mapping[int, Element]) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[tuple[str, Element]] = [("", parent)]
        self.gaps = gaps
        self.done: set[int] = set()
        self.dropped: set[str] = set()  # elements of which only the content stays

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open an element, or go on in the one that is open."""
        if len(self.open) > _DEEPEST or tag not in _KNOWN:
            if tag in _UNSEEN:
                self.open.append((tag, Element(tag)))
            self.dropped.add(tag)
            return
        kept = {
            name: text_of(value)
            for name, value in attrs
            if name in _ATTRIBUTES and value is not None
        }
        language = dict(attrs).get("lang")
        if language:
            kept["xml:lang"] = language
        if tag == "img":
            kept.setdefault("alt", "")
        element = SubElement(self.open[-1][1], tag, kept)
        if tag not in _VOID:
            self.open.append((tag, element))

    def handle_endtag(self, tag: str) -> None:
        """Close up to the element of that name, where one is open."""
        names = [name for name, _element in self.open]
        if tag in names[1:]:
            at = len(names) - 1 - names[::-1].index(tag)
            del self.open[at:]

    def handle_data(self, data: str) -> None:
        """Text, with gaps where they stand."""
        start = 0
        for found in _GAP.finditer(data) if self.gaps else ():
            number = int(found[1])
            if number in self.gaps and number not in self.done:
                self.done.add(number)
                self._add(data[start : found.start()])
                self.open[-1][1].append(self.gaps[number])
                start = found.end()
        self._add(data[start:])

    def _add(self, text: str) -> None:
        parent = self.open[-1][1]
        if len(parent):
            parent[-1].tail = (parent[-1].tail or "") + text
        else:
            parent.text = (parent.text or "") + text


def page_of(content: bytes) -> Element:
    """What a page of HTML shows, in UTF-8 or else Windows-1252, as browsers take it."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", "replace")
    body = Element("body")
    builder = Builder(body, {})
    builder.feed(text_of(text))
    builder.close()
    return body
