"""Flow content of QTI items ("XHTML elements" of 2.2, HTML5 of 3.0) as HTML of ours.

Every result begins with an element, so that it is taken as HTML. What cannot be kept becomes a
note, once for each kind.
"""

from __future__ import annotations

import html
import re
from typing import Final
from xml.etree.ElementTree import Element

from django.utils.translation import gettext as _

from quizzes.exchange.drafts import PICTURE
from quizzes.exchange.qti_builder import page_of
from quizzes.exchange.qti_math import math_text
from quizzes.exchange.qti_pictures import Pictures
from quizzes.exchange.qti_xml import Refused, text_in

_OPEN: Final = frozenset(  # blocks that stand for nothing themselves
    re.findall(
        r"\w+",
        "div section article header footer main nav aside address figure figcaption fieldset legend"
        " details summary itemBody contentBody stimulusBody infoControl body center dl dd noscript"
        " rubricBlock",
    )
)
_BLOCK: Final = frozenset(
    re.findall(r"\w+", "p h1 h2 h3 h4 h5 h6 ul ol table blockquote pre hr dt")
)
_INLINE: Final = {
    **{tag: tag for tag in re.findall(r"\w+", "b strong i em sub sup code s abbr")},
    "kbd": "code", "samp": "code", "tt": "code", "var": "i", "cite": "i", "dfn": "i",
    "del": "s", "strike": "s",
}  # fmt: skip
_SKIPPED: Final = frozenset(
    re.findall(
        r"\w+",
        "feedbackInline feedbackBlock modalFeedback stylesheet script style catalogInfo prompt link"
        " colgroup col apipAccessibility templateInline templateBlock rp source track param"
        " positionObjectStage",
    )
)
_SOUND: Final = frozenset({"video", "audio", "iframe", "embed", "canvas"})
_SPACE: Final = re.compile(r"[ \t\r\n\f\v]+")
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}")
_WITH_LANGUAGE: Final = frozenset(re.findall(r"\w+", "p h2 h3 h4 li td th blockquote em i abbr"))
_BLANK: Final = re.compile(r"<[^<>]*>|\s|\xa0|&nbsp;")
LONGEST: Final = 250_000  # bytes of a page of HTML


class Page:
    """Turns elements of one item into HTML. `slots`: what stands in place of interactions.

    A slot that begins with "<" is a block, another one stands in the line.
    """

    def __init__(self, pictures: Pictures, *, guards_gaps: bool = False) -> None:
        self.pictures = pictures
        self.slots: dict[Element, str] = {}
        self.notes = pictures.notes
        self.guards_gaps = guards_gaps  # no text of the file may look like the place of a gap

    def html(self, element: Element | None) -> str:
        """All content of `element`, as blocks."""
        return "" if element is None else "".join(self.flow(element))

    def flow(self, element: Element) -> list[str]:
        """The content of `element` as blocks; text that stands in none gets a paragraph."""
        blocks: list[str] = []
        run = [self._text(element.text)]

        def flush() -> None:
            text = "".join(run).strip()
            run.clear()
            if not is_blank(text):
                blocks.append(f"<p>{text}</p>")

        for child in element:
            slot = self.slots.get(child)
            if slot is not None and slot.startswith("<"):
                flush()
                blocks.append(slot)
            elif slot is not None:
                run.append(slot)
            elif child.tag == "rubricBlock" and not is_for_learners(child):
                pass
            elif child.tag in _OPEN or (child.tag == "p" and self._has_block(child)):
                flush()
                blocks += self.flow(child)
            elif child.tag in _BLOCK:
                flush()
                blocks.append(self._block(child))
            elif child.tag == "object" and not is_picture(child):
                flush()
                blocks += self._foreign(child)
            else:
                run.append(self._inline(child))
            run.append(self._text(child.tail))
        flush()
        return [block for block in blocks if block]

    def line(self, element: Element) -> str:
        """The content of `element` where no block can stand."""
        parts = [self._text(element.text)]
        for child in element:
            if child in self.slots:
                parts.append(self.slots[child])
            elif child.tag in _OPEN or child.tag in _BLOCK:
                parts.append(f" {self.line(child)} ")
            else:
                parts.append(self._inline(child))
            parts.append(self._text(child.tail))
        return "".join(parts)

    def _has_block(self, element: Element) -> bool:
        return any(
            each.tag in _BLOCK or each.tag in _OPEN or self.slots.get(each, "").startswith("<")
            for each in element.iter()
            if each is not element
        )

    def _block(self, element: Element) -> str:
        tag = str(element.tag)
        if tag == "hr":
            return "<hr>"
        if tag == "pre":
            return f"<pre>{self._escaped(''.join(element.itertext()))}</pre>"
        if tag in ("ul", "ol"):
            items = [each for each in element if each.tag == "li"]
            return f"<{tag}>{''.join(self._cell(each, 'li') for each in items)}</{tag}>"
        if tag == "table":
            return f"<table>{self._rows(element)}</table>"
        if tag == "blockquote":
            return f"<blockquote{_language(element, tag)}>{self.html(element)}</blockquote>"
        if tag == "dt":
            return f"<p><strong>{self.line(element).strip()}</strong></p>"
        shown = tag if tag == "p" else f"h{min(4, max(2, int(tag[1])))}"
        text = self.line(element).strip()
        return "" if is_blank(text) else f"<{shown}{_language(element, shown)}>{text}</{shown}>"

    def _cell(self, element: Element, tag: str) -> str:
        inner = self.html(element) if self._has_block(element) else self.line(element).strip()
        spans = "".join(
            f' {name}="{element.get(name)}"'
            for name in ("colspan", "rowspan")
            if tag != "li" and (element.get(name) or "").isdecimal()
        )
        return f"<{tag}{spans}{_language(element, tag)}>{inner}</{tag}>"

    def _rows(self, element: Element) -> str:
        parts = []
        for each in element:
            tag = str(each.tag)
            if tag in ("thead", "tbody", "tfoot", "tr"):
                parts.append(f"<{tag}>{self._rows(each)}</{tag}>")
            elif tag in ("td", "th"):
                parts.append(self._cell(each, tag))
            elif tag == "caption":
                parts.append(f"<caption>{self.line(each).strip()}</caption>")
        return "".join(parts)

    def _inline(self, element: Element) -> str:
        tag = str(element.tag)
        if tag in _SKIPPED:
            return ""
        if tag == "br":
            return "<br>"
        if tag == "img":
            return self.pictures.tag(element.get("src", ""), element.get("alt", ""))
        if tag == "picture":
            return "".join(self._inline(each) for each in element if each.tag == "img")
        if tag == "object":
            return self._object(element)
        if tag == "math:math":
            text = math_text(element)
            self.pictures.note_once(
                "formula",
                _("Formulas are kept as text, such as “%(text)s”.") % {"text": text[:80]},
            )
            return self._escaped(text)
        if tag.startswith("svg:"):
            self.note(_("A drawing (SVG) in the text is not kept."))
            return ""
        if tag in _SOUND:
            self.note(_("Video, sound and other pages in the text are not kept."))
            return ""
        if tag == "printedVariable":
            raise Refused(_("The question shows values that are computed while it is asked."))
        if tag == "a":
            return self._link(element)
        inner = self.line(element)
        if tag == "rt":
            return f" ({inner.strip()}) "
        if tag == "q":
            return f"“{inner}”"
        kept = _INLINE.get(tag)
        return f"<{kept}{_language(element, kept)}>{inner}</{kept}>" if kept else inner

    def _link(self, element: Element) -> str:
        inner, address = self.line(element), element.get("href", "").strip()
        if re.match(r"(?:https?|mailto):", address):
            return f'<a href="{html.escape(address)}">{inner}</a>'
        if address and not address.startswith("#"):
            self.note(_("A link to another file is not kept: “%(name)s”.") % {"name": address})
        return inner

    def _object(self, element: Element) -> str:
        if is_picture(element):
            return self.pictures.tag(element.get("data", ""), text_in(element))
        return " ".join(self._foreign(element))

    def _foreign(self, element: Element) -> list[str]:
        """A page of the package; else what the object holds for those who cannot show it."""
        name = element.get("data") or element.get("type") or ""
        if element.get("type", "").endswith("html") and element.get("data"):
            below = self.pictures.below(self.pictures.place(name))
            content = self.pictures.files(below.path)
            if content is not None and len(content) <= LONGEST:
                page = Page(below, guards_gaps=self.guards_gaps)
                return page.flow(page_of(content))
        inner = self.flow(element)
        if name:
            self.note(_("“%(name)s” in the text is not kept.") % {"name": name})
        return inner

    def paragraph(self, text: str) -> str:
        """Plain text as a paragraph."""
        return f"<p>{html.escape(text, quote=False)}</p>"

    def note(self, text: str) -> None:
        """Tell it once."""
        if text not in self.notes:
            self.notes.append(text)

    def _text(self, text: str | None) -> str:
        return self._escaped(_SPACE.sub(" ", text or ""))

    def _escaped(self, text: str) -> str:
        if self.guards_gaps:
            text = text.replace("[[", "[ [").replace("]]", "] ]")
        return html.escape(text, quote=False)


def is_blank(markup: str) -> bool:
    """Whether HTML shows nothing: neither words nor a picture."""
    return f'src="{PICTURE}' not in markup and not _BLANK.sub("", markup)


def is_picture(element: Element) -> bool:
    """Whether an object is a picture."""
    kind, name = element.get("type", ""), element.get("data", "").lower()
    return kind.startswith("image/") or (
        not kind and name.endswith((".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg"))
    )


def is_for_learners(rubric: Element) -> bool:
    """Whether learners see a rubricBlock."""
    views = rubric.get("view", "candidate").split()
    return not views or "candidate" in views


def _language(element: Element, tag: str) -> str:
    code = element.get("xml:lang") or element.get("lang") or ""
    known = tag in _WITH_LANGUAGE and _LANGUAGE.fullmatch(code)
    return f' lang="{code}"' if known else ""
