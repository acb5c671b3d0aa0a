"""What the doctor finds in a database, damaged files of SQLite included; and how it tells it."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone, translation

from lms.learning.models import ActivityProgress, LearningEvent
from lms.operations.backup import marks
from lms.operations.checks import registry
from lms.operations.checks.findings import ADVICE, CHECKS, ERROR, WARNING
from lms.operations.tests.looking import look
from lms.operations.tests.sites import Site, Sites
from lms.people.models import Unit
from lms.people.tests.factories import PersonFactory, UnitFactory


# --- database --------------------------------------------------------------------------------
@pytest.mark.django_db
def test_migration_that_has_not_run_is_found(site) -> None:
    assert look("migrations_have_run") == []
    MigrationRecorder(connection).record_unapplied("learning", "0003_assignments")
    (finding,) = look("migrations_have_run")
    assert (finding.level, finding.what) == (
        ERROR,
        "1 migrations have not run: learning.0003_assignments.",
    )
    assert "manage.py migrate" in finding.todo


@pytest.mark.django_db
def test_restore_that_was_interrupted_is_found(site) -> None:
    assert look("restore_is_whole") == []
    marks.create()
    (finding,) = look("restore_is_whole")
    assert (finding.level, "manage.py restore" in finding.todo) == (ERROR, True)


@pytest.mark.django_db
def test_progress_that_is_not_what_the_record_says_is_found(event: LearningEvent) -> None:
    assert look("progress_agrees_with_events") == []
    ActivityProgress.objects.create(
        enrolment=event.enrolment, activity_key=event.uuid, fraction=1.0, passed=True
    )
    (finding,) = look("progress_agrees_with_events")
    assert (finding.level, finding.what) == (
        ERROR,
        "The progress of 1 enrolments differs from their events.",
    )
    assert "rebuild_progress" in finding.todo


@pytest.mark.django_db
def test_clock_that_is_behind_is_found(event: LearningEvent, monkeypatch) -> None:
    assert look("clock_is_right") == []
    behind = timezone.now() - dt.timedelta(hours=3)
    monkeypatch.setattr(timezone, "now", lambda: behind)
    found = look("clock_is_right")
    assert "was recorded in the future" in found[-1].what
    if connection.vendor == "postgresql":
        assert "differ by 1" in found[0].what  # some 10,800 seconds
    assert [finding.level for finding in found] == [ERROR] * len(found)
    assert all("NTP" in finding.todo for finding in found)


# --- SQLite ----------------------------------------------------------------------------------
@pytest.fixture
def file(sites: Sites, unblocked: None) -> Iterator[Site]:
    """A site on SQLite with some rows, whose file a test may spoil."""
    made = sites.new(engine="sqlite")
    with made.active():
        for number in range(50):
            PersonFactory(full_name=f"Trần Thị An {number}")
            UnitFactory()
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            cursor.execute("PRAGMA journal_mode=DELETE")
    return made


def _page_of(site: Site, name: str) -> tuple[int, int]:
    """Where the root of a table or index lies in the file, and how long it is."""
    with site.active(), connection.cursor() as cursor:
        cursor.execute("SELECT rootpage FROM sqlite_master WHERE name = %s", [name])
        (number,) = cursor.fetchone()
        cursor.execute("PRAGMA page_size")
        (size,) = cursor.fetchone()
        cursor.execute("PRAGMA journal_mode=DELETE")
    return (number - 1) * size, size


def _spoil(site: Site, name: str, content: bytes) -> None:
    at, size = _page_of(site, name)
    with open(str(site.database["NAME"]), "r+b") as opened:
        opened.seek(at)
        opened.write(content.ljust(size, b"\0"))


def test_damaged_file_is_found(file: Site) -> None:
    with file.active():
        assert look("sqlite_is_sound") == look("sqlite_is_sound_throughout") == []
    _spoil(file, "people_person", b"\xff" * 64)
    with file.active(), translation.override("en"):
        found = [each for each in registry.run() if each.check == "sqlite_is_sound"]
    (finding,) = found
    assert finding.level == ERROR
    assert "restore the newest whole backup" in finding.todo
    assert finding.what.startswith("The database file is damaged: ")


def test_index_that_lacks_rows_is_found_by_the_deep_look(file: Site) -> None:
    with file.active(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = 'people_person'"
            " AND sql LIKE '%%sort_key%%'"
        )
        (name,) = cursor.fetchone()
        cursor.execute("PRAGMA page_size")
        (size,) = cursor.fetchone()
    # A leaf of an index without an entry: type, no free block, no cell, where cells would begin.
    _spoil(file, name, b"\x0a" + bytes(4) + size.to_bytes(2, "big") + b"\0")
    with file.active():
        (finding,) = look("sqlite_is_sound_throughout")
    assert finding.level == ERROR
    assert f"missing from index {name}" in finding.what


def test_row_that_refers_to_nothing_is_found(file: Site) -> None:
    with file.active():
        assert look("references_hold") == []
        with connection.constraint_checks_disabled(), connection.cursor() as cursor:
            cursor.execute("UPDATE people_unit SET kind_id = 999999")
        (finding,) = look("references_hold")
        assert Unit.objects.count() == 50
    assert (finding.level, "people_unit" in finding.what) == (ERROR, True)
    assert "backup" in finding.todo


def test_sqlite_without_its_log_is_found(file: Site) -> None:
    with file.active():
        assert look("sqlite_in_wal_mode") == []
    slow = Site({**file.database, "OPTIONS": {}}, file.media)
    with slow.active():
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA journal_mode=DELETE")
        (finding,) = look("sqlite_in_wal_mode")
    assert finding.level == WARNING
    assert finding.what == "SQLite runs in mode “delete”: everybody waits while somebody writes."
    assert "local disk" in finding.todo


# --- telling ---------------------------------------------------------------------------------
def test_every_check_has_a_test() -> None:
    folder = Path(__file__).parent
    text = "".join(
        (folder / f"{name}.py").read_text() for name in ("test_doctor", Path(__file__).stem)
    )
    assert [check.key for check in CHECKS if f'"{check.key}"' not in text] == []


def _doctor(**options: Any) -> tuple[str, int]:
    said = StringIO()
    try:
        call_command("doctor", stdout=said, **options)
    except SystemExit as end:
        return said.getvalue(), int(end.code)
    return said.getvalue(), 0


@pytest.mark.django_db
def test_doctor_says_what_is_wrong_the_worst_first_and_what_to_do(site) -> None:
    site.DEBUG = True
    site.LMS_SECOND_FACTOR_ROLES = []
    said, code = _doctor(lang="en")
    lines = said.splitlines()
    assert code == 1
    assert "Error: DEBUG is on: with every error visitors see the inside of the site." in lines
    at = next(n for n, line in enumerate(lines) if line.startswith("Error: DEBUG"))
    assert lines[at + 1] == (
        "    → Run the site with DJANGO_SETTINGS_MODULE=lms.settings.production."
    )
    assert lines[-2] == "Advice: Nobody needs a second factor, not even administrators."


@pytest.mark.django_db
def test_doctor_speaks_to_programs(site) -> None:
    site.DEBUG = True
    said, code = _doctor(json=True, lang="en")
    found = json.loads(said)
    assert (code, found["ok"]) == (1, False)
    assert {each["level"] for each in found["findings"]} <= {ERROR, WARNING, ADVICE}
    (debug,) = [each for each in found["findings"] if each["check"] == "debug_is_off"]
    assert sorted(debug) == ["check", "level", "todo", "what"]


@pytest.mark.django_db
def test_doctor_speaks_vietnamese(site) -> None:
    site.DEBUG = True
    said, _code = _doctor(lang="vi")
    assert "Lỗi: DEBUG đang bật" in said


@pytest.mark.django_db
def test_advice_alone_is_no_failure(site, monkeypatch) -> None:
    site.LMS_SECOND_FACTOR_ROLES = []
    only = [check for check in CHECKS if check.key == "second_factor_is_asked_for"]
    monkeypatch.setattr(registry, "CHECKS", only)
    said, code = _doctor(lang="en")
    assert (code, said.startswith("Advice: ")) == (0, True)


@pytest.mark.django_db
def test_database_that_does_not_answer_is_one_finding(site, monkeypatch) -> None:
    def away() -> None:
        raise OperationalError("could not connect to server")

    monkeypatch.setattr(connection, "cursor", away)
    with translation.override("en"):
        found = registry.run()
    assert [(each.check, each.level) for each in found] == [("database_answers", ERROR)]
    assert "DATABASE_URL" in found[0].todo


@pytest.mark.django_db
def test_check_that_fails_is_a_finding_and_stops_no_other(site, monkeypatch) -> None:
    def broken() -> Iterator[Any]:
        raise OSError("Stale file handle")
        yield

    first, *others = CHECKS
    failing = type(first)("broken", broken, database=False, deep=False)
    settings = [check for check in others if check.key == "debug_is_off"]
    monkeypatch.setattr(registry, "CHECKS", [failing, *settings])
    site.DEBUG = True
    with translation.override("en"):
        found = registry.run()
    assert [each.check for each in found] == ["broken", "debug_is_off"]
    assert found[0].what == "The check “broken” failed: Stale file handle"
