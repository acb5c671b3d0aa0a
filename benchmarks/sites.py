"""The databases and running sites that are measured: ours and the bare one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg

from benchmarks.client import Browser
from benchmarks.seed import PASSWORD
from benchmarks.server import Server, serve

ROOT = Path(__file__).resolve().parents[1]
BROWSERS = 50
MAKE_BARE = f"""
import django; django.setup()
from django.core.management import call_command; call_command("migrate", verbosity=0)
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY, BACKEND_SESSION_KEY
for number in range({BROWSERS}):
    user = User.objects.create_user(f"u{{number}}"); session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session.create(); print(session.session_key)
"""


@dataclass(frozen=True)
class Database:
    """An empty one: how our site is told of it, and how the bare one is."""

    site: dict[str, str]
    bare: dict[str, Any]


@dataclass(frozen=True)
class Site:
    """A running site, the people who signed in to it, and the addresses to ask for."""

    server: Server
    browsers: list[Browser]
    places: dict[str, Any]


@contextmanager
def database(engine: str) -> Iterator[Database]:
    """An empty database of this engine, gone afterwards."""
    if engine == "sqlite":
        with tempfile.TemporaryDirectory(prefix="lms-bench-") as folder:
            pragmas = "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
            yield Database(
                {"LMS_SQLITE": f"{folder}/bench.sqlite3", "DATABASE_URL": ""},
                {
                    "ENGINE": "django.db.backends.sqlite3",
                    "NAME": f"{folder}/bench.sqlite3",
                    "CONN_MAX_AGE": 600,
                    "OPTIONS": {"transaction_mode": "IMMEDIATE", "init_command": pragmas},
                },
            )
        return
    url = os.environ["LMS_POSTGRESQL_URL"]
    name = f"bench_{uuid.uuid4().hex}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    parts = urlsplit(url)
    try:
        yield Database(
            {"DATABASE_URL": parts._replace(path=f"/{name}").geturl()},
            {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": name,
                "USER": parts.username,
                "PASSWORD": parts.password,
                "HOST": parts.hostname,
                "PORT": str(parts.port or ""),
                "CONN_MAX_AGE": 600,
                "CONN_HEALTH_CHECKS": True,
            },
        )
    finally:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def site_environment(base: Database, folder: str) -> dict[str, str]:
    """Production settings, as an operator would have them behind a proxy without TLS."""
    return {
        **os.environ,
        **base.site,
        "DJANGO_SETTINGS_MODULE": "lms.settings.production",
        "LMS_SECRET_KEY": "a key for measurements only, fifty characters and more of it",
        "LMS_HOSTS": "127.0.0.1",
        "LMS_TLS": "0",
        "LMS_STATIC_ROOT": f"{folder}/static",
        "LMS_MEDIA_ROOT": f"{folder}/media",
        "LMS_STATE_DIR": f"{folder}/state",
        "LMS_CACHE_FILE": f"{folder}/cache.sqlite3",
        "LMS_SECOND_FACTOR_ROLES": "",
    }


def manage(environment: dict[str, str], *arguments: str) -> None:
    """Run a management command of the site; raises when it fails."""
    _run(environment, "manage.py", *arguments)


@contextmanager
def bare_site(engine: str) -> Iterator[Site]:
    """The yardstick with 50 people signed in."""
    with database(engine) as base:
        environment = {
            **os.environ,
            "BARE_DATABASE": json.dumps(base.bare),
            "DJANGO_SETTINGS_MODULE": "benchmarks.bare.settings",
        }
        made = _run(environment, "-c", MAKE_BARE)
        with serve("benchmarks.bare.wsgi", environment, ready="/") as server:
            keys = made.split()[-BROWSERS:]
            yield Site(server, [Browser(server, {"sessionid": key}) for key in keys], {})


@contextmanager
def our_site(engine: str, *seeding: str, learners: int = BROWSERS) -> Iterator[Site]:
    """Ours, filled by `benchmarks.seed` with these arguments, 50 browsers signed in."""
    with database(engine) as base, tempfile.TemporaryDirectory(prefix="lms-bench-") as folder:
        environment = site_environment(base, folder)
        manage(environment, "messages", "compile")
        manage(environment, "collectstatic", "--noinput", "-v0")
        manage(environment, "migrate", "-v0")
        made = _run(environment, "-m", "benchmarks.seed", "--learners", str(learners), *seeding)
        with serve("lms.wsgi", environment, ready="/account/login/") as server:
            browsers = [Browser(server) for _ in range(BROWSERS)]
            for number, browser in enumerate(browsers):
                browser.sign_in(f"do{number % learners}", PASSWORD)
            yield Site(server, browsers, json.loads(made.strip().splitlines()[-1]))


def _run(environment: dict[str, str], *arguments: str) -> str:
    """Run Python in the repository; what it printed. Raises when it fails."""
    done = subprocess.run(
        [sys.executable, *arguments],
        env=environment, cwd=ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    return done.stdout
