"""Checks what authors send in, and gives it the name under which it is stored.

A file is known by its content: the same video sent in twice is stored once, and a name never
comes to mean another file, so a draft or an old revision still finds its own.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from django.apps import apps
from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _
from PIL import Image

from lms.plugins.errors import DomainError
from modules.activities.video.captions import parse, written
from modules.activities.video.probing import NotAVideo, Probe, probe

if TYPE_CHECKING:
    from modules.activities.video.apps import VideoConfig

FOLDER = "public/video"
POSTERS = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp"}
WIDEST = 4096


class BadFile(DomainError):
    """The file cannot be taken; the message says why."""


def stored_name(instance: Any, filename: str) -> str:
    """Where a file is stored: names are given by the functions below."""
    return f"{FOLDER}/{filename.rpartition('/')[2]}"


def take_video(file: File[bytes]) -> tuple[str | File[bytes], Probe]:
    """What to put into the file field for the video `file`, and what it is. Raises BadFile."""
    _check_size(file, _setting("max_megabytes") * 1024 * 1024)
    try:
        found = probe(cast(BinaryIO, file))
    except NotAVideo:
        raise BadFile(
            _("This is no video in MP4 or WebM. Its name does not matter, its content does.")
        ) from None
    return _named(file, found.kind), found


def take_captions(file: File[bytes]) -> str | File[bytes]:
    """What to put into the captions field: the WebVTT `file`, cleaned. Raises DomainError."""
    _check_size(file, _setting("max_caption_kilobytes") * 1024)
    file.seek(0)
    text = written(parse(file.read()))
    return _named(ContentFile(text.encode()), "vtt")


def take_poster(file: File[bytes]) -> str | File[bytes]:
    """What to put into the poster field for the picture `file`. Raises BadFile."""
    _check_size(file, _setting("max_poster_megabytes") * 1024 * 1024)
    file.seek(0)
    try:
        with Image.open(file, formats=list(POSTERS)) as picture:
            kind = POSTERS[str(picture.format)]
            width, height = picture.size
            if max(width, height) <= WIDEST:
                picture.verify()
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        raise BadFile(_("The picture must be a JPEG, PNG or WebP file.")) from None
    if max(width, height) > WIDEST:
        raise BadFile(
            _("The picture may be at most %(limit)d pixels wide and high.") % {"limit": WIDEST}
        )
    return _named(file, kind)


def _setting(name: str) -> float:
    config: VideoConfig = apps.get_app_config("video")  # type: ignore[assignment]  # it is ours
    return float(config.setting(name))


def _check_size(file: File[bytes], limit: float) -> None:
    if not file.size:
        raise BadFile(_("The file is empty."))
    if file.size > limit:
        megabytes = limit / 1024 / 1024
        raise BadFile(_("The file is larger than %(limit)g MB.") % {"limit": megabytes})


def _named(file: File[bytes], ending: str) -> str | File[bytes]:
    digest = hashlib.sha256()
    file.seek(0)
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    name = f"{digest.hexdigest()[:40]}.{ending}"
    path = stored_name(None, name)
    if default_storage.exists(path):
        return path
    file.name = name
    return file
