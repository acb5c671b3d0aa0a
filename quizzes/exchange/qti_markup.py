"""Our HTML as XML that items of QTI 3.0 can hold, with the pictures of the library beside it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Final
from xml.etree.ElementTree import Element, SubElement

from django.utils.translation import gettext as _
from wagtail.images import get_image_model
from wagtail.rich_text import expand_db_html

from quizzes.bodies import as_html
from quizzes.exchange.qti_builder import Builder, text_of

_EMBED: Final = re.compile(r"<embed\b[^<>]*>")
_ID: Final = re.compile(r"\bid=\"([0-9]{1,18})\"")
_ALT: Final = re.compile(r"\balt=\"([^\"<>]*)\"")
_BLOCKS: Final = frozenset(re.findall(r"\w+", "p ul ol blockquote pre h2 h3 h4 hr table"))
IMAGES: Final = "images"


class Files:
    """The pictures of a package, each once, by path. `lost`: what is missing of one item."""

    def __init__(self) -> None:
        self.content: dict[str, bytes] = {}
        self.used: list[str] = []
        self.lost: list[str] = []

    def keep(self, name: str, content: bytes) -> str:
        """The path in the package of a picture; the same bytes are kept once."""
        plain = re.sub(r"[^A-Za-z0-9_.-]", "_", PurePosixPath(name).name)[-80:].lstrip("._-")
        path = f"{IMAGES}/{plain or 'picture'}"
        number = 1
        while path in self.content and self.content[path] != content:
            number += 1
            path = f"{IMAGES}/{number}-{plain or 'picture'}"
        self.content[path] = content
        if path not in self.used:
            self.used.append(path)
        return path

    def image(self, pk: object) -> str:
        """The path of a picture of the library, "" where it is missing."""
        image = get_image_model().objects.filter(pk=pk).first()
        try:
            if image is None:
                raise FileNotFoundError
            with image.file.open("rb") as file:
                return self.keep(image.file.name, file.read())
        except OSError:
            self.lost.append(_("A picture is missing; what it shows is written in words."))
            return ""


def fill(
    parent: Element, text: str, files: Files, gaps: Mapping[int, Element] | None = None
) -> Element:
    """Put `text`, HTML or plain, into `parent`; `gaps` in place of [[1]], [[2]] …"""

    def embedded(tag: re.Match[str]) -> str:
        number, alt = _ID.search(tag[0]), _ALT.search(tag[0])
        words = alt[1] if alt else ""
        path = files.image(int(number[1])) if number else ""
        if path:
            return f'<img alt="{words}" src="../{path}">'
        return f"<em>[{words}]</em>" if words else ""

    shown = expand_db_html(_EMBED.sub(embedded, as_html(text_of(text or ""))))
    builder = Builder(parent, gaps or {})
    builder.feed(shown)
    builder.close()
    if builder.dropped - {"span", "div"}:
        names = ", ".join(sorted(builder.dropped - {"span", "div"}))
        files.lost.append(
            _("Formatting that QTI does not have is left out: %(names)s.") % {"names": names}
        )
    return parent


def fill_line(parent: Element, text: str, files: Files) -> Element:
    """The same where it may stand in a line: a paragraph alone goes without its <p>."""
    holder = fill(Element("div"), text, files)
    only: Sequence[Element] = list(holder)
    if len(only) == 1 and only[0].tag == "p" and not (holder.text or "").strip():
        holder = only[0]
    parent.text = holder.text
    parent.extend(list(holder))
    return parent


def wrap_loose(parent: Element) -> None:
    """Put text and inline elements that stand in no block of `parent` into paragraphs."""
    old, text = list(parent), parent.text or ""
    parent.text = None
    for each in old:
        parent.remove(each)
    loose: Element | None = None

    def add(words: str) -> None:
        nonlocal loose
        if loose is None:
            if not words.strip():
                return
            loose = SubElement(parent, "p")
        if len(loose):
            loose[-1].tail = (loose[-1].tail or "") + words
        else:
            loose.text = (loose.text or "") + words

    add(text)
    for each in old:
        tail, each.tail = each.tail or "", None
        if each.tag in _BLOCKS:
            loose = None
            parent.append(each)
        else:
            if loose is None:
                loose = SubElement(parent, "p")
            loose.append(each)
        add(tail)
