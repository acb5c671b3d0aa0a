"""Every import contract of pyproject.toml fails when somebody breaks it.

The contracts run over a skeleton: the modules of the real tree with nothing in them, so that a
planted import is the only one. The real tree itself is checked by `make lint`.
"""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CONFIG = ROOT / "pyproject.toml"
PACKAGES = ("lms", "modules", "quizzes")
LINT_IMPORTS = "from importlinter.cli import lint_imports_command; lint_imports_command()"

LAYERS = "Layers, from the outside in"
PLATFORM = "The platform never imports a plugin"
SIBLINGS = "Plugins never import each other"
RECORD = "Plugins reach the learner record through its api module"
SURFACE = "Plugins use only the public surface of the platform"

# contract, module that breaks it, what it imports there
VIOLATIONS = [
    (LAYERS, "lms.plugins", "lms.people.models"),
    (LAYERS, "lms.people.models", "modules.content.models"),
    (LAYERS, "modules.content.models", "lms.learning.models"),
    (LAYERS, "lms.learning.api", "lms.web"),
    (LAYERS, "lms.learning.api", "lms.feedback.models"),
    (LAYERS, "lms.web", "lms.urls"),
    (LAYERS, "lms.web", "lms.operations.heartbeat"),
    (LAYERS, "lms.operations.backup.making", "lms.urls"),
    (LAYERS, "lms.learning.api", "lms.operations"),
    (LAYERS, "lms.learning.api", "quizzes"),
    (LAYERS, "quizzes", "modules.activities.task"),
    (LAYERS, "lms.settings.base", "lms.urls"),
    (PLATFORM, "lms.web", "quizzes.models"),
    (PLATFORM, "lms.web", "modules.activities.video"),
    (PLATFORM, "lms.operations.checks.work", "quizzes"),
    (PLATFORM, "lms.learning.models", "quizzes"),
    (PLATFORM, "modules.content.models", "modules.activities.task"),
    (PLATFORM, "lms.people.models", "quizzes"),
    (PLATFORM, "lms.plugins", "modules.activities.video"),
    (SIBLINGS, "modules.activities.video", "modules.activities.task.models"),
    (SIBLINGS, "modules.activities.task", "quizzes.models"),
    (SIBLINGS, "quizzes", "modules.activities.video"),
    (RECORD, "quizzes", "lms.learning.models"),
    (RECORD, "modules.activities.task", "lms.learning.services"),
    (RECORD, "modules.activities.video", "lms.learning.progress"),
    (SURFACE, "quizzes", "lms.learning.models"),
    (SURFACE, "quizzes", "lms.learning.services"),
    (SURFACE, "modules.activities.task", "lms.people.models"),
    (SURFACE, "modules.activities.video", "lms.web"),
    (SURFACE, "quizzes", "lms.settings.base"),
    (SURFACE, "quizzes", "lms.urls"),
    (SURFACE, "modules.activities.task", "lms.learning.a_module_of_tomorrow"),
]
# What a plugin may import is allowed in so many words, and what the layers are made for as well.
ALLOWED = [
    ("quizzes", "lms.plugins.contracts"),
    ("quizzes", "modules.content.models"),
    ("modules.activities.task", "lms.learning.api"),
    ("modules.activities.video", "lms.people.api"),
    ("lms.web", "lms.learning.models"),
    ("lms.operations", "lms.learning.models"),
    ("lms.operations", "lms.web"),
    ("lms.urls", "lms.web"),
    ("quizzes.tests.planted", "lms.learning.models"),
]


def _contract_names() -> list[str]:
    contracts = tomllib.loads(CONFIG.read_text(encoding="utf-8"))["tool"]["importlinter"]
    return [contract["name"] for contract in contracts["contracts"]]


def _is_bare(path: Path) -> bool:
    return not {"tests", "migrations"} & set(path.relative_to(ROOT).parts)


@pytest.fixture
def skeleton(tmp_path: Path) -> Path:
    """The modules of the real tree without their contents."""
    for package in PACKAGES:
        for source in filter(_is_bare, (ROOT / package).rglob("*.py")):
            empty = tmp_path / source.relative_to(ROOT)
            empty.parent.mkdir(parents=True, exist_ok=True)
            empty.touch()
    return tmp_path


def _file_of(tree: Path, module: str) -> Path:
    """The file of a module in the skeleton, made if the real tree has no such module."""
    path = tree.joinpath(*module.split("."))
    if path.is_dir():
        return path / "__init__.py"
    if not path.with_suffix(".py").exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        for package in (path.parent, *path.parent.parents):
            if package == tree:
                break
            (package / "__init__.py").touch()
    return path.with_suffix(".py")


def _plant(tree: Path, importer: str, imported: str) -> None:
    _file_of(tree, imported).touch()
    with _file_of(tree, importer).open("a", encoding="utf-8") as source:
        source.write(f"import {imported}\n")


def _broken_contracts(tree: Path) -> list[str]:
    run = subprocess.run(
        [sys.executable, "-c", LINT_IMPORTS, "--config", str(CONFIG), "--no-cache"],
        cwd=tree,
        env={"PATH": "", "COLUMNS": "200", "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    lines = [line.strip() for line in run.stdout.splitlines()]
    names = _contract_names()
    broken = [name for name in names if any(line.startswith(f"{name} BROKEN") for line in lines)]
    kept = [name for name in names if any(line.startswith(f"{name} KEPT") for line in lines)]
    assert sorted(broken + kept) == sorted(names), run.stdout + run.stderr
    assert run.returncode == (1 if broken else 0)
    return broken


@pytest.mark.parametrize(("contract", "importer", "imported"), VIOLATIONS)
def test_contract_breaks_on_planted_import(
    skeleton: Path, contract: str, importer: str, imported: str
) -> None:
    _plant(skeleton, importer, imported)

    assert contract in _broken_contracts(skeleton)


def test_contracts_hold_on_allowed_imports(skeleton: Path) -> None:
    for importer, imported in ALLOWED:
        _plant(skeleton, importer, imported)

    assert _broken_contracts(skeleton) == []


def test_every_contract_has_a_violation() -> None:
    assert {contract for contract, _, _ in VIOLATIONS} == set(_contract_names())
