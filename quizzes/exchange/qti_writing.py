"""Questions as a package of QTI 3.0: an item each, their pictures, and the manifest.

"QTI 3.0 Best Practices and Implementation Guide", chapter 4 (packaging); IMS Content Packaging.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from io import BytesIO
from typing import TYPE_CHECKING, Final
from xml.etree.ElementTree import Element, SubElement, tostring

from django.utils.translation import gettext as _

from quizzes.exchange.drafts import Fault
from quizzes.exchange.qti_markup import Files
from quizzes.exchange.qti_writing_kinds import KINDS
from quizzes.exchange.qti_written import Item, Unwritable

if TYPE_CHECKING:
    from quizzes.models import Question

_MANIFEST: Final = "http://www.imsglobal.org/xsd/qti/qtiv3p0/imscp_v1p1"
_DATE: Final = (1980, 1, 1, 0, 0, 0)  # the same questions make the same bytes


def write_package(questions: Iterable[Question]) -> tuple[bytes, list[Fault]]:
    """The package, and a line for all that it cannot hold."""
    files, faults = Files(), list[Fault]()
    items: dict[str, bytes] = {}
    taken: set[str] = set()
    root = Element("manifest", {"xmlns": _MANIFEST, "identifier": "questions"})
    metadata = SubElement(root, "metadata")
    SubElement(metadata, "schema").text = "QTI Package"
    SubElement(metadata, "schemaversion").text = "3.0.0"
    SubElement(root, "organizations")
    resources = SubElement(root, "resources")
    for question in questions:
        write = KINDS.get(question.type_key)
        if write is None:
            reason = _("QTI has no questions of the kind “%(kind)s”.") % {"kind": question.kind}
            faults.append(Fault(question.code, reason))
            continue
        files.used, files.lost = [], []
        item = Item(question, files)
        try:
            write(item)
        except Unwritable as error:
            faults.append(Fault(question.code, str(error)))
            continue
        element = item.element()
        name = base = element.get("identifier", "")
        number = 1
        while name.casefold() in taken:
            number += 1
            name = f"{base}-{number}"
        taken.add(name.casefold())
        element.set("identifier", name)
        path = f"items/{name}.xml"
        items[path] = _document(element)
        about = {"identifier": name, "type": "imsqti_item_xmlv3p0", "href": path}
        resource = SubElement(resources, "resource", about)
        for each in (path, *files.used):
            SubElement(resource, "file", {"href": each})
        lost = dict.fromkeys([*item.lost, *files.lost])
        faults += [Fault(question.code, message) for message in lost]
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in {"imsmanifest.xml": _document(root), **items, **files.content}.items():
            info = zipfile.ZipInfo(path, _DATE)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, content)
    return packed.getvalue(), faults


def _document(element: Element) -> bytes:
    """The file of an element."""
    text: str = tostring(element, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}'.encode()
