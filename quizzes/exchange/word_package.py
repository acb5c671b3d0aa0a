"""A DOCX file (ECMA-376 parts 1 and 2) as far as questions need it: text, styles, lists, pictures.

The zip goes through the guard of archives, XML through a parser that refuses document types.
Names are given as people know them ("w:p"), whether the file is transitional or strict.
"""

from __future__ import annotations

import io
import posixpath
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring
from django.utils.translation import gettext as _

from lms.plugins.archive import (
    DOCUMENT,
    MB,
    ArchiveError,
    GuardedArchive,
    check_ooxml,
    open_archive,
)
from quizzes.exchange.drafts import UnreadableFile
from quizzes.exchange.word_numbering import Level, Numbering

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

LARGEST_XML: Final = 16 * MB
DEEPEST: Final = 150  # elements in elements; a document of Word has some thirty
OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

_TRANSITIONAL: Final = "http://schemas.openxmlformats.org/"
_STRICT: Final = "http://purl.oclc.org/ooxml/"
_NAMES: Final = {
    **{
        base + tail: prefix
        for base in (_TRANSITIONAL, _STRICT)
        for tail, prefix in (
            ("wordprocessingml/2006/main", "w"),
            ("wordprocessingml/main", "w"),
            ("officeDocument/2006/math", "m"),
            ("officeDocument/math", "m"),
            ("officeDocument/2006/relationships", "r"),
            ("officeDocument/relationships", "r"),
            ("drawingml/2006/main", "a"),
            ("drawingml/main", "a"),
            ("drawingml/2006/wordprocessingDrawing", "wp"),
            ("drawingml/wordprocessingDrawing", "wp"),
            ("drawingml/2006/picture", "pic"),
            ("drawingml/picture", "pic"),
            ("markup-compatibility/2006", "mc"),
            ("package/2006/relationships", "rel"),
        )
    },
    "urn:schemas-microsoft-com:vml": "v",
    "urn:schemas-microsoft-com:office:office": "o",
}


def named(tag: object) -> str:
    """A tag or an attribute as "w:p"; without a prefix where it is of no concern here."""
    if not isinstance(tag, str):  # comments and instructions
        return ""
    space, closed, name = tag.removeprefix("{").rpartition("}")
    return f"{_NAMES.get(space, '?')}:{name}" if closed else name


def child(element: Element | None, *path: str) -> Element | None:
    """The first element at `path`."""
    for name in path:
        if element is None:
            return None
        element = next((each for each in element if named(each.tag) == name), None)
    return element


def children(element: Element | None, name: str) -> Iterator[Element]:
    """The children of this name."""
    yield from (
        each for each in (element if element is not None else ()) if named(each.tag) == name
    )


def value(element: Element | None, name: str = "w:val") -> str:
    """An attribute; empty where it, or the element, is missing."""
    if element is None:
        return ""
    return next((text for key, text in element.attrib.items() if named(key) == name), "")


def number(text: str, otherwise: int = 0) -> int:
    """A whole number of the file; no file makes it longer than any has to be."""
    try:
        return int(text[:9])
    except ValueError:
        return otherwise


@dataclass
class Styles:
    """Styles by id: their properties of runs and paragraphs, and that on which each is based."""

    by_id: dict[str, Element] = field(default_factory=dict)
    default: str = ""
    defaults: Element | None = None

    def chain(self, style: str) -> Iterator[Element]:
        """The style, then those on which it is based."""
        seen = set[str]()
        while style in self.by_id and style not in seen:
            seen.add(style)
            yield self.by_id[style]
            style = value(child(self.by_id[style], "w:basedOn"))


@dataclass
class WordPackage:
    """What was read of a file."""

    body: Element
    styles: Styles
    numbering: Numbering
    targets: dict[str, str]  # of relationships inside the file: the part
    links: dict[str, str]  # of those to the outside: the address
    media: dict[str, bytes]


def open_package(content: bytes) -> WordPackage:
    """The parts of the file. Raises UnreadableFile when it is no DOCX, or not a sound one."""
    if content.startswith(OLE):
        raise UnreadableFile(
            _("This is an old document (.doc), or one with a password. Save it as .docx.")
        )
    try:
        with open_archive(io.BytesIO(content), DOCUMENT) as archive:
            check_ooxml(archive, "docx")
            return _package(archive)
    except ArchiveError as error:
        raise UnreadableFile(_(error.message) % error.params) from error


def _package(archive: GuardedArchive) -> WordPackage:
    targets, _links = _relations(archive, "_rels/.rels", "")
    main = next((each for each in targets.values() if each.endswith("document.xml")), "")
    main = main if main in archive else "word/document.xml"
    body = child(_xml(archive, main), "w:body")
    if body is None:
        raise UnreadableFile(_("The document has no text."))
    folder, name = posixpath.split(main)
    targets, links = _relations(archive, f"{folder}/_rels/{name}.rels", folder)
    return WordPackage(
        body=body,
        styles=_styles(_xml(archive, f"{folder}/styles.xml")),
        numbering=_numbering(_xml(archive, f"{folder}/numbering.xml")),
        targets=targets,
        links=links,
        media={
            part: archive.read(part)
            for part in dict.fromkeys(targets.values())
            if part.startswith(f"{folder}/media/") and part in archive
        },
    )


def _xml(archive: GuardedArchive, name: str) -> Element | None:
    if name not in archive:
        return None
    try:
        root: Element = fromstring(archive.read(name, LARGEST_XML), forbid_dtd=True)
    except DefusedXmlException as error:
        raise UnreadableFile(
            _("“%(entry)s” in the document declares entities.") % {"entry": name}
        ) from error
    except (ParseError, ValueError, LookupError) as error:
        raise UnreadableFile(
            _("“%(entry)s” in the document is damaged.") % {"entry": name}
        ) from error
    layer, depth = [root], 0
    while layer:
        layer, depth = [each for parent in layer for each in parent], depth + 1
        if depth > DEEPEST:
            raise UnreadableFile(_("“%(entry)s” in the document is damaged.") % {"entry": name})
    return root


def _relations(
    archive: GuardedArchive, name: str, folder: str
) -> tuple[dict[str, str], dict[str, str]]:
    inside, outside = dict[str, str](), dict[str, str]()
    for each in children(_xml(archive, name), "rel:Relationship"):
        key, target = each.get("Id", ""), each.get("Target", "")
        if each.get("TargetMode", "").lower() == "external":
            outside[key] = target
        else:
            path = target[1:] if target.startswith("/") else posixpath.join(folder, target)
            inside[key] = posixpath.normpath(path)
    return inside, outside


def _styles(root: Element | None) -> Styles:
    found = Styles(defaults=child(root, "w:docDefaults", "w:rPrDefault", "w:rPr"))
    for style in children(root, "w:style"):
        identity = value(style, "w:styleId")
        found.by_id[identity] = style
        is_default = value(style, "w:default") in ("1", "true", "on")
        if is_default and value(style, "w:type") == "paragraph":
            found.default = identity
    return found


def _numbering(root: Element | None) -> Numbering:
    found = Numbering()
    for abstract in children(root, "w:abstractNum"):
        levels = {
            number(value(each, "w:ilvl")): _level(each) for each in children(abstract, "w:lvl")
        }
        found.lists[value(abstract, "w:abstractNumId")] = levels
    for each in children(root, "w:num"):
        key = value(each, "w:numId")
        found.instances[key] = value(child(each, "w:abstractNumId"))
        for override in children(each, "w:lvlOverride"):
            at = number(value(override, "w:ilvl"))
            start = value(child(override, "w:startOverride"))
            level = child(override, "w:lvl")
            if start:
                found.starts[key, at] = number(start)
            if level is not None:
                found.overrides[key, at] = _level(level)
    return found


def _level(element: Element) -> Level:
    restart = value(child(element, "w:lvlRestart"))
    return Level(
        form=value(child(element, "w:numFmt")) or "decimal",
        text=value(child(element, "w:lvlText")),
        start=number(value(child(element, "w:start")), 1),
        restarts=restart != "0",
    )
