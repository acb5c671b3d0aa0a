"""`make bench`: the pages that learners wait for, on SQLite and PostgreSQL, beside a bare view.

Prints milliseconds of CPU per request and ratios to the bare view of the same run, and writes
them to docs/performance.md. `--quick` asks less often, leaves large sizes out and keeps nothing;
`--pages` leaves only the large sizes out.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg

from benchmarks.client import Browser, Measured, measure
from benchmarks.seed import PASSWORD
from benchmarks.server import Server, serve

ROOT = Path(__file__).resolve().parents[1]
REPORT = ROOT / "docs" / "performance.md"
MARK = "<!-- figures: everything below is written by `make bench` -->"
TARGETS = {
    "lesson page": 3.5,
    "home": 4.0,
    "course page": 4.0,
    "save answer": 4.0,
    "submit": 6.0,
}
LEARNERS = 50


@dataclass
class Run:
    """The figures of one engine."""

    engine: str
    bare: Measured | None = None
    pages: dict[str, Measured] = field(default_factory=dict)
    flat: list[tuple[str, int, int, dict[str, float]]] = field(default_factory=list)


@dataclass(frozen=True)
class Database:
    """How the site and the yardstick reach theirs."""

    site: dict[str, str]
    bare: dict[str, Any]


@contextmanager
def database(engine: str) -> Iterator[Database]:
    """Two empty databases of this engine, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="lms-bench-") as folder:
        if engine == "sqlite":
            pragmas = "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
            yield Database(
                {"LMS_SQLITE": f"{folder}/site.sqlite3", "DATABASE_URL": ""},
                {
                    "ENGINE": "django.db.backends.sqlite3",
                    "NAME": f"{folder}/bare.sqlite3",
                    "CONN_MAX_AGE": 600,
                    "OPTIONS": {"transaction_mode": "IMMEDIATE", "init_command": pragmas},
                },
            )
            return
        url = os.environ["LMS_POSTGRESQL_URL"]
        names = [f"bench_{kind}_{os.getpid()}" for kind in ("site", "bare")]
        with psycopg.connect(url, autocommit=True) as connection:
            for name in names:
                connection.execute(f'CREATE DATABASE "{name}"')
        parts = urlsplit(url)
        try:
            yield Database(
                {"DATABASE_URL": parts._replace(path=f"/{names[0]}").geturl()},
                {
                    "ENGINE": "django.db.backends.postgresql",
                    "NAME": names[1],
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
                for name in names:
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
    }


def manage(environment: dict[str, str], *arguments: str) -> None:
    """Run a management command of the site quietly; raises when it fails."""
    command = [sys.executable, "manage.py", *arguments]
    subprocess.run(command, env=environment, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


def seed(environment: dict[str, str], *arguments: str) -> dict[str, str]:
    """Fill the database; the addresses to ask for."""
    command = [sys.executable, "-m", "benchmarks.seed", *arguments]
    done = subprocess.run(
        command, env=environment, cwd=ROOT, check=True, capture_output=True, text=True
    )
    found: dict[str, str] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def measure_bare(base: Database, rounds: int) -> Measured:
    """The yardstick: 50 people who signed in ask for the bare page."""
    environment = {
        **os.environ,
        "BARE_DATABASE": json.dumps(base.bare),
        "DJANGO_SETTINGS_MODULE": "benchmarks.bare.settings",
    }
    script = (
        "import django; django.setup()\n"
        "from django.core.management import call_command; call_command('migrate', verbosity=0)\n"
        "from django.contrib.auth.models import User\n"
        "from django.contrib.sessions.backends.db import SessionStore\n"
        "from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY, BACKEND_SESSION_KEY\n"
        f"for n in range({LEARNERS}):\n"
        "    u = User.objects.create_user(f'u{n}'); s = SessionStore()\n"
        "    s[SESSION_KEY] = str(u.pk); s[HASH_SESSION_KEY] = u.get_session_auth_hash()\n"
        "    s[BACKEND_SESSION_KEY] = 'django.contrib.auth.backends.ModelBackend'; s.create()\n"
        "    print(s.session_key)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, cwd=ROOT, check=True,
        capture_output=True, text=True,
    )  # fmt: skip
    with serve("benchmarks.bare.wsgi", environment, ready="/") as server:
        browsers = [Browser(server, {"sessionid": key}) for key in done.stdout.split()[-LEARNERS:]]
        measure(server, browsers, lambda browser, _: _see(browser, "/"), rounds=1)
        return measure(server, browsers, lambda browser, _: _see(browser, "/"), rounds=rounds)


def _see(browser: Browser, path: str) -> None:
    browser.get(path)


def signed_in(server: Server) -> list[Browser]:
    """The learners, signed in by the form."""
    browsers = [Browser(server) for _ in range(LEARNERS)]
    for number, browser in enumerate(browsers):
        browser.sign_in(f"do{number}", PASSWORD)
    return browsers


def measure_site(server: Server, places: dict[str, str], rounds: int) -> dict[str, Measured]:
    """Every page of TARGETS."""
    browsers = signed_in(server)
    found = {}
    for name, path in (
        ("home", "/home/"),
        ("course page", places["course"]),
        ("lesson page", places["lesson"]),
    ):
        measure(server, browsers, _asking(path), rounds=1)
        found[name] = measure(server, browsers, _asking(path), rounds=rounds)
    activity = f"/learn/activities/{places['activity']}/"
    sittings: dict[int, tuple[str, list[tuple[str, str]]]] = {}

    def start(browser: Browser, _number: int) -> None:
        browser.get(places["lesson"])
        browser.post(f"{activity}start/")
        page = browser.get(activity)
        sittings[id(browser)] = _form(page)

    measure(server, browsers, start, rounds=1)

    def save(browser: Browser, number: int) -> None:
        attempt, answers = sittings[id(browser)]
        name, value = answers[number % len(answers)]
        position = re.sub(r"\D", "", name)
        browser.post(
            f"/x/quizzes/attempts/{attempt}/answers/{position}/", {name: value}, expect=200
        )

    found["save answer"] = measure(server, browsers, save, rounds=rounds)
    submits = []
    for _ in range(max(2, rounds // 4)):
        submits.append(
            measure(
                server,
                browsers,
                lambda browser, _: _submit(browser, activity, sittings[id(browser)]),
                rounds=1,
            )
        )
        measure(server, browsers, start, rounds=1)
    found["submit"] = Measured(
        sum(each.cpu_ms for each in submits) / len(submits),
        sum(each.per_second for each in submits) / len(submits),
        sum(each.requests for each in submits),
    )
    return found


def _asking(path: str) -> Callable[[Browser, int], None]:
    return lambda browser, _number: _see(browser, path)


def _form(page: str) -> tuple[str, list[tuple[str, str]]]:
    """(attempt, [(field, a value of it)]) of the question page."""
    attempt = re.search(r'name="attempt" value="([0-9a-f-]{36})"', page)
    fields = dict(
        re.findall(r'<input type="(?:radio|checkbox)" name="([^"]+)" value="([^"]+)"', page)
    )
    if attempt is None or not fields:
        raise AssertionError("the question page holds no form")
    return attempt[1], sorted(fields.items())


def _submit(browser: Browser, activity: str, sitting: tuple[str, list[tuple[str, str]]]) -> None:
    attempt, answers = sitting
    browser.post(f"{activity}submit/", {"attempt": attempt, **dict(answers)})


def run_engine(engine: str, rounds: int, *, sizes: bool) -> Run:
    """All figures of one engine."""
    run = Run(engine)
    with database(engine) as base, tempfile.TemporaryDirectory(prefix="lms-bench-") as folder:
        environment = site_environment(base, folder)
        manage(environment, "messages", "compile")
        manage(environment, "collectstatic", "--noinput", "-v0")
        manage(environment, "migrate", "-v0")
        run.bare = measure_bare(base, rounds)
        places = seed(environment, "--lessons", "200")
        with serve("lms.wsgi", environment, ready="/account/login/") as server:
            run.pages = measure_site(server, places, rounds)
    if sizes:
        for name, first, second in (
            ("lessons", ("--lessons", "10"), ("--lessons", "1000")),
            (
                "enrolments",
                ("--lessons", "60", "--crowd", "0"),
                ("--lessons", "60", "--crowd", "50000"),
            ),
        ):
            of = (10, 1000) if name == "lessons" else (50, 50_050)
            costs = [_lesson_and_home(engine, arguments, rounds) for arguments in (first, second)]
            run.flat.append(
                (
                    name,
                    *of,
                    {page: costs[1][page] / costs[0][page] for page in costs[0]},
                )
            )
    return run


def _lesson_and_home(engine: str, arguments: tuple[str, ...], rounds: int) -> dict[str, float]:
    with database(engine) as base, tempfile.TemporaryDirectory(prefix="lms-bench-") as folder:
        environment = site_environment(base, folder)
        manage(environment, "collectstatic", "--noinput", "-v0")
        manage(environment, "migrate", "-v0")
        places = seed(environment, *arguments)
        with serve("lms.wsgi", environment, ready="/account/login/") as server:
            browsers = signed_in(server)
            found = {}
            for name, path in (("home", "/home/"), ("lesson page", places["lesson"])):
                measure(server, browsers, _asking(path), rounds=1)
                found[name] = measure(server, browsers, _asking(path), rounds=rounds).cpu_ms
            return found


def report(runs: list[Run]) -> str:
    """The figures as Markdown."""
    lines = [
        f"Measured on {date.today():%d/%m/%Y}, {os.cpu_count()} cores, Python "
        f"{platform.python_version()}, gunicorn with 2 workers of 4 threads; {LEARNERS} learners,"
        " a course of 200 lessons of which each has done 50.",
        "",
    ]
    for run in runs:
        assert run.bare is not None
        lines += [
            f"### {run.engine}",
            "",
            "| page | CPU ms per request | times the bare view | target | requests per second |",
            "|---|---:|---:|---:|---:|",
            f"| bare view | {run.bare.cpu_ms:.2f} | 1.0 | – | {run.bare.per_second:.0f} |",
        ]
        for name, measured in run.pages.items():
            ratio = measured.cpu_ms / run.bare.cpu_ms
            lines.append(
                f"| {name} | {measured.cpu_ms:.2f} | {ratio:.1f} | {TARGETS[name]} "
                f"| {measured.per_second:.0f} |"
            )
        for what, small, large, ratios in run.flat:
            words = ", ".join(f"{page} {ratio:.2f} times" for page, ratio in ratios.items())
            lines += ["", f"From {small} to {large} {what}: {words}."]
        lines.append("")
    return "\n".join(lines)


def main() -> int:
    """Measure, print, keep. 0 also when a target is missed: figures are kept, not asserted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--pages", action="store_true")
    parser.add_argument("--rounds", type=int, default=12)
    options = parser.parse_args()
    engines = ["sqlite"] + (["postgresql"] if os.environ.get("LMS_POSTGRESQL_URL") else [])
    rounds = 4 if options.quick else options.rounds
    sizes = not (options.quick or options.pages)
    text = report([run_engine(engine, rounds, sizes=sizes) for engine in engines])
    sys.stdout.write(text + "\n")
    if not options.quick:
        before = REPORT.read_text(encoding="utf-8").partition(MARK)[0]
        REPORT.write_text(f"{before}{MARK}\n\n{text}", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
