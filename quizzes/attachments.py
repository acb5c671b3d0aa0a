"""Files that learners send in: what they are by their content, and what is kept of them.

Pictures are drawn anew, upright, without what cameras note along (place, time, device). Documents
are kept as they came, once they have proven to be what they look like. Names decide nothing.
"""

from __future__ import annotations

import hashlib
import struct
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Final

import pillow_heif
from django.utils.translation import gettext as _
from PIL import Image, ImageOps

from lms.plugins.archive import DOCUMENT, ArchiveError, check_ooxml, open_archive
from lms.plugins.errors import DomainError
from lms.plugins.vietnamese import nfc

PIXELS: Final = 50_000_000  # a picture of 50 megapixels takes 150 to 200 MB while it is drawn anew
QUALITY: Final = 85
LONGEST_NAME: Final = 120
ACCEPT: Final = ".jpg,.jpeg,.png,.heic,.heif,.pdf,.docx,.txt,image/jpeg,image/png,image/heic"

JPEG, PNG, PDF = ("image/jpeg", ".jpg"), ("image/png", ".png"), ("application/pdf", ".pdf")
DOCX = ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", ".docx")
TEXT = ("text/plain; charset=utf-8", ".txt")

_HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
_PLAIN_MODES = {"1", "L", "RGB", "RGBA"}
# What Pillow raises for pictures that are damaged, or were made to do damage.
_BROKEN = (
    *(OSError, SyntaxError, ValueError, TypeError, LookupError, ArithmeticError, EOFError),
    *(RuntimeError, AttributeError, MemoryError, struct.error, Image.DecompressionBombError),
)


class FileRefused(DomainError):
    """The file cannot be taken; the message says why, and what to send instead."""


@dataclass(frozen=True)
class Attachment:
    """What is kept of a file that was sent in."""

    name: str
    content_type: str
    content: bytes
    sha256: str  # of what was sent in: the same file sent again is known by it


def read(name: str, content: bytes) -> Attachment:
    """What is kept of the file. Raises FileRefused."""
    (content_type, suffix), kept = _kept(content)
    return Attachment(
        clean_name(name, suffix), content_type, kept, hashlib.sha256(content).hexdigest()
    )


def clean_name(name: str, suffix: str) -> str:
    """The last part of `name` in NFC, without what no file system takes, and with this suffix."""
    last = nfc(name).replace("\\", "/").rpartition("/")[2]
    shown = "".join(
        " " if each in '<>:"|?*' or unicodedata.category(each)[0] in "CZ" else each for each in last
    )
    stem, dot, ending = " ".join(shown.split()).rpartition(".")
    if not dot or len(ending) > 5 or " " in ending:
        stem = f"{stem}{dot}{ending}"
    stem = stem[:LONGEST_NAME].strip(" .")
    return f"{stem or _('file')}{suffix}"


def _kept(content: bytes) -> tuple[tuple[str, str], bytes]:
    if not content:
        raise FileRefused(_("The file is empty."))
    if content.startswith(b"\xff\xd8\xff"):
        return JPEG, _drawn(content, _opened, "JPEG")
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG, _drawn(content, _opened, "PNG")
    if content[4:8] == b"ftyp" and content[8:12] in _HEIF_BRANDS:
        return JPEG, _drawn(content, _opened_heif, "JPEG")
    if content.startswith(b"%PDF-"):
        return PDF, content
    if content.startswith(b"PK"):
        return DOCX, _document(content)
    text = _text(content)
    if text is None:
        raise FileRefused(
            _("Only photos (JPEG, PNG, HEIC), PDF, Word (DOCX) and plain text are taken.")
        )
    return TEXT, text


def _drawn(content: bytes, open_: Callable[[bytes], Image.Image], form: str) -> bytes:
    """The picture drawn anew: upright and without notes."""
    made = BytesIO()
    try:
        with open_(content) as picture:
            upright = _upright(picture)
            profile = upright.info.get("icc_profile")
            if form == "JPEG":
                upright = upright.convert("RGB")
            elif upright.mode not in _PLAIN_MODES:
                upright = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
            upright.info = {}  # else some of it would be written along
            upright.save(made, form, quality=QUALITY, optimize=form == "JPEG", icc_profile=profile)
    except _BROKEN as error:
        raise FileRefused(
            _("The picture cannot be read: it is damaged. Take it anew, or send it as PDF.")
        ) from error
    return made.getvalue()


def _upright(picture: Image.Image) -> Image.Image:
    picture.load()
    try:
        return ImageOps.exif_transpose(picture)
    except _BROKEN:  # notes that nobody can read; the picture itself is whole
        return picture


def _opened(content: bytes) -> Image.Image:
    picture = Image.open(BytesIO(content), formats=["JPEG", "PNG"])
    _check_size(picture.size)
    return picture


def _opened_heif(content: bytes) -> Image.Image:
    found = pillow_heif.open_heif(BytesIO(content))
    _check_size(found.size)
    return found.to_pillow()


def _check_size(size: tuple[int, int]) -> None:
    if size[0] * size[1] > PIXELS:
        raise FileRefused(
            _("The picture has more than %(count)d megapixels. Send a smaller one.")
            % {"count": PIXELS // 1_000_000}
        )


def _document(content: bytes) -> bytes:
    try:
        with open_archive(BytesIO(content), DOCUMENT) as archive:
            check_ooxml(archive, "docx")
    except ArchiveError as error:
        raise FileRefused(_(error.message) % error.params) from error
    return content


def _text(content: bytes) -> bytes | None:
    """The text in UTF-8, None where it is none."""
    is_wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        text = content.decode("utf-16" if is_wide else "utf-8-sig")
    except UnicodeDecodeError:
        return None
    if not text.strip() or text.startswith("{\\rtf"):
        return None
    if any(unicodedata.category(each) == "Cc" and each not in "\t\n\r\f" for each in text):
        return None
    return text.encode()
