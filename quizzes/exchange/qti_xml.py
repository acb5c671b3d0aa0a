"""The XML of QTI 2.0 to 3.0 in one form, whatever the version.

QTI 3.0 ("ASI XML Binding", chapter 2) names everything of its own in kebab case with "qti-" before
elements: <qti-choice-interaction max-choices="1">; 2.x in camel case: <choiceInteraction
maxChoices="1">. Here all of it is named as in 2.x. MathML is "math:…", XInclude "include:…".
Parsed with defusedxml: document types, entities and what lies outside are refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring
from django.utils.translation import gettext as _

DEEPEST: Final = 120  # elements in elements; an item of others has some twenty
MOST: Final = 60_000  # elements of one item
_PREFIXES: Final = {
    "http://www.w3.org/1998/Math/MathML": "math:",
    "http://www.w3.org/2010/Math/MathML": "math:",
    "http://www.w3.org/2001/XInclude": "include:",
    "http://www.w3.org/2000/svg": "svg:",
    "http://www.w3.org/XML/1998/namespace": "xml:",
}
_KEBAB: Final = re.compile(r"-([a-z0-9])")
_QTI: Final = "qti-"
_ROOT: Final = re.compile(
    rb"<(?:[A-Za-z_][\w.-]{0,40}:)?(assessmentItem|qti-assessment-item)[\s>]", re.ASCII
)
_NO_NAME: Final = re.compile(r"[^A-Za-z0-9_.-]")
_FAMILY: Final = re.compile(r"(?:ims|purl)[^{}]*qti", re.IGNORECASE)


class Refused(Exception):
    """Why this question, or this file, cannot be read: in words for the person who sent it."""


def parsed(content: bytes) -> Element:
    """The root, everything named as said above. Raises Refused for what is no XML, or unsafe."""
    try:
        root: Element = fromstring(content.lstrip(b" \t\r\n"), forbid_dtd=True)
    except DefusedXmlException as error:
        raise Refused(_("The XML declares a document type or entities. Remove them.")) from error
    except (ParseError, ValueError, LookupError) as error:
        raise Refused(_("The XML is not well-formed: %(error)s") % {"error": error}) from error
    _rename(root)
    return root


def is_item(content: bytes) -> bool:
    """Whether the bytes of a file look like a question of QTI 2 or 3."""
    return _ROOT.search(content.replace(b"\0", b"")[:200_000]) is not None


def named(parent: Element | None, name: str) -> list[Element]:
    """The children of that name."""
    return [] if parent is None else [each for each in parent if each.tag == name]


def first(parent: Element | None, *path: str) -> Element | None:
    """The first element at `path`, None where there is none."""
    for name in path:
        parent = next(iter(named(parent, name)), None)
    return parent


def inside(parent: Element | None, *names: str) -> Iterator[Element]:
    """All descendants of these names, in the order of the document."""
    if parent is not None:
        yield from (each for each in parent.iter() if each.tag in names and each is not parent)


def check_count(count: int, most: int) -> None:
    """Raise Refused for more of something than a question can have."""
    if count > most:
        raise Refused(
            _("The question has %(count)d choices or answers; at most %(most)d are read.")
            % {"count": count, "most": most}
        )


def text_in(element: Element | None) -> str:
    """All text in it, on one line."""
    return "" if element is None else " ".join("".join(element.itertext()).split())


def number_in(text: str | None) -> float | None:
    """A number as XML Schema writes it; None where it is none."""
    try:
        number = float((text or "").strip())
    except ValueError:
        return None
    return number if abs(number) < 1e15 else None


def whole_in(text: str | None, default: int) -> int:
    """A whole number, `default` where it is none."""
    number = number_in(text)
    return default if number is None else int(number)


def identifier_of(code: str) -> str:
    """A code as XML can name a thing by it."""
    plain = _NO_NAME.sub("_", code)
    return plain if re.match(r"[A-Za-z_]", plain) else f"_{plain}"


def _rename(root: Element) -> None:
    """Names as in QTI 2.x; comments go. Raises Refused for what is too deep or too large."""
    waiting = [(root, 1)]
    count = 0
    while waiting:
        element, depth = waiting.pop()
        count += 1
        if depth > DEEPEST or count > MOST:
            raise Refused(_("The XML is nested too deeply or too large."))
        tag = str(element.tag)
        element.tag = _name(tag)
        is_own = "}" not in tag or _QTI in tag or _FAMILY.search(tag) is not None
        renamed = {_attribute(name, is_own): value for name, value in element.attrib.items()}
        element.attrib.clear()
        element.attrib.update(renamed)
        waiting += [(child, depth + 1) for child in element]


def _name(tag: str) -> str:
    space, closed, name = tag.removeprefix("{").rpartition("}")
    if closed and space in _PREFIXES:
        return _PREFIXES[space] + name
    return _camel(name.removeprefix(_QTI)) if name.startswith(_QTI) else name


def _attribute(name: str, is_own: bool) -> str:
    space, closed, local = name.removeprefix("{").rpartition("}")
    if closed:
        return _PREFIXES.get(space, "other:") + local
    return _camel(local) if is_own and not local.startswith(("data-", "aria-")) else local


def _camel(name: str) -> str:
    return _KEBAB.sub(lambda found: found[1].upper(), name)
