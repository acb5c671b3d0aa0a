"""QTI 2.0 to 3.0: packages (imsmanifest.xml, IMS Content Packaging), folders, single items."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote
from xml.etree.ElementTree import Element

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lms.plugins.archive import MB, MESSAGES, PACKAGE, ArchiveError, GuardedArchive, open_archive
from lms.plugins.vietnamese import nfc
from quizzes.exchange.drafts import Draft, Fault, UnreadableFile
from quizzes.exchange.formats import QuestionFormat
from quizzes.exchange.qti_items import keywords, read_item
from quizzes.exchange.qti_pictures import Files
from quizzes.exchange.qti_writing import write_package
from quizzes.exchange.qti_xml import Refused, first, inside, is_item, named, parsed

if TYPE_CHECKING:
    from quizzes.models import Question

MANIFEST: Final = "imsmanifest.xml"
LARGEST_XML: Final = 4 * MB
LARGEST_PICTURE: Final = 16 * MB
_ZIP: Final = b"PK\x03\x04"
_ITEM: Final = ("imsqti_item", "imsqti_apipitem")
_TEST: Final = ("imsqti_test", "imsqti_apiptest")
_OLD: Final = ("imsqti_xmlv1", "imsqti_assessment_xmlv1")


@dataclass(frozen=True)
class Listed:
    """An item as manifests and tests list it."""

    path: str
    category: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


class QtiFormat(QuestionFormat):
    """Reads QTI 2.0, 2.1, 2.2 and 3.0; writes packages of 3.0."""

    key = "qti"
    label = gettext_lazy("QTI 2 and 3")
    extensions = (".zip", ".xml")
    writes = True

    def recognises(self, name: str, content: bytes) -> bool:
        """Whether there is an assessmentItem in it."""
        if not content.startswith(_ZIP):
            return is_item(content)
        try:
            with open_archive(BytesIO(content), PACKAGE) as archive:
                return any(is_item(_head(archive, each)) for each in _xml_names(archive))
        except ArchiveError:  # `read` says why
            return MANIFEST.encode() in content

    def read(self, name: str, content: bytes) -> Iterator[Draft | Fault]:
        """The questions of a package in the order of its manifest, or the one of a file."""
        if not content.startswith(_ZIP):
            if not is_item(content):
                raise UnreadableFile(_("There is no question of QTI 2 or 3 in the file."))
            yield _read_one(content, name, Listed(name), lambda _path: None)
            return
        try:
            with open_archive(BytesIO(content), PACKAGE) as archive:
                yield from _read_package(archive)
        except ArchiveError as error:
            raise UnreadableFile(_(MESSAGES[error.rule]) % {"entry": error.entry}) from error

    def write(self, questions: Iterable[Question]) -> tuple[bytes, list[Fault]]:
        """A package of QTI 3.0."""
        return write_package(questions)


def _read_package(archive: GuardedArchive) -> Iterator[Draft | Fault]:
    listed: dict[str, Listed] = {}
    for name in archive.names():
        if posixpath.basename(name).lower() == MANIFEST:
            for each in _listed(archive, name):
                if isinstance(each, Fault):
                    yield each
                else:
                    listed.setdefault(each.path, each)
    for name in _xml_names(archive):
        if name not in listed and is_item(_head(archive, name)):
            listed[name] = Listed(name)
    if not listed:
        raise UnreadableFile(_("There is no question of QTI 2 or 3 in the package."))

    def files(path: str) -> bytes | None:
        path = nfc(path)
        if path not in archive or archive.size(path) > LARGEST_PICTURE:
            return None
        return archive.read(path, LARGEST_PICTURE)

    for path, each in listed.items():
        if path not in archive:
            yield Fault(path, _("The file that the package lists is missing."))
        elif archive.size(path) > LARGEST_XML:
            yield Fault(path, _("The file is too large for one question."))
        else:
            yield _read_one(archive.read(path, LARGEST_XML), path, each, files)


def _read_one(content: bytes, place: str, listed: Listed, files: Files) -> Draft | Fault:
    try:
        draft = read_item(content, place, listed.path, files)
    except Refused as error:
        return Fault(place, str(error))
    return replace(draft, category=listed.category, tags=listed.tags)


def _listed(archive: GuardedArchive, manifest: str) -> Iterator[Listed | Fault]:
    """The items of a manifest in its order, with the sections of its tests as categories."""
    root = _xml(archive, manifest)
    if isinstance(root, Fault):
        yield root
        return
    resources = [each for each in inside(root, "resource") if each.get("href")]
    sections: dict[str, tuple[str, ...]] = {}
    for each in resources:
        path = _beside(manifest, each.get("href", ""))
        if each.get("type", "").startswith(_TEST) and path in archive:
            test = _xml(archive, path)
            if isinstance(test, Fault):
                yield test
                continue
            for part in (test, *named(test, "testPart")):
                _categorise(part, path, (), sections)
    for each in resources:
        kind, path = each.get("type", ""), _beside(manifest, each.get("href", ""))
        if kind.startswith(_ITEM):
            tags = keywords(first(each, "metadata"))
            yield Listed(path, sections.get(path, ()), tags)
        elif kind.startswith(_OLD):
            yield Fault(path, _("This is QTI 1.2; only QTI 2 and 3 are read here."))


def _categorise(
    part: Element, path: str, above: tuple[str, ...], found: dict[str, tuple[str, ...]]
) -> None:
    """The titles of the sections around each item below `part`, the outermost first."""
    for each in named(part, "assessmentItemRef"):
        found.setdefault(_beside(path, each.get("href", "")), above)
    for section in named(part, "assessmentSection"):
        title = " ".join(section.get("title", "").split())
        _categorise(section, path, (*above, title) if title else above, found)


def _xml(archive: GuardedArchive, path: str) -> Element | Fault:
    try:
        if archive.size(path) > LARGEST_XML:
            return Fault(path, _("The file is too large."))
        return parsed(archive.read(path, LARGEST_XML))
    except Refused as error:
        return Fault(path, str(error))


def _beside(path: str, href: str) -> str:
    joined = posixpath.join("/", posixpath.dirname(path), unquote(href.split("#")[0].strip()))
    return nfc(posixpath.normpath(joined).lstrip("/"))


def _xml_names(archive: GuardedArchive) -> list[str]:
    return [
        name
        for name in archive.names()
        if name.lower().endswith(".xml")
        and posixpath.basename(name).lower() != MANIFEST
        and archive.size(name) <= LARGEST_XML
    ]


def _head(archive: GuardedArchive, name: str) -> bytes:
    found = b""
    for piece in archive.chunks(name):
        found += piece
        if len(found) > 200_000:
            break
    return found
