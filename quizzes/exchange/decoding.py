"""Bytes of a text file as Unicode text, in whatever encoding a Vietnamese office saved it.

UTF-8 and UTF-16 by mark or by form; else TCVN3 (the fonts .VnTime and the like) or Windows-1258,
whichever reads more like Vietnamese.
"""

from __future__ import annotations

import codecs
import re
from types import MappingProxyType
from typing import Final

from django.utils.translation import gettext as _

from lms.plugins.vietnamese import nfc
from quizzes.exchange.drafts import UnreadableFile

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# TCVN 5712:1993, third code table (VN3): what each byte stands for.
_VN3: Final = MappingProxyType(
    {
        code: letter
        for first, letters in (
            (0xA1, "ĂÂÊÔƠƯĐăâêôơưđ"),
            (0xB5, "àảãáạ"),
            (0xBB, "ằẳẵắ"),
            (0xC6, "ặầẩẫấậè"),
            (0xCE, "ẻẽéẹềểễếệìỉ"),
            (0xDC, "ĩíịò"),
            (0xE1, "ỏõóọồổỗốộờởỡớợù"),
            (0xF1, "ủũúụừửữứựỳỷỹýỵ"),
        )
        for code, letter in enumerate(letters, first)
    }
)
_OURS: Final = re.compile(
    r"[aáàảãạăắằẳẵặâấầẩẫậeéèẻẽẹêếềểễệiíìỉĩịoóòỏõọôốồổỗộơớờởỡợuúùủũụưứừửữựyýỳỷỹỵđ]", re.IGNORECASE
)


def decoded(content: bytes) -> str:
    """The text, in NFC, line ends as \\n. Raises UnreadableFile when it is no text."""
    text = nfc(_decode(content)).replace("\r\n", "\n").replace("\r", "\n")
    if sum(not (c.isprintable() or c in "\t\n\f\ufeff") for c in text[:4096]) > 8:
        raise UnreadableFile(_("The file is not text."))
    return text.removeprefix("\ufeff")


def from_vn3(text: str) -> str:
    """Text that was written with a TCVN3 font and read as if it were Western."""
    return "".join(_VN3.get(ord(letter), letter) for letter in text)


def _decode(content: bytes) -> str:
    try:
        for mark, encoding in _MARKS:
            if content.startswith(mark):
                return content.decode(encoding)
        head = content[:4096]
        if b"\0" in head:  # UTF-16 without a mark: half of plain letters is zero
            even, odd = head[0::2].count(0), head[1::2].count(0)
            return content.decode("utf-16-le" if odd > even else "utf-16-be")
    except UnicodeDecodeError as error:
        raise UnreadableFile(
            _("The text of the file is damaged. Save it again as UTF-8.")
        ) from error
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return _legacy(content)


def _legacy(content: bytes) -> str:
    found = [from_vn3(content.decode("latin-1"))]
    try:
        found.append(nfc(content.decode("cp1258")))
    except UnicodeDecodeError:
        found.append(nfc(content.decode("cp1258", "replace")))
    return min(found, key=_strangeness)


def _strangeness(text: str) -> int:
    """How many letters beyond ASCII are not Vietnamese."""
    return sum(
        1
        for letter in text
        if ord(letter) > 127 and not _OURS.match(letter) and letter not in "“”‘’–—…•°"
    )
