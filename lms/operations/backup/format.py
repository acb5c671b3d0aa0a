"""The container: a tar file whose members are all accounted for.

    manifest.json               first: what this is
    tables/<label>/000001.jsonl.gz   rows in the order of their keys, some thousand each
    index/000001.json           size and SHA-256 of every member since the one before
    media/<path>                the files, with an index now and then
    end.json                    last: SHA-256 of the indexes

Any tar program opens it. Before an index is written everything it names is on the disk, so an
interrupted backup can go on behind its last index, and a file without its end is known to be cut.
"""

from __future__ import annotations

import hashlib
import json
import os
import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO, Any

from django.utils.translation import gettext as _

from lms.operations.backup.manifest import Manifest, read_manifest
from lms.operations.errors import BackupError, Damaged, NotABackup

MANIFEST, END = "manifest.json", "end.json"
TABLES, INDEX, MEDIA = "tables/", "index/", "media/"
PIECE = 1024 * 1024
SMALL = 64 * 1024 * 1024  # no manifest, index or end is larger


@dataclass(frozen=True)
class Member:
    """One file in the backup."""

    name: str
    size: int
    sha256: str

    def as_json(self) -> list[Any]:
        """As an index names it."""
        return [self.name, self.size, self.sha256]


@dataclass(frozen=True)
class Totals:
    """What a whole backup holds. `digest` is that of its end: it tells one backup from another."""

    members: int
    media_files: int
    media_bytes: int
    digest: str


class Writer:
    """Appends members to an open file, from where it stands."""

    def __init__(self, file: IO[bytes], indexes: Iterable[Member] = ()) -> None:
        self._file = file
        self._indexes = list(indexes)
        self._since: list[Member] = []

    @property
    def pending_bytes(self) -> int:
        """Bytes of members that no index names yet."""
        return sum(member.size for member in self._since)

    def free_bytes(self) -> int:
        """How much the disk of the file still takes."""
        disk = os.fstatvfs(self._file.fileno())
        return disk.f_bavail * disk.f_frsize

    def add(self, name: str, content: bytes) -> Member:
        """A member whose content is at hand."""
        return self.stream(name, len(content), [content])

    def stream(self, name: str, size: int, pieces: Iterable[bytes]) -> Member:
        """A member of exactly `size` bytes, piece by piece."""
        header = tarfile.TarInfo(name)
        header.size, header.mode = size, 0o600
        try:
            self._file.write(header.tobuf(tarfile.PAX_FORMAT, "utf-8", "strict"))
        except UnicodeEncodeError as error:
            raise BackupError(
                _("The name of the file %(name)r is no text. Give it another name.")
                % {"name": name}
            ) from error
        digest, written = hashlib.sha256(), 0
        for piece in pieces:
            written += len(piece)
            if written > size:
                break
            digest.update(piece)
            self._file.write(piece)
        if written != size:
            raise BackupError(
                _("The file %(name)s changed while it was read. Start the backup again.")
                % {"name": name}
            )
        self._file.write(b"\0" * (-size % tarfile.BLOCKSIZE))
        member = Member(name, size, digest.hexdigest())
        self._since.append(member)
        return member

    def index(self) -> None:
        """Account for everything since the last index; from here a backup can go on."""
        self._to_disk()
        lines = json.dumps([member.as_json() for member in self._since]).encode()
        self._since = []
        name = f"{INDEX}{len(self._indexes) + 1:06}.json"
        self._indexes.append(self.add(name, lines))
        self._since = []
        self._to_disk()

    def finish(self) -> None:
        """Close the account and the tar."""
        self.index()
        end = {"index": [member.as_json() for member in self._indexes]}
        self.add(END, json.dumps(end).encode())
        self._file.write(b"\0" * (2 * tarfile.BLOCKSIZE))
        self._to_disk()

    def _to_disk(self) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())


class Walk:
    """Goes through the members of a file in their order, by headers only unless they are read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        file.seek(0)
        try:
            self._tar = tarfile.TarFile(fileobj=file, mode="r")
        except (tarfile.TarError, EOFError, ValueError) as error:
            raise NotABackup(_("This file is no backup of such a site.")) from error

    def members(self) -> Iterator[tarfile.TarInfo]:
        """Each member; afterwards the file may stand anywhere. Raises Damaged."""
        last = ""
        while True:
            try:
                member = self._tar.next()
            except (tarfile.TarError, EOFError, ValueError, OverflowError) as error:
                raise Damaged(_cut(last)) from error
            if member is None:
                return
            if not member.isreg() or member.issparse():
                raise Damaged(_damaged(member.name))
            last = member.name
            yield member
            # tarfile would remember every member there is.
            self._tar.members = []  # type: ignore[attr-defined]

    def pieces(self, member: tarfile.TarInfo) -> Iterator[bytes]:
        """The content of a member, piece by piece. Raises Damaged when the file ends before it."""
        self._file.seek(member.offset_data)
        left = member.size
        while left:
            piece = self._file.read(min(PIECE, left))
            if not piece:
                raise Damaged(_cut(member.name))
            left -= len(piece)
            yield piece

    def content(self, member: tarfile.TarInfo) -> bytes:
        """The content of a small member."""
        if member.size > SMALL:
            raise Damaged(_damaged(member.name))
        return b"".join(self.pieces(member))


def _damaged(name: str) -> str:
    return _(
        "The backup is damaged at “%(name)s”. Nothing was restored from it; take another backup."
    ) % {"name": name}


def _cut(name: str) -> str:
    return _(
        "The backup is incomplete or damaged: it ends after “%(name)s”. Copy the file again, or"
        " take another backup."
    ) % {"name": name}


def manifest_of(file: IO[bytes]) -> Manifest:
    """The manifest alone. Raises NotABackup, Newer or Damaged."""
    walk = Walk(file)
    first = next(walk.members(), None)
    if first is None or first.name != MANIFEST:
        raise NotABackup(_("This file is no backup of such a site."))
    return read_manifest(walk.content(first))


def verify(file: IO[bytes], step: Any = lambda _by: None) -> Totals:
    """Read everything and hold it against the account. `step` hears of bytes. Raises Damaged."""
    walk = Walk(file)
    since: list[list[Any]] = []
    indexes: list[list[Any]] = []
    count = media_files = media_bytes = 0
    last, digest = "", ""
    for member in walk.members():
        if digest:
            raise Damaged(_damaged(member.name))
        last = member.name
        hashed = hashlib.sha256()
        kept = b""
        for piece in walk.pieces(member):
            hashed.update(piece)
            step(len(piece))
            if member.name == END or member.name.startswith(INDEX):
                kept += piece
        known = [member.name, member.size, hashed.hexdigest()]
        if member.name == END:
            if since or _read(kept, member.name) != {"index": indexes}:
                raise Damaged(_damaged(member.name))
            digest = hashed.hexdigest()
        elif member.name.startswith(INDEX):
            _compare(since, _read(kept, member.name), member.name)
            indexes.append(known)
            since = []
        else:
            since.append(known)
            count += 1
            if member.name.startswith(MEDIA):
                media_files += 1
                media_bytes += member.size
    if not digest:
        raise Damaged(_cut(last))
    return Totals(count, media_files, media_bytes, digest)


def _read(content: bytes, name: str) -> Any:
    try:
        return json.loads(content)
    except ValueError as error:
        raise Damaged(_damaged(name)) from error


def _compare(found: list[list[Any]], told: Any, name: str) -> None:
    if found == told:
        return
    for one, other in zip(found, told if isinstance(told, list) else [], strict=False):
        if one != other:
            raise Damaged(_damaged(str(one[0])))
    raise Damaged(_damaged(name))


@dataclass(frozen=True)
class Unfinished:
    """What an interrupted backup can go on from."""

    manifest: Manifest
    offset: int  # just behind the last index
    indexes: list[Member]
    media: set[str]  # names of the files that are in


def unfinished(file: IO[bytes]) -> Unfinished | None:
    """Where this file can be gone on with; None when its tables are not whole."""
    try:
        manifest = manifest_of(file)
    except (NotABackup, Damaged):
        return None
    walk = Walk(file)
    since: list[tuple[str, int]] = []
    found: Unfinished | None = None
    indexes: list[Member] = []
    media: set[str] = set()
    try:
        for member in walk.members():
            if not member.name.startswith(INDEX):
                since.append((member.name, member.size))
                continue
            content = walk.content(member)
            if [(name, size) for name, size, _sha in json.loads(content)] != since:
                break
            sha256 = hashlib.sha256(content).hexdigest()
            indexes.append(Member(member.name, member.size, sha256))
            media |= {name.removeprefix(MEDIA) for name, _ in since if name.startswith(MEDIA)}
            since = []
            end = member.offset_data + member.size
            end += -end % tarfile.BLOCKSIZE
            found = Unfinished(manifest, end, list(indexes), set(media))
    except (Damaged, ValueError):
        pass
    return found
