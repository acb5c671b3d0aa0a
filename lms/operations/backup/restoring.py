"""Putting a backup back."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone
from django.utils.translation import gettext as _

from lms.operations.backup import engines, marks, media, occupied
from lms.operations.backup import format as container
from lms.operations.backup.loading import LAST, ROWS, load
from lms.operations.backup.manifest import Manifest, check_columns, check_migrations
from lms.operations.backup.progress import MEGABYTE, Progress
from lms.operations.backup.schema import Schema, applied, leaves, loader, schema_at
from lms.operations.backup.snapshot import unmapped
from lms.operations.errors import Interrupted, NotEmpty, RestoreError

Confirm = Callable[[Manifest, list[str]], bool]


@dataclass(frozen=True)
class Checked:
    """A backup that has been read from the first byte to the last."""

    manifest: Manifest
    totals: container.Totals


@dataclass(frozen=True)
class Restored:
    """What is in the site now. `aside` is where files went that were in the way."""

    rows: int
    media_files: int
    aside: Path | None


def check(path: Path, progress: Progress) -> Checked:
    """Read a backup and hold it against its own account. Raises RestoreError."""
    with _opened(path) as file:
        return _check(file, progress)


def restore(
    path: Path,
    progress: Progress,
    *,
    replace: bool = False,
    confirm: Confirm = lambda _manifest, _here: False,
    with_media: bool = True,
) -> Restored | None:
    """Fill this site from a backup; None when `confirm` was asked and said no.

    Into an empty site, unless `replace`: then `confirm` hears what would be lost. Raises
    RestoreError; before the first write to the site where it is the backup or the site that does
    not fit. An interrupted restore goes on when it is called again with the same file.
    """
    folder = media.root() if with_media else None
    with _opened(path) as file:
        checked = _check(file, progress)
        manifest = checked.manifest
        try:
            unmapped()
            loaded = loader()
            check_migrations(manifest, loaded)
            schema = schema_at(loaded, manifest.nodes)
            check_columns(manifest, schema)
            _check_names(file, folder)
            going_on = _is_same(checked.totals.digest, replace=replace)
            if going_on:
                progress.say(_("Going on with the restore that was interrupted here."))
            else:
                _check_state(manifest, loaded)
                here = occupied.by(folder)
                if here and not replace:
                    raise NotEmpty(_not_empty(here))
                if here and not confirm(manifest, here):
                    return None
            _need_room(file, folder)
            aside = _begin(checked, folder, going_on=going_on)
            _fill(file, checked, schema, folder, progress)
            if not manifest.has_our_key:
                _warn_of_other_key(progress)
        except OSError as error:
            raise RestoreError(
                _("%(path)s cannot be written: %(error)s. Then call restore again; it goes on.")
                % {"path": error.filename or folder, "error": error.strerror or error}
            ) from error
        except DatabaseError as error:
            raise RestoreError(
                _("The database gave up: %(error)s. Then call restore again; it goes on.")
                % {"error": str(error).strip()}
            ) from error
        return Restored(manifest.rows, checked.totals.media_files, aside)


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    try:
        file = path.open("rb")
    except OSError as error:
        raise RestoreError(
            _("%(path)s cannot be read: %(error)s.") % {"path": path, "error": error.strerror}
        ) from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise RestoreError(
                _("%(path)s is in use: it is being written or restored.") % {"path": path}
            ) from error
        except OSError:
            pass  # some network file systems have no locks
        yield file


def _check(file: IO[bytes], progress: Progress) -> Checked:
    manifest = container.manifest_of(file)
    progress.begin(_("Reading the backup"), os.fstat(file.fileno()).st_size, in_bytes=True)
    totals = container.verify(file, progress.step)
    progress.end()
    return Checked(manifest, totals)


def _warn_of_other_key(progress: Progress) -> None:
    progress.say(
        _(
            "The backup was made under another LMS_SECRET_KEY. Without that key nobody is let in"
            " by second factors or slips of the backup: set it, or have those made anew."
        )
    )


def _check_names(file: IO[bytes], folder: Path | None) -> None:
    """Every file has a place below the media folder, before anything is written."""
    if folder is not None:
        for member in container.Walk(file).members():
            if member.name.startswith(container.MEDIA):
                media.place_for(folder, member.name)


def _is_same(digest: str, *, replace: bool) -> bool:
    """Whether a restore of this very backup was interrupted here. Raises Interrupted."""
    if not marks.exist():
        return False
    if marks.read("backup") == digest:
        return True
    if not replace:
        raise Interrupted(
            _(
                "A restore of another backup was interrupted here. Call restore with that file"
                " again, or with --replace to begin anew with this one."
            )
        )
    return False


def _check_state(manifest: Manifest, loaded: MigrationLoader) -> None:
    """An older backup needs older tables: only a database without any can be given those."""
    further = sorted(applied(loaded) - manifest.nodes)
    if further:
        raise NotEmpty(
            _(
                "This database is further than the backup (%(names)s). Restore into a database"
                " without tables: a new one on PostgreSQL, no file on SQLite; migrations run by"
                " themselves."
            )
            % {"names": ", ".join(f"{app}.{name}" for app, name in further[:3])}
        )


def _not_empty(here: list[str]) -> str:
    return _(
        "This site is not empty: %(what)s. Restore into an empty one, or with --replace, which"
        " deletes what is here."
    ) % {"what": ", ".join(here)}


def _need_room(file: IO[bytes], folder: Path | None) -> None:
    if folder is None:
        return
    needed = 0
    for member in container.Walk(file).members():
        if member.name.startswith(container.MEDIA):
            there = media.is_there(media.place_for(folder, member.name), member.size)
            needed += 0 if there else member.size
    free = media.free(folder)
    if free < needed:
        raise RestoreError(
            _("The files need %(needed)s MB, and only %(free)s MB are free in %(folder)s.")
            % {"needed": needed // MEGABYTE + 1, "free": free // MEGABYTE, "folder": folder}
        )


def _begin(checked: Checked, folder: Path | None, *, going_on: bool) -> Path | None:
    """Mark the site as half restored; files in the way go aside."""
    if going_on:
        return None
    aside = None
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        aside = media.put_aside(folder, f"{timezone.localtime():%Y%m%d-%H%M%S}")
    with transaction.atomic():
        marks.create()
        for name in (LAST, ROWS):
            marks.write(name, "")
        marks.write("phase", marks.PREPARING)
        marks.write("backup", checked.totals.digest)
    return aside


def _fill(
    file: IO[bytes], checked: Checked, schema: Schema, folder: Path | None, progress: Progress
) -> None:
    """The phases that are still to be done."""
    if marks.read("phase") == marks.PREPARING:
        progress.say(_("Preparing the tables."))
        _migrate_to(checked.manifest)
        engines.empty(schema)
    if marks.read("phase") == marks.TABLES:
        load(container.Walk(file), checked.manifest, schema, progress)
        progress.say(_("Checking references."))
        engines.constrain(schema)
    if marks.read("phase") == marks.CONSTRAINED:
        progress.say(_("Bringing the tables up to date, building the search index."))
        # What was cached is of the rows that migrations had made.
        ContentType.objects.clear_cache()
        call_command("migrate", interactive=False, verbosity=0)
        engines.settle()
        call_command("wagtail_update_index", verbosity=0)
        marks.write("phase", marks.MIGRATED)
    if folder is not None:
        _restore_media(file, folder, checked.totals.media_bytes, progress)
    marks.drop()


def _migrate_to(manifest: Manifest) -> None:
    executor = MigrationExecutor(connection)
    have = applied(executor.loader)
    targets = [node for node in leaves(executor.loader, manifest.nodes) if node not in have]
    if targets:
        executor.migrate(targets)


def _restore_media(file: IO[bytes], folder: Path, total: int, progress: Progress) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    progress.begin(_("Files"), total, in_bytes=True)
    walk = container.Walk(file)
    for member in walk.members():
        if member.name.startswith(container.MEDIA):
            path = media.place_for(folder, member.name)
            if not media.is_there(path, member.size):
                media.put(path, walk.pieces(member))
            progress.step(member.size)
    progress.end()
