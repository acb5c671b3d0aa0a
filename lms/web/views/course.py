"""The course page: the way through, how far one is, what completes it."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.safestring import SafeString

from lms.learning.models import CourseProgress, Enrolment
from lms.learning.progress.completion import next_lesson
from lms.learning.queries import Done, done_by, outlines
from lms.web.presenting import (
    action_url,
    completed_at,
    course_link,
    language,
    lesson_link,
    resume_key,
)
from lms.web.trails import modules
from modules.content.facts import CourseFacts, course_facts
from modules.content.models import Access, Address
from modules.content.outline import ModuleRef, Outline


def course_page(
    request: HttpRequest, outline: Outline, address: Address, enrolment: Enrolment | None
) -> HttpResponse:
    """The page of a course; at the address of a module, that module is the open one."""
    done = done_by([enrolment.pk])[enrolment.pk] if enrolment else Done()
    page = outline.page(language())
    today = timezone.localdate()
    facts = course_facts(page.page_id, outline, today)
    missing = [] if enrolment else _missing_prerequisites(request, outline)
    following = next_lesson(outline, done.completed, resume_key(enrolment) if enrolment else None)
    open_module = _open_module(outline, address, following.key if following else None)
    context = {
        "nav": "catalogue",
        "text_key": (page.page_id, outline.version, today),
        "course": _course(outline, facts),
        "modules": modules(outline, done, open_module),
        "enrolment": _enrolment(outline, enrolment, done) if enrolment else None,
        "next_lesson": lesson_link(following),
        "completion": _completion(outline),
        "missing_prerequisites": missing,
        "can_enrol": request.user.is_authenticated
        and request.user.person_id is not None
        and outline.access != Access.INVITED,
        "enrol_url": action_url("enrol", outline.course_key),
        "withdraw_url": action_url("withdraw", outline.course_key) if enrolment else None,
        "legal": {
            "total": facts.references,
            "checked": facts.checked,
            "under_review": facts.under_review,
        },
    }
    return render(request, "web/course.html", context)


def _course(outline: Outline, facts: CourseFacts) -> dict[str, Any]:
    page = outline.page(language())
    return {
        **course_link(outline),
        "summary": page.summary,
        "intro": SafeString(page.intro),
        "audience": facts.audience,
        "objectives": facts.objectives,
        "module_count": len(outline.modules),
        "lesson_count": len(outline.order),
        "minutes": outline.minutes,
        "periods": outline.periods,
        "review_by": facts.review_by,
    }


def _enrolment(outline: Outline, enrolment: Enrolment, done: Done) -> dict[str, Any]:
    standing = done.standing(outline)
    at = completed_at(enrolment)
    return {
        "percent": 100 if at else standing.percent,
        "done": standing.done,
        "total": standing.total,
        "minutes_left": standing.minutes_left,
        "completed_at": at,
    }


def _completion(outline: Outline) -> dict[str, int]:
    electives = [module for module in outline.modules if module.elective]
    required = [module for module in outline.modules if not module.elective]
    return {
        "required": sum(len(module.lessons) for module in required),
        "electives": min(outline.electives_needed, len(electives)),
        "electives_offered": len(electives),
    }


def _open_module(
    outline: Outline, address: Address, lesson_key: uuid.UUID | None
) -> ModuleRef | None:
    if address.kind == Address.Kind.MODULE:
        return next((each for each in outline.modules if each.key == address.key), None)
    module = outline.module_of(lesson_key) if lesson_key else None
    return module or next(iter(outline.modules), None)


def _missing_prerequisites(request: HttpRequest, outline: Outline) -> list[dict[str, Any]]:
    person_id = request.user.person_id if request.user.is_authenticated else None
    if not outline.prerequisites or person_id is None:
        return []
    done = set(
        CourseProgress.objects.filter(
            enrolment__person_id=person_id,
            enrolment__course_key__in=outline.prerequisites,
            completed_at__isnull=False,
        ).values_list("enrolment__course_key", flat=True)
    )
    wanted = outlines(key for key in outline.prerequisites if key not in done)
    return [course_link(each) for each in wanted.values()]
