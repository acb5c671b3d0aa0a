"""A <question> of Moodle XML: its texts as HTML with pictures, its flags and figures."""

from __future__ import annotations

import html
from types import MappingProxyType
from typing import Final
from xml.etree.ElementTree import Element, tostring

from django.utils.translation import gettext as _

from lms.plugins.errors import DomainError
from quizzes.exchange.moodle_files import Pictures, from_base64
from quizzes.exchange.texts import (
    BREAK,
    HTML,
    MARKDOWN,
    MOODLE,
    PLAIN,
    figure,
    has_markup,
    html_of,
    is_empty,
    percent,
)

_FORMATS: Final = MappingProxyType(
    {
        "html": HTML,
        "moodle_auto_format": MOODLE,
        "plain_text": PLAIN,
        "markdown": MARKDOWN,
        # as numbers, in files by other programs
        "0": MOODLE,
        "1": HTML,
        "2": PLAIN,
        "4": MARKDOWN,
    }
)


class MoodleError(DomainError):
    """Why this cannot be one of our questions."""


class Source:
    """One question of the file."""

    def __init__(self, element: Element) -> None:
        self.element = element
        self.pictures = Pictures()
        about = element.find("questiontext")
        self._format = self._format_of(about, MOODLE)

    def find(self, path: str) -> Element | None:
        """The first element there."""
        return self.element.find(path)

    def all(self, path: str) -> list[Element]:
        """All elements there."""
        return self.element.findall(path)

    def rich(self, path: str) -> str:
        """The text at `path` as HTML; "" where there is none, or none that shows anything."""
        return self.rich_of(self.find(path))

    def rich_of(self, element: Element | None) -> str:
        """The text of an element as HTML, its pictures named."""
        if element is None:
            return ""
        text = words(element)
        kind = self._format_of(element, self._format)
        if kind in (MOODLE, PLAIN) and not (kind == MOODLE and has_markup(text)):
            text = text.strip().replace("\n", BREAK)
        made = html_of(text, kind)
        files = {
            file.get("name") or "": from_base64(file.text or "") for file in element.findall("file")
        }
        for name, content in files.items():
            if content is None:
                self.pictures.note(_("The file “%(name)s” is damaged.") % {"name": name[:120]})
        made = self.pictures.placed(made, files)
        return "" if is_empty(made) else made

    def plain(self, path: str) -> str:
        """The text at `path` on one line, as it stands."""
        found = self.find(path)
        return " ".join(words(found).split()) if found is not None else ""

    def flag(self, path: str, *, default: bool = False) -> bool:
        """Yes or no: "true", "1" and the like."""
        text = self.plain(path).lower()
        return text in ("true", "1", "yes") if text else default

    def whole(self, path: str) -> int:
        """A whole number; 0 where there is none."""
        number = figure(self.plain(path))
        return int(number) if number is not None else 0

    def _format_of(self, element: Element | None, default: str) -> str:
        found = element.get("format", "").strip().lower() if element is not None else ""
        return _FORMATS.get(found, default)


def words(element: Element) -> str:
    """What <text> in `element`, or else it itself, says; elements in it as they are written."""
    text = element.find("text")
    source = element if text is None else text
    inner = [source.text or ""]
    # Somebody forgot <![CDATA[ ]]>: the elements are HTML.
    if text is not None and len(text):
        inner[0] = html.escape(inner[0], quote=False)
        inner += [tostring(child, encoding="unicode") for child in text]
    return "".join(inner).replace("\r\n", "\n")


def fraction(element: Element) -> float:
    """The weight of an answer, in percent."""
    weight = percent(element.get("fraction") or "0")
    if weight is None:
        raise MoodleError(
            _("%(weight)s%% is no weight: -100 to 100.") % {"weight": element.get("fraction")}
        )
    return weight


def line(element: Element | None) -> str:
    """A plain text of an answer, on one line."""
    return " ".join(words(element).split()) if element is not None else ""
