"""What a file of questions holds, before anything is written: drafts, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from lms.plugins.errors import DomainError

PICTURE = "picture:"  # how the HTML of a draft names a picture: <img alt="…" src="picture:name">
PICTURE_KEY = "picture"  # how `written` names one that is a part of its own: {"picture": name}


class UnreadableFile(DomainError):
    """The file as a whole cannot be read as questions: why, and what to do."""


@dataclass(frozen=True)
class Fault:
    """What is wrong at one place of a file, in words for the person who sent it."""

    place: str  # "line 12", "question 3", the name of a file in a package
    message: str


@dataclass
class Draft:
    """One question as a file has it.

    `written`: the part of its kind as docs/questions.md says, keys optional, a text HTML where it
    begins with an element, else plain. `pictures`: the bytes of those that its HTML names.
    `notes`: what the file says and a question cannot keep.
    """

    place: str
    type_key: str
    prompt: str
    written: Mapping[str, Any]
    name: str = ""
    code: str = ""
    explanation: str = ""
    hints: list[str] = field(default_factory=list)
    points: Decimal = Decimal(1)
    category: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    pictures: dict[str, bytes] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
