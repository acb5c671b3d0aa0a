"""What learners handed in, read by the instructors of the course and by nobody else."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count, Max, Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from lms.learning.models import Attempt, Enrolment
from lms.learning.queries import outlines, teaches
from lms.people.models import RecordAccess
from lms.people.rights import rights_of
from lms.people.services.accesses import note_access
from lms.plugins.config import registries
from lms.plugins.contracts import ActivityType, Trait
from lms.plugins.guard import PluginFailure, guard
from lms.plugins.vietnamese import fold
from lms.web.presenting import language, text_language
from lms.web.requests import SignedInRequest
from lms.web.views.errors import refuse
from modules.content.outline import ActivityRef, LessonRef, Outline

PER_PAGE = 20


def evidence_type(type_key: str) -> ActivityType | None:
    """The type when it lets instructors read what was handed in, else None."""
    found = registries.activity_types.get(type_key)
    return found if found is not None and Trait.EVIDENCE in found.traits else None


def _places(outline: Outline) -> dict[uuid.UUID, tuple[LessonRef, ActivityRef]]:
    """The activities of the course that offer evidence, by key, in the order of the lessons."""
    places: dict[uuid.UUID, tuple[LessonRef, ActivityRef]] = {}
    for lesson in outline.lessons():
        # In the language of the page first; then those that another language alone has.
        for refs in (lesson.activities_in(language()), *lesson.activities.values()):
            for ref in refs:
                if evidence_type(ref.type_key) is not None:
                    places.setdefault(ref.key, (lesson, ref))
    return places


def _handed_in(request: SignedInRequest, outline: Outline) -> QuerySet[Attempt]:
    """The attempts handed in that this person may read, of people who take the course now."""
    learners = Enrolment.objects.active().filter(course_key=outline.course_key)
    return Attempt.objects.filter(
        enrolment__in=learners.read_by(request.user).order_by(), submitted_at__isnull=False
    )


def work_to_read(request: SignedInRequest, outline: Outline) -> list[dict[str, Any]]:
    """{code, title, lang, url, learners, last} of each activity whose work this person may read.

    Two queries, or none for a course without such activities.
    """
    places = _places(outline)
    if not places or not teaches(request.user, outline.course_key):
        return []
    numbers = {
        row["activity_key"]: row
        for row in _handed_in(request, outline)
        .filter(activity_key__in=places)
        .order_by()
        .values("activity_key")
        .annotate(learners=Count("enrolment", distinct=True), last=Max("submitted_at"))
    }
    return [
        {
            "code": lesson.code,
            "title": ref.title,
            "lang": text_language(lesson.pages),
            "url": reverse("web:teaching-work", args=[outline.course_key, key]),
            **numbers.get(key, {"learners": 0, "last": None}),
        }
        for key, (lesson, ref) in places.items()
    ]


@login_required
def work(request: SignedInRequest, course_key: uuid.UUID, activity_key: uuid.UUID) -> HttpResponse:
    """What was handed in for one activity, newest first, a page at a time."""
    outline = outlines([course_key]).get(course_key)
    if outline is None or not rights_of(request.user).sees_learners:
        raise Http404
    if not teaches(request.user, course_key):
        return refuse(request, _("Only the instructors of the course read what was handed in."))
    place = _places(outline).get(activity_key)
    found = evidence_type(place[1].type_key) if place else None
    if place is None or found is None:
        raise Http404
    lesson, ref = place
    q = request.GET.get("q", "")[:200]
    attempts = _matching(_handed_in(request, outline).filter(activity_key=activity_key), q)
    page = Paginator(attempts.order_by("-submitted_at", "-pk"), PER_PAGE).get_page(
        request.GET.get("page")
    )
    rows = page.object_list = list(page.object_list)
    evidence = _evidence(found, rows)
    note_access(
        person_ids=[each.enrolment.person_id for each in rows],
        by=request.user,
        act=RecordAccess.Act.VIEWED,
        subject="evidence",
    )
    context = {
        "nav": "teaching",
        "course": {
            "title": outline.page(language()).title,
            "url": reverse("web:teaching-course", args=[course_key]),
        },
        "lesson": {
            "code": lesson.code,
            "title": lesson.page(language()).title,
            "lang": text_language(lesson.pages),
        },
        "activity": {"title": ref.title, "type_label": found.label},
        "q": q,
        "total": page.paginator.count,
        "unavailable": evidence is None,
        "rows": [_row(each, evidence or {}) for each in rows],
        "page_obj": page,
    }
    return render(request, "web/work.html", context)


def _matching(attempts: QuerySet[Attempt], q: str) -> QuerySet[Attempt]:
    """Those of people or units with every word of `q` in their name, people and posts loaded."""
    for word in fold(q).split():
        attempts = attempts.filter(
            Q(enrolment__person__search_text__contains=word)
            | Q(enrolment__unit__search_text__contains=word)
        )
    return attempts.select_related("enrolment__person", "enrolment__position", "enrolment__unit")


def _evidence(found: ActivityType, attempts: list[Attempt]) -> Mapping[int, SafeString] | None:
    """The HTML of each by id; None when the plugin failed."""
    if not attempts:
        return {}
    try:
        with guard(found.key, "evidence", writes=False):
            return dict(found.evidence(attempts))
    except PluginFailure:
        return None


def _row(attempt: Attempt, evidence: Mapping[int, SafeString]) -> dict[str, Any]:
    enrolment = attempt.enrolment
    return {
        "id": attempt.pk,
        "name": enrolment.person.full_name,
        "position": enrolment.position.display_name if enrolment.position else "",
        "unit": enrolment.unit.name if enrolment.unit else "",
        "number": attempt.number,
        "submitted_at": attempt.submitted_at,
        "body": evidence.get(attempt.pk, ""),
    }
