"""Tries a plugin before it is installed: in a process of its own, on a database of its own.

What breaks start-up itself (models, migrations) cannot be contained on a running site, so it has
to be found before. Nothing is installed: the folder is put on the path of that process, beside the
entry point that its pyproject.toml declares. Faults are raised there, not contained.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import subprocess
import sys
import tempfile
import tomllib
from dataclasses import dataclass, replace
from pathlib import Path

from django.conf import settings

from lms.plugins.discovery import GROUP
from lms.plugins.trial import MARK, packages_of

SETTINGS = "lms.settings.test"  # faults are raised; nothing of the site's data is in reach
PATIENCE = 30 * 60  # seconds


class NotAPlugin(Exception):
    """The folder holds no plugin; says what is missing."""


@dataclass(frozen=True)
class Project:
    """What a pyproject.toml says of a plugin. `root` is the folder that Python imports from."""

    name: str
    version: str
    root: Path
    entry_points: dict[str, str]

    @property
    def configs(self) -> list[str]:
        """The configs, as `package.apps:Config`."""
        return sorted(self.entry_points.values())


@dataclass(frozen=True)
class Step:
    """One check: its name, whether it passed, and all that it printed."""

    name: str
    passed: bool
    output: str


def read_project(path: Path) -> Project:
    """What the plugin in `path` declares. Raises NotAPlugin."""
    file = path / "pyproject.toml"
    try:
        declared = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise NotAPlugin(f"{file} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise NotAPlugin(f"{file} is no TOML: {error}") from error
    project = declared.get("project", {})
    points = project.get("entry-points", {}).get(GROUP, {})
    if not points:
        raise NotAPlugin(f'{file} declares no entry point in [project.entry-points."{GROUP}"]')
    package = next(iter(points.values())).partition(":")[0].partition(".")[0]
    root = next((each for each in (path, path / "src") if (each / package).is_dir()), None)
    if root is None:
        raise NotAPlugin(f"{path} holds no package {package}, nor does its folder src")
    return Project(
        name=str(project.get("name", package)),
        version=str(project.get("version", "0")),
        root=root.resolve(),
        entry_points=dict(points),
    )


def verify(path: Path, *, database: Path | None = None) -> list[Step]:
    """The steps in order, up to the first that fails. Raises NotAPlugin when there are none.

    `database`: an SQLite file to begin with a copy of; without it, the database is empty.
    """
    project = read_project(path)
    if database is not None and not database.is_file():
        raise NotAPlugin(f"there is no database {database}")
    with tempfile.TemporaryDirectory(prefix="lms-verify-") as folder:
        if database is not None:
            copy_database(database, Path(folder) / "db.sqlite3")
        done = subprocess.run(  # noqa: S603 -- our own command, no shell
            [sys.executable, "-m", "lms.plugins.trial", *project.configs],
            cwd=settings.BASE_DIR,
            env=_environment(project, Path(folder)),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
    before, *parts = done.stdout.split(MARK)
    announced = [part.partition("\n") for part in parts] or [("start", "", before)]
    steps = [Step(name, True, output.strip()) for name, _, output in announced]
    if done.returncode != 0:
        steps[-1] = replace(steps[-1], passed=False)
    return steps


def copy_database(source: Path, target: Path) -> None:
    """Copy an SQLite database, also one in use: what stands in its log comes along."""
    with (
        contextlib.closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as reading,
        contextlib.closing(sqlite3.connect(target)) as writing,
    ):
        reading.backup(writing)


def _environment(project: Project, folder: Path) -> dict[str, str]:
    info = folder / "entry-points" / f"{project.name.replace('-', '_')}-{project.version}.dist-info"
    info.mkdir(parents=True)
    about = f"Metadata-Version: 2.1\nName: {project.name}\nVersion: {project.version}\n"
    (info / "METADATA").write_text(about, encoding="utf-8")
    points = "".join(f"{name} = {value}\n" for name, value in project.entry_points.items())
    (info / "entry_points.txt").write_text(f"[{GROUP}]\n{points}", encoding="utf-8")
    paths = [str(settings.BASE_DIR), str(project.root), str(info.parent)]
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    if environment.get("PYTHONPATH"):
        paths.append(environment["PYTHONPATH"])
    if environment.get("LMS_PLUGINS_ALLOWED"):
        allowed = [environment["LMS_PLUGINS_ALLOWED"], *packages_of(project.configs)]
        environment["LMS_PLUGINS_ALLOWED"] = ",".join(allowed)
    return environment | {
        "DJANGO_SETTINGS_MODULE": SETTINGS,
        "LMS_SQLITE": str(folder / "db.sqlite3"),
        "LMS_TEST_MEDIA": str(folder),
        "PYTHONPATH": os.pathsep.join(paths),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
