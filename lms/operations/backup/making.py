"""Taking a backup."""

from __future__ import annotations

import datetime as dt
import fcntl
import importlib.metadata
import os
import platform
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone
from django.utils.translation import gettext as _

from lms.operations.backup import format as container
from lms.operations.backup import media
from lms.operations.backup.dumping import dump
from lms.operations.backup.manifest import Manifest, print_of_key, tables_of
from lms.operations.backup.progress import MEGABYTE, Progress
from lms.operations.backup.schema import Schema, applied, loader, pending, schema_at, unclaimed
from lms.operations.backup.snapshot import count, snapshot
from lms.operations.errors import BackupError

PART = ".part"
OWN_NAME = re.compile(r"hanh-trang-\d{8}-\d{6}\.tar")
STALE = dt.timedelta(hours=12)  # tables older than that are read anew rather than gone on with


@dataclass(frozen=True)
class Made:
    """A backup that is whole."""

    path: Path
    rows: int
    media_files: int
    media_bytes: int
    size: int


def make_backup(path: Path, progress: Progress, *, with_media: bool = True) -> Made:
    """Write the site to `path`. Raises BackupError, with nothing at `path`.

    An interrupted one leaves `path`.part: called again, this goes on with it if its tables are
    whole and less than half a day old.
    """
    if path.exists():
        raise BackupError(_("%(path)s exists already. Give another name.") % {"path": path})
    folder = media.root() if with_media else None
    if folder is not None and path.resolve().is_relative_to(folder.resolve()):
        raise BackupError(
            _("A backup may not lie among the files it holds. Choose a folder outside %(folder)s.")
            % {"folder": folder}
        )
    part = path.with_name(path.name + PART)
    try:
        with _alone_with(part) as file:
            totals = _fill(file, folder, progress)
            part.rename(path)
        _sync_folder(path.parent)
    except OSError as error:
        raise BackupError(_why(error, part)) from error
    except DatabaseError as error:
        raise BackupError(
            _("The database does not answer: %(error)s") % {"error": error}
        ) from error
    files, size, rows = totals
    return Made(path, rows, files, size, path.stat().st_size)


def _why(error: OSError, part: Path) -> str:
    text = _("%(path)s cannot be written: %(error)s. Make room or choose another folder.") % {
        "path": part,
        "error": error.strerror or error,
    }
    if part.exists():
        text += " " + _("Called again, it goes on from where it stopped.")
    return text


@contextmanager
def _alone_with(part: Path) -> Iterator[IO[bytes]]:
    """The unfinished file, held so that no second backup writes to it.

    After a failure it is kept only if it can be gone on with.
    """
    part.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(part, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "r+b") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BackupError(
                _("Another backup is being written to %(path)s.") % {"path": part}
            ) from error
        try:
            yield file
        except BaseException:
            # What is on the disk: `file` may hold bytes that it could not write, and try again.
            with part.open("rb") as written:
                goes_on = container.unfinished(written) is not None
            if not goes_on:
                part.unlink(missing_ok=True)
            raise


def _fill(file: IO[bytes], folder: Path | None, progress: Progress) -> tuple[int, int, int]:
    """(files, their bytes, rows) of the backup that the file now holds."""
    before = _resumable(file, progress)
    if before is not None:
        progress.say(
            _("Going on with the backup begun on %(time)s: its tables are whole.")
            % {"time": before.manifest.made}
        )
        manifest, have = before.manifest, before.media
        file.seek(before.offset)
        file.truncate()
        writer = container.Writer(file, before.indexes)
    else:
        file.seek(0)
        file.truncate()
        writer, have = container.Writer(file), set()
        manifest = _write_tables(writer, folder, progress)
    if folder is not None:
        _write_media(writer, folder, progress, have)
    writer.finish()
    # What was read back is what there is: a disk that swallows bytes is found out here.
    file.seek(0)
    progress.begin(_("Reading it back"), os.fstat(file.fileno()).st_size, in_bytes=True)
    totals = container.verify(file, progress.step)
    progress.end()
    return totals.media_files, totals.media_bytes, manifest.rows


def _resumable(file: IO[bytes], progress: Progress) -> container.Unfinished | None:
    if not os.fstat(file.fileno()).st_size:
        return None
    found = container.unfinished(file)
    if found is None:
        progress.say(_("An unfinished backup is there whose tables are not whole: starting anew."))
        return None
    begun = dt.datetime.fromisoformat(found.manifest.made_at)
    if timezone.now() - begun > STALE:
        progress.say(_("An unfinished backup is there, but it is too old: starting anew."))
        return None
    return found


def _write_tables(writer: container.Writer, folder: Path | None, progress: Progress) -> Manifest:
    loaded = loader()
    if missing := pending(loaded):
        raise BackupError(
            _("Migrations have not run: %(names)s. Run manage.py migrate, then take the backup.")
            % {"names": ", ".join(f"{app}.{name}" for app, name in missing[:3])}
        )
    nodes = applied(loaded)
    schema = schema_at(loaded, nodes)
    _warn_of_unclaimed(schema, progress)
    sizes = [each.size for each in media.files(folder)] if folder is not None else []
    if folder is not None:
        _need_room(writer, sum(sizes))
    with snapshot():
        counts = [count(table) for table in schema.tables]
        manifest = Manifest(
            made_at=timezone.now().isoformat(timespec="seconds"),
            engine=connection.vendor,
            site=str(settings.WAGTAILADMIN_BASE_URL),
            versions=versions(),
            migrations=[list(node) for node in sorted(nodes)],
            tables=tables_of(schema, counts),
            media_files=len(sizes),
            media_bytes=sum(sizes),
            key_print=print_of_key(settings.SECRET_KEY),
        )
        writer.add(container.MANIFEST, manifest.as_json())
        progress.begin(_("Tables (rows)"), manifest.rows)
        dump(schema, writer, progress)
    writer.index()
    progress.end()
    return manifest


def _need_room(writer: container.Writer, size: int) -> None:
    free = writer.free_bytes()
    if free < size:
        raise BackupError(
            _("The backup needs %(needed)s MB, and only %(free)s MB are free on that disk.")
            % {"needed": size // MEGABYTE + 1, "free": free // MEGABYTE}
        )


def _warn_of_unclaimed(schema: Schema, progress: Progress) -> None:
    if names := unclaimed(schema):
        progress.say(
            _("Left out, since no installed app speaks for these tables: %(names)s.")
            % {"names": ", ".join(names)}
        )


def _write_media(
    writer: container.Writer, folder: Path, progress: Progress, have: set[str]
) -> None:
    total = done = 0
    for each in media.files(folder):
        total += each.size
        done += each.size if each.name in have else 0
    progress.begin(_("Files"), total, done=done, in_bytes=True)
    gone = media.store(folder, writer, progress, have)
    progress.end()
    if gone:
        progress.say(
            _("%(count)d files were deleted while the backup was taken.") % {"count": gone}
        )


def versions() -> dict[str, str]:
    """What the site runs on."""
    found = {"python": platform.python_version()}
    for name in ("django", "wagtail"):
        found[name] = importlib.metadata.version(name)
    return found


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def usual_path(folder: Path) -> Path:
    """The name for a backup taken now, or that of an unfinished one that can be gone on with."""
    for part in unfinished_in(folder):
        if timezone.now().timestamp() - part.stat().st_mtime < STALE.total_seconds():
            return part.with_name(part.name.removesuffix(PART))
    return folder / f"hanh-trang-{timezone.localtime():%Y%m%d-%H%M%S}.tar"


def backups_in(folder: Path) -> list[Path]:
    """The backups with usual names, the newest first."""
    found = [path for path in folder.glob("hanh-trang-*.tar") if OWN_NAME.fullmatch(path.name)]
    return sorted(found, reverse=True)


def unfinished_in(folder: Path) -> list[Path]:
    """The interrupted ones with usual names, the newest first."""
    found = folder.glob(f"hanh-trang-*.tar{PART}")
    return sorted(
        (path for path in found if OWN_NAME.fullmatch(path.name.removesuffix(PART))), reverse=True
    )


def forget_old(folder: Path, keep: int) -> list[Path]:
    """Delete all but the newest `keep`; which were deleted."""
    old = backups_in(folder)[keep:]
    for path in old:
        path.unlink()
    return old
