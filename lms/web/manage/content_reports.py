"""The desk of authors: what readers reported about lessons and activities, and the answers."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods
from wagtail.admin.admin_url_finder import AdminURLFinder

from lms.feedback.models import ContentReport
from lms.feedback.services.reporting import ANSWERS, LONGEST, answer_report
from lms.plugins.errors import DomainError
from lms.web.manage.access import AUTHORS, for_roles
from lms.web.reporting import LESSON, links_of
from lms.web.requests import SignedInRequest
from modules.content.models import Activity, LessonPage

PER_PAGE = 50
HERE = {"nav": "manage", "section": "content-reports"}


@require_GET
@for_roles(*AUTHORS)
def reports(request: SignedInRequest) -> HttpResponse:
    """Those that wait, the oldest first; or with ?state=answered the others, the newest first."""
    answered = request.GET.get("state") == "answered"
    seen = ContentReport.objects.visible_to(request.user)
    rows = seen.answered().order_by("-answered_at", "-pk") if answered else seen.waiting()
    rows = rows if answered else rows.order_by("at", "pk")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {**HERE, "page_obj": page, "answered": answered, "reports": list(page.object_list)}
    return render(request, "web/manage/content_reports.html", context)


@require_http_methods(["GET", "POST"])
@for_roles(*AUTHORS)
def report(request: SignedInRequest, report_uuid: uuid.UUID) -> HttpResponse:
    """One report, with the way into the editor; takes the answer."""
    seen = ContentReport.objects.visible_to(request.user)
    found = get_object_or_404(
        seen.select_related("reporter__person", "answered_by__person"), uuid=report_uuid
    )
    if request.method == "GET":
        return _page(request, found)
    try:
        answer_report(
            report=found,
            by=request.user,
            state=request.POST.get("state", ""),
            text=request.POST.get("answer", ""),
        )
    except DomainError as error:
        return _page(request, found, refusal=str(error))
    messages.success(request, _("Answered. The person who reported it sees it on the home page."))
    return redirect("web:manage-content-reports")


def _page(request: SignedInRequest, found: ContentReport, *, refusal: str = "") -> HttpResponse:
    labels = dict(ContentReport.State.choices)
    context = {
        **HERE,
        "report": found,
        "page_url": links_of([found]).get(found.key, ""),
        "edit_url": _edit_url(request, found),
        "states": [(state.value, labels[state]) for state in ANSWERS],
        "longest": LONGEST,
        "refusal": refusal,
        "typed": {
            "state": request.POST.get("state", ""),
            "answer": request.POST.get("answer", ""),
        },
    }
    status = 422 if refusal else 200
    return render(request, "web/manage/content_report.html", context, status=status)


def _edit_url(request: SignedInRequest, found: ContentReport) -> str:
    """Where the text is mended, for those who may; the page of the language that was read."""
    rows: list[LessonPage] | list[Activity]
    if found.where == LESSON:
        rows = list(LessonPage.objects.filter(translation_key=found.key).select_related("locale"))
    else:
        rows = list(Activity.objects.filter(translation_key=found.key).select_related("locale"))
    ordered = sorted(rows, key=lambda row: row.locale.language_code != found.language)
    if not ordered:
        return ""
    row = ordered[0]
    if isinstance(row, Activity):
        kind = row.activity_type
        if kind is None:
            return ""
        row = kind.model._default_manager.get(pk=row.pk)
    return AdminURLFinder(request.user).get_edit_url(row) or ""
