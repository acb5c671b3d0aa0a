"""The published structure of a course as values: what learners see, what completion counts.

Read with `outline_of`, which keeps the parsed form in memory by version.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from functools import cached_property
from threading import Lock
from typing import Any
from uuid import UUID

from lms.plugins.prepared import shared_uuid
from modules.content.models.outline import CourseOutline


@dataclass(frozen=True)
class PageRef:
    """One language's page of a course, module or lesson. `path` is site-relative, "/a/b/".

    `intro`: what stands above the parts of a course or module, clean HTML ready to show.
    """

    page_id: int
    title: str
    path: str
    summary: str = ""
    intro: str = ""


@dataclass(frozen=True)
class ActivityRef:
    """An activity as placed in a lesson. `rule` is the completion rule's key."""

    activity_id: int
    uuid: UUID
    key: UUID
    type_key: str
    title: str
    rule: str
    required: bool = True


@dataclass(frozen=True)
class LessonRef:
    """A lesson by its translation key, with its pages by language code."""

    key: UUID
    code: str
    minutes: int
    periods: Decimal
    pages: dict[str, PageRef]
    activities: dict[str, tuple[ActivityRef, ...]] = field(default_factory=dict)

    def page(self, language: str) -> PageRef:
        """Its page in `language`, else the first there is."""
        return in_language(self.pages, language)

    def activities_in(self, language: str) -> tuple[ActivityRef, ...]:
        """The activities of the page that `page(language)` gives."""
        if not self.activities:
            return ()
        return self.activities.get(language) or next(iter(self.activities.values()))

    @property
    def required_activities(self) -> frozenset[UUID]:
        """Keys of the activities that completing the lesson needs, over all its languages.

        An activity that is required in one language is required whatever language is read:
        a course must not be shorter in translation. One that exists in a single language only
        counts there alone, so it is taken from the main language.
        """
        main = next(iter(self.activities.values()), ())
        return frozenset(ref.key for ref in main if ref.required)


@dataclass(frozen=True)
class ModuleRef:
    """A module with its lessons in order."""

    key: UUID
    code: str
    elective: bool
    pages: dict[str, PageRef]
    lessons: tuple[LessonRef, ...]

    @cached_property
    def minutes(self) -> int:
        """Minutes of its lessons."""
        return sum(lesson.minutes for lesson in self.lessons)

    @cached_property
    def periods(self) -> Decimal:
        """Periods credited for its lessons."""
        return sum((lesson.periods for lesson in self.lessons), Decimal(0))

    @cached_property
    def lesson_keys(self) -> frozenset[UUID]:
        """Keys of its lessons. Sets are compared as wholes: that hashes no key again."""
        return frozenset(lesson.key for lesson in self.lessons)

    def page(self, language: str) -> PageRef:
        """Its page in `language`, else the first there is."""
        return in_language(self.pages, language)


@dataclass(frozen=True)
class Outline:
    """A course as published: one version of its structure."""

    course_key: UUID
    version: str
    access: str
    centre_id: int | None
    electives_needed: int
    pages: dict[str, PageRef]
    modules: tuple[ModuleRef, ...]
    prerequisites: tuple[UUID, ...] = ()

    def page(self, language: str) -> PageRef:
        """The course page in `language`, else the first there is."""
        return in_language(self.pages, language)

    def lessons(self) -> Iterator[LessonRef]:
        """All lessons in order."""
        for module in self.modules:
            yield from module.lessons

    def lesson(self, key: UUID) -> LessonRef | None:
        """The lesson with this key, or None."""
        found = self._places.get(key)
        return found[1] if found else None

    def module_of(self, lesson_key: UUID) -> ModuleRef | None:
        """The module that holds the lesson, or None."""
        found = self._places.get(lesson_key)
        return found[0] if found else None

    def position(self, lesson_key: UUID) -> int | None:
        """The place of the lesson in `order`, or None."""
        found = self._places.get(lesson_key)
        return found[2] if found else None

    def neighbours(self, lesson_key: UUID) -> tuple[LessonRef | None, LessonRef | None]:
        """The lessons before and after this one, over module borders."""
        at = self.position(lesson_key)
        if at is None:
            return None, None
        before = self.order[at - 1] if at > 0 else None
        after = self.order[at + 1] if at + 1 < len(self.order) else None
        return before, after

    def lessons_with(self, activity_key: UUID) -> list[LessonRef]:
        """The lessons in which the activity is placed, in any language."""
        return list(self._holders.get(activity_key, ()))

    # What follows is worked out once and kept on the instance: an outline lives as long as its
    # version, and every page asks it.

    @cached_property
    def order(self) -> tuple[LessonRef, ...]:
        """All lessons in order."""
        return tuple(self.lessons())

    @cached_property
    def minutes(self) -> int:
        """Minutes of all lessons."""
        return sum(module.minutes for module in self.modules)

    @cached_property
    def periods(self) -> Decimal:
        """Periods credited for all lessons."""
        return sum((module.periods for module in self.modules), Decimal(0))

    @cached_property
    def _places(self) -> dict[UUID, tuple[ModuleRef, LessonRef, int]]:
        places: dict[UUID, tuple[ModuleRef, LessonRef, int]] = {}
        for module in self.modules:
            for lesson in module.lessons:
                places[lesson.key] = (module, lesson, len(places))
        return places

    @cached_property
    def _holders(self) -> dict[UUID, list[LessonRef]]:
        holders: dict[UUID, list[LessonRef]] = {}
        for lesson in self.lessons():
            for key in {ref.key for refs in lesson.activities.values() for ref in refs}:
                holders.setdefault(key, []).append(lesson)
        return holders


def in_language(pages: dict[str, PageRef], language: str) -> PageRef:
    """The page in `language`, else the first (the site's main language comes first)."""
    return pages.get(language) or next(iter(pages.values()))


def to_json(outline: Outline) -> dict[str, Any]:
    """`outline` as JSON values; `from_json` reads them back."""
    data = asdict(outline)
    data.pop("course_key")
    data.pop("version")
    return _plain(data)  # type: ignore[no-any-return]  # _plain keeps a dict a dict


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(child) for key, child in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(child) for child in value]
    if isinstance(value, UUID | Decimal):
        return str(value)
    return value


def from_json(course_key: UUID, version: str, data: dict[str, Any]) -> Outline:
    """The outline that `to_json` wrote."""
    return Outline(
        course_key=course_key,
        version=version,
        access=data.get("access", "signed_in"),
        centre_id=data.get("centre_id"),
        electives_needed=data.get("electives_needed", 0),
        pages=_pages(data.get("pages", {})),
        prerequisites=tuple(UUID(key) for key in data.get("prerequisites", ())),
        modules=tuple(
            ModuleRef(
                key=_key(module["key"]),
                code=module["code"],
                elective=module["elective"],
                pages=_pages(module["pages"]),
                lessons=tuple(_lesson(lesson) for lesson in module["lessons"]),
            )
            for module in data.get("modules", ())
        ),
    )


def _key(text: str) -> UUID:
    # The very object that rows of progress carry: see shared_uuid.
    return shared_uuid(text.replace("-", ""))


def _pages(data: dict[str, Any]) -> dict[str, PageRef]:
    return {language: PageRef(**page) for language, page in data.items()}


def _lesson(data: dict[str, Any]) -> LessonRef:
    return LessonRef(
        key=_key(data["key"]),
        code=data["code"],
        minutes=data["minutes"],
        periods=Decimal(data["periods"]),
        pages=_pages(data["pages"]),
        activities={
            language: tuple(
                ActivityRef(
                    activity_id=ref["activity_id"],
                    uuid=UUID(ref["uuid"]),
                    key=_key(ref["key"]),
                    type_key=ref["type_key"],
                    title=ref["title"],
                    rule=ref["rule"],
                    required=ref["required"],
                )
                for ref in refs
            )
            for language, refs in data["activities"].items()
        },
    )


KEPT = 64  # parsed outlines in memory; a course of 200 lessons takes about half a megabyte
_parsed: OrderedDict[UUID, Outline] = OrderedDict()
_lock = Lock()


def outline_of(row: CourseOutline) -> Outline:
    """The parsed outline of `row`. Reads `row.data` only when this version is not in memory.

    Give it a row with `data` deferred: then a known version costs no further query.
    """
    kept = _parsed.get(row.course_key)
    if kept is not None and kept.version == row.version:
        return kept
    outline = from_json(row.course_key, row.version, row.data)
    with _lock:
        _parsed[row.course_key] = outline
        _parsed.move_to_end(row.course_key)
        while len(_parsed) > KEPT:
            _parsed.popitem(last=False)
    return outline
