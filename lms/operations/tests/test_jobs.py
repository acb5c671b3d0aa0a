"""The queue: a job that fails, and one whose worker is killed in the middle."""

from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings as site_settings
from django.db import connection
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from lms.operations import abandoned
from lms.operations.abandoned import TRIES, Presence, TakenBack, take_back
from lms.operations.tests import jobs
from lms.operations.working import SiteWorker

QUEUE = {"lms": {"BACKEND": "django_tasks_db.DatabaseBackend"}}


@pytest.fixture(autouse=True)
def _real_queue(settings) -> None:
    settings.TASKS = {**settings.TASKS, **QUEUE}


def _job(path: str, *args: str, minute: int = 0) -> DBTaskResult:
    return DBTaskResult.objects.create(
        task_path=path, backend_name="lms", args_kwargs={"args": list(args), "kwargs": {}},
        run_after=timezone.now() - dt.timedelta(minutes=9 - minute),
        exception_class_path="", traceback="",
    )  # fmt: skip


def _running(*worker_ids: str) -> DBTaskResult:
    job = _job("lms.operations.tests.jobs.touch", "/nowhere/at/all")
    job.worker_ids = list(worker_ids[:-1])
    job.claim(worker_ids[-1])
    return job


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", ["lms.no_such_module.job", "lms.operations.working.EVERY"])
def test_job_that_cannot_run_is_marked_and_the_queue_goes_on(path: str, tmp_path: Path) -> None:
    bad = _job(path, minute=1)
    good = _job("lms.operations.tests.jobs.touch", str(tmp_path / "done"), minute=2)
    worker = SiteWorker(pause=0)
    assert [worker.one_job(), worker.one_job(), worker.one_job()] == [True, True, False]
    bad.refresh_from_db()
    good.refresh_from_db()
    assert (bad.status, good.status) == ("FAILED", "SUCCESSFUL")
    assert bad.traceback
    assert (tmp_path / "done").exists()


@pytest.mark.django_db(transaction=True)
def test_job_that_raises_is_marked_with_where(tmp_path: Path) -> None:
    job = _job("lms.operations.tests.jobs.touch", str(tmp_path / "no" / "folder"))
    assert SiteWorker().one_job()
    job.refresh_from_db()
    assert (job.status, job.exception_class_path) == ("FAILED", "builtins.FileNotFoundError")


@pytest.mark.django_db(transaction=True)
def test_job_of_a_worker_that_is_gone_waits_again() -> None:
    job = _running("gone")
    assert take_back("lms") == TakenBack(again=1)
    job.refresh_from_db()
    assert (job.status, job.started_at, job.worker_ids) == ("READY", None, ["gone"])
    assert take_back("lms") == TakenBack()


@pytest.mark.django_db(transaction=True)
def test_job_of_a_worker_that_lives_is_left_alone() -> None:
    presence = Presence("alive")
    presence.show()
    try:
        _running("alive")
        assert take_back("lms") == TakenBack()
    finally:
        presence.leave()
    assert take_back("lms") == TakenBack(again=1)


@pytest.mark.django_db(transaction=True)
def test_own_job_that_could_not_be_marked_is_taken_back() -> None:
    presence = Presence("mine")
    presence.show()
    try:
        _running("mine")
        assert take_back("lms", own="mine") == TakenBack(again=1)
    finally:
        presence.leave()


@pytest.mark.django_db(transaction=True)
def test_jobs_of_another_backend_are_not_ours() -> None:
    _running("gone")
    assert take_back("other") == TakenBack()


@pytest.mark.django_db(transaction=True)
def test_job_that_ends_its_worker_each_time_is_given_up_in_words() -> None:
    job = _running(*(f"gone{number}" for number in range(TRIES)))
    assert take_back("lms") == TakenBack(failed=1)
    job.refresh_from_db()
    assert job.status == "FAILED"
    assert job.exception_class_path == "lms.operations.abandoned.WorkerEnded"
    assert "The worker was ended 3 times while it did this job." in job.traceback
    assert job.finished_at is not None


@pytest.mark.django_db(transaction=True)
def test_presence_is_taken_again_after_the_database_was_away(monkeypatch) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no server that could be away")
    monkeypatch.setattr(abandoned, "LOOK_AFTER", -1)
    presence = Presence("steady")
    presence.show()
    _running("steady")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_locks"
            " WHERE locktype = 'advisory' AND granted AND database ="
            " (SELECT oid FROM pg_database WHERE datname = current_database())"
        )
        assert cursor.rowcount == 1
    presence.show()
    assert take_back("lms") == TakenBack()
    presence.leave()
    assert take_back("lms") == TakenBack(again=1)


WORKER = """
import django; django.setup()
from lms.operations.working import SiteWorker
worker = SiteWorker(pause=0.05, every=0.2)
worker.listen()
worker.run()
"""


@pytest.fixture
def start(tmp_path: Path) -> Iterator[object]:
    """Starts workers in processes of their own, on the database of this test."""
    started: list[subprocess.Popen[bytes]] = []
    database = connection.settings_dict
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "lms.settings.dev", "DATABASE_URL": ""}
    environment["LMS_STATE_DIR"] = str(tmp_path / "state")
    if connection.vendor == "postgresql":
        url = os.environ["DATABASE_URL"].rpartition("/")[0]
        environment["DATABASE_URL"] = f"{url}/{database['NAME']}"
    else:
        environment["LMS_SQLITE"] = str(database["NAME"])

    def one() -> subprocess.Popen[bytes]:
        command = [sys.executable, "-c", WORKER]
        started.append(subprocess.Popen(command, env=environment, cwd=site_settings.BASE_DIR))  # noqa: S603 -- our own
        return started[-1]

    yield one
    for process in started:
        process.kill()
        process.wait()


def _wait_for(path: Path) -> None:
    until = time.monotonic() + 90
    while not path.exists():
        assert time.monotonic() < until, f"{path} did not appear"
        time.sleep(0.05)


@pytest.mark.django_db(transaction=True)
def test_job_of_a_killed_worker_is_done_by_the_next(start, tmp_path: Path) -> None:
    began, leave = tmp_path / "began", tmp_path / "leave"
    job = _job("lms.operations.tests.jobs.linger", str(began), str(leave))
    first = start()
    _wait_for(began)
    assert take_back("lms") == TakenBack()  # the first is at it
    first.send_signal(signal.SIGKILL)
    first.wait()
    job.refresh_from_db()
    assert job.status == "RUNNING"
    began.unlink()
    leave.touch()
    second = start()
    _wait_for(began)
    until = time.monotonic() + 60
    while job.status != "SUCCESSFUL" and time.monotonic() < until:
        time.sleep(0.1)
        job.refresh_from_db()
    second.send_signal(signal.SIGTERM)
    assert second.wait(30) == 0
    assert (job.status, len(job.worker_ids)) == ("SUCCESSFUL", 2)


def test_the_job_leaves_a_file(tmp_path: Path) -> None:
    assert jobs.touch.call(str(tmp_path / "x")) == str(tmp_path / "x")
    assert (tmp_path / "x").exists()
