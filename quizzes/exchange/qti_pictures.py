"""Pictures that an item of QTI names: found in its package, checked, kept for the draft."""

from __future__ import annotations

import base64
import binascii
import html
import io
import posixpath
import re
from collections.abc import Callable
from typing import Final
from urllib.parse import unquote

from django.conf import settings
from django.utils.translation import gettext as _
from PIL import Image

from quizzes.exchange.drafts import PICTURE

Files = Callable[[str], bytes | None]  # by path in the package; None: not there
FORMATS: Final = ("GIF", "JPEG", "PNG", "WEBP")
_DATA: Final = re.compile(r"data:image/([a-z]{3,4});base64,([A-Za-z0-9+/=\s]+)", re.IGNORECASE)


class Pictures:
    """Those of one item."""

    def __init__(self, path: str, files: Files) -> None:
        self.path, self.files = path, files
        self.found: dict[str, bytes] = {}
        self.notes: list[str] = []
        self.told: set[str] = set()

    def below(self, path: str) -> Pictures:
        """The same for another file of the item, by whose place its names are meant."""
        other = Pictures(path, self.files)
        other.found, other.notes, other.told = self.found, self.notes, self.told
        return other

    def place(self, href: str) -> str:
        """The path in the package that `href` means."""
        plain = unquote(href.split("#")[0].split("?")[0].strip())
        joined = posixpath.join("/", posixpath.dirname(self.path), plain)
        return posixpath.normpath(joined).lstrip("/")

    def tag(self, href: str, alt: str) -> str:
        """The picture as drafts name it; its words where it cannot be kept."""
        alt = " ".join(alt.split())
        name = self.keep(href)
        if name:
            return f'<img alt="{html.escape(alt)}" src="{PICTURE}{html.escape(name)}">'
        return f"<em>[{html.escape(alt, quote=False)}]</em>" if alt else ""

    def keep(self, href: str) -> str:
        """The name under which the picture is kept, "" where it cannot be; then there is a note."""
        embedded = _DATA.fullmatch(href.strip())
        if embedded:
            try:
                content: bytes | None = base64.b64decode(embedded[2])
            except (binascii.Error, ValueError):
                content = None
            name = f"embedded-{len(self.found) + 1}.{embedded[1].lower()}"
        elif re.match(r"(?:[a-z][a-z0-9+.-]*:|//)", href.strip(), re.IGNORECASE):
            return self._without(_("A picture from the web is not fetched: %(name)s"), href[:200])
        else:
            name = self.place(href)
            content = self.found.get(name) or self.files(name)
        if content is None:
            return self._without(_("The picture “%(name)s” is missing."), name)
        if size_of(content) is None:
            message = _("“%(name)s” is not a picture that can be kept (GIF, JPEG, PNG, WebP).")
            return self._without(message, name)
        self.found[name] = content
        return name

    def note_once(self, about: str, text: str) -> None:
        """Tell only the first about something."""
        if about not in self.told:
            self.told.add(about)
            self.notes.append(text)

    def _without(self, message: str, name: str) -> str:
        note = message % {"name": name}
        if note not in self.notes:
            self.notes.append(note)
        return ""


def size_of(content: bytes) -> tuple[int, int] | None:
    """Width and height of a picture that can be kept; None for what is none."""
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            image.verify()
            width, height = image.size
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return None
    most = getattr(settings, "WAGTAILIMAGES_MAX_IMAGE_PIXELS", 64_000_000)
    largest = getattr(settings, "WAGTAILIMAGES_MAX_UPLOAD_SIZE", 10 * 2**20)
    if width * height > most or len(content) > largest:
        return None
    return width, height
