"""A site as it is in production: gunicorn, collected and compressed files, its own database."""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
READY = "ready"
START = 60.0  # seconds that a server may take to answer, on a busy machine


def environment(folder: Path, settings: str, **extra: str) -> dict[str, str]:
    """The environment of a program of the site that lives in `folder`."""
    kept = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    return {
        **kept,
        "PYTHONPATH": str(ROOT),
        "DJANGO_SETTINGS_MODULE": settings,
        "LMS_SQLITE": str(folder / "db.sqlite3"),
        "LMS_MEDIA_ROOT": str(folder / "media"),
        **extra,
    }


def production(static: Path) -> dict[str, str]:
    """What an operator sets, without TLS: the tests speak to the server directly."""
    return {
        "LMS_SECRET_KEY": "invented for the browser tests, long enough to be taken",
        "LMS_HOSTS": "127.0.0.1,localhost",
        "LMS_TLS": "0",
        "LMS_STATIC_ROOT": str(static),
    }


def prepare(folder: Path) -> Path:
    """Make the template of all sites in `folder`, unless it is there; safe to call at once."""
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / READY).exists():
            _fill(folder)
            (folder / READY).touch()
    return folder


def _fill(folder: Path) -> None:
    (folder / "media").mkdir(exist_ok=True)
    programs = [
        subprocess.Popen(
            [sys.executable, *command],
            cwd=ROOT,
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for command, env in (
            (
                ["-m", "django", "collectstatic", "--noinput", "--verbosity=0"],
                environment(folder, "lms.settings.production", **production(folder / "static")),
            ),
            (["-m", "tests.browser.prepare"], environment(folder, "lms.settings.dev")),
        )
    ]
    for program in programs:
        output, _ = program.communicate()
        if program.returncode:
            raise RuntimeError(f"{program.args}: {output}")


class Site:
    """A running server on a database of its own. Close it when done."""

    def __init__(self, folder: Path, template: Path) -> None:
        self.folder = folder
        self.log = folder / "server.log"
        shutil.copytree(template / "media", folder / "media")
        with (
            sqlite3.connect(template / "db.sqlite3") as source,
            sqlite3.connect(folder / "db.sqlite3") as copy,
        ):
            source.backup(copy)
        source.close()
        copy.close()
        self._process = self._serve(template / "static")
        try:
            self._wait()
        except BaseException:
            self.close()
            raise

    def _serve(self, static: Path) -> subprocess.Popen[bytes]:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
            command = [sys.executable, "-m", "gunicorn", "lms.wsgi:application"]
            command += ["--bind", f"fd://{listener.fileno()}", "--worker-class", "gthread"]
            command += ["--threads", "4", "--no-control-socket"]
            command += ["--worker-tmp-dir", str(self.folder)]
            with open(self.log, "wb") as log:
                return subprocess.Popen(
                    command,
                    cwd=ROOT,
                    env=self._environment(static),
                    pass_fds=[listener.fileno()],
                    stdout=log,
                    stderr=subprocess.STDOUT,
                )

    def _environment(self, static: Path) -> dict[str, str]:
        """What the server is told."""
        told = {"LMS_BASE_URL": self.url, **production(static)}
        return environment(self.folder, "tests.browser.site_settings", **told)

    def _wait(self) -> None:
        until = time.monotonic() + START
        while True:
            try:
                with urllib.request.urlopen(f"{self.url}/account/login/", timeout=START):  # noqa: S310
                    return
            except OSError as problem:  # refused, reset, too slow, or answered with an error
                if self._process.poll() is not None or time.monotonic() > until:
                    raise RuntimeError(self.log.read_text()) from problem
                time.sleep(0.2)

    def rows(self, query: str, *values: object) -> list[tuple[object, ...]]:
        """What the database holds, read past the server."""
        with sqlite3.connect(self.folder / "db.sqlite3") as database:
            found = database.execute(query, values).fetchall()
        database.close()
        return found

    def faults(self) -> str:
        """What the server said about errors; empty when all went well."""
        text = self.log.read_text(errors="replace")
        return text[-4000:] if "Traceback" in text or "ERROR" in text else ""

    def close(self) -> None:
        """Stop the server."""
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
