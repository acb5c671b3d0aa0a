from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import connection

from tests.plugins.sites import PACKAGES, Site, install

# These tests start sites of their own on SQLite: on another engine they would only be repeated.
collect_ignore = ["test_containment.py", "test_life_cycle.py", "test_hello.py", "test_verify.py"]
if not os.environ.get("DATABASE_URL"):
    collect_ignore.clear()

CONTAINED = (
    "lms-dummy", "lms-failing", "lms-broken-import", "lms-broken-register", "lms-broken-urls",
    "lms-broken-hooks", "lms-too-new",
)  # fmt: skip


@pytest.fixture(scope="session")
def empty_database(django_db_setup, django_db_blocker, tmp_path_factory) -> Path:
    """A database with the platform's migrations and nothing else in it.

    Tests that use it are marked with django_db, else pytest-django makes no database to copy.
    """
    path = tmp_path_factory.mktemp("template") / "db.sqlite3"
    with django_db_blocker.unblock(), sqlite3.connect(path) as copy:
        connection.ensure_connection()
        connection.connection.backup(copy)
    copy.close()
    return path


@pytest.fixture(scope="module")
def open_site(empty_database, tmp_path_factory) -> Iterator[Callable[..., Site]]:
    """Makes sites; all are closed when the module is done."""
    opened: list[Site] = []

    def make(plugins: Path | None, *, database: Path | None = None, **operator: str) -> Site:
        site = Site(tmp_path_factory.mktemp("site"), plugins, **operator)
        site.copy_database(database or empty_database)
        opened.append(site)
        return site

    yield make
    for site in opened:
        site.close()


@pytest.fixture(scope="module")
def plugins(tmp_path_factory) -> Path:
    """The good plugin, the failing one, and all whose faults can be contained; installed."""
    target = tmp_path_factory.mktemp("installed") / "plugins"
    return install(target, *(PACKAGES / name for name in CONTAINED))


@pytest.fixture(scope="module")
def site(open_site, plugins) -> Site:
    """A site with all of `plugins`."""
    made = open_site(plugins)
    made("command", arguments=["migrate", "--verbosity", "0"])
    return made
