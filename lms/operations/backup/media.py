"""The files that people have sent in."""

from __future__ import annotations

import os
import re
import shutil
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from django.conf import settings
from django.core.files.storage import FileSystemStorage, default_storage
from django.utils.translation import gettext as _

from lms.operations.backup.format import MEDIA, PIECE, Writer
from lms.operations.backup.progress import Progress
from lms.operations.errors import Damaged, OperationsError

INDEX_EVERY = 64 * 1024 * 1024  # bytes that an interrupted backup has to copy again at most
PARTIAL = ".restoring"  # behind the name of a file that is not whole yet
OURS = ".gitignore"  # of this repository, not of the site
_CONTROL = re.compile("[\0-\x1f\x7f]")


@dataclass(frozen=True)
class File:
    """A file below the media folder."""

    name: str  # with slashes
    size: int


def root() -> Path:
    """The media folder. Raises OperationsError where files are kept by another service."""
    if not isinstance(default_storage, FileSystemStorage) and not isinstance(
        getattr(default_storage, "_wrapped", None), FileSystemStorage
    ):
        raise OperationsError(
            _(
                "The files of this site are kept by another service, which has backups of its own."
                " Use --no-media."
            )
        )
    return Path(settings.MEDIA_ROOT)


def files(folder: Path) -> Iterator[File]:
    """Every ordinary file below the folder, by name; links are not followed."""
    for place, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = Path(place, name)
            with suppress(FileNotFoundError):
                found = path.lstat()
                if stat.S_ISREG(found.st_mode) and not name.endswith(PARTIAL):
                    relative = path.relative_to(folder).as_posix()
                    if relative != OURS:
                        yield File(relative, found.st_size)


def store(folder: Path, writer: Writer, progress: Progress, have: set[str]) -> int:
    """Write every file that is not among `have`; how many have vanished meanwhile."""
    gone = 0
    for each in files(folder):
        if each.name in have:
            continue
        try:
            file = (folder / each.name).open("rb")
        except FileNotFoundError:
            gone += 1
            continue
        with file:
            size = os.fstat(file.fileno()).st_size
            writer.stream(MEDIA + each.name, size, _pieces(file))
        progress.step(size)
        if writer.pending_bytes >= INDEX_EVERY:
            writer.index()
    return gone


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    while piece := file.read(PIECE):
        yield piece


def place_for(folder: Path, member: str) -> Path:
    """Where a member belongs. Raises Damaged for a name that leads out of the folder."""
    name = member.removeprefix(MEDIA)
    parts = name.split("/")
    bad = {"", ".", ".."} & set(parts) or _CONTROL.search(name) or name.endswith(PARTIAL)
    if bad or "\\" in name or Path(name).is_absolute():
        raise Damaged(
            _("The backup holds a file whose name is not allowed: “%(name)s”.") % {"name": name}
        )
    path = folder / name
    for above in path.parents:
        if above == folder:
            return path
        if above.is_symlink():
            break
    raise Damaged(
        _("The backup holds a file whose name is not allowed: “%(name)s”.") % {"name": name}
    )


def is_there(path: Path, size: int) -> bool:
    """Whether this file was restored before: names appear only once the content is whole."""
    with suppress(FileNotFoundError, NotADirectoryError):
        found = path.lstat()
        return stat.S_ISREG(found.st_mode) and found.st_size == size
    return False


def put(path: Path, pieces: Iterator[bytes]) -> None:
    """Write a file as a whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + PARTIAL)
    try:
        with partial.open("wb") as file:
            for piece in pieces:
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        partial.rename(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def is_empty(folder: Path) -> bool:
    """Whether no file is in the folder."""
    return next(files(folder), None) is None


def put_aside(folder: Path, stamp: str) -> Path | None:
    """Move what is in the folder to a new one beside it; where that is, None if it was empty."""
    if is_empty(folder):
        return None
    aside = folder.with_name(f"{folder.name}-before-{stamp}")
    aside.mkdir()
    for each in list(folder.iterdir()):
        each.rename(aside / each.name)
    return aside


def free(folder: Path) -> int:
    """Bytes free where the folder is or will be."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return shutil.disk_usage(folder).free
