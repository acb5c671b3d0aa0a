"""The file `.env` of a site: what `make site` wrote, one NAME=value in a line."""

from __future__ import annotations

import os
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parents[1]


def env_file() -> Path | None:
    """Where it is: LMS_ENV_FILE (empty: nowhere), else `.env` beside manage.py."""
    named = os.environ.get("LMS_ENV_FILE")
    if named is None:
        return BASE_DIR / ".env"
    return Path(named) if named else None


def parse(text: str) -> dict[str, str]:
    """The names and values; lines that are empty or begin with # say nothing."""
    found = {}
    for line in text.splitlines():
        name, equals, value = line.strip().partition("=")
        if not equals or name.startswith("#"):
            continue
        value = value.strip()
        if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
            value = value[1:-1]
        found[name.strip()] = value
    return found


def load() -> Path | None:
    """Put the file's values into the environment; what is there already stands.

    Gives the file that was read, None where there is none.
    """
    path = env_file()
    if path is None or not path.is_file():
        return None
    for name, value in parse(path.read_text(encoding="utf-8")).items():
        os.environ.setdefault(name, value)
    return path
