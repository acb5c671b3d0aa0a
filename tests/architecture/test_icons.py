"""Every icon that code or a template names exists: in the admin's set, or in the site's."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from wagtail.admin.icons import get_icons

from lms.plugins.config import registries

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("lms", "modules", "quizzes")
NAMES = {"icon", "icon_name", "menu_icon", "header_icon"}

# The admin's templates load Wagtail's tags; the site's have an `icon` tag of their own.
OF_ADMIN = "wagtailadmin_tags"
IN_ADMIN = re.compile(r"""\bicon(?:_name)?=["']([\w-]+)["']|{%\s*icon\s+name=["']([\w-]+)["']""")
ON_SITE = re.compile(r"""{%\s*icon\s+["']([\w-]+)["']|icons\.svg['"]\s*%}#([\w-]+)""")

Use = tuple[str, str]  # (where, name of the icon)


def sources(pattern: str) -> Iterator[Path]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob(pattern)):
            if not {"tests", "migrations"} & set(path.parts):
                yield path


def place(path: Path, line: int) -> str:
    return f"{path.relative_to(ROOT).as_posix()}:{line}"


def is_activity_type(node: ast.AST) -> bool:
    """Activities are drawn by the site; their icons are asked of the registry instead."""
    return isinstance(node, ast.ClassDef) and any(
        isinstance(base, ast.Name) and base.id == "ActivityType" for base in node.bases
    )


def named_in(node: ast.AST) -> Iterator[tuple[int, str]]:
    """(line, icon) of assignments and arguments below `node` that name an icon."""
    for child in ast.iter_child_nodes(node):
        if is_activity_type(child) or getattr(child, "name", "") == "ActivityType":
            continue
        pairs: list[tuple[str, ast.expr | None]] = []
        if isinstance(child, ast.Assign):
            pairs = [(each.id, child.value) for each in child.targets if isinstance(each, ast.Name)]
        elif isinstance(child, ast.AnnAssign) and isinstance(child.target, ast.Name):
            pairs = [(child.target.id, child.value)]
        elif isinstance(child, ast.keyword):
            pairs = [(child.arg or "", child.value)]
        for name, value in pairs:
            if name in NAMES and isinstance(value, ast.Constant) and isinstance(value.value, str):
                yield value.lineno, value.value
        yield from named_in(child)


def in_code() -> list[Use]:
    return [
        (place(path, line), icon)
        for path in sources("*.py")
        for line, icon in named_in(ast.parse(path.read_text(encoding="utf-8")))
    ]


def in_templates(pattern: re.Pattern[str], *, of_admin: bool) -> list[Use]:
    return [
        (place(path, text.count("\n", 0, match.start()) + 1), match[1] or match[2])
        for path in sources("*.html")
        if (OF_ADMIN in (text := path.read_text(encoding="utf-8"))) is of_admin
        for match in pattern.finditer(text)
    ]


@pytest.fixture(scope="module")
def of_admin() -> set[str]:
    """What Wagtail and the apps register for the admin."""
    return set(re.findall(r'id="icon-([\w-]+)"', get_icons()))


@pytest.fixture(scope="module")
def of_site() -> set[str]:
    """What the site's own sheet of icons holds."""
    sheet = ROOT / "lms" / "web" / "static" / "web" / "icons.svg"
    return set(re.findall(r'id="([\w-]+)"', sheet.read_text(encoding="utf-8")))


def missing(uses: list[Use], known: set[str]) -> list[Use]:
    assert len(uses) > 3, "nothing was found to look at"
    return [use for use in uses if use[1] not in known]


def test_icons_that_code_names_are_in_the_admin(of_admin: set[str]) -> None:
    assert missing(in_code(), of_admin) == []


def test_icons_that_templates_of_the_admin_name_are_in_the_admin(of_admin: set[str]) -> None:
    assert missing(in_templates(IN_ADMIN, of_admin=True), of_admin) == []


def test_icons_that_templates_of_the_site_name_are_on_the_site(of_site: set[str]) -> None:
    assert missing(in_templates(ON_SITE, of_admin=False), of_site) == []


def test_icons_of_activity_types_are_on_the_site(of_site: set[str]) -> None:
    icons = {each.key: each.icon for each in registries.activity_types}
    assert {key: icon for key, icon in icons.items() if icon not in of_site} == {}


def test_icon_that_does_not_exist_is_found(of_admin: set[str]) -> None:
    planted = ast.parse('class Screens(SnippetViewSet):\n    menu_icon = "no-such-icon"\n')
    assert list(named_in(planted)) == [(2, "no-such-icon")]
    assert "no-such-icon" not in of_admin
