"""A private PostgreSQL for as long as something runs, gone afterwards.

As a program, it runs a command with the server's address in LMS_POSTGRESQL_URL:
    python .ci/postgresql.py [--durable] command argument ...
"""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from debian import install

# What a throw-away database can do without. --durable leaves them on, for measurements.
CARELESS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
# Debian keeps the server programs off the PATH, one folder per version; Homebrew does likewise.
INSTALLED_UNDER = ("/usr/lib/postgresql", "/opt/homebrew/opt", "/usr/local/opt")
# In the plain "C" locale lower("Đ") stays "Đ"; it is the last resort.
LOCALES = ("C.UTF-8", "en_US.UTF-8", "C")


class NoPostgreSQL(Exception):
    """PostgreSQL is not here and cannot be installed, or does not start; says why."""


def find() -> Path | None:
    """Return the folder of the newest PostgreSQL server programs, or None."""
    programs = [shutil.which("initdb")]
    for root in filter(Path.is_dir, map(Path, INSTALLED_UNDER)):
        versions = sorted(root.iterdir(), key=_version, reverse=True)
        programs += [shutil.which("initdb", path=str(version / "bin")) for version in versions]
    for folder in (Path(program).resolve().parent for program in programs if program):
        if shutil.which("postgres", path=str(folder)):
            return folder
    return None


def _version(path: Path) -> int:
    return int("".join(filter(str.isdigit, path.name)) or 0)


def find_or_install() -> Path:
    """Return the folder of the server programs, installing them where we may."""
    programs = find()
    if programs is None:
        problem = install("postgresql")
        programs = find()
        if programs is None:
            raise NoPostgreSQL(problem or "it was installed but its programs were not found")
    return programs


def _identity() -> dict[str, object]:
    """Return the user to run the server as, for subprocess: PostgreSQL refuses to be root."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    raise NoPostgreSQL("root may not run it, and there is neither a user postgres nor nobody")


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def cluster(*, durable: bool = False) -> Iterator[str]:
    """Start a server on a free port of 127.0.0.1 and give the URL of an empty database in it."""
    programs = find_or_install()
    identity = _identity()
    folder = Path(tempfile.mkdtemp(prefix="lms-postgresql-"))
    server = None
    try:
        password = secrets.token_urlsafe(16)
        (folder / "password").write_text(password)
        if identity:
            for path in (folder, folder / "password"):
                os.chown(path, identity["user"], identity["group"])
        _initialise(programs, folder, identity)
        port = _free_port()
        options = ["listen_addresses=127.0.0.1", f"port={port}"]
        options += [f"unix_socket_directories={folder}", "max_connections=100"]
        options += [] if durable else CARELESS
        server = subprocess.Popen(
            [programs / "postgres", "-D", folder / "data", *(f"-c{option}" for option in options)],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=(folder / "log").open("wb"),
            stderr=subprocess.STDOUT,
            **identity,
        )
        _create_database(programs, folder, server, port, password)
        yield f"postgres://lms:{password}@127.0.0.1:{port}/lms"
    finally:
        if server is not None:
            _stop(server)
        shutil.rmtree(folder, ignore_errors=True)


def _initialise(programs: Path, folder: Path, identity: dict[str, object]) -> None:
    fixed = ["--username=lms", "--auth=scram-sha-256", "--encoding=UTF8", "--no-sync"]
    for locale in LOCALES:
        run = subprocess.run(
            [
                *(programs / "initdb", "-D", folder / "data", f"--locale={locale}", *fixed),
                f"--pwfile={folder / 'password'}",
            ],
            cwd=folder,
            capture_output=True,
            text=True,
            **identity,
        )
        if run.returncode == 0:
            return
        shutil.rmtree(folder / "data", ignore_errors=True)
    raise NoPostgreSQL(f"initdb failed: {run.stderr.strip()}")


def _create_database(
    programs: Path, folder: Path, server: subprocess.Popen[bytes], port: int, password: str
) -> None:
    """Create the database as soon as the server answers."""
    command = [programs / "createdb", "-h", "127.0.0.1", "-p", str(port), "-U", "lms", "lms"]
    deadline = time.monotonic() + 60
    while True:
        run = subprocess.run(
            command, env={**os.environ, "PGPASSWORD": password}, capture_output=True, text=True
        )
        if run.returncode == 0:
            return
        if server.poll() is not None or time.monotonic() > deadline:
            log = (folder / "log").read_text(errors="replace")
            raise NoPostgreSQL(f"the server did not start: {run.stderr.strip()}\n{log[-2000:]}")
        time.sleep(0.1)


def _stop(server: subprocess.Popen[bytes]) -> None:
    # To postgres SIGINT means: break off the connections and stop in good order.
    for kind, patience in ((signal.SIGINT, 20), (signal.SIGQUIT, 10), (signal.SIGKILL, 10)):
        if server.poll() is None:
            server.send_signal(kind)
            try:
                server.wait(patience)
            except subprocess.TimeoutExpired:
                continue


def main(arguments: list[str]) -> int:
    durable = arguments[:1] == ["--durable"]
    command = arguments[1:] if durable else arguments
    if not command:
        sys.exit(__doc__)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        with cluster(durable=durable) as url:
            return subprocess.run(command, env={**os.environ, "LMS_POSTGRESQL_URL": url}).returncode
    except NoPostgreSQL as problem:
        sys.exit(f"PostgreSQL: {problem}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
