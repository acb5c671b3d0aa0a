"""A production site refuses what is unsafe; each case is a process of its own, as on a server."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import get_commands

from lms.environment import parse
from lms.operations.safety import demo_usernames, refuse_the_unsafe
from lms.operations.site import (
    Answers,
    CannotMakeSite,
    has_administrator,
    make_administrator,
    write_env,
)
from lms.web.demo import load_demo

KEY = "x7Q-2kd9_fGh4LmnP0rStUvWz1YbEc5AaJiKoNqRe3TdFgHyZsXwVuMl8B"
GOOD = {"LMS_SECRET_KEY": KEY, "LMS_HOSTS": "hoc.example.vn"}


def start(
    *, program: str = "import lms.settings.production", **environment: str
) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LMS_")}
    named = {"LMS_ENV_FILE": "", "DEBUG": "", **environment}
    return subprocess.run(  # noqa: S603 -- our own program
        [sys.executable, "-c", program],
        cwd=settings.BASE_DIR, env=kept | named, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_production_starts_with_a_key_and_hosts() -> None:
    done = start(**GOOD)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"DEBUG": "1"}, "DEBUG is on"),
        ({"LMS_DEBUG": "true"}, "LMS_DEBUG is on"),
        ({"LMS_SECRET_KEY": ""}, "LMS_SECRET_KEY is missing"),
        ({"LMS_SECRET_KEY": "a" * 80}, "LMS_SECRET_KEY is missing"),
        ({"LMS_SECRET_KEY": f"for development only: {KEY}"}, "LMS_SECRET_KEY is missing"),
        ({"LMS_HOSTS": ""}, "LMS_HOSTS must name"),
        ({"LMS_HOSTS": "*"}, "LMS_HOSTS must name"),
    ],
)
def test_production_refuses_and_says_what_to_do(change: dict[str, str], words: str) -> None:
    done = start(**GOOD | change)
    assert done.returncode == 1
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith(f"django.core.exceptions.ImproperlyConfigured: {words}")


NO_REDIS = "import sys; sys.modules['redis'] = None\n"  # as where it was never installed


def test_redis_without_its_package_is_said(tmp_path: Path) -> None:
    names = {**GOOD, "LMS_REDIS": "redis://127.0.0.1:1/0", "DATABASE_URL": ""}
    names |= {"LMS_SQLITE": str(tmp_path / "db.sqlite3")}
    names |= {"DJANGO_SETTINGS_MODULE": "lms.settings.production"}
    done = start(program=f"{NO_REDIS}import lms.wsgi", **names)
    assert done.returncode == 1
    assert done.stderr.strip().splitlines()[-1] == (
        "django.core.exceptions.ImproperlyConfigured: LMS_REDIS is set, but the package redis is"
        ' not installed. Run `.venv/bin/python -m pip install "redis>=5"`, or take LMS_REDIS out'
        " of .env."
    )
    names.pop("LMS_REDIS")
    done = start(program=f"{NO_REDIS}import lms.wsgi", **names)
    assert done.returncode == 0, done.stderr


def test_manual_says_how_redis_is_installed() -> None:
    manual = (Path(settings.BASE_DIR) / "docs" / "operate.md").read_text(encoding="utf-8")
    assert '.venv/bin/python -m pip install "redis>=5"' in manual


def test_production_reads_its_file(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    write_env(path, Answers(("hoc.example.vn",), tmp_path / "data"))
    assert path.stat().st_mode & 0o777 == 0o600
    assert start(LMS_ENV_FILE=str(path)).returncode == 0
    before = path.read_text()
    with pytest.raises(CannotMakeSite, match="There is a site here already"):
        write_env(path, Answers(("other.example.vn",), tmp_path / "other"))
    assert path.read_text() == before
    assert len(parse(before)["LMS_SECRET_KEY"]) > 50


@pytest.mark.django_db
def test_production_refuses_accounts_of_the_demo(settings) -> None:
    settings.LMS_PRODUCTION = True
    refuse_the_unsafe()
    load_demo()
    assert "quantri" in demo_usernames()
    with pytest.raises(ImproperlyConfigured, match="Accounts of the demo are in this database"):
        refuse_the_unsafe()
    settings.LMS_PRODUCTION = False
    refuse_the_unsafe()


@pytest.mark.django_db
def test_first_administrator_holds_the_role() -> None:
    assert not has_administrator()
    user = make_administrator(
        full_name="Trần Thị An", username="quantri", password="mot-mat-khau-dai-2026"
    )
    assert has_administrator()
    assert user.check_password("mot-mat-khau-dai-2026")


def test_commands_and_files_that_the_manual_names_exist() -> None:
    root = Path(settings.BASE_DIR)
    text = (root / "docs" / "operate.md").read_text(encoding="utf-8")
    named = set(re.findall(r"manage\.py ([a-z_]+)", text))
    assert named - set(get_commands()) == set()
    assert "backup" in named
    files = set(re.findall(r"\bdeploy/([\w.-]+\.(?:conf|py)|Caddyfile)", text))
    assert [name for name in files if not (root / "deploy" / name).is_file()] == []
