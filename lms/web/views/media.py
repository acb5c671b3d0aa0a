"""Public media with byte ranges, so that a phone can seek in a video.

A reverse proxy may serve MEDIA_ROOT/public itself; this is for sites without one. Nothing
outside that folder is served here.
"""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.core.exceptions import SuspiciousFileOperation
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    StreamingHttpResponse,
)
from django.utils._os import safe_join
from django.utils.http import http_date
from django.views.decorators.http import require_safe

RANGE = re.compile(r"^bytes=(\d*)-(\d*)$")
CHUNK = 64 * 1024


@require_safe
def public(request: HttpRequest, name: str) -> HttpResponseBase:
    """The file `name` below MEDIA_ROOT/public, or the part of it that was asked for."""
    root = Path(settings.MEDIA_ROOT) / "public"
    try:
        path = Path(safe_join(root, name))
    except (ValueError, SuspiciousFileOperation) as error:
        raise Http404 from error
    if not path.is_file():
        raise Http404
    size = path.stat().st_size
    content_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    wanted = byte_range(request.headers.get("Range", ""), size)
    response: HttpResponseBase
    if wanted is None:
        response = FileResponse(path.open("rb"), content_type=content_type)
    elif wanted == (0, -1):
        response = HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    else:
        first, last = wanted
        response = StreamingHttpResponse(
            read_range(path.open("rb"), first, last), status=206, content_type=content_type
        )
        response["Content-Range"] = f"bytes {first}-{last}/{size}"
        response["Content-Length"] = str(last - first + 1)
    response["Accept-Ranges"] = "bytes"
    response["Last-Modified"] = http_date(path.stat().st_mtime)
    response["Cache-Control"] = "public, max-age=86400"
    # A file that somebody uploaded must never run as a page of this site.
    response["Content-Security-Policy"] = "default-src 'none'; media-src 'self'; sandbox"
    return response


def byte_range(header: str, size: int) -> tuple[int, int] | None:
    """(first, last) byte of a Range header (RFC 9110, section 14.2), one range only.

    None: no range was asked for, send all. (0, -1): it cannot be satisfied.
    """
    match = RANGE.match(header.strip())
    if match is None or match.groups() == ("", ""):
        return None
    first_text, last_text = match.groups()
    if not first_text:
        length = min(int(last_text), size)
        return (size - length, size - 1) if length else (0, -1)
    first = int(first_text)
    last = min(int(last_text), size - 1) if last_text else size - 1
    return (first, last) if first <= last else (0, -1)


def read_range(file: BinaryIO, first: int, last: int) -> Iterator[bytes]:
    """The bytes from `first` to `last` of `file`, which is closed at the end."""
    with file:
        file.seek(first)
        left = last - first + 1
        while left > 0 and (chunk := file.read(min(CHUNK, left))):
            left -= len(chunk)
            yield chunk
