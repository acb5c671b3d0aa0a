"""The guard through which every zip, XLSX, DOCX and H5P that a person sends in passes.

`open_archive` refuses whatever could leave its folder, fill the disk, or read differently in
another program, then hands out a reader that counts bytes while unpacking: declared sizes are
claims to be proven. Standard library only, so that anything may call it. It is narrower than the
format: stored and deflated entries, one disk, no encryption. Nothing may stand before the first
entry, behind the end record or between it and the directory, since a file that is also a picture
or a program (a polyglot) is up to something; gaps between entries are left alone, nobody reads
them. Names are held in NFC; two that differ only by case or composition are one file on a Mac or
on Windows, so both together are refused. Archives in archives are refused unless the limits allow
them, and never opened here: one that holds itself (a quine) is one more entry.

An entry is proven (size, checksum, end) once it has been read to its end. Whoever gives the file
on to another reader (openpyxl, python-docx) calls `verify` or `check_ooxml` first.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import stat
import struct
import tempfile
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import IO, Final, Literal

KB, MB, CHUNK = 1024, 1024 * 1024, 64 * 1024
PathLike = str | os.PathLike[str]


gettext_noop: Final = str  # marks messages for the catalogues; there is no Django here to do it

# Rules, each group with what a person is told; callers translate and fill in `entry`.
_RULES: Final = (
    ("not-an-archive", gettext_noop("The file is not a zip archive.")),
    ("damaged header-mismatch overlap size-mismatch", gettext_noop("The archive is damaged.")),
    ("extra-data", gettext_noop("The file holds data that is no part of the archive.")),
    ("encrypted", gettext_noop("“%(entry)s” in the archive is encrypted.")),
    ("unsupported", gettext_noop("The archive is packed in an unusual way.")),
    ("file-too-large", gettext_noop("The file is larger than allowed.")),
    ("too-many-entries", gettext_noop("The archive holds more files than allowed.")),
    ("entry-too-large", gettext_noop("“%(entry)s” in the archive is larger than allowed.")),
    ("total-too-large ratio", gettext_noop("The archive unpacks to more than allowed.")),
    (
        "path-absolute path-climbs path-backslash path-not-plain name-control name-reserved",
        gettext_noop("The name “%(entry)s” in the archive is not allowed."),
    ),
    ("name-too-long", gettext_noop("The name “%(entry)s” in the archive is too long.")),
    ("too-deep", gettext_noop("“%(entry)s” in the archive lies in too many folders.")),
    ("duplicate case-twin file-and-folder", gettext_noop("Two files are named “%(entry)s”.")),
    ("link special-file", gettext_noop("“%(entry)s” in the archive is not an ordinary file.")),
    ("nested-archive", gettext_noop("The archive holds another archive: “%(entry)s”.")),
    ("suffix", gettext_noop("Files such as “%(entry)s” are not allowed here.")),
    ("missing", gettext_noop("The archive does not hold “%(entry)s”.")),
    ("not-ooxml", gettext_noop("The file is not the Office document it should be.")),
    ("macros", gettext_noop("The document holds macros or controls. Save it without them.")),
    ("xml-entities", gettext_noop("“%(entry)s” in the document declares entities.")),
)
MESSAGES: Final = {rule: message for rules, message in _RULES for rule in rules.split()}


class ArchiveError(Exception):
    """An archive was refused: `rule` for programs, `message % params` for people."""

    def __init__(self, rule: str, entry: str = "") -> None:
        self.rule = rule
        self.entry = "".join(c if c.isprintable() else "�" for c in entry[:200])
        self.message, self.params = MESSAGES[rule], {"entry": self.entry}
        super().__init__(f"{rule}: {self.message % self.params}")


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """How much an archive may hold. Ratios count only from `ratio_floor` unpacked bytes on."""

    max_file_bytes: int
    max_entries: int
    max_entry_bytes: int
    max_total_bytes: int
    max_ratio: int = 100
    ratio_floor: int = MB
    max_name_length: int = 240
    max_depth: int = 16
    allowed_suffixes: frozenset[str] | None = None
    allow_nested: bool = False


PACKAGE: Final = ArchiveLimits(256 * MB, 10_000, 128 * MB, 512 * MB)
DOCUMENT: Final = ArchiveLimits(32 * MB, 2_000, 64 * MB, 128 * MB, max_ratio=200)
SPREADSHEET: Final = ArchiveLimits(16 * MB, 500, 64 * MB, 96 * MB, max_ratio=200)

_NESTED = re.compile(r"\.(?:zip|jar|7z|rar|[tgx]z|tgz|bz2|lzma|zst|tar|cab|iso|h5p)", re.IGNORECASE)
_RESERVED = re.compile(  # what Windows keeps for itself, or drops
    r"""^(?:con|prn|aux|nul|con(?:in|out)\$|(?:com|lpt)[0-9¹²³])\ *(?:\.|$)|[<>:"|?*]|[. ]$""", re.I
)
_CONTROL = re.compile("[\0-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")  # and bidi overrides
_ENCRYPTED, _PATCH, _SIZES_FOLLOW = 0x2041, 0x0020, 0x0008  # flags of an entry


def _check_name(name: str, limits: ArchiveLimits) -> None:
    parts = name.removesuffix("/").split("/")
    for rule, broken in (
        ("name-control", _CONTROL.search(name)),
        ("path-absolute", name.startswith(("/", "\\")) or name[1:2] == ":"),
        ("path-climbs", ".." in re.split(r"[/\\]", name)),
        ("path-backslash", "\\" in name),
        ("path-not-plain", "" in parts or "." in parts),
        ("name-reserved", any(_RESERVED.search(part) for part in parts)),
        ("name-too-long", len(name.encode(errors="replace")) > limits.max_name_length),
        ("too-deep", len(parts) > limits.max_depth),
    ):
        if broken:
            raise ArchiveError(rule, name)


def _check_names(names: list[str]) -> None:
    seen: dict[str, str] = {}
    for name in names:
        key = unicodedata.normalize("NFC", unicodedata.normalize("NFD", name).casefold())
        key = key.removesuffix("/")
        if key in seen:
            raise ArchiveError("duplicate" if seen[key] == name else "case-twin", name)
        seen[key] = name
    for key, name in seen.items():
        for cut in (match.start() for match in re.finditer("/", key)):
            if not seen.get(key[:cut], "/").endswith("/"):
                raise ArchiveError("file-and-folder", name)


def _check_claims(info: zipfile.ZipInfo, name: str, limits: ArchiveLimits) -> None:
    kind = stat.S_IFMT(info.external_attr >> 16)
    if stat.S_ISLNK(kind) or (info.create_system != 3 and info.external_attr & 0x400):
        raise ArchiveError("link", name)
    folder = name.endswith("/")
    if kind not in ({0, stat.S_IFDIR} if folder else {0, stat.S_IFREG}):
        raise ArchiveError("special-file", name)
    if info.flag_bits & _ENCRYPTED:
        raise ArchiveError("encrypted", name)
    if info.flag_bits & _PATCH or info.compress_type not in (0, 8):
        raise ArchiveError("unsupported", name)
    stored = info.compress_type == 0
    if (folder and info.file_size) or (stored and info.file_size != info.compress_size):
        raise ArchiveError("size-mismatch", name)
    if info.file_size > limits.max_entry_bytes:
        raise ArchiveError("entry-too-large", name)
    if info.file_size > max(limits.ratio_floor, info.compress_size * limits.max_ratio):
        raise ArchiveError("ratio", name)
    suffix = os.path.splitext(name)[1].casefold()
    if not folder and _NESTED.fullmatch(suffix) and not limits.allow_nested:
        raise ArchiveError("nested-archive", name)
    if not folder and limits.allowed_suffixes is not None and suffix not in limits.allowed_suffixes:
        raise ArchiveError("suffix", name)


def _directory(file: IO[bytes], size: int, limits: ArchiveLimits) -> tuple[int, list[bytes]]:
    """Offset of the central directory and the raw names in it.

    Found and counted before `zipfile` reads it, since that holds the whole of it in memory.
    """
    file.seek(max(0, size - 0xFFFF - 98))  # the longest comment, end record, zip64 records
    tail = file.read(0xFFFF + 98)
    at = len(tail) - 22  # as zipfile looks: at the very end first, then the last signature
    if at < 0 or tail[at : at + 4] != b"PK\5\6" or tail[-2:] != b"\0\0":
        at = tail.rfind(b"PK\5\6")
    if at < 0 or at + 22 > len(tail):
        raise ArchiveError("not-an-archive")
    disk, start_disk, here, count, length, offset, comment = struct.unpack(
        "<4H2LH", tail[at + 4 : at + 22]
    )
    if at + 22 + comment != len(tail):
        raise ArchiveError("extra-data")
    end = size - len(tail) + at
    if at >= 20 and tail[at - 20 : at - 16] == b"PK\6\7":  # zip64: a record and its locator
        claim, wide = (count, length, offset), tail[at - 76 : at - 20]
        end -= 76
        if wide[:4] != b"PK\6\6" or struct.unpack("<Q", tail[at - 12 : at - 4])[0] != end:
            raise ArchiveError("damaged")
        disk, start_disk, here, count, length, offset = struct.unpack("<2L4Q", wide[16:])
        for narrow, full in zip(claim, (count, length, offset), strict=True):
            if narrow not in (full, 0xFFFF, 0xFFFFFFFF):
                raise ArchiveError("damaged")
    if disk or start_disk or here != count:
        raise ArchiveError("unsupported")
    if count > limits.max_entries or length > limits.max_entries * KB:
        raise ArchiveError("too-many-entries")
    if offset + length != end:
        raise ArchiveError("extra-data" if offset + length < end else "damaged")
    file.seek(offset)
    records, names, at = file.read(length), list[bytes](), 0
    while at < len(records):
        if len(names) >= count or records[at : at + 4] != b"PK\1\2" or at + 46 > len(records):
            raise ArchiveError("damaged")
        name, extra, note = struct.unpack_from("<3H", records, at + 28)
        names.append(records[at + 46 : at + 46 + name])
        at += 46 + name + extra + note
    if len(names) != count or at != len(records):
        raise ArchiveError("damaged")
    return offset, names


def _data_offset(file: IO[bytes], info: zipfile.ZipInfo, raw_name: bytes, name: str) -> int:
    """Where the data of an entry begins, by its local header, which must say the same."""
    file.seek(info.header_offset)
    header = file.read(30 + len(raw_name))
    if len(header) < 30 or header[:4] != b"PK\3\4":
        raise ArchiveError("header-mismatch", name)
    flags, method, crc, packed, full, length, extra = struct.unpack("<6x2H4x3L2H", header[:30])
    if flags & _ENCRYPTED:
        raise ArchiveError("encrypted", name)
    known = [(method, info.compress_type), (length, len(raw_name)), (header[30:], raw_name)]
    if not flags & _SIZES_FOLLOW:
        known.append((crc, info.CRC))
        sizes = ((packed, info.compress_size), (full, info.file_size))
        known += [pair for pair in sizes if pair[0] != 0xFFFFFFFF]  # else zip64 has them
    if any(local != central for local, central in known):
        raise ArchiveError("header-mismatch", name)
    return info.header_offset + 30 + int(length) + int(extra)


class GuardedArchive:
    """An archive that has passed the checks; made by `open_archive`."""

    def __init__(self, file: IO[bytes], limits: ArchiveLimits) -> None:
        self._file, self.limits = file, limits
        file.seek(0, os.SEEK_END)
        size = file.tell()
        if size > limits.max_file_bytes:
            raise ArchiveError("file-too-large")
        directory, raw_names = _directory(file, size, limits)
        try:
            infos = list(zip(zipfile.ZipFile(file).infolist(), raw_names, strict=True))
        except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error) as error:
            raise ArchiveError("damaged") from error
        names, spans, self._entries, total = [], [], dict[str, tuple[zipfile.ZipInfo, int]](), 0
        for info, raw_name in infos:
            _check_name(info.orig_filename, limits)
            name = unicodedata.normalize("NFC", info.filename)
            _check_name(name, limits)
            _check_claims(info, name, limits)
            start = _data_offset(file, info, raw_name, name)
            spans.append((info.header_offset, start + info.compress_size, name))
            names.append(name)
            total += info.file_size
            if not name.endswith("/"):
                self._entries[name] = (info, start)
        _check_names(names)
        if total > limits.max_total_bytes:
            raise ArchiveError("total-too-large")
        if total > max(limits.ratio_floor, size * limits.max_ratio):
            raise ArchiveError("ratio")
        spans = [*sorted(spans), (directory, directory, "")]
        if spans[0][0] != 0:
            raise ArchiveError("extra-data")
        for (_start, end, name), (begin, _end, _name) in pairwise(spans):
            if begin < end:
                raise ArchiveError("overlap", name)

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def names(self) -> list[str]:
        """Names of the files, in the archive's order, in NFC; folders are left out."""
        return list(self._entries)

    def size(self, name: str) -> int:
        """Unpacked bytes of a file as the archive claims them; reading proves it."""
        return self._find(name)[0].file_size

    def _find(self, name: str) -> tuple[zipfile.ZipInfo, int]:
        try:
            return self._entries[unicodedata.normalize("NFC", name)]
        except KeyError:
            raise ArchiveError("missing", name) from None

    def chunks(self, name: str) -> Iterator[bytes]:
        """The content of a file in pieces of at most 64 KB; refuses as soon as it is not as said.

        What came before the last piece is unproven: keep nothing of it if this raises.
        """
        info, at = self._find(name)
        inflate = zlib.decompressobj(-15) if info.compress_type else None
        left, size, crc, packed = info.compress_size, 0, 0, b""
        while True:
            if not packed and left:
                self._file.seek(at)
                packed = self._file.read(min(CHUNK, left))
                at, left = at + len(packed), left - len(packed)
            ended = not packed
            try:
                piece = inflate.decompress(packed, CHUNK) if inflate else packed
            except zlib.error as error:
                raise ArchiveError("damaged", name) from error
            packed = inflate.unconsumed_tail if inflate else b""
            size, crc = size + len(piece), zlib.crc32(piece, crc)
            if size > info.file_size:
                raise ArchiveError("size-mismatch", name)
            if piece:
                yield piece
            if inflate.eof if inflate else not left:
                break
            if ended and not piece:  # used up, or cut off, before the end that was promised
                raise ArchiveError("damaged", name)
        if size != info.file_size or left or (inflate and inflate.unused_data):
            raise ArchiveError("size-mismatch", name)
        if crc != info.CRC:
            raise ArchiveError("damaged", name)

    def read(self, name: str, max_bytes: int | None = None) -> bytes:
        """The whole content of a file, refused beyond `max_bytes`."""
        if max_bytes is not None and self.size(name) > max_bytes:
            raise ArchiveError("entry-too-large", name)
        return b"".join(self.chunks(name))

    def open(self, name: str) -> IO[bytes]:
        """A proven copy of a file, to read and seek in; small ones stay in memory. Close it."""
        with contextlib.ExitStack() as on_failure:
            copy = on_failure.enter_context(tempfile.SpooledTemporaryFile(max_size=MB))
            copy.writelines(self.chunks(name))
            copy.seek(0)
            on_failure.pop_all()
        return copy

    def verify(self) -> None:
        """Read everything once, so that another reader of the same file meets no surprise."""
        for name in self._entries:
            for _piece in self.chunks(name):
                pass

    def extract_to(self, directory: PathLike, names: Iterable[str] | None = None) -> None:
        """Write the files (those of `names`, else all) as a new folder, or nothing at all.

        They are written beside it and renamed at the end, so nobody ever sees a part. Raises
        FileExistsError if it exists and is not empty.
        """
        target = Path(directory).absolute()
        if target.is_symlink() or (target.exists() and any(target.iterdir())):
            raise FileExistsError(target)
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
        try:
            for name in self._entries if names is None else dict.fromkeys(names):
                path = draft.joinpath(*unicodedata.normalize("NFC", name).split("/"))
                self._find(name)
                path.parent.mkdir(parents=True, exist_ok=True)
                with path.open("xb") as out:
                    for piece in self.chunks(name):
                        out.write(piece)
            draft.chmod(0o755)
            if target.exists():
                target.rmdir()
            draft.rename(target)
        except BaseException:
            shutil.rmtree(draft)
            raise


@contextlib.contextmanager
def open_archive(file: PathLike | IO[bytes], limits: ArchiveLimits) -> Iterator[GuardedArchive]:
    """Check an archive (a path, or an open or uploaded file) and give a reader for it.

    Raises ArchiveError before anything is unpacked. An open file is left open, at its start.
    """
    with contextlib.ExitStack() as stack:
        if isinstance(file, (str, os.PathLike)):
            file = stack.enter_context(Path(file).open("rb"))
        stack.callback(file.seek, 0)
        yield GuardedArchive(file, limits)


def check_ooxml(archive: GuardedArchive, kind: Literal["xlsx", "docx"]) -> None:
    """Refuse what is not a plain workbook or text document: macros, controls, XML entities.

    Reads all of it, as `verify` does; links to outside are kept, whoever reads must not follow.
    """
    main = {"xlsx": b"spreadsheetml.sheet.main+xml", "docx": b"wordprocessingml.document.main+xml"}
    types = "[Content_Types].xml"
    content_types = archive.read(types, MB) if types in archive else b""
    if re.search(rb"macroEnabled|vbaProject|activeX", content_types, re.IGNORECASE):
        raise ArchiveError("macros")
    if main[kind] not in content_types:
        raise ArchiveError("not-ooxml")
    for name in archive.names():
        if re.search(r"(?:^|/)(?:vba(?:project|data)|activex)", name, re.IGNORECASE):
            raise ArchiveError("macros", name)
        seen = b""  # whatever the name: any part may be read as XML, as the document says
        for piece in archive.chunks(name):
            seen = seen[-16:] + piece.replace(b"\0", b"")  # UTF-16 too
            if b"<!DOCTYPE" in seen or b"<!ENTITY" in seen:
                raise ArchiveError("xml-entities", name)
