"""Pictures in Moodle's HTML: "@@PLUGINFILE@@/name" in a text, its bytes beside the text."""

from __future__ import annotations

import base64
import binascii
import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import unquote

from django.utils.translation import gettext as _

from quizzes.exchange.drafts import PICTURE

PLUGINFILE: Final = "@@PLUGINFILE@@"
# What the image library takes, by how such files begin.
_BEGINNINGS: Final = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a")
_IMG: Final = re.compile(r"<img\b[^<>]*>", re.IGNORECASE)
_OTHER: Final = re.compile(r"<(a|audio|video|source|object)\s[^<>]*>", re.IGNORECASE)
_VALUE: Final = r"\s*=\s*(?:\"([^\"<>]*)\"|'([^'<>]*)')"
_SRC: Final = re.compile(rf"\bsrc{_VALUE}", re.IGNORECASE)
_ALT: Final = re.compile(rf"\balt{_VALUE}", re.IGNORECASE)
_DATA: Final = re.compile(r"data:image/[a-z+.-]{1,20};base64,")
_AT: Final = re.compile(rf"{PLUGINFILE}/?([^\"'<>\s?#]*)")


def is_picture(content: bytes) -> bool:
    """Whether the bytes begin as a picture that the image library takes."""
    is_webp = content[:4] == b"RIFF" and content[8:12] == b"WEBP"
    return content.startswith(_BEGINNINGS) or is_webp


def from_base64(text: str) -> bytes | None:
    """The bytes of a base64 text with white space in it; None where it is damaged."""
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        return None


@dataclass
class Pictures:
    """The pictures of one question under names of their own, and what is said of other files."""

    kept: dict[str, bytes] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def keep(self, name: str, content: bytes) -> str:
        """The name of a picture in this question; another of the same name gets a number."""
        path = PurePosixPath(name)
        number, own = 1, path.name or "picture"
        while own in self.kept and self.kept[own] != content:
            number += 1
            own = f"{path.stem}-{number}{path.suffix}"
        self.kept[own] = content
        return own

    def note(self, message: str) -> None:
        """Say something once."""
        if message not in self.notes:
            self.notes.append(message)

    def placed(self, text: str, files: Mapping[str, bytes | None]) -> str:
        """HTML with its pictures named as ours are; other files are left out, with a note."""

        def picture(tag: re.Match[str]) -> str:
            source = _first(_SRC, tag[0])
            content, name = self._content(source, files)
            if content is None:
                return picture_tag(name, _first(_ALT, tag[0])) if name else tag[0]
            if not is_picture(content):
                self.note(_left_out(name))
                return ""
            return picture_tag(self.keep(name, content), _first(_ALT, tag[0]))

        def link(tag: re.Match[str]) -> str:
            if PLUGINFILE not in tag[0]:
                return tag[0]
            self.note(_left_out(_name_in(tag[0])))
            return "<a>" if tag[1] in "aA" else ""

        return _OTHER.sub(link, _IMG.sub(picture, text))

    def _content(self, source: str, files: Mapping[str, bytes | None]) -> tuple[bytes | None, str]:
        """The bytes that a picture names, and its name; none of both where it is elsewhere."""
        if source.startswith(PLUGINFILE):
            name = _name_in(source)
            return files.get(name), name
        if _DATA.match(source):
            return from_base64(source.partition(",")[2]), "picture"
        return None, ""


def moodle_pictures(text: str) -> str:
    """HTML whose pictures are not in the file, named as ours are, so that each is missed."""
    return Pictures().placed(text, {}) if PLUGINFILE in text else text


def picture_tag(name: str, alt: str) -> str:
    """How HTML of a draft names a picture."""
    return f'<img alt="{html.escape(alt)}" src="{PICTURE}{html.escape(name)}">'


def _first(pattern: re.Pattern[str], tag: str) -> str:
    found = pattern.search(tag)
    return html.unescape(found[1] or found[2] or "") if found else ""


def _name_in(text: str) -> str:
    found = _AT.search(text)
    return unquote(found[1]).strip("/") if found else ""


def _left_out(name: str) -> str:
    return _("The file “%(name)s” is left out: only pictures are kept.") % {"name": name[:120]}
