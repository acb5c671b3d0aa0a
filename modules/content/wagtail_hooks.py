"""What this app adds to the Wagtail admin."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from wagtail import hooks
from wagtail.admin import messages
from wagtail.admin.admin_url_finder import AdminURLFinder, register_admin_url_finder
from wagtail.admin.menu import MenuItem
from wagtail.admin.staticfiles import versioned_static
from wagtail.snippets.models import register_snippet

from modules.content import views
from modules.content.attention import REPORT, AttentionPanel, AttentionReport
from modules.content.models import Activity, PeerReviewTask
from modules.content.reviewing import faults_of, own_work_in
from modules.content.snippets import LegalReferenceViewSet, ScreensOfActivity, activity_group
from modules.content.viewsets import ActivityURLFinder, activity_chooser

register_snippet(LegalReferenceViewSet)
if (_activities := activity_group()) is not None:
    register_snippet(_activities)
register_admin_url_finder(Activity, ActivityURLFinder)
Activity.snippet_viewset = ScreensOfActivity()


def register_activity_chooser() -> Any:
    """Choosing an activity while writing a lesson."""
    return activity_chooser


def register_urls() -> list[URLPattern]:
    """The report on lessons that need attention, and the way back from a refused approval."""
    return [
        path("reports/attention/", AttentionReport.as_view(), name=REPORT),
        path(
            "reports/attention/results/",
            AttentionReport.as_view(results_only=True),
            name=f"{REPORT}_results",
        ),
        path("reviews/<int:task_state_id>/refused/", views.refused, name="content_refused"),
        # With as many parts as the screens of a review have.
        path("activities/<int:pk>/gone/", views.gone, name="content_activity_gone"),
        path("activities/<int:pk>/gone/<str:a>/", views.gone, name="content_activity_gone"),
        path("activities/<int:pk>/gone/<str:a>/<str:b>/", views.gone, name="content_activity_gone"),
    ]


def register_attention_report() -> MenuItem:
    """The report in the menu of reports."""
    return MenuItem(
        AttentionReport.page_title,
        reverse(REPORT),
        name="lessons-needing-attention",
        icon_name=AttentionReport.header_icon,
        order=90,
    )


def add_attention_panel(request: HttpRequest, panels: list[Any]) -> None:
    """The lessons that need attention, on the admin's home."""
    panels.append(AttentionPanel())


def refuse_faulty_lesson(request: HttpRequest, page: Any) -> HttpResponse | None:
    """A lesson with a faulty activity stays a draft, whatever form it came from."""
    faults = faults_of(page)
    for message in faults:
        messages.error(request, message)
    return redirect("wagtailadmin_pages:edit", page.pk) if faults else None


def refuse_faulty_draft(request: HttpRequest, draft: Any) -> HttpResponse | None:
    """As above, for what is published on its own: its draft is kept."""
    faults = faults_of(draft)
    for message in faults:
        messages.error(request, message)
    address = AdminURLFinder(request.user).get_edit_url(draft)
    return redirect(address or "wagtailadmin_home") if faults else None


def refuse_faulty_lessons(
    request: HttpRequest, action_type: str, objects: Any, action: Any
) -> HttpResponse | None:
    """As above, for pages that are published from a listing."""
    if action_type != "publish":
        return None
    found = False
    for page in objects:
        draft = page.get_latest_revision_as_object()
        for message in faults_of(draft):
            found = True
            messages.error(request, f"{draft.title}: {message}")
    return redirect("wagtailadmin_explore_root") if found else None


def say_why_not_to_approve(request: HttpRequest, obj: Any) -> None:
    """Whoever reviews, but wrote part of this, is told so above the text."""
    if request.method != "GET" or "_w_hydrate_create_view" in request.GET:
        return
    task = getattr(obj, "current_workflow_task", None)
    if isinstance(task, PeerReviewTask) and task.may_review(obj, request.user):
        reason = own_work_in(obj, request.user)
        if reason:
            messages.warning(request, reason)


def answer_refused_decision(request: HttpRequest, obj: Any) -> HttpResponse | None:
    """Where "approve" was pressed in the editor and nothing came of it, say why.

    Wagtail's editors pass over what a task answers, and save a draft instead of an approval that
    is no longer possible.
    """
    if not request.POST.get("action-workflow-action"):
        return None
    state = getattr(obj, "current_workflow_task_state", None)
    if state is None or not isinstance(state.task.specific, PeerReviewTask):
        return None
    if own_work_in(obj, request.user) or faults_of(state.revision.as_object()):
        return redirect("content_refused", state.pk)
    return None


def load_editor_script() -> str:
    """What the editors of the admin do besides what they do by themselves."""
    return format_html('<script src="{}"></script>', versioned_static("content/autosave.js"))


hooks.register("insert_editor_js", load_editor_script)
hooks.register("register_admin_viewset", register_activity_chooser)
hooks.register("register_admin_urls", register_urls)
hooks.register("register_reports_menu_item", register_attention_report)
hooks.register("construct_homepage_panels", add_attention_panel)
hooks.register("before_publish_page", refuse_faulty_lesson)
hooks.register("before_publish", refuse_faulty_draft)
for _editor in ("page", "snippet"):
    hooks.register(f"before_edit_{_editor}", say_why_not_to_approve)
    hooks.register(f"after_edit_{_editor}", answer_refused_decision)
hooks.register("before_bulk_action", refuse_faulty_lessons)
