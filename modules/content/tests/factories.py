"""Builds catalogues, courses and lessons for tests, as publishing in the admin would."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from wagtail.models import Locale, Page

from lms.plugins.config import registries
from lms.plugins.contracts import (
    GRADED,
    PASSED,
    SUBMITTED,
    VIEWED,
    ActivityType,
    CompletionRule,
    progress_of,
)
from modules.content.models import (
    Activity,
    CataloguePage,
    CourseOutline,
    CoursePage,
    LegalReference,
    LessonPage,
    ModulePage,
)
from modules.content.outline import Outline, outline_of
from modules.content.services.outlines import derive_outline
from modules.content.services.site import ensure_catalogue

_numbers = itertools.count(1)


def make_site() -> CataloguePage:
    """The Vietnamese catalogue at the root of the default site; made on the first call.

    It has an English translation. Roles, permissions and the workflow are not set up: tests that
    need them call `modules.content.services.site.ensure_site`.
    """
    return ensure_catalogue()


def make_course(
    *,
    modules: int = 1,
    lessons: int = 1,
    electives: int = 0,
    title: str = "",
    language: str = "vi",
    **fields: Any,
) -> CoursePage:
    """A published course: `modules` required ones and `electives`, each with `lessons` lessons.

    `fields` go to the course page (access, centre, electives_needed, …).
    """
    catalogue = make_site()
    if language != "vi":
        catalogue = catalogue.get_translation(Locale.objects.get(language_code=language))
    number = next(_numbers)
    course = CoursePage(
        title=title or f"Khóa học {number}",
        slug=f"khoa-hoc-{number}",
        locale=catalogue.locale,
        **{"summary": "Khóa học để thử.", **fields},
    )
    catalogue.add_child(instance=course)
    for at in range(modules + electives):
        module = ModulePage(
            title=f"Chuyên đề {at + 1}",
            slug=f"chuyen-de-{at + 1}",
            code=str(at + 1),
            elective=at >= modules,
            locale=course.locale,
        )
        course.add_child(instance=module)
        for n in range(lessons):
            module.add_child(instance=_lesson(module, n + 1))
    derive_outline(course.translation_key)
    return course


def make_module(course: CoursePage, *, lessons: int = 0, **fields: Any) -> ModulePage:
    """A further published module at the end of `course`."""
    number = course.get_children().count() + 1
    module = ModulePage(
        locale=course.locale,
        **{
            "title": f"Chuyên đề {number}",
            "slug": f"chuyen-de-{next(_numbers)}",
            "code": str(number),
            **fields,
        },
    )
    course.add_child(instance=module)
    for n in range(lessons):
        module.add_child(instance=_lesson(module, n + 1))
    module.save_revision().publish()
    return module


def make_lesson(
    parent: CoursePage | ModulePage,
    *activities: Activity,
    required: bool = True,
    body: Iterable[tuple[str, Any]] = (),
    references: Iterable[LegalReference] = (),
    publish: bool = True,
    **fields: Any,
) -> LessonPage:
    """A further lesson, published with the activities in it.

    `parent`: a module, or a course (then its last module, made if there is none). `body`: stream
    blocks before the activities. With `publish=False` only a draft is saved.
    """
    module = parent
    if isinstance(parent, CoursePage):
        module = ModulePage.objects.child_of(parent).last() or make_module(parent)
    module = ModulePage.objects.get(pk=module.pk)
    lesson = _lesson(module, module.get_children().count() + 1, **fields)
    lesson.live = publish
    lesson.body = [
        *body,
        *(("activity", {"activity": each, "required": required}) for each in activities),
    ]
    for reference in references:
        lesson.legal_references.create(reference=reference)
    module.add_child(instance=lesson)
    revision = lesson.save_revision()
    if publish:
        revision.publish()
    return LessonPage.objects.get(pk=lesson.pk)


def _lesson(module: Page, number: int, **fields: Any) -> LessonPage:
    code = f"{module.specific.code}.{number}"
    return LessonPage(
        locale=module.locale,
        **{
            "title": f"Bài {code}",
            "slug": f"bai-{number}-{next(_numbers)}",
            "code": code,
            "summary": "Bài để thử.",
            "minutes": 12,
            "body": [("rich_text", "<p>Một đoạn văn ngắn của bài.</p>")],
            **fields,
        },
    )


def outline_for(course: CoursePage) -> Outline:
    """The outline of `course` as learners see it now."""
    return outline_of(CourseOutline.objects.get(course_key=course.translation_key))


def make_reference(**fields: Any) -> LegalReference:
    """A legal reference, read in a source and in force unless `fields` say otherwise."""
    number = next(_numbers)
    return LegalReference.objects.create(
        **{
            "code": f"luat-{number}",
            "number": f"{number}/2022/QH15",
            "title": "Luật để thử",
            "issuer": "Quốc hội",
            **fields,
        }
    )


class PlainType(ActivityType):
    """An activity without a table of its own, for tests that need any activity at all."""

    key = "test.plain"
    label = "Plain"
    model = Activity
    template_name = ""
    completion_rules: tuple[CompletionRule, ...] = (
        VIEWED,
        SUBMITTED,
        GRADED,
        PASSED,
        progress_of(0.9, "Nearly all of it was seen"),
    )


@contextmanager
def registered(activity_type: ActivityType | None = None) -> Iterator[ActivityType]:
    """`activity_type` (by default a PlainType) is in the registry inside the block."""
    chosen = activity_type or PlainType()
    registries.activity_types.add(chosen)
    try:
        yield chosen
    finally:
        registries.activity_types.remove(chosen.key)


def make_activity(*, publish: bool = True, **fields: Any) -> Activity:
    """An activity of the type `test.plain` (see `registered`), published unless told otherwise."""
    locale = fields.pop("locale", None) or Locale.objects.get_or_create(language_code="vi")[0]
    activity = Activity(
        locale=locale,
        live=publish,
        **{"title": f"Hoạt động {next(_numbers)}", "type_key": PlainType.key, **fields},
    )
    activity.save()
    revision = activity.save_revision()
    if publish:
        revision.publish()
        activity.refresh_from_db()
    return activity
