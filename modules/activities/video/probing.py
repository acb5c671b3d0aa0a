"""What a video file is, by its own bytes: MP4 or WebM, and how long it plays. Pure.

The name and the type that a browser sent are not asked. Only headers are read, and never more
than the limits below, whatever the file says about its sizes.
"""

from __future__ import annotations

import math
import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

MOST_BOXES = 10_000
LONGEST = 7 * 24 * 3600  # a file that says it plays longer says nothing
BRANDS = {
    b"M4V ", b"avc1", b"dash", b"f4v ", b"iso2", b"iso3", b"iso4", b"iso5", b"iso6", b"iso7",
    b"iso8", b"iso9", b"isom", b"mp41", b"mp42", b"mp71", b"mmp4", b"MSNV",
}  # fmt: skip
EBML, DOCTYPE, SEGMENT, INFO = 0x1A45DFA3, 0x4282, 0x18538067, 0x1549A966
TIMESTAMP_SCALE, DURATION, CLUSTER = 0x2AD7B1, 0x4489, 0x1F43B675


class NotAVideo(ValueError):
    """The file is neither MP4 nor WebM."""


@dataclass(frozen=True)
class Probe:
    """`kind`: mp4 or webm. `seconds`: how long it plays, None where the file does not say."""

    kind: str
    seconds: float | None


def probe(file: BinaryIO) -> Probe:
    """What `file` is. Its position is 0 afterwards. Raises NotAVideo."""
    try:
        size = file.seek(0, os.SEEK_END)
        head = _read(file, 0, 12)
        if head[4:8] == b"ftyp":
            return Probe("mp4", _sane(_mp4(file, size)))
        if head[:4] == EBML.to_bytes(4, "big"):
            return Probe("webm", _sane(_webm(file, size)))
    except (struct.error, IndexError, OverflowError) as error:
        raise NotAVideo from error
    finally:
        file.seek(0)
    raise NotAVideo


def _sane(seconds: float | None) -> float | None:
    if seconds is None or not math.isfinite(seconds) or not 0 < seconds <= LONGEST:
        return None
    return seconds


def _read(file: BinaryIO, at: int, length: int) -> bytes:
    file.seek(at)
    return file.read(length)


# --- MP4 (ISO/IEC 14496-12): boxes of size, type, content


def _boxes(file: BinaryIO, at: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """(type, first byte of the content, end) of each box between `at` and `end`."""
    for _ in range(MOST_BOXES):
        if at + 8 > end:
            return
        header = _read(file, at, 16)
        size, kind = struct.unpack(">I4s", header[:8])
        content = at + 8
        if size == 1:
            (size,) = struct.unpack(">Q", header[8:16])
            content = at + 16
        elif size == 0:
            size = end - at
        if size < content - at:
            return
        yield kind, content, min(at + size, end)
        at += size


def _mp4(file: BinaryIO, size: int) -> float | None:
    first = next(_boxes(file, 0, size), None)
    if first is None:
        raise NotAVideo
    _, content, end = first
    brands = _read(file, content, min(end - content, 400))
    named = {brands[:4], *(brands[n : n + 4] for n in range(8, len(brands) - 3, 4))}
    if not named & BRANDS:
        raise NotAVideo
    for kind, content, end in _boxes(file, 0, size):
        if kind == b"moov":
            return _movie_seconds(file, content, end)
    raise NotAVideo  # no index: nothing can play it


def _movie_seconds(file: BinaryIO, at: int, end: int) -> float | None:
    longest: float | None = None
    for kind, content, box_end in _boxes(file, at, end):
        if kind == b"mvhd":
            longest = _header_seconds(_read(file, content, min(box_end - content, 32)))
    return longest


def _header_seconds(header: bytes) -> float | None:
    if header[0] == 1:
        scale, duration = struct.unpack(">IQ", header[20:32])
        unknown = 0xFFFFFFFFFFFFFFFF
    else:
        scale, duration = struct.unpack(">II", header[12:20])
        unknown = 0xFFFFFFFF
    if not scale or duration in (0, unknown):
        return None
    return float(duration / scale)


# --- WebM (Matroska, RFC 9559): elements of id, size, content, both of varying length


def _number(data: bytes, at: int, *, keep_marker: bool) -> tuple[int, int]:
    """The number of varying length at `at`, and where it ends. Raises IndexError."""
    first = data[at]
    if not first:
        raise NotAVideo
    length = 9 - first.bit_length()
    if at + length > len(data):
        raise IndexError
    value = int.from_bytes(data[at : at + length], "big")
    return value if keep_marker else value & ((1 << (7 * length)) - 1), at + length


def _elements(file: BinaryIO, at: int, end: int) -> Iterator[tuple[int, int, int]]:
    """(id, first byte of the content, end) of each element between `at` and `end`."""
    for _ in range(MOST_BOXES):
        if at >= end:
            return
        header = _read(file, at, 12)
        kind, after_id = _number(header, 0, keep_marker=True)
        size, after_size = _number(header, after_id, keep_marker=False)
        content = at + after_size
        unknown = size == (1 << (7 * (after_size - after_id))) - 1
        element_end = end if unknown else min(content + size, end)
        yield kind, content, element_end
        at = element_end


def _webm(file: BinaryIO, size: int) -> float | None:
    elements = _elements(file, 0, size)
    _, content, end = next(elements, (EBML, 0, 0))
    doctype = b""
    for kind, at, element_end in _elements(file, content, min(end, content + 400)):
        if kind == DOCTYPE:
            doctype = _read(file, at, min(element_end - at, 16)).rstrip(b"\0")
    if doctype != b"webm":
        raise NotAVideo
    for kind, at, element_end in elements:
        if kind == SEGMENT:
            return _segment_seconds(file, at, element_end)
    raise NotAVideo


def _segment_seconds(file: BinaryIO, at: int, end: int) -> float | None:
    for kind, content, element_end in _elements(file, at, end):
        if kind == CLUSTER:
            return None
        if kind == INFO:
            return _info_seconds(file, content, element_end)
    return None


def _info_seconds(file: BinaryIO, at: int, end: int) -> float | None:
    scale, duration = 1_000_000, None
    for kind, content, element_end in _elements(file, at, end):
        length = element_end - content
        if kind == TIMESTAMP_SCALE and 0 < length <= 8:
            scale = int.from_bytes(_read(file, content, length), "big")
        elif kind == DURATION and length in (4, 8):
            code = ">f" if length == 4 else ">d"
            (duration,) = struct.unpack(code, _read(file, content, length))
    return None if duration is None else float(duration) * scale / 1e9
