"""Whether the site could be brought back."""

from __future__ import annotations

import datetime as dt
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from lms.operations.backup.making import STALE, backups_in, unfinished_in
from lms.operations.checks.findings import Finding, check, error, warning

OLD, TOO_OLD = dt.timedelta(hours=26), dt.timedelta(days=7)


def _age(path: Path) -> dt.timedelta:
    changed = dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC)
    return timezone.now() - changed


@check(database=False)
def backups_are_taken() -> Iterator[Finding]:
    """The newest backup is of today."""
    if not settings.LMS_BACKUP_DIR:
        yield warning(
            _("The site does not know where its backups are."),
            _("Set LMS_BACKUP_DIR and have manage.py backup run every night (docs/operate.md)."),
        )
        return
    folder = Path(settings.LMS_BACKUP_DIR)
    todo = _("Run manage.py backup and look at what it says; then look at its timer.")
    found = backups_in(folder)
    if not found:
        yield error(_("There is no backup in %(folder)s.") % {"folder": folder}, todo)
        return
    age = _age(found[0])
    if age > OLD:
        tell = error if age > TOO_OLD else warning
        yield tell(
            _("The newest backup is %(hours)d hours old.") % {"hours": age.total_seconds() // 3600},
            todo,
        )


@check(database=False)
def backups_are_private() -> Iterator[Finding]:
    """Nobody else on this machine can read the data of everybody."""
    if not settings.LMS_BACKUP_DIR:
        return
    folder = Path(settings.LMS_BACKUP_DIR)
    readable = [
        path.name
        for path in backups_in(folder)
        if stat.S_IMODE(os.stat(path).st_mode) & (stat.S_IRGRP | stat.S_IROTH)
    ]
    if readable:
        yield error(
            _("Other users of this machine can read backups: %(names)s.")
            % {"names": ", ".join(readable[:3])},
            _("Run chmod 600 on them; they hold personal data and secrets."),
        )


@check(database=False)
def backups_are_finished() -> Iterator[Finding]:
    """No backup was left half done."""
    if not settings.LMS_BACKUP_DIR:
        return
    left = [path for path in unfinished_in(Path(settings.LMS_BACKUP_DIR)) if _age(path) > STALE]
    if left:
        yield warning(
            _("Backups were interrupted and not finished: %(names)s.")
            % {"names": ", ".join(path.name for path in left[:3])},
            _("Look why (disk full?), delete these files, and run manage.py backup."),
        )
