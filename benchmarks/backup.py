"""How long backup and restore of a large site take, and how much memory.

    python -m benchmarks.backup              SQLite, and PostgreSQL where LMS_POSTGRESQL_URL
    python -m benchmarks.backup --people 500 --events 10000

Each size is measured twice, a tenth of it first: memory must not grow with the site. Prints a table
of seconds, the largest memory of each process and the size of the file, as Markdown.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import django

from benchmarks.sites import ROOT, database, manage, site_environment

MEGABYTE = 2**20
GROWTH = 1.25  # memory at full size over memory at a tenth
CHUNK = 20_000
LESSONS = 20
MEDIA = 20  # files of 1 MB for each size; a tenth for the small one


@dataclass(frozen=True)
class Figures:
    """What one command took."""

    seconds: float
    memory: float  # MB


def main() -> int:
    """Measure on every engine there is; 1 when memory grows with the site."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=50_000)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--engine", choices=("sqlite", "postgresql"))
    parser.add_argument("--fill", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.fill:
        fill(options.people, options.events)
        return 0
    engines = ["sqlite"] + (["postgresql"] if os.environ.get("LMS_POSTGRESQL_URL") else [])
    print("| engine | people | events | command | seconds | memory (MB) | file (MB) |")
    print("|---|---:|---:|---|---:|---:|---:|", flush=True)
    grew = False
    for engine in [options.engine] if options.engine else engines:
        small = run(engine, options.people // 10, options.events // 10)
        large = run(engine, options.people, options.events)
        grew |= any(large[name].memory > GROWTH * small[name].memory for name in large)
    if grew:
        print(f"\nMemory grew by more than {GROWTH} with ten times the rows.")
    return int(grew)


def run(engine: str, people: int, events: int) -> dict[str, Figures]:
    """Fill a site, back it up and restore it into an empty one; each in a process of its own."""
    found = {}
    with tempfile.TemporaryDirectory(prefix="lms-bench-") as folder:
        file = f"{folder}/site.tar"
        with database(engine) as full:
            environment = site_environment(full, f"{folder}/full")
            _migrate(environment)
            command = ["-m", "benchmarks.backup", "--fill"]
            _measured(environment, *command, "--people", str(people), "--events", str(events))
            _put_media(Path(environment["LMS_MEDIA_ROOT"]), MEDIA * people // 50_000 or 1)
            found["backup"] = _measured(environment, "manage.py", "backup", file)
        with database(engine) as empty:
            environment = site_environment(empty, f"{folder}/empty")
            _migrate(environment)
            found["restore"] = _measured(environment, "manage.py", "restore", file)
        size = os.stat(file).st_size / MEGABYTE
    for name, each in found.items():
        cells = f"{engine} | {people:,} | {events:,} | {name} | {each.seconds:.0f}"
        print(f"| {cells} | {each.memory:.0f} | {size:.0f} |", flush=True)
    return found


def _migrate(environment: dict[str, str]) -> None:
    for name in ("LMS_MEDIA_ROOT", "LMS_STATE_DIR", "LMS_STATIC_ROOT"):
        Path(environment[name]).mkdir(parents=True)
    manage(environment, "migrate", "-v0")


def _put_media(folder: Path, count: int) -> None:
    for number in range(count):
        (folder / f"{number}.bin").write_bytes(os.urandom(MEGABYTE))


def _measured(environment: dict[str, str], *arguments: str) -> Figures:
    """Run Python; how long it took and the most memory that this one process had."""
    began = time.perf_counter()
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            [sys.executable, *arguments], env=environment, cwd=ROOT, stdout=said, stderr=said
        )
        _pid, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            raise RuntimeError(said.read().decode(errors="replace")[-3000:])
    per_megabyte = MEGABYTE if sys.platform == "darwin" else 1024
    return Figures(time.perf_counter() - began, used.ru_maxrss / per_megabyte)


def fill(people: int, events: int) -> None:
    """People with accounts who take a course of some lessons, and what they did in it."""
    django.setup()
    from django.core.management import call_command  # noqa: PLC0415 -- needs settings
    from django.core.management.color import no_style  # noqa: PLC0415 -- as above
    from django.db import connection, transaction  # noqa: PLC0415 -- as above

    from benchmarks.seed import _course  # noqa: PLC0415 -- as above
    from lms.learning import api, models  # noqa: PLC0415 -- as above
    from lms.learning.services.recording import NewFact, record  # noqa: PLC0415 -- as above
    from lms.people.models import Person, User  # noqa: PLC0415 -- as above
    from modules.content.models import LessonPage  # noqa: PLC0415 -- as above

    course = _course(LESSONS, 1)
    lesson = LessonPage.objects.descendant_of(course).first()
    assert lesson is not None
    person = Person.objects.create(full_name="Trần Thị Đo")
    user = User.objects.create(username="do", person=person)
    enrolment = api.enrol(person=person, course_key=course.translation_key)
    viewed = NewFact("lesson.viewed", subject_key=lesson.translation_key)
    event = record(enrolment=enrolment, facts=[viewed])[0]
    progress = models.CourseProgress.objects.get(enrolment=enrolment)
    first = 1_000_000  # above every id that is taken
    when = dt.datetime(2026, 1, 5, tzinfo=dt.UTC)
    data = '{"note": "' + "câu trả lời của học viên " * 5 + '"}'

    def a_person(n: int) -> dict[str, Any]:
        return {"id": first + n, "uuid": _uuid(1, n), "full_name": f"Trần Thị Đo {n}"}

    def an_account(n: int) -> dict[str, Any]:
        return {"id": first + n, "username": f"do{n}", "person_id": first + n}

    def an_enrolment(n: int) -> dict[str, Any]:
        return {"id": first + n, "uuid": _uuid(2, n), "person_id": first + n}

    def an_event(n: int) -> dict[str, Any]:
        at = str(when + dt.timedelta(seconds=n))
        return {
            "id": first + n, "uuid": _uuid(3, n), "person_id": first + n % people,
            "enrolment_id": first + n % people, "data": data, "occurred_at": at,
        }  # fmt: skip

    def a_progress(n: int) -> dict[str, Any]:
        return {progress._meta.pk.column: first + n, "enrolment_id": first + n}

    with transaction.atomic():
        multiply(person, people, a_person)
        multiply(user, people, an_account)
        multiply(enrolment, people, an_enrolment)
        multiply(progress, people, a_progress)
        multiply(event, events, an_event)
    with connection.cursor() as cursor:
        filled = [type(each) for each in (person, user, enrolment, progress, event)]
        for statement in connection.ops.sequence_reset_sql(no_style(), filled):
            cursor.execute(statement)
        cursor.execute("ANALYZE")
    call_command("wagtail_update_index", verbosity=0)


def _uuid(kind: int, number: int) -> str:
    return str(uuid.UUID(int=(kind << 100) + number))


def multiply(one: Any, count: int, change: Callable[[int], dict[str, Any]]) -> None:
    """Rows like that of `one`, in which `change` says what differs; as a restore writes them."""
    from lms.operations.backup import engines  # noqa: PLC0415 -- needs settings
    from lms.operations.backup.schema import (  # noqa: PLC0415 -- as above
        applied,
        loader,
        schema_at,
    )
    from lms.operations.backup.snapshot import rows  # noqa: PLC0415 -- as above

    loaded = loader()
    tables = schema_at(loaded, applied(loaded)).tables
    (table,) = [table for table in tables if table.label == one._meta.label]
    names = [column.name for column in table.columns]
    key = names.index(table.key)
    row = dict(zip(names, next(r for r in rows(table) if r[key] == one.pk), strict=True))

    def made() -> Iterator[list[Any]]:
        for number in range(count):
            changed = row | change(number)
            assert len(changed) == len(names), changed.keys() - set(names)
            yield list(changed.values())

    waiting = made()
    while part := list(islice(waiting, CHUNK)):
        engines.insert(table, part)


if __name__ == "__main__":
    sys.exit(main())
