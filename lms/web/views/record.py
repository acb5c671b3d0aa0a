"""A person's own record: courses, lessons, periods, dates. Prints as it stands."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from lms.learning.models import Enrolment
from lms.learning.queries import (
    Done,
    best_results,
    done_by,
    enrolments_of,
    lessons_completed_at,
    outlines,
)
from lms.people.api import current_post
from lms.plugins.contracts import whole_percent
from lms.web.presenting import completed_at, course_link, language
from lms.web.requests import SignedInRequest
from modules.content.outline import LessonRef, Outline


@login_required
def record(request: SignedInRequest) -> HttpResponse:
    """All that this person has learned here, newest course first."""
    person = request.user.person
    if person is None:
        return redirect("web:catalogue")
    enrolments = enrolments_of(person.pk)
    ids = [each.pk for each in enrolments]
    done = done_by(ids) if ids else {}
    best = best_results(ids) if ids else {}
    moments = lessons_completed_at(ids) if ids else {}
    known = outlines(each.course_key for each in enrolments)
    courses = [
        _course(each, known.get(each.course_key), done[each.pk], best, moments)
        for each in enrolments
    ]
    post = current_post(person, timezone.localdate())
    context = {
        "nav": "record",
        "person": {
            "full_name": person.full_name,
            "position": post.position.display_name if post else "",
            "unit": post.unit.name if post else "",
        },
        "printed_on": timezone.localdate(),
        "totals": {
            "periods": _periods(enrolments, known, done),
            "lessons": len({key for each in done.values() for key in each.completed}),
            "courses": sum(completed_at(each) is not None for each in enrolments),
        },
        "courses": courses,
    }
    return render(request, "web/record.html", context)


def _periods(
    enrolments: list[Enrolment], known: dict[uuid.UUID, Outline], done: dict[int, Done]
) -> Decimal:
    """Periods of all lessons done; a lesson done in two cycles of a course counts in each."""
    return sum(
        (
            lesson.periods
            for each in enrolments
            if each.course_key in known
            for lesson in known[each.course_key].lessons()
            if lesson.key in done[each.pk].completed
        ),
        Decimal(0),
    )


def _course(
    enrolment: Enrolment,
    outline: Outline | None,
    done: Done,
    best: dict[tuple[int, uuid.UUID], float],
    moments: dict[tuple[int, uuid.UUID], dt.datetime],
) -> dict[str, Any]:
    at = completed_at(enrolment)
    link = course_link(outline) if outline else {"url": "", "title": enrolment.course_title}
    lessons = [
        {
            "code": lesson.code,
            "title": lesson.page(language()).title,
            "periods": lesson.periods,
            "result": _result(enrolment, lesson, best),
            "completed_at": moments.get((enrolment.pk, lesson.key)),
        }
        for lesson in (outline.lessons() if outline else ())
        if lesson.key in done.completed
    ]
    return {
        **link,
        "percent": 100 if at else done.standing(outline).percent if outline else 0,
        "enrolled_at": enrolment.enrolled_at,
        "completed_at": at,
        "withdrawn_at": enrolment.withdrawn_at,
        "position_then": enrolment.position.display_name if enrolment.position else "",
        "unit_then": enrolment.unit.name if enrolment.unit else "",
        "lessons": lessons,
    }


def _result(
    enrolment: Enrolment, lesson: LessonRef, best: dict[tuple[int, uuid.UUID], float]
) -> str:
    marks = [
        best[enrolment.pk, ref.key]
        for ref in lesson.activities_in(language())
        if (enrolment.pk, ref.key) in best
    ]
    return f"{whole_percent(sum(marks) / len(marks))}%" if marks else ""
