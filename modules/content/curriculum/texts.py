"""The texts of a curriculum as values, before anything of them is in the database."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from modules.content.curriculum.body import Piece
from modules.content.curriculum.frontmatter import Front, TextError

NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://hanh-trang.example/curriculum")


@dataclass(frozen=True)
class Source:
    """Where a text stands, and the digest of all that it says."""

    front: Front
    digest: str

    @property
    def path(self) -> str:
        """The path of the file within the curriculum."""
        return self.front.path

    def error(self, key: str, reason: str) -> TextError:
        """An error at the line of `key` in its front matter."""
        return self.front.error(key, reason)


@dataclass(frozen=True)
class ReferenceText:
    """An entry of references.yaml. `fields`: values for LegalReference, by name."""

    code: str
    line: int
    digest: str
    fields: dict[str, Any]
    superseded_by: str

    @property
    def is_certain(self) -> bool:
        """Whether an answer key may rest on it."""
        return self.fields["certainty"] == "read" and not self.fields["doubtful"]


@dataclass(frozen=True)
class ActivityText:
    """An activity. `data` is its type's own; `basis`: codes of references that it rests on."""

    source: Source
    key: uuid.UUID
    code: str
    type_key: str
    title: str
    required: bool
    version: int
    data: dict[str, Any]
    introduction: str
    basis: tuple[str, ...]


@dataclass(frozen=True)
class LessonText:
    """A lesson with its pieces; `activities` in the order in which they stand in it."""

    source: Source
    key: uuid.UUID
    code: str
    slug: str
    title: str
    summary: str
    objectives: list[str]
    minutes: int
    periods: Decimal
    review_by: dt.date | None
    references: list[str]
    glossary: list[dict[str, str]]
    pieces: list[Piece]
    activities: list[ActivityText]


@dataclass(frozen=True)
class English:
    """What an English page of a course or module says. Empty title: there is no such page."""

    title: str
    slug: str
    summary: str
    objectives: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class ModuleText:
    """A module with its lessons in order. `intro` is clean HTML."""

    source: Source
    key: uuid.UUID
    code: str
    slug: str
    title: str
    summary: str
    elective: bool
    intro: str
    english: English
    lessons: list[LessonText]


@dataclass(frozen=True)
class CourseText:
    """A course with its modules in order. `intro` is clean HTML."""

    source: Source
    key: uuid.UUID
    slug: str
    title: str
    summary: str
    objectives: list[str]
    audience: str
    access: str
    electives_needed: int
    review_by: dt.date | None
    intro: str
    english: English
    modules: list[ModuleText]

    def lessons(self) -> Iterator[LessonText]:
        """All lessons in order."""
        for module in self.modules:
            yield from module.lessons

    def activities(self) -> Iterator[ActivityText]:
        """All activities in order, each once."""
        seen = set()
        for lesson in self.lessons():
            for activity in lesson.activities:
                if activity.key not in seen:
                    seen.add(activity.key)
                    yield activity


@dataclass(frozen=True)
class Curriculum:
    """All texts of a folder."""

    references: dict[str, ReferenceText]
    courses: list[CourseText]
