"""The front page for visitors and the list of courses."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from lms.learning.queries import all_outlines, done_by, enrolments_of
from lms.people.rights import rights_of
from lms.web.presenting import course_card, lesson_link, may_see_course, resume_key


def front(request: HttpRequest) -> HttpResponse:
    """What this is and what can be learned here; people who signed in go to their home."""
    if request.user.is_authenticated:
        return redirect("web:home")
    return render(request, "web/catalogue.html", {"visitor": True, **_catalogue(request)})


def courses(request: HttpRequest) -> HttpResponse:
    """All courses that the person may see."""
    return render(request, "web/catalogue.html", {"visitor": False, **_catalogue(request)})


def _catalogue(request: HttpRequest) -> dict[str, Any]:
    user = request.user
    person_id = user.person_id if user.is_authenticated else None
    rights = rights_of(user) if user.is_authenticated else None
    enrolments = {each.course_key: each for each in enrolments_of(person_id) if each.is_active}
    done = done_by([each.pk for each in enrolments.values()]) if enrolments else {}
    cards = []
    continue_at = None
    for outline in all_outlines():
        enrolment = enrolments.get(outline.course_key)
        if not may_see_course(outline, rights, enrolled=enrolment is not None):
            continue
        standing = done[enrolment.pk].standing(outline) if enrolment else None
        cards.append(course_card(outline, enrolment, standing))
        if enrolment and continue_at is None and (key := resume_key(enrolment)):
            continue_at = lesson_link(outline.lesson(key))
    return {
        "nav": "catalogue",
        "courses": cards,
        "only_one": len(cards) == 1,
        "continue_at": continue_at,
    }
