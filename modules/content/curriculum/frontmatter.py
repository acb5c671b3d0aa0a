"""Splits a text into its YAML front matter, whose lines are remembered, and its body."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import yaml

from lms.plugins.vietnamese import nfc


class TextError(Exception):
    """A course text cannot be read: where, and why."""

    def __init__(self, path: str, line: int, reason: str) -> None:
        super().__init__(f"{path}:{line}: {reason}")
        self.path = path
        self.line = line
        self.reason = reason


class TextErrors(Exception):
    """Everything that is wrong with the texts, in one go."""

    def __init__(self, errors: Iterable[TextError]) -> None:
        self.errors = list(errors)
        super().__init__("\n".join(str(error) for error in self.errors))


@dataclass
class Front:
    """The front matter of the text at `path`. `lines`: the line on which each key stands."""

    path: str
    values: dict[str, Any]
    lines: dict[str, int]
    taken: set[str] = field(default_factory=set)

    def error(self, key: str, reason: str) -> TextError:
        """An error at the line of `key`."""
        return TextError(self.path, self.lines.get(key, 1), f"{key}: {reason}")

    def text(self, key: str, *, required: bool = True, longest: int = 0) -> str:
        """A text; empty when it is not required and not there. Line breaks become spaces."""
        value = self._get(key, required)
        if value is None or value == "":
            if required:
                raise self.error(key, "is missing or empty")
            return ""
        if isinstance(value, dt.date | bool | list | dict):
            raise self.error(key, "must be a text; put it in quotes")
        result = " ".join(nfc(str(value)).split())
        if longest and len(result) > longest:
            raise self.error(key, f"is {len(result)} characters long, at most {longest} fit")
        return result

    def texts(self, key: str, *, required: bool = False) -> list[str]:
        """A list of texts."""
        value = self._get(key, required) or []
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise self.error(key, "must be a list of texts")
        if required and not value:
            raise self.error(key, "is empty")
        return [" ".join(nfc(each).split()) for each in value]

    def number(self, key: str, *, default: int | float | None = None) -> int | float:
        """A number; `default` where it is missing, an error where there is none."""
        value = self._get(key, default is None)
        if value is None and default is not None:
            return default
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.error(key, "must be a number")
        if value < 0:
            raise self.error(key, "must not be negative")
        return value

    def whole(self, key: str, *, default: int | None = None) -> int:
        """A whole number."""
        value = self.number(key, default=default)
        if not isinstance(value, int):
            raise self.error(key, "must be a whole number")
        return value

    def flag(self, key: str, *, default: bool) -> bool:
        """true or false."""
        value = self._get(key, False)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise self.error(key, "must be true or false")
        return value

    def date(self, key: str) -> dt.date | None:
        """A date, or None where it is missing or null."""
        value = self._get(key, False)
        if value is None or value == "":
            return None
        if isinstance(value, dt.datetime) or not isinstance(value, dt.date):
            raise self.error(key, "must be a date such as 2027-06-30")
        return value

    def mapping(self, key: str) -> dict[str, Any]:
        """Values by name."""
        value = self._get(key, True)
        if not isinstance(value, dict):
            raise self.error(key, "must hold values by name")
        return value

    def records(self, key: str, names: tuple[str, ...]) -> list[dict[str, str]]:
        """A list whose entries each hold a text for exactly `names`."""
        value = self._get(key, False) or []
        if not isinstance(value, list):
            raise self.error(key, "must be a list")
        for entry in value:
            if not isinstance(entry, dict) or set(entry) != set(names):
                raise self.error(key, f"each entry needs {' and '.join(names)}, and nothing else")
        return [
            {name: " ".join(nfc(str(entry[name])).split()) for name in names} for entry in value
        ]

    def finish(self, ignored: Iterable[str] = ()) -> None:
        """Raise when a key was given that nobody asked for: most likely it is misspelt."""
        for key in self.values:
            if key not in self.taken and key not in ignored:
                raise self.error(key, "is not a key of this kind of text")

    def _get(self, key: str, required: bool) -> Any:
        self.taken.add(key)
        value = self.values.get(key)
        if value is None and required:
            raise self.error(key, "is missing")
        return value


@dataclass(frozen=True)
class Split:
    """A text in two: its front matter, and its body from line `first_line` on."""

    front: Front
    body: str
    first_line: int


def split(path: str, text: str) -> Split:
    """Front matter and body of `text`. Raises TextError."""
    lines = nfc(text).replace("\r\n", "\n").lstrip("\ufeff").split("\n")
    if lines[0].rstrip() != "---":
        raise TextError(path, 1, "must begin with a line --- and front matter")
    end = next((at for at, line in enumerate(lines[1:], 1) if line.rstrip() == "---"), None)
    if end is None:
        raise TextError(path, 1, "the front matter has no closing line ---")
    values, starts = read_yaml(path, "\n".join(lines[1:end]), 2)
    if not isinstance(values, dict):
        raise TextError(path, 2, "the front matter must hold values by name")
    return Split(Front(path, values, starts), "\n".join(lines[end + 1 :]), end + 2)


def read_yaml(path: str, text: str, first_line: int = 1) -> tuple[Any, dict[str, int]]:
    """The values of a YAML text, and the line of each key at its top. Raises TextError."""
    try:
        node = yaml.compose(text, Loader=_Loader)
        values = yaml.load(text, Loader=_Loader)  # noqa: S506 -- a SafeLoader that refuses more
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line = first_line + (mark.line if mark else 0)
        raise TextError(path, line, f"not YAML: {error.problem}") from error
    starts = {}
    if isinstance(node, yaml.MappingNode):
        starts = {key.value: first_line + key.start_mark.line for key, _ in node.value}
    return values, starts


def item_lines(text: str) -> list[int]:
    """The lines on which the items of a YAML list begin."""
    node = yaml.compose(text, Loader=_Loader)
    return [item.start_mark.line + 1 for item in getattr(node, "value", [])]


class _Loader(yaml.SafeLoader):
    """Plain YAML in which a key given twice is an error, not a silent overwrite."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key!r} is given twice", key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep)
