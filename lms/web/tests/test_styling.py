from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.management.commands.collectstatic import Command
from django.core.management import call_command

from lms.web import styling

PACKAGES = Path(__file__).resolve().parents[3]


def test_style_sheet_is_one_file_of_all_parts() -> None:
    found = finders.find(styling.NAME)
    assert found is not None
    text = Path(found).read_text(encoding="utf-8")
    assert text == styling.style_sheet()
    parts = {path.stem for path in styling.STYLES.glob("*.css")}
    assert parts == {name for names in styling.LAYERS.values() for name in names}
    for part in parts:
        assert (styling.STYLES / f"{part}.css").read_text(encoding="utf-8") in text
    assert text.count("{") == text.count("}")
    assert "@import" not in text


def test_style_sheet_follows_a_changed_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    finder = styling.StyleFinder()
    for name in (name for names in styling.LAYERS.values() for name in names):
        (tmp_path / f"{name}.css").write_text(f".{name} {{}}\n", encoding="utf-8")
    monkeypatch.setattr(styling, "STYLES", tmp_path)
    before = Path(str(finder.find(styling.NAME))).read_text(encoding="utf-8")
    (tmp_path / "print.css").write_text(".anew {}\n", encoding="utf-8")
    after = Path(str(finder.find(styling.NAME))).read_text(encoding="utf-8")
    assert before.endswith("@layer print {\n.print {}\n}\n")
    assert after.endswith("@layer print {\n.anew {}\n}\n")
    assert finder.find("web/other.css") == []


def test_style_sheet_is_collected(tmp_path: Path, settings: object) -> None:
    settings.STATIC_ROOT = tmp_path
    command = Command(stdout=io.StringIO())
    call_command(command, interactive=False, verbosity=0)
    assert (tmp_path / styling.NAME).read_text(encoding="utf-8") == styling.style_sheet()


def test_every_class_of_the_style_sheet_is_used() -> None:
    text = re.sub(r"/\*.*?\*/", "", styling.style_sheet(), flags=re.DOTALL)
    classes = set(re.findall(r"\.([a-zA-Z][\w-]*)", text))
    used: set[str] = set()
    for package in ("lms", "modules", "quizzes"):
        for path in (PACKAGES / package).rglob("*"):
            if path.suffix in (".html", ".py", ".js") and "tests" not in path.parts:
                used |= set(re.findall(r"[a-zA-Z][\w-]*", path.read_text(encoding="utf-8")))
    states = {f"is-{state}" for state in ("done", "started")}  # put together in templates
    assert classes - used - states == set()
