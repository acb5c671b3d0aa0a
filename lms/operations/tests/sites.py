"""Whole sites to back up and restore into: each with a database and media of its own."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import psycopg
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.cache import caches
from django.db import connections
from django.db.utils import ConnectionHandler
from django.test import override_settings
from psycopg import sql

from lms.operations.backup.format import END, INDEX, MANIFEST, Walk, Writer
from lms.operations.backup.making import make_backup
from lms.operations.backup.progress import Progress
from lms.operations.backup.restoring import restore
from lms.operations.backup.schema import applied, loader, schema_at
from lms.operations.backup.snapshot import rows
from lms.settings.base import database_from_url, sqlite_database
from tests.migrated import ROOT, postgresql_copy, sqlite_copy

FILES = {
    "documents/Tài liệu số 1.pdf": b"%PDF-1.7 \xc4\x90\xe1\xba\xa3ng \x00\xff" * 1000,
    "documents/trống.txt": b"",
    "images/" + "a" * 150 + ".png": b"\x89PNG" + bytes(range(256)) * 40,
    "original_images/nested/deeper/x.bin": bytes(n * n % 251 for n in range(70_001)),
}


def runs_on_postgresql() -> bool:
    """Whether this run of the tests is the one on PostgreSQL."""
    return "postgresql" in str(settings.DATABASES["default"]["ENGINE"])


@dataclass(frozen=True)
class Site:
    """Where a site keeps its data. `url` is empty for SQLite."""

    database: dict[str, Any]
    media: Path
    url: str = ""

    @contextmanager
    def active(self) -> Iterator[None]:
        """Within, Django works on this site."""
        wrapper = ConnectionHandler({"default": dict(self.database)})["default"]
        before = connections["default"]
        connections["default"] = wrapper
        _forget_cached()
        try:
            with override_settings(MEDIA_ROOT=str(self.media)):
                yield
        finally:
            wrapper.close()
            connections["default"] = before
            _forget_cached()

    def run(
        self, *arguments: str, environment: Mapping[str, str] = MappingProxyType({}), **options: Any
    ) -> subprocess.CompletedProcess[str]:
        """Python in a process of its own, on this site."""
        named = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "lms.settings.test",
            "LMS_TEST_MEDIA": str(self.media),
            "DATABASE_URL": self.url,
            "LMS_SQLITE": "" if self.url else str(self.database["NAME"]),
            **environment,
        }
        return subprocess.run(  # noqa: S603 -- our own programs
            [sys.executable, *arguments],
            env=named, cwd=ROOT, capture_output=True, text=True, timeout=600, **options,
        )  # fmt: skip

    def contents(self) -> dict[str, list[list[Any]]]:
        """All rows of all tables that a backup holds, JSON read."""
        with self.active():
            loaded = loader()
            found = {}
            for table in schema_at(loaded, applied(loaded)).tables:
                read = [n for n, column in enumerate(table.columns) if column.kind == "JSONField"]
                found[table.label] = [
                    [
                        json.loads(value) if at in read and value is not None else value
                        for at, value in enumerate(row)
                    ]
                    for row in rows(table)
                ]
            return found

    def sums(self) -> dict[str, tuple[int, str]]:
        """Number and SHA-256 of the rows of each table, the same whichever engine keeps them."""
        return {
            label: (len(found), _sha256(json.dumps(found, sort_keys=True).encode()))
            for label, found in self.contents().items()
        }

    def files(self) -> dict[str, bytes]:
        """All media files."""
        return {
            path.relative_to(self.media).as_posix(): path.read_bytes()
            for path in sorted(self.media.rglob("*"))
            if path.is_file()
        }


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _forget_cached() -> None:
    """What was kept of another site: rows by their ids, paths by host."""
    ContentType.objects.clear_cache()
    for cache in caches.all():
        cache.clear()


class Sites:
    """Makes sites in a folder and forgets their databases at the end."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._names: list[str] = []

    def new(self, *, engine: str = "", tables: bool = True) -> Site:
        """An empty site, migrated or without any tables."""
        name = f"ops_{uuid.uuid4().hex}"
        media = self._folder / f"{name}-media"
        media.mkdir()
        if (engine or ("postgresql" if runs_on_postgresql() else "sqlite")) == "sqlite":
            file = self._folder / f"{name}.sqlite3"
            if tables:
                shutil.copyfile(sqlite_copy(), file)
            return Site({**sqlite_database(file), "CONN_MAX_AGE": 0}, media)
        url = os.environ["DATABASE_URL"]
        template = postgresql_copy() if tables else "template1"
        self._server("CREATE DATABASE {} TEMPLATE {}", name, template)
        self._names.append(name)
        own = url.rpartition("/")[0] + f"/{name}"
        return Site(database_from_url(own), media, own)

    def close(self) -> None:
        """Drop the databases; folders are whoever's who named them."""
        for name in self._names:
            self._server("DROP DATABASE {} WITH (FORCE)", name)

    def _server(self, statement: str, *names: str) -> None:
        with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as server:
            server.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def fill() -> None:
    """Course, quiz, people, learning and files in the site that is active."""
    from lms.web.demo import load_demo  # noqa: PLC0415 -- also called before models are loaded
    from modules.content.tests.factories import (  # noqa: PLC0415 -- as above
        make_course,
        make_lesson,
        make_reference,
    )
    from quizzes.tests.factories import make_quiz  # noqa: PLC0415 -- as above

    course = make_course(modules=2, lessons=3, title="Khóa “Đảng viên mới” 100 %\t\\ \n ✓")
    make_lesson(course, make_quiz(), references=[make_reference()], periods="1.5")
    load_demo()
    for name, content in FILES.items():
        path = Path(settings.MEDIA_ROOT, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


FILL = "import django; django.setup(); from lms.operations.tests.sites import fill; fill()"


def rewritten(
    backup: Path,
    path: Path,
    *,
    manifest: Callable[[dict[str, Any]], None] = lambda _found: None,
    members: Callable[[str, bytes], tuple[str, bytes] | None] = lambda name, content: (
        name,
        content,
    ),
) -> Path:
    """A backup like this one, whole in itself, but with something else in it."""
    with backup.open("rb") as old, path.open("w+b") as new:
        writer, walk = Writer(new), Walk(old)
        for member in walk.members():
            content = walk.content(member)
            if member.name == MANIFEST:
                found = json.loads(content)
                manifest(found)
                content = json.dumps(found).encode()
            if member.name.startswith(INDEX) or member.name == END:
                continue
            kept = members(member.name, content)
            if kept is not None:
                writer.add(*kept)
        writer.finish()
    return path


def quiet() -> Progress:
    """A progress that nobody reads."""
    return Progress(io.StringIO())


def back_up(site: Site, path: Path) -> Path:
    """A backup of the site."""
    with site.active():
        return make_backup(path, quiet()).path


def bring_back(path: Path, site: Site, **options: Any) -> None:
    """Restore a backup into the site."""
    with site.active():
        assert restore(path, quiet(), **options) is not None
