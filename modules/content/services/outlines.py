"""Derives outline, addresses and placements of a course from its published pages."""

from __future__ import annotations

import uuid
from collections import defaultdict
from typing import Any

from django.conf import settings
from django.db import transaction
from wagtail.rich_text import expand_db_html

from lms.plugins.richtext import Profile, clean
from modules.content.models import (
    Activity,
    Address,
    CourseOutline,
    CoursePage,
    LegalReference,
    LessonPage,
    ModulePage,
    Placement,
)
from modules.content.models.activity import rule_of
from modules.content.models.outline import new_version
from modules.content.outline import (
    ActivityRef,
    LessonRef,
    ModuleRef,
    Outline,
    PageRef,
    to_json,
)


@transaction.atomic
def derive_outline(course_key: uuid.UUID) -> CourseOutline | None:
    """Derive the course with this translation key anew; None (and nothing left) when unpublished.

    The version changes only when something else did, so that caches stay warm otherwise.
    """
    courses = list(
        CoursePage.objects.filter(translation_key=course_key, live=True).select_related("locale")
    )
    if not courses:
        CourseOutline.objects.filter(course_key=course_key).delete()
        return None
    courses.sort(key=lambda page: _language_order(page.locale.language_code))
    row, _created = CourseOutline.objects.select_for_update().get_or_create(course_key=course_key)
    pages = _Published(courses)
    outline = pages.outline(row.version)
    data = to_json(outline)
    data["texts"] = pages.stamps()
    data["revisions"] = {str(pk): each.live_revision_id for pk, each in pages.activities.items()}
    if data != row.data:
        row.data = data
        row.version = new_version()
        row.save()
    _write_addresses(row, pages, outline)
    _write_placements(row, outline)
    return row


def derive_outline_of_page(page: Any) -> CourseOutline | None:
    """Derive the course to which `page` (course, module or lesson) belongs."""
    course = page if isinstance(page, CoursePage) else None
    if course is None:
        course = CoursePage.objects.ancestor_of(page).first()
    return derive_outline(course.translation_key) if course is not None else None


def derive_outlines_citing(reference: LegalReference) -> int:
    """Derive every course with a lesson or activity that cites `reference`; how many."""
    lessons = LessonPage.objects.filter(legal_references__reference=reference)
    keys = set(
        Address.objects.filter(page__in=lessons).values_list("outline__course_key", flat=True)
    ) | set(
        Placement.objects.filter(activity__references=reference).values_list(
            "outline__course_key", flat=True
        )
    )
    for key in keys:
        derive_outline(key)
    return len(keys)


def derive_all_outlines() -> int:
    """Derive every course; how many there are."""
    keys = set(CoursePage.objects.values_list("translation_key", flat=True))
    CourseOutline.objects.exclude(course_key__in=keys).delete()
    return sum(derive_outline(key) is not None for key in keys)


def _language_order(language: str) -> tuple[bool, str]:
    return (language != settings.LANGUAGE_CODE, language)


class _Published:
    """The live pages of one course in all its languages, read in a fixed number of queries."""

    def __init__(self, courses: list[CoursePage]) -> None:
        self.courses = courses
        self.modules: dict[uuid.UUID, dict[str, ModulePage]] = defaultdict(dict)
        self.lessons: dict[uuid.UUID, dict[str, LessonPage]] = defaultdict(dict)
        self.lessons_of: dict[uuid.UUID, list[uuid.UUID]] = defaultdict(list)
        for course in courses:
            language = course.locale.language_code
            by_path = {}
            for module in ModulePage.objects.child_of(course).live().order_by("path"):
                self.modules[module.translation_key][language] = module
                by_path[module.path] = module.translation_key
            lessons = LessonPage.objects.descendant_of(course).live().order_by("path")
            for lesson in lessons.prefetch_related("legal_references__reference"):
                module_key = by_path.get(lesson.path[: -LessonPage.steplen])
                if module_key is None:
                    continue  # its module is not published
                self.lessons[lesson.translation_key][language] = lesson
                if lesson.translation_key not in self.lessons_of[module_key]:
                    self.lessons_of[module_key].append(lesson.translation_key)
        self.activities = self._read_activities()

    def _read_activities(self) -> dict[int, Activity]:
        ids = {
            activity_id
            for pages in self.lessons.values()
            for page in pages.values()
            for activity_id, _ in placed_in(page)
        }
        return Activity.objects.live().in_bulk(ids)

    def outline(self, version: str) -> Outline:
        main = self.courses[0]
        return Outline(
            course_key=main.translation_key,
            version=version,
            access=main.access,
            centre_id=main.centre_id,
            electives_needed=main.electives_needed,
            pages={page.locale.language_code: self._ref(page) for page in self.courses},
            prerequisites=tuple(
                main.prerequisites.order_by("pk").values_list("translation_key", flat=True)
            ),
            modules=tuple(self._module(key, pages) for key, pages in self.modules.items()),
        )

    def stamps(self) -> dict[str, str]:
        """When each lesson's text last changed, its references included: part of the version."""
        return {
            str(page.pk): " ".join(
                [
                    str(page.live_revision_id),
                    *(
                        f"{link.reference.code}:{link.reference.valid_from}:"
                        f"{link.reference.valid_to}:{link.reference.superseded_by_id}:"
                        f"{link.reference.last_checked}:{link.reference}:{link.reference.title}"
                        for link in page.legal_references.all()
                    ),
                ]
            )
            for pages in self.lessons.values()
            for page in pages.values()
        }

    def _module(self, key: uuid.UUID, pages: dict[str, ModulePage]) -> ModuleRef:
        main = next(iter(pages.values()))
        return ModuleRef(
            key=key,
            code=main.code,
            elective=main.elective,
            pages={language: self._ref(page) for language, page in pages.items()},
            lessons=tuple(self._lesson(lesson_key) for lesson_key in self.lessons_of[key]),
        )

    def _lesson(self, key: uuid.UUID) -> LessonRef:
        pages = self.lessons[key]
        main = next(iter(pages.values()))
        return LessonRef(
            key=key,
            code=main.code,
            minutes=main.minutes,
            periods=main.periods,
            pages={language: self._ref(page) for language, page in pages.items()},
            activities={
                language: tuple(
                    self._activity(self.activities[activity_id], required)
                    for activity_id, required in placed_in(page)
                    if activity_id in self.activities
                )
                for language, page in pages.items()
            },
        )

    @staticmethod
    def _activity(activity: Activity, required: bool) -> ActivityRef:
        found = activity.activity_type
        return ActivityRef(
            activity_id=activity.pk,
            uuid=activity.uuid,
            key=activity.translation_key,
            type_key=activity.type_key,
            title=activity.title,
            rule=rule_of(found, activity.completion_rule).key if found else "",
            required=required,
        )

    @staticmethod
    def _ref(page: Any) -> PageRef:
        # url_path begins with the slug of the site's root page: /<root>/<course>/…
        path = "/" + page.url_path.strip("/").partition("/")[2] + "/"
        intro = clean(expand_db_html(getattr(page, "intro", "")), Profile.TEACHER)
        return PageRef(page.pk, page.title, path, getattr(page, "summary", ""), intro)

    def all_pages(self) -> list[tuple[str, str, Any]]:
        """(kind, language, page) of every published page of the course."""
        kind = Address.Kind
        found: list[tuple[str, str, Any]] = [
            (kind.COURSE, page.locale.language_code, page) for page in self.courses
        ]
        for of_kind, groups in ((kind.MODULE, self.modules), (kind.LESSON, self.lessons)):
            for pages in groups.values():
                found += [(of_kind, language, page) for language, page in pages.items()]
        return found


def placed_in(lesson: LessonPage) -> list[tuple[int, bool]]:
    """(activity id, required) of the activity blocks of `lesson`, in order, each once."""
    found: dict[int, bool] = {}
    for block in lesson.body.raw_data:
        if block["type"] == "activity" and block["value"].get("activity"):
            activity_id = int(block["value"]["activity"])
            required = bool(block["value"].get("required", True))
            found[activity_id] = found.get(activity_id, False) or required
    return list(found.items())


def _write_addresses(row: CourseOutline, pages: _Published, outline: Outline) -> None:
    wanted = {
        page.pk: Address(
            url_path=_site_path(page),
            page_id=page.pk,
            outline=row,
            kind=kind,
            key=page.translation_key,
            language=language,
        )
        for kind, language, page in pages.all_pages()
    }
    fields = ("url_path", "outline_id", "kind", "key", "language")
    stored = {each.page_id: each for each in Address.objects.filter(outline=row)}
    changed = [
        pk
        for pk, each in wanted.items()
        if pk not in stored
        or any(getattr(stored[pk], name) != getattr(each, name) for name in fields)
    ]
    gone = [pk for pk in stored if pk not in wanted]
    if changed or gone:
        # Deleted first: two pages may have swapped their addresses.
        Address.objects.filter(page_id__in=[*changed, *gone]).delete()
        Address.objects.filter(url_path__in=[wanted[pk].url_path for pk in changed]).delete()
        Address.objects.bulk_create([wanted[pk] for pk in changed])


def _site_path(page: Any) -> str:
    """The address without the root's slug, with the language: "vi:/course/module/lesson/"."""
    path = page.url_path.strip("/").partition("/")[2]
    return f"{page.locale.language_code}:/{path}/"


def _write_placements(row: CourseOutline, outline: Outline) -> None:
    wanted: dict[tuple[uuid.UUID, int], Placement] = {}
    for lesson in outline.lessons():
        for refs in lesson.activities.values():
            for position, ref in enumerate(refs):
                wanted.setdefault(
                    (lesson.key, ref.activity_id),
                    Placement(
                        outline=row,
                        lesson_key=lesson.key,
                        activity_id=ref.activity_id,
                        activity_key=ref.key,
                        position=position,
                        required=ref.required,
                    ),
                )
    stored = {
        (each.lesson_key, each.activity_id): each for each in Placement.objects.filter(outline=row)
    }
    fields = ("activity_key", "position", "required")
    same = {
        place
        for place, each in stored.items()
        if place in wanted
        and all(getattr(each, name) == getattr(wanted[place], name) for name in fields)
    }
    Placement.objects.filter(
        pk__in=[each.pk for place, each in stored.items() if place not in same]
    ).delete()
    Placement.objects.bulk_create([each for place, each in wanted.items() if place not in same])
