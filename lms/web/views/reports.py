"""A reader reports a fault in a lesson or an activity, and reads what came of it."""

from __future__ import annotations

import uuid
from typing import Any

from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lms.feedback.models import ContentReport
from lms.feedback.services.reporting import Spot, mark_answers_read, report_content
from lms.learning.api import enrolment_for
from lms.learning.queries import active_enrolment
from lms.people.rights import rights_of
from lms.plugins.errors import DomainError
from lms.web.presenting import activity_url, language, lesson_link, may_read_lessons
from lms.web.reporting import ACTIVITY, LESSON, links_of, report_form
from lms.web.requests import SignedInRequest
from lms.web.views.errors import refuse
from modules.content.models import Activity, Address, Placement
from modules.content.outline import in_language, outline_of

PER_PAGE = 50
LIMIT = "content_report"


@require_http_methods(["GET", "POST"])
@login_required
def report_lesson(request: SignedInRequest, lesson_key: uuid.UUID) -> HttpResponse:
    """The form about a lesson, for those who may read it."""
    address = (
        Address.objects.filter(key=lesson_key, kind=Address.Kind.LESSON)
        .select_related("outline")
        .first()
    )
    outline = outline_of(address.outline) if address else None
    lesson = outline.lesson(lesson_key) if outline else None
    if outline is None or lesson is None:
        raise Http404
    enrolled = active_enrolment(request.user.person_id, outline.course_key) is not None
    if not may_read_lessons(outline, rights_of(request.user), enrolled=enrolled):
        return refuse(request, _("Enrol in the course first; then its lessons are open to you."))
    page = in_language(lesson.pages, language())
    spot = Spot(
        where=LESSON,
        key=lesson_key,
        course_key=outline.course_key,
        title=f"{lesson.code} {page.title}".strip(),
        language=language() if language() in lesson.pages else next(iter(lesson.pages)),
    )
    link = lesson_link(lesson) or {}
    return _report(request, spot, lesson_key, back=str(link["url"]))


@require_http_methods(["GET", "POST"])
@login_required
def report_activity(request: SignedInRequest, activity_uuid: uuid.UUID) -> HttpResponse:
    """The form about an activity, for those who may open it."""
    activity = Activity.objects.live().filter(uuid=activity_uuid).select_related("locale").first()
    if activity is None:
        raise Http404
    enrolment = enrolment_for(request.user.person, activity)
    if enrolment is None and not rights_of(request.user).may_author:
        return refuse(request, _("Enrol in the course first; then this activity is open to you."))
    course_key = enrolment.course_key if enrolment else _course_of(activity)
    spot = Spot(
        where=ACTIVITY,
        key=activity.translation_key,
        course_key=course_key,
        title=activity.title,
        language=activity.locale.language_code,
        place=request.POST.get("place", "")[:80],
    )
    return _report(request, spot, activity_uuid, back=activity_url(activity_uuid))


def _course_of(activity: Activity) -> uuid.UUID:
    """A course that holds the activity; 404 where none does, for then nobody learns with it."""
    key: uuid.UUID | None = (
        Placement.objects.filter(activity_key=activity.translation_key)
        .values_list("outline__course_key", flat=True)
        .first()
    )
    if key is None:
        raise Http404
    return key


def _report(request: SignedInRequest, spot: Spot, key: uuid.UUID, *, back: str) -> HttpResponse:
    if request.method == "GET":
        return _form(request, spot, key, back)
    if not ratelimit.consume(request, action=LIMIT, user=request.user, dry_run=True):
        refusal = _("That was a lot for one hour. Keep the text and send it later.")
        return _form(request, spot, key, back, refusal=refusal, status=429)
    try:
        report_content(
            user=request.user,
            spot=spot,
            kind=request.POST.get("kind", ""),
            text=request.POST.get("text", ""),
            show_name=request.POST.get("show_name") == "1",
        )
    except DomainError as error:
        return _form(request, spot, key, back, refusal=str(error), status=422)
    ratelimit.consume(request, action=LIMIT, user=request.user)
    messages.success(request, _("Sent to the authors. Their answer will be on the home page."))
    return redirect(back)


def _form(
    request: SignedInRequest,
    spot: Spot,
    key: uuid.UUID,
    back: str,
    *,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {
        "nav": "catalogue",
        "title": spot.title,
        "title_lang": "" if spot.language == language() else spot.language,
        "back": back,
        "report": report_form(spot.where, key, kept=False),
        "refusal": refusal,
        "typed": {
            "kind": request.POST.get("kind", ""),
            "place": spot.place,
            "text": request.POST.get("text", ""),
            "show_name": request.POST.get("show_name") == "1",
        },
    }
    return render(request, "web/report.html", context, status=status)


@require_GET
@login_required
def reports(request: SignedInRequest) -> HttpResponse:
    """What this person reported, and the answers."""
    rows = ContentReport.objects.filter(reporter=request.user)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    shown = list(page.object_list)
    links = links_of(shown)
    context = {
        "nav": "reports",
        "page_obj": page,
        "reports": [_entry(each, links.get(each.key, "")) for each in shown],
        "unread": ContentReport.objects.new_answers_for(request.user).exists(),
    }
    return render(request, "web/reports.html", context)


def _entry(report: ContentReport, url: str) -> dict[str, Any]:
    return {
        "report": report,
        "url": url,
        "is_new": report.answered_at is not None and report.read_at is None,
    }


@require_POST
@login_required
def read(request: SignedInRequest) -> HttpResponse:
    """The answers were read: they are not announced any more."""
    mark_answers_read(user=request.user)
    return redirect("web:home" if request.POST.get("from") == "home" else "web:reports")
