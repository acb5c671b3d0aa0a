"""The learner's home: go on where you stopped, what comes next, how far you are."""

from __future__ import annotations

from itertools import islice
from operator import itemgetter
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from lms.feedback.queries import new_answers
from lms.learning.assigned import due_of, due_state
from lms.learning.models import AssignedPerson, Attempt, Enrolment
from lms.learning.progress.completion import Standing, next_lesson
from lms.learning.queries import Done, done_by, enrolments_of, outlines, recent_results
from lms.people.models import Person
from lms.plugins.config import registries
from lms.plugins.guard import PluginFailure, guard
from lms.web.presenting import (
    activity_url,
    completed_at,
    course_link,
    language,
    lesson_entry,
    resume_key,
    text_language,
)
from lms.web.requests import SignedInRequest
from modules.content.outline import LessonRef, Outline


@login_required
def home(request: SignedInRequest) -> HttpResponse:
    """Everything a person needs to go on with one press."""
    person = request.user.person
    enrolments = [each for each in enrolments_of(request.user.person_id) if each.is_active]
    found = outlines(each.course_key for each in enrolments)
    done = done_by([each.pk for each in enrolments]) if enrolments else {}
    due = due_of(person.pk) if person else {}
    courses, going_on = [], None
    for enrolment in enrolments:
        outline = found.get(enrolment.course_key)
        if outline is None:
            continue
        standing = done[enrolment.pk].standing(outline)
        courses.append(_course(outline, enrolment, standing, due.get(enrolment.course_key)))
        if going_on is None and completed_at(enrolment) is None:
            lesson = _where(outline, enrolment, done[enrolment.pk])
            if lesson is not None:
                going_on = (outline, lesson, done[enrolment.pk])
    context = {
        "nav": "home",
        "courses": courses,
        "reminders": [course for course in courses if course["due"] in ("overdue", "soon")],
        "continue_at": _continue(*going_on) if going_on else None,
        "next_lessons": _after(*going_on) if going_on else [],
        "recent": [_result(attempt) for attempt in recent_results(person.pk)] if person else [],
        "panels": panels(person, request) if person else [],
        "answers": new_answers(request.user.pk),
    }
    return render(request, "web/home.html", context)


def panels(person: Person, request: SignedInRequest) -> list[SafeString]:
    """What plugins have to say on this person's home page; a plugin that fails says nothing."""
    found: list[tuple[int, SafeString]] = []
    for source in registries.home_panels:
        try:
            with guard(source.key, "panels", writes=False):
                found += [
                    (int(panel.priority), format_html("<h2>{}</h2>{}", panel.title, panel.body))
                    for panel in source.panels(person, request)
                ]
        except PluginFailure:
            continue
    return [html for _priority, html in sorted(found, key=itemgetter(0))]


def _where(outline: Outline, enrolment: Enrolment, done: Done) -> LessonRef | None:
    """The lesson to go on with: where the person stopped, unless it is done by now."""
    key = resume_key(enrolment)
    if key is not None and (lesson := outline.lesson(key)) and key not in done.completed:
        return lesson
    return next_lesson(outline, done.completed, key)


def _continue(outline: Outline, lesson: LessonRef, done: Done) -> dict[str, Any]:
    module = outline.module_of(lesson.key)
    steps = module.lessons if module else ()
    entry = lesson_entry(lesson, done.state(lesson.key))
    shown = {
        **entry,
        "lang": text_language(lesson.pages),
        "started": bool(done.started or done.completed),
        "course_title": outline.page(language()).title,
        "module_title": module.page(language()).title if module else "",
        "module_done": len(module.lesson_keys & done.completed) if module else 0,
        "module_total": len(steps),
        "steps": tuple(done.state(each.key) for each in steps),
    }
    return shown | {"values": tuple(shown.values())}


def _after(outline: Outline, lesson: LessonRef, done: Done) -> list[dict[str, Any]]:
    following = outline.order[(outline.position(lesson.key) or 0) + 1 :]
    still = (each for each in following if each.key not in done.completed)
    return [lesson_entry(each, done.state(each.key)) for each in islice(still, 3)]


def _course(
    outline: Outline, enrolment: Enrolment, standing: Standing, given: AssignedPerson | None
) -> dict[str, Any]:
    at = completed_at(enrolment)
    due_on = given.assignment.due_on if given and at is None else None
    shown = {
        **course_link(outline),
        "percent": 100 if at else standing.percent,
        "done": standing.done,
        "total": standing.total,
        "minutes_left": standing.minutes_left,
        "completed_at": at,
        "due_on": due_on,
        "due": due_state(due_on, timezone.localdate()),
        "note": given.assignment.note if given and at is None else "",
    }
    return shown | {"values": tuple(shown.values())}


def _result(attempt: Attempt) -> dict[str, Any]:
    if attempt.percent is None:
        label = _("Received") if attempt.grading_due or attempt.awaits_person else _("Handed in")
    else:
        label = f"{attempt.percent}%"
    shown = {
        "url": activity_url(attempt.activity.uuid),
        "title": attempt.activity.title,
        "at": timezone.localtime(attempt.submitted_at).date(),
        "passed": attempt.passed,
        "label": label,
    }
    return shown | {"values": tuple(map(str, shown.values()))}
