"""Starts sites in processes of their own, with plugins installed from packages."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from lms.plugins.verifying import copy_database

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = Path(__file__).resolve().parent / "packages"
PATIENCE = 240  # seconds for one command; a site that hangs must not hang the run


class SceneFailed(Exception):
    """What a scene raised inside its site, with the traceback."""


def install(target: Path, *projects: Path) -> Path:
    """Build the projects as pip does for anybody and put them into `target`; gives `target`."""
    copies = []
    for project in projects:  # building leaves traces: not in our tree
        copy = target.parent / f"source-of-{project.name}"
        shutil.copytree(project, copy, ignore=shutil.ignore_patterns("__pycache__"))
        copies.append(str(copy))
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--no-compile", "--quiet"]
    run([sys.executable, "-m", "pip", "--disable-pip-version-check", "install", *options,
         "--target", str(target), *copies])  # fmt: skip
    return target


def run(
    command: list[str], *, environment: dict[str, str] | None = None, fails: bool = False
) -> subprocess.CompletedProcess[str]:
    """Run to the end; an AssertionError with all output when it ends otherwise than expected."""
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    output = f"{done.stdout}\n{done.stderr}"
    assert (done.returncode != 0) == fails, f"{command} gave {done.returncode}\n{output}"
    return done


class Site:
    """One installation: code of plugins, a SQLite database, the operator's environment."""

    def __init__(self, folder: Path, plugins: Path | None = None, **operator: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.plugins, self.operator = folder, plugins, operator
        self.database = folder / "db.sqlite3"
        self._process: subprocess.Popen[str] | None = None

    @property
    def environment(self) -> dict[str, str]:
        """The environment of every process of this site."""
        kept = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        paths = [str(ROOT), *([str(self.plugins)] if self.plugins else [])]
        operator = dict(self.operator)
        if "LMS_PLUGINS_DISABLED" in kept and "LMS_PLUGINS_DISABLED" in operator:
            operator["LMS_PLUGINS_DISABLED"] += "," + kept["LMS_PLUGINS_DISABLED"]
        return {
            **kept,
            "DJANGO_SETTINGS_MODULE": "tests.plugins.site_settings",
            "LMS_SQLITE": str(self.database),
            "LMS_TEST_MEDIA": str(self.folder),
            "PYTHONPATH": os.pathsep.join(paths),
            "PYTHONDONTWRITEBYTECODE": "1",
            **operator,
        }

    def manage(self, *arguments: str, fails: bool = False) -> str:
        """What `manage.py` prints; `fails`: it must end with an error."""
        command = [sys.executable, "manage.py", *arguments]
        done = run(command, environment=self.environment, fails=fails)
        return done.stdout + done.stderr

    def copy_database(self, source: Path) -> None:
        """Begin with the data of another site."""
        copy_database(source, self.database)

    def __call__(self, scene: str, **arguments: Any) -> Any:
        """Play a function of `tests.plugins.scenes` inside the site; gives what it returned."""
        if self._process is None:
            self._process = self._start()
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"scene": scene, "arguments": arguments}) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, f"the site does not run:\n{self.log()}"
        answer = json.loads(line)
        if "error" in answer:
            raise SceneFailed(f"{answer['error']}\n{self.log()[-4000:]}")
        return answer["result"]

    def _start(self) -> subprocess.Popen[str]:
        with (self.folder / "log.txt").open("w") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "tests.plugins.serving"],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )

    def log(self) -> str:
        """What the site wrote to its log."""
        path = self.folder / "log.txt"
        return path.read_text() if path.exists() else ""

    def close(self) -> None:
        """End the process of the site."""
        if self._process is not None:
            self._process.communicate(timeout=PATIENCE)  # it ends with its input
            self._process = None
