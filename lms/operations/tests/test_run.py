"""`make run`: web and worker start together and end together."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings as site_settings

from tests.migrated import sqlite_copy

PATIENCE = 120.0


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _health(port: int) -> bytes:
    """What the health address answers, empty while nobody does."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
            return bytes(answer.read())
    except (urllib.error.URLError, OSError):
        return b""


def _until(condition: Callable[[], object], process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < end, log.read_text()
        time.sleep(0.2)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_web_and_worker_start_and_end_as_one(tmp_path: Path, number: signal.Signals) -> None:
    port, state, log = _free_port(), tmp_path / "state", tmp_path / "log"
    shutil.copyfile(sqlite_copy(), tmp_path / "site.sqlite3")
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "lms.settings.dev", "DATABASE_URL": "", "LMS_ENV_FILE": "",
        "LMS_SQLITE": str(tmp_path / "site.sqlite3"), "LMS_STATE_DIR": str(state),
    }  # fmt: skip
    command = [
        sys.executable,
        str(site_settings.BASE_DIR / "manage.py"),
        "run",
        f"127.0.0.1:{port}",
    ]
    with log.open("wb") as said:
        process = subprocess.Popen(  # noqa: S603 -- our own command
            command, env=environment, stdout=said, stderr=subprocess.STDOUT
        )
    try:
        _until(lambda: _health(port) == b"ok\n", process, log)
        _until((state / "worker.beat").exists, process, log)
        _until((state / "tick.beat").exists, process, log)
        first = (state / "worker.beat").stat().st_mtime
        _until(lambda: (state / "worker.beat").stat().st_mtime > first, process, log)
    finally:
        process.send_signal(number)
        try:
            code = process.wait(40)
        finally:
            process.kill()
    assert code == 0, log.read_text()
    assert _health(port) == b""
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=5)
    last = (state / "worker.beat").stat().st_mtime
    time.sleep(2.5)
    assert (state / "worker.beat").stat().st_mtime == last
    assert "The worker has stopped." in log.read_text()


def test_run_is_refused_where_real_people_are(tmp_path: Path) -> None:
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "lms.settings.production", "DATABASE_URL": "", "LMS_ENV_FILE": "",
        "LMS_SECRET_KEY": "x7Q-2kd9_fGh4LmnP0rStUvWz1YbEc5AaJiKoNqRe3TdFgHyZsXwVuMl8B",
        "LMS_HOSTS": "hoc.example.vn", "LMS_SQLITE": str(tmp_path / "site.sqlite3"),
    }  # fmt: skip
    command = [sys.executable, str(site_settings.BASE_DIR / "manage.py"), "run"]
    done = subprocess.run(  # noqa: S603 -- our own command
        command, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1
    assert "This folder holds a site for real people" in done.stderr
    assert not (tmp_path / "site.sqlite3").exists()
