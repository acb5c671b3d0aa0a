from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from django.conf import settings as site_settings
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection, transaction
from django_tasks_db.models import DBTaskResult

from lms.operations import ticking, working
from lms.operations.together import run_together
from lms.operations.turns import turn
from lms.operations.working import SiteWorker
from lms.plugins.config import registries

NOW = dt.datetime(2026, 5, 4, 3, 0, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _a_new_day() -> None:
    cache.clear()


def result(status: str, age: int) -> DBTaskResult:
    return DBTaskResult.objects.create(
        status=status, args_kwargs={"args": [], "kwargs": {}}, task_path="lms.none",
        backend_name="lms", run_after=NOW, finished_at=NOW - dt.timedelta(days=age),
        exception_class_path="", traceback="",
    )  # fmt: skip


@pytest.mark.django_db
def test_first_tick_of_a_day_also_removes_what_has_had_its_time() -> None:
    kept = [result("SUCCESSFUL", 13), result("RUNNING", 30)]
    result("SUCCESSFUL", 15)
    result("FAILED", 15)
    for number, days in enumerate((-1, 1)):
        expires = NOW + dt.timedelta(days=days)
        Session.objects.create(session_key=f"s{number}", session_data="", expire_date=expires)
    first, second = ticking.tick(now=NOW), ticking.tick(now=NOW + dt.timedelta(minutes=1))
    assert first.done == {
        "delivered": 0, "marked": 0, "assigned": 0,
        "imports forgotten": 0, "job results removed": 2, "sessions removed": 1,
        **{chore.key: 0 for chore in registries.chores},  # what plugins have to do
    }  # fmt: skip
    assert second.done == {"delivered": 0, "marked": 0, "assigned": 0}
    assert set(DBTaskResult.objects.values_list("pk", flat=True)) == {each.pk for each in kept}
    assert list(Session.objects.values_list("session_key", flat=True)) == ["s1"]


@pytest.mark.django_db(transaction=True)
def test_step_that_fails_holds_up_no_other(monkeypatch, caplog) -> None:
    def broken(now: dt.datetime) -> int:
        raise ZeroDivisionError

    monkeypatch.setitem(ticking.EVERY_MINUTE, "delivered", broken)
    ticked = ticking.tick(now=NOW, daily=False)
    assert ticked.failed == ("delivered",)
    assert ticked.done == {"marked": 0, "assigned": 0}
    assert "A step of the tick failed: delivered" in caplog.text
    with pytest.raises(CommandError, match="These steps failed, the log says why: delivered"):
        call_command("tick")


def _break_connection(now: dt.datetime) -> int:
    """What a restart of the server does to a step in the middle of its work."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        else:
            connection.connection.close()
        cursor.execute("SELECT 1")
    return 0


def _within_transaction(now: dt.datetime) -> int:
    with transaction.atomic():
        return _break_connection(now)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("broken", [_break_connection, _within_transaction])
def test_connection_that_a_step_broke_stops_no_other(monkeypatch, caplog, broken) -> None:
    monkeypatch.setitem(ticking.EVERY_MINUTE, "delivered", broken)
    ticked = ticking.tick(now=NOW, daily=False)
    assert ticked == ticking.Ticked(
        ran=True, done={"marked": 0, "assigned": 0}, failed=("delivered",)
    )
    assert "A step of the tick failed: delivered" in caplog.text
    with turn("tick") as mine:
        assert mine


@pytest.mark.django_db(transaction=True)
def test_last_step_may_break_the_connection_as_well(monkeypatch) -> None:
    monkeypatch.setitem(ticking.EVERY_MINUTE, "assigned", _break_connection)
    ticked = ticking.tick(now=NOW, daily=False)
    assert (ticked.done, ticked.failed) == ({"delivered": 0, "marked": 0}, ("assigned",))


@pytest.mark.django_db
def test_failed_step_closes_no_connection_within_a_transaction(monkeypatch) -> None:
    def wrong(now: dt.datetime) -> int:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT * FROM no_such_table")
        return 0

    monkeypatch.setitem(ticking.EVERY_MINUTE, "delivered", wrong)
    before = result("SUCCESSFUL", 1)
    ticked = ticking.tick(now=NOW, daily=False)
    assert (ticked.done, ticked.failed) == ({"marked": 0, "assigned": 0}, ("delivered",))
    assert DBTaskResult.objects.filter(pk=before.pk).exists()  # nothing was rolled back


@pytest.mark.django_db(transaction=True)
def test_tick_leaves_its_turn_to_whoever_holds_it() -> None:
    own = connection.copy()  # as another process would: a connection of its own
    with turn("tick", on=own) as theirs:
        assert theirs
        assert ticking.tick(now=NOW, daily=False) == ticking.Ticked(ran=False)
    own.close()
    assert ticking.tick(now=NOW, daily=False).ran


@pytest.mark.django_db(transaction=True)
def test_only_one_ticks_at_a_time(monkeypatch) -> None:
    inside, leave = threading.Event(), threading.Event()
    found = []

    def slow(now: dt.datetime) -> int:
        inside.set()
        return int(leave.wait(20))

    def other() -> None:
        found.append(ticking.tick(now=NOW, daily=False))
        connection.close()

    monkeypatch.setitem(ticking.EVERY_MINUTE, "delivered", slow)
    first = threading.Thread(target=other)
    first.start()
    assert inside.wait(20)
    assert ticking.tick(now=NOW, daily=False) == ticking.Ticked(ran=False)
    leave.set()
    first.join()
    assert [ticked.ran for ticked in found] == [True]
    with turn("tick") as mine:
        assert mine


@pytest.mark.django_db
def test_worker_survives_a_tick_and_a_queue_that_fail(monkeypatch, caplog) -> None:
    worker = SiteWorker(pause=0, every=0)
    monkeypatch.setattr(working, "AFTER_FAULT", 0)
    faults = iter([ZeroDivisionError(), OperationalError("connection lost")])
    ticks = []

    def tick() -> ticking.Ticked:
        for fault in faults:
            raise fault
        ticks.append(1)
        worker.stop()
        return ticking.Ticked(ran=True)

    monkeypatch.setattr(working, "tick", tick)
    monkeypatch.setattr(working.connection, "close", lambda: None)
    worker.run()
    assert ticks == [1]
    assert "The worker met a fault and goes on." in caplog.text
    assert "The database does not answer (OperationalError)." in caplog.text


def wait_for(path: Path) -> None:
    until = time.monotonic() + 120
    while not path.exists():
        assert time.monotonic() < until, f"{path} did not appear"
        time.sleep(0.1)


def test_worker_stops_with_sigterm_and_leaves_its_signs(tmp_path: Path) -> None:
    manage = [sys.executable, str(site_settings.BASE_DIR / "manage.py")]
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "lms.settings.dev", "DATABASE_URL": "",
        "LMS_SQLITE": str(tmp_path / "db.sqlite3"), "LMS_STATE_DIR": str(tmp_path / "state"),
    }  # fmt: skip
    command = [*manage, "work"]
    worker = subprocess.Popen(  # noqa: S603 -- our own command
        command, env=environment, stderr=subprocess.PIPE, text=True
    )
    try:
        # There are no tables: each tick fails, and the worker is there all the same.
        wait_for(tmp_path / "state" / "tick.beat")
        worker.send_signal(signal.SIGTERM)
        _, said = worker.communicate(timeout=30)
    finally:
        worker.kill()
    assert worker.returncode == 0
    assert "The worker has stopped." in said


def test_programs_run_together_end_together(tmp_path: Path) -> None:
    # The second starts a child of its own, as the reloader of runserver does.
    mark = tmp_path / "child"
    child = f"import time, pathlib; pathlib.Path({str(mark)!r}).touch(); time.sleep(60)"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    wait = f"import time, pathlib\nwhile not pathlib.Path({str(mark)!r}).exists(): time.sleep(.05)"
    first = [sys.executable, "-c", f"{wait}\nraise SystemExit(3)"]
    began = time.monotonic()
    assert run_together([first, [sys.executable, "-c", parent]]) == 3
    assert time.monotonic() - began < 30
    listing = ["ps", "-eo", "args"]
    found = subprocess.run(listing, capture_output=True, text=True, check=True)  # noqa: S603 -- fixed words
    assert str(mark) not in found.stdout


def test_being_asked_to_stop_is_no_fault() -> None:
    sleep = [sys.executable, "-c", "import time; time.sleep(60)"]
    threading.Timer(1.0, os.kill, (os.getpid(), signal.SIGINT)).start()
    assert run_together([sleep, sleep]) == 0
