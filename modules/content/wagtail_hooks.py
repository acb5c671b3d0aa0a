"""What this app adds to the Wagtail admin."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from wagtail import hooks
from wagtail.admin import messages
from wagtail.admin.admin_url_finder import register_admin_url_finder
from wagtail.admin.menu import MenuItem
from wagtail.snippets.models import register_snippet

from modules.content import views
from modules.content.attention import REPORT, AttentionPanel, AttentionReport
from modules.content.forms import sentence
from modules.content.models import Activity, LessonPage
from modules.content.publishing import errors_in, errors_of_draft
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
        path("lessons/<int:page_id>/refused/", views.refused, name="content_refused"),
        path(
            "activities/<int:activity_id>/refused/",
            views.activity_refused,
            name="content_activity_refused",
        ),
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
    if not isinstance(page, LessonPage):
        return None
    faults = errors_in(page.body)
    for activity, message in faults:
        messages.error(request, sentence(activity.title, message))
    return redirect("wagtailadmin_pages:edit", page.pk) if faults else None


def refuse_faulty_activity(request: HttpRequest, draft: Any) -> HttpResponse | None:
    """As above, for an activity that is published on its own: its draft is kept."""
    if isinstance(draft, Activity) and errors_of_draft(draft):
        return redirect("content_activity_refused", draft.pk)
    return None


def refuse_faulty_lessons(
    request: HttpRequest, action_type: str, objects: Any, action: Any
) -> HttpResponse | None:
    """As above, for pages that are published from a listing."""
    if action_type != "publish":
        return None
    found = False
    for page in objects:
        draft = page.get_latest_revision_as_object()
        if isinstance(draft, LessonPage):
            for activity, message in errors_in(draft.body):
                found = True
                messages.error(request, f"{draft.title}: {sentence(activity.title, message)}")
    return redirect("wagtailadmin_explore_root") if found else None


hooks.register("register_admin_viewset", register_activity_chooser)
hooks.register("register_admin_urls", register_urls)
hooks.register("register_reports_menu_item", register_attention_report)
hooks.register("construct_homepage_panels", add_attention_panel)
hooks.register("before_publish_page", refuse_faulty_lesson)
hooks.register("before_publish", refuse_faulty_activity)
hooks.register("before_bulk_action", refuse_faulty_lessons)
