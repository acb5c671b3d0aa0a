"""Where files that were sent in lie until their import ends: below MEDIA_ROOT/private."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
from pathlib import Path
from typing import Final

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from lms.people.importing.texts import FileRefused
from lms.people.models import PeopleImport

KEPT: Final = dt.timedelta(days=30)


def folder() -> Path:
    """Never served: the site and the proxy serve MEDIA_ROOT/public only."""
    return Path(settings.MEDIA_ROOT) / "private" / "imports"


def path_of(people_import: PeopleImport) -> Path:
    """The file of an import; its name says nothing about who is in it."""
    return folder() / str(people_import.uuid)


def store(people_import: PeopleImport, upload: UploadedFile[bytes]) -> str:
    """Keep what was sent; gives its digest. Raises FileRefused as soon as it is too large."""
    folder().mkdir(parents=True, exist_ok=True)
    path, digest, size = path_of(people_import), hashlib.sha256(), 0
    try:
        # Nobody but the account of the site reads it.
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            for piece in upload.chunks():
                size += len(piece)
                if size > settings.LMS_IMPORT_BYTES:
                    most = settings.LMS_IMPORT_BYTES // 2**20
                    raise FileRefused("too-large", megabytes=most)
                digest.update(piece)
                file.write(piece)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return digest.hexdigest()


def remove(people_import: PeopleImport) -> None:
    """Remove the file, once the change that ends the import is certain."""
    path = path_of(people_import)
    transaction.on_commit(lambda: path.unlink(missing_ok=True))


def forget_old_imports(now: dt.datetime) -> int:
    """Remove files and rows of imports that are older than 30 days; gives how many there were.

    For the periodic tick. What was taken over stays known by its counts; one that was left half
    way is discarded. Files without an import are removed as well.
    """
    old = PeopleImport.objects.filter(at__lt=now - KEPT).exclude(rows=None)
    unfinished = PeopleImport.objects.filter(
        at__lt=now - KEPT, state__in=[PeopleImport.State.SENT, PeopleImport.State.CHECKED]
    )
    forgotten = 0
    for people_import in {*old, *unfinished}:
        with transaction.atomic():
            locked = PeopleImport.objects.select_for_update().get(pk=people_import.pk)
            if locked.state != PeopleImport.State.COMMITTED:
                locked.state, locked.ended_at = PeopleImport.State.DISCARDED, now
                locked.decisions = {}
                locked.save(update_fields=["state", "ended_at", "decisions"])
            locked.rows.all().delete()
            remove(locked)
        forgotten += 1
    _remove_strays(now)
    return forgotten


def _remove_strays(now: dt.datetime) -> None:
    if not folder().is_dir():
        return
    open_states = [PeopleImport.State.SENT, PeopleImport.State.CHECKED]
    known = {
        str(each)
        for each in PeopleImport.objects.filter(state__in=open_states).values_list(
            "uuid", flat=True
        )
    }
    for path in folder().iterdir():
        if path.name not in known and path.stat().st_mtime < (now - KEPT).timestamp():
            path.unlink(missing_ok=True)
