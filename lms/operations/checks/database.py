"""The database and what it should hold."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from django.db import connection
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from lms.learning.models import LearningEvent
from lms.learning.services.rebuilding import find_drift
from lms.operations.backup import marks
from lms.operations.backup.schema import loader, pending
from lms.operations.checks.findings import Finding, check, error, warning

SKEW = dt.timedelta(seconds=30)
AHEAD = dt.timedelta(minutes=10)


@check()
def migrations_have_run() -> Iterator[Finding]:
    """The tables are those that this version wants."""
    if missing := pending(loader()):
        names = ", ".join(f"{app}.{name}" for app, name in missing[:5])
        yield error(
            _("%(count)d migrations have not run: %(names)s.")
            % {"count": len(missing), "names": names},
            _("Take a backup, then run manage.py migrate."),
        )


@check()
def restore_is_whole() -> Iterator[Finding]:
    """No restore was interrupted."""
    if marks.exist():
        yield error(
            _("A restore was interrupted: the site holds part of a backup."),
            _("Run manage.py restore with the same file again; it goes on where it stopped."),
        )


@check()
def sqlite_in_wal_mode() -> Iterator[Finding]:
    """Readers of SQLite do not wait for its writer."""
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA journal_mode")
        mode = cursor.fetchone()[0]
    if mode not in {"wal", "memory"}:
        yield warning(
            _("SQLite runs in mode “%(mode)s”: everybody waits while somebody writes.")
            % {"mode": mode},
            _(
                "Put the database on a local disk, not a network drive, and remove other settings"
                " of its OPTIONS."
            ),
        )


@check()
def sqlite_is_sound() -> Iterator[Finding]:
    """The file of SQLite is not damaged; the quick look of SQLite itself."""
    yield from _sqlite_says("PRAGMA quick_check(3)")


@check(deep=True)
def sqlite_is_sound_throughout() -> Iterator[Finding]:
    """The same with every index."""
    yield from _sqlite_says("PRAGMA integrity_check(3)")


def _sqlite_says(question: str) -> Iterator[Finding]:
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute(question)
        said = [str(row[0]) for row in cursor.fetchall()]
    if said != ["ok"]:
        yield error(
            _("The database file is damaged: %(what)s") % {"what": "; ".join(said)[:300]},
            _("Stop the site, keep a copy of the file, and restore the newest whole backup."),
        )


@check(deep=True)
def references_hold() -> Iterator[Finding]:
    """SQLite: no row refers to one that is gone. PostgreSQL looks after that itself."""
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA foreign_key_check")
        broken = sorted({str(row[0]) for row in cursor.fetchall()})
    if broken:
        yield error(
            _("Rows of these tables refer to rows that are gone: %(tables)s.")
            % {"tables": ", ".join(broken[:5])},
            _("Restore the newest backup from before that, or ask the developers."),
        )


@check(deep=True)
def progress_agrees_with_events() -> Iterator[Finding]:
    """What learners see is what the record says."""
    number = sum(1 for _drift in find_drift())
    if number:
        yield error(
            _("The progress of %(count)d enrolments differs from their events.")
            % {"count": number},
            _("Run manage.py rebuild_progress."),
        )


@check()
def clock_is_right() -> Iterator[Finding]:
    """This machine, the database and the record agree about the time."""
    todo = _("Set the clock by NTP (timedatectl set-ntp true) on every machine of the site.")
    now = timezone.now()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            away = abs(cursor.fetchone()[0] - timezone.now())
        if away > SKEW:
            yield error(
                _("The clocks of this machine and of the database differ by %(seconds)d seconds.")
                % {"seconds": away.total_seconds()},
                todo,
            )
    newest = LearningEvent.objects.aggregate(at=Max("recorded_at"))["at"]
    if newest is not None and newest > now + AHEAD:
        yield error(
            _("The newest event was recorded in the future (%(time)s): the clock is behind.")
            % {"time": timezone.localtime(newest).strftime("%d/%m/%Y %H:%M")},
            todo,
        )
