"""Reads a folder of course texts, and checks each against the others.

    references.yaml
    <course>/course.md
    <course>/<module>/module.md
    <course>/<module>/<lesson>.md
    <course>/<module>/activities/<activity>.md

What a text is, is known by its `id` (by default its code; a course's slug): as long as that stays
the same, files may be renamed and moved, and learners keep what they did.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from django.utils.text import slugify

from modules.content.curriculum.body import read_body, read_rich_text
from modules.content.curriculum.frontmatter import (
    Front,
    Split,
    TextError,
    TextErrors,
    item_lines,
    read_yaml,
    split,
)
from modules.content.curriculum.texts import (
    NAMESPACE,
    ActivityText,
    CourseText,
    Curriculum,
    English,
    LessonText,
    ModuleText,
    ReferenceText,
    Source,
)
from modules.content.models import Access, Certainty

FORMAT = 1  # a higher number makes every text count as changed: raise it when conversion changes
REFERENCES = "references.yaml"
CODE = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$")
SLUG = re.compile(r"^[a-z0-9]+(?:-[a-z0-9]+)*$")

T = TypeVar("T")


def read_curriculum(root: Path) -> Curriculum:
    """All texts below `root`. Raises TextErrors that names every fault with file and line."""
    return _Reader(root).read()


def digest_of(text: str, *more: str) -> str:
    """What tells whether a text says something else than before."""
    parts = (str(FORMAT), text.replace("\r\n", "\n").strip(), *more)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


class _Reader:
    def __init__(self, root: Path) -> None:
        self.root = root
        self.errors: list[TextError] = []
        self.references: dict[str, ReferenceText] = {}
        self.keys: dict[uuid.UUID, str] = {}

    def read(self) -> Curriculum:
        """The curriculum. Raises TextErrors."""
        if not self.root.is_dir():
            raise TextErrors([TextError(str(self.root), 1, "there is no such folder")])
        if (self.root / REFERENCES).exists():
            self._attempt(self._read_references)
        courses = [
            course
            for path in sorted(self.root.glob("*/course.md"))
            if (course := self._attempt(partial(self._course, path))) is not None
        ]
        if self.errors:
            raise TextErrors(self.errors)
        return Curriculum(self.references, courses)

    def _attempt(self, read: Callable[[], T]) -> T | None:
        try:
            return read()
        except TextError as error:
            self.errors.append(error)
            return None

    def _open(self, path: Path, kind: str) -> Split:
        name = path.relative_to(self.root).as_posix()
        try:
            found = split(name, path.read_text(encoding="utf-8"))
        except UnicodeDecodeError as error:
            raise TextError(name, 1, "is not UTF-8") from error
        if found.front.text("kind") != kind:
            raise found.front.error("kind", f"must be {kind} for a text in this place")
        return found

    def _key(self, front: Front, kind: str, base: uuid.UUID, identity: str) -> uuid.UUID:
        key = uuid.uuid5(base, f"{kind}:{front.text('id', required=False) or identity}")
        if key in self.keys:
            raise front.error("code", f"the same {kind} is in {self.keys[key]}; set another id")
        self.keys[key] = front.path
        return key

    # --- references

    def _read_references(self) -> None:
        text = (self.root / REFERENCES).read_text(encoding="utf-8")
        entries, _ = read_yaml(REFERENCES, text)
        if not isinstance(entries, list):
            raise TextError(REFERENCES, 1, "must be a list of references")
        for entry, line in zip(entries, item_lines(text), strict=True):
            found = self._attempt(partial(self._reference, entry, line))
            if found is not None:
                if found.code in self.references:
                    self.errors.append(
                        TextError(REFERENCES, line, f"the code {found.code} is taken")
                    )
                self.references[found.code] = found
        for found in self.references.values():
            if found.superseded_by and found.superseded_by not in self.references:
                reason = f"superseded_by: no reference has the code {found.superseded_by}"
                self.errors.append(TextError(REFERENCES, found.line, reason))

    def _reference(self, entry: Any, line: int) -> ReferenceText:
        if not isinstance(entry, dict):
            raise TextError(REFERENCES, line, "a reference must hold values by name")
        front = Front(REFERENCES, entry, {str(name): line for name in entry})
        code = front.text("code", longest=80)
        sources = front.values.get("source") or []
        front.taken.add("source")
        certainty = front.text("certainty")
        if certainty not in Certainty.values:
            raise front.error("certainty", f"must be one of {', '.join(Certainty.values)}")
        fields = {
            "number": front.text("number", longest=80),
            "article": front.text("article", required=False, longest=120),
            "title": front.text("title", longest=300),
            "issuer": front.text("issuer", required=False, longest=160),
            "url": front.text("url", required=False, longest=500),
            "valid_from": front.date("valid_from"),
            "valid_to": front.date("valid_to"),
            "certainty": certainty,
            "doubtful": front.flag("doubtful", default=False),
            "source": ", ".join(sources) if isinstance(sources, list) else str(sources),
            "note": front.text("note", required=False),
        }
        superseded_by = front.text("superseded_by", required=False)
        front.finish()
        digest = digest_of(repr(sorted(fields.items())), superseded_by)
        return ReferenceText(code, line, digest, fields, superseded_by)

    # --- courses

    def _course(self, path: Path) -> CourseText:
        found = self._open(path, "course")
        front = found.front
        slug = self._slug(front)
        key = self._key(front, "course", NAMESPACE, slug)
        modules = [
            module
            for each in sorted(path.parent.glob("*/module.md"))
            if (module := self._attempt(partial(self._module, each, key))) is not None
        ]
        modules.sort(key=lambda module: natural(module.code))
        access = front.text("access", required=False) or Access.SIGNED_IN.value
        if access not in Access.values:
            raise front.error("access", f"must be one of {', '.join(Access.values)}")
        course = CourseText(
            source=self._source(path, front),
            key=key,
            slug=slug,
            title=front.text("title", longest=255),
            summary=front.text("summary", longest=600),
            objectives=front.texts("objectives"),
            audience=front.text("audience", required=False, longest=300),
            access=access,
            electives_needed=front.whole("electives_needed", default=0),
            review_by=front.date("review_by"),
            intro=read_rich_text(front.path, found.body, found.first_line),
            english=self._english(front),
            modules=modules,
        )
        self._check_periods(front, course.lessons())
        front.finish()
        return course

    def _module(self, path: Path, base: uuid.UUID) -> ModuleText:
        found = self._open(path, "module")
        front = found.front
        code = self._code(front, 12)
        key = self._key(front, "module", base, code)
        activities = self._activities(path.parent / "activities", base)
        lessons = [
            lesson
            for each in sorted(path.parent.glob("*.md"))
            if each.name != "module.md"
            and (lesson := self._attempt(partial(self._lesson, each, base, activities)))
        ]
        lessons.sort(key=lambda lesson: natural(lesson.code))
        placed = {activity.key for lesson in lessons for activity in lesson.activities}
        for activity in activities.values():
            if activity.key not in placed and not self.errors:
                raise activity.source.error("code", "stands in no lesson")
        module = ModuleText(
            # Counts as new once: earlier loads did not read what stands under the front matter.
            source=self._source(path, front, "with its introduction"),
            key=key,
            code=code,
            slug=self._slug(front),
            title=front.text("title", longest=255),
            summary=front.text("summary", longest=600),
            elective=front.flag("elective", default=False),
            intro=read_rich_text(front.path, found.body, found.first_line),
            english=self._english(front),
            lessons=lessons,
        )
        self._check_periods(front, lessons)
        front.finish()
        return module

    def _lesson(
        self, path: Path, base: uuid.UUID, activities: dict[str, ActivityText]
    ) -> LessonText:
        found = self._open(path, "lesson")
        front = found.front
        code = self._code(front, 12)
        key = self._key(front, "lesson", base, code)
        pieces = read_body(front.path, found.body, found.first_line)
        if not pieces:
            raise TextError(front.path, found.first_line, "the lesson has no text")
        placed: dict[str, ActivityText] = {}
        for piece in pieces:
            if piece.kind == "activity":
                name = piece.value["code"]
                if name not in activities:
                    reason = f"activities/ has no activity with the code {name}"
                    raise TextError(front.path, piece.line, reason)
                if name in placed:
                    raise TextError(front.path, piece.line, f"{name} stands here twice")
                placed[name] = activities[name]
        minutes = front.whole("minutes")
        if not 1 <= minutes <= 240:
            raise front.error("minutes", "must be 1 to 240")
        lesson = LessonText(
            source=self._source(path, front, *(f"{n}:{a.required}" for n, a in placed.items())),
            key=key,
            code=code,
            slug=self._slug(front),
            title=front.text("title", longest=255),
            summary=front.text("summary", longest=600),
            objectives=front.texts("objectives", required=True),
            minutes=minutes,
            periods=Decimal(str(front.number("periods"))),
            review_by=front.date("review_by"),
            references=self._cited(front, front.texts("references"), "references"),
            glossary=front.records("glossary", ("term", "meaning")),
            pieces=pieces,
            activities=list(placed.values()),
        )
        # English words of a lesson have no page to stand on while its text is in Vietnamese only.
        front.finish(ignored=("title_en", "summary_en", "objectives_en"))
        return lesson

    def _activities(self, folder: Path, base: uuid.UUID) -> dict[str, ActivityText]:
        found = [
            activity
            for path in sorted(folder.glob("*.md"))
            if (activity := self._attempt(partial(self._activity, path, base))) is not None
        ]
        return {activity.code: activity for activity in found}

    def _activity(self, path: Path, base: uuid.UUID) -> ActivityText:
        found = self._open(path, "activity")
        front = found.front
        code = self._code(front, 80)
        data = front.mapping("data")
        basis = self._cited(front, [*front.texts("references"), *_basis_in(data)], "data")
        for name in _basis_in(data):
            if not self.references[name].is_certain:
                reason = f"a key rests on {name}, which is doubtful or was not read in a source"
                raise front.error("data", reason)
        activity = ActivityText(
            source=self._source(path, front),
            key=self._key(front, "activity", base, code),
            code=code,
            type_key=front.text("type", longest=80),
            title=front.text("title", longest=200),
            required=front.flag("required", default=True),
            version=front.whole("version", default=1),
            data=data,
            introduction=read_rich_text(front.path, found.body, found.first_line),
            basis=tuple(dict.fromkeys(basis)),
        )
        front.finish(ignored=("title_en",))
        return activity

    # --- what several kinds have

    def _source(self, path: Path, front: Front, *more: str) -> Source:
        return Source(front, digest_of(path.read_text(encoding="utf-8"), *more))

    def _code(self, front: Front, longest: int) -> str:
        code = front.text("code", longest=longest)
        if not CODE.match(code):
            raise front.error("code", "holds letters, digits, dots and hyphens only")
        return code

    def _slug(self, front: Front) -> str:
        slug = front.text("slug", longest=255)
        if not SLUG.match(slug):
            raise front.error("slug", "holds small letters, digits and single hyphens only")
        return slug

    def _english(self, front: Front) -> English:
        title = front.text("title_en", required=False, longest=255)
        return English(
            title=title,
            slug=front.text("slug_en", required=False, longest=255) or slugify(title)[:255],
            summary=front.text("summary_en", required=False, longest=600),
            objectives=front.texts("objectives_en"),
        )

    def _cited(self, front: Front, codes: list[str], key: str) -> list[str]:
        for code in codes:
            if code not in self.references:
                raise front.error(key, f"{REFERENCES} has no reference with the code {code}")
        return list(dict.fromkeys(codes))

    def _check_periods(self, front: Front, lessons: Any) -> None:
        stated = Decimal(str(front.number("periods", default=0)))
        found = sum((lesson.periods for lesson in lessons), Decimal(0))
        if stated and stated != found and not self.errors:
            raise front.error("periods", f"says {stated}, the lessons have {found}")


def _basis_in(value: Any) -> Iterator[str]:
    """Codes under every `basis` in the data of an activity, at whatever depth."""
    if isinstance(value, dict):
        for name, child in value.items():
            if name == "basis" and isinstance(child, list):
                yield from (str(code) for code in child)
            else:
                yield from _basis_in(child)
    elif isinstance(value, list):
        for child in value:
            yield from _basis_in(child)


def natural(code: str) -> tuple[tuple[int, str], ...]:
    """Sorts 1.10 after 1.9, and 1.1a after 1.1."""
    return tuple(
        (int(part), "") if part.isdigit() else (0, part)
        for part in re.findall(r"\d+|[^\d.-]+", code)
    )
