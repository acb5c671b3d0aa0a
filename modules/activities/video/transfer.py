"""A video as JSON values and files, and back."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils.translation import gettext

from lms.plugins.contracts.transfer import ArchiveReader, ArchiveWriter, Json
from lms.plugins.errors import DomainError
from modules.activities.video.files import take_captions, take_poster, take_video
from modules.activities.video.intervals import LONGEST
from modules.activities.video.models import Video


def dump(video: Video, files: ArchiveWriter) -> Json:
    """The texts, the duration, and the names under which `files` holds the rest."""
    return {
        "introduction": video.introduction,
        "transcript": video.transcript,
        "duration": video.duration,
        "captions_language": video.captions_language,
        "file": _added(video.file, files),
        "captions": _added(video.captions, files),
        "poster": _added(video.poster, files),
    }


def _added(field: Any, files: ArchiveWriter) -> str:
    if not field:
        return ""
    with default_storage.open(field.name) as file:
        return files.add(field.name.rpartition("/")[2], file.read())


def load(data: Any, files: ArchiveReader, video: Video) -> Video:
    """`video` with what `data` says, unsaved; what `data` leaves out is empty.

    Raises DomainError.
    """
    if not isinstance(data, dict):
        raise DomainError(gettext("The data of the video are not of the form that was expected."))
    introduction, transcript = _text(data, "introduction"), _text(data, "transcript")
    language = data.get("captions_language", settings.LANGUAGE_CODE)
    if language not in [code for code, _ in settings.LANGUAGES]:
        raise DomainError(gettext("The captions are in a language that this site does not have."))
    duration = _duration(data.get("duration", 0))
    file, found = take_video(_content(data, "file", files))
    if found.seconds is not None:
        duration = max(1, round(found.seconds))
    captions = take_captions(_content(data, "captions", files)) if data.get("captions") else ""
    poster = take_poster(_content(data, "poster", files)) if data.get("poster") else ""
    video.introduction, video.transcript = introduction, transcript
    video.captions_language, video.duration = language, duration
    video.file, video.captions, video.poster = file, captions, poster
    return video


def _text(data: Json, name: str) -> str:
    value = data.get(name) or ""
    if not isinstance(value, str):
        raise DomainError(gettext("“%(name)s” must be text.") % {"name": name})
    return value


def _duration(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= LONGEST:
        raise DomainError(gettext("“duration” must be a whole number of seconds."))
    return value


def _content(data: Json, name: str, files: ArchiveReader) -> ContentFile[bytes]:
    wanted = data.get(name)
    if not isinstance(wanted, str) or not wanted:
        raise DomainError(gettext("“%(name)s” must name a file.") % {"name": name})
    try:
        return ContentFile(files.read(wanted))
    except KeyError:
        raise DomainError(
            gettext("The file “%(name)s” did not come with it.") % {"name": wanted[:100]}
        ) from None
