"""Migrations run once, not once per run and worker: tests begin with a copy of what they made.

The copy is known by the migrations of the repository, the pinned packages and the installed apps.
Migrating on from it takes a second where migrating from nothing takes twenty. Loaded by `addopts`
in pyproject.toml; `LMS_TEST_MIGRATE=1` goes without the copy.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.conf import settings

ROOT = Path(__file__).resolve().parents[1]
FOLDER = Path(tempfile.gettempdir())


def key_of_copy() -> str:
    """What the migrated database depends on, as a digest."""
    seen = hashlib.sha256(sys.version.encode())
    seen.update("\n".join(settings.INSTALLED_APPS).encode())
    for top in ("lms", "modules", "quizzes"):
        for file in sorted((ROOT / top).rglob("migrations/*.py")):
            seen.update(file.name.encode() + file.read_bytes())
    seen.update((ROOT / "requirements.txt").read_bytes())
    return f"{os.getuid()}-{seen.hexdigest()[:16]}"


@contextmanager
def _alone(key: str) -> Iterator[None]:
    """Only one process at a time: the others wait for what it makes."""
    with (FOLDER / f"lms-migrated-{key}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _migrate(**environment: str) -> None:
    command = [sys.executable, str(ROOT / "manage.py"), "migrate", "-v0"]
    named = {"DJANGO_SETTINGS_MODULE": "lms.settings.test", **environment}
    subprocess.run(command, check=True, env=os.environ | named)


def sqlite_copy() -> Path:
    """The file of a migrated database, to be copied."""
    key = key_of_copy()
    made = FOLDER / f"lms-migrated-{key}.sqlite3"
    with _alone(key):
        if not made.exists():
            under_way = made.with_suffix(".part")
            for suffix in ("", "-wal", "-shm"):
                Path(f"{under_way}{suffix}").unlink(missing_ok=True)
            _migrate(LMS_SQLITE=str(under_way), DATABASE_URL="")
            under_way.rename(made)
    return made


def postgresql_copy() -> str:
    """The name of a migrated database, to be used as a template."""
    import psycopg  # noqa: PLC0415 -- only here
    from psycopg import sql  # noqa: PLC0415 -- only here

    name = f"lms_migrated_{key_of_copy().replace('-', '_')}"
    url = os.environ["DATABASE_URL"]
    part = f"{name}_part"
    with _alone(name), psycopg.connect(url, autocommit=True) as server:
        if server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            return name
        for statement in ("DROP DATABASE IF EXISTS {}", "CREATE DATABASE {}"):
            server.execute(sql.SQL(statement).format(sql.Identifier(part)))
        _migrate(DATABASE_URL=urlunsplit(urlsplit(url)._replace(path=f"/{part}")))
        rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
        server.execute(rename.format(sql.Identifier(part), sql.Identifier(name)))
    return name


def _is_sqlite() -> bool:
    return "sqlite3" in str(settings.DATABASES["default"]["ENGINE"])


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Tell pytest-django that the file it will find is to be used as it is."""
    if _is_sqlite() and not os.environ.get("LMS_TEST_MIGRATE"):
        config.option.reuse_db = True


@pytest.hookimpl(tryfirst=True)
def pytest_fixture_setup(
    fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest
) -> None:
    """Before the database of the run is made: put the copy where it will be looked for."""
    if fixturedef.argname != "django_db_setup" or os.environ.get("LMS_TEST_MIGRATE"):
        return
    test = settings.DATABASES["default"]["TEST"]
    if _is_sqlite():
        shutil.copyfile(sqlite_copy(), test["NAME"])
        request.config.add_cleanup(lambda: _forget(test["NAME"]))
    else:
        test["TEMPLATE"] = postgresql_copy()


def _forget(name: str) -> None:
    for suffix in ("", "-wal", "-shm"):
        Path(f"{name}{suffix}").unlink(missing_ok=True)
