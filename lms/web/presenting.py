"""Turns outlines and progress into what templates show: urls, states, labels."""

from __future__ import annotations

import uuid
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.urls import get_script_prefix, reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language, override

from lms.learning.models import Enrolment
from lms.learning.progress.completion import Standing
from lms.learning.queries import Done
from lms.people.rights import Rights
from modules.content.models import Access
from modules.content.outline import LessonRef, ModuleRef, Outline, PageRef, in_language

MAIN: str = settings.LANGUAGE_CODE


def language() -> str:
    """The language of the request."""
    return get_language() or MAIN


def page_url(path: str, code: str | None = None) -> str:
    """The address of a course page: `path` under the prefix of the language."""
    code = code or language()
    prefix = "" if code == MAIN else f"/{code}"
    return f"{get_script_prefix().rstrip('/')}{prefix}{path}"


def text_language(pages: dict[str, PageRef]) -> str:
    """The language of the text when it is not the one of the request; else empty."""
    code = language()
    return "" if code in pages else next(iter(pages))


def lesson_entry(lesson: LessonRef, state: str) -> dict[str, Any]:
    """A lesson in an outline: {url, code, title, minutes, state}."""
    page = lesson.page(language())
    return {
        "url": page_url(page.path),
        "code": lesson.code,
        "title": page.title,
        "minutes": lesson.minutes,
        "state": state,
    }


def lesson_link(lesson: LessonRef | None) -> dict[str, Any] | None:
    """{url, code, title} of a lesson, or None."""
    if lesson is None:
        return None
    page = lesson.page(language())
    return {"url": page_url(page.path), "code": lesson.code, "title": page.title}


def course_link(outline: Outline) -> dict[str, Any]:
    """{url, title, lang} of a course."""
    page = outline.page(language())
    return {
        "url": page_url(page.path),
        "title": page.title,
        "lang": text_language(outline.pages),
    }


def module_entry(module: ModuleRef, done: Done, *, is_open: bool) -> dict[str, Any]:
    """A module in the course page's outline; its rows are in `lms.web.trails`."""
    page = module.page(language())
    return {
        "key": module.key,
        "code": module.code,
        "title": page.title,
        "summary": page.summary,
        "intro": SafeString(page.intro),
        "elective": module.elective,
        "is_open": is_open,
        "total": len(module.lessons),
        "done": len(module.lesson_keys & done.completed),
        "minutes": module.minutes,
    }


def course_card(
    outline: Outline, enrolment: Enrolment | None, standing: Standing | None
) -> dict[str, Any]:
    """A course in the catalogue."""
    page = outline.page(language())
    completed = enrolment is not None and completed_at(enrolment) is not None
    return {
        **course_link(outline),
        "summary": page.summary,
        "module_count": len(outline.modules),
        "lesson_count": len(outline.order),
        "minutes": outline.minutes,
        "periods": outline.periods,
        "state": "" if enrolment is None else "completed" if completed else "enrolled",
        "percent": 100 if completed else standing.percent if standing else 0,
        "done": standing.done if standing else 0,
    }


def completed_at(enrolment: Enrolment) -> Any:
    """When the course was completed, or None. Needs `progress` loaded."""
    progress = getattr(enrolment, "progress", None)
    return progress.completed_at if progress is not None else None


def resume_key(enrolment: Enrolment) -> uuid.UUID | None:
    """The lesson in which the learner stopped, or None. Needs `resume_point` loaded."""
    point = getattr(enrolment, "resume_point", None)
    return point.lesson_key if point is not None else None


def language_urls(pages: dict[str, PageRef]) -> dict[str, str]:
    """The address of the same page in every language of the site."""
    return {code: page_url(in_language(pages, code).path, code) for code, _ in settings.LANGUAGES}


def may_see_course(outline: Outline, rights: Rights | None, *, enrolled: bool) -> bool:
    """Whether somebody may see that the course exists and what is in it."""
    if enrolled or outline.access != Access.INVITED:
        return True
    return rights is not None and rights.may_see_unpublished_courses


def may_read_lessons(outline: Outline, rights: Rights | None, *, enrolled: bool) -> bool:
    """Whether somebody may read the lessons: enrolled people, staff, anybody if it is public."""
    if enrolled or outline.access == Access.PUBLIC:
        return True
    return rights is not None and rights.may_see_unpublished_courses


@lru_cache(maxsize=8192)
def _reversed(name: str, code: str, key: uuid.UUID) -> str:
    return reverse(f"web:{name}", args=[key])


def action_url(name: str, key: uuid.UUID) -> str:
    """The address of the named action on `key`, kept in memory: reversing is slow."""
    return _reversed(name, language(), key)


def addresses(name: str, key: uuid.UUID) -> dict[str, str]:
    """The address of the named page about `key` in every language of the site."""
    found = {}
    for code, _ in settings.LANGUAGES:
        with override(code):
            found[code] = action_url(name, key)
    return found


def activity_url(activity_uuid: uuid.UUID) -> str:
    """The address of an activity's own page."""
    return action_url("activity", activity_uuid)
