"""Views of the admin that Wagtail has no place for."""

from __future__ import annotations

from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from wagtail.admin import messages

from modules.content.forms import sentence
from modules.content.models import Activity, LessonPage
from modules.content.publishing import errors_in, errors_of_draft
from modules.content.viewsets import ActivityURLFinder


@permission_required("wagtailadmin.access_admin")
def refused(request: HttpRequest, page_id: int) -> HttpResponse:
    """Back to the editor of a lesson that was not approved, with the reasons."""
    page = get_object_or_404(LessonPage, pk=page_id)
    if not page.permissions_for_user(request.user).can_edit():
        raise PermissionDenied
    draft = page.get_latest_revision_as_object()
    for activity, message in errors_in(draft.body):
        messages.error(request, sentence(activity.title, message))
    return redirect("wagtailadmin_pages:edit", page.pk)


@permission_required("wagtailadmin.access_admin")
def activity_refused(request: HttpRequest, activity_id: int) -> HttpResponse:
    """Back to the editor of an activity that was not approved, with the reasons."""
    get_object_or_404(Activity, pk=activity_id)
    activity = Activity.objects.filter(pk=activity_id).specific()[0]
    draft = activity.get_latest_revision_as_object()
    for message in errors_of_draft(draft):
        messages.error(request, sentence(draft.title, message))
    address = ActivityURLFinder(request.user).get_edit_url(activity)
    return redirect(address or "wagtailadmin_home")


@permission_required("wagtailadmin.access_admin")
def gone(request: HttpRequest, pk: int, a: str = "", b: str = "") -> HttpResponse:
    """Instead of any screen of an activity whose plugin is not installed."""
    activity = get_object_or_404(Activity, pk=pk)
    messages.error(
        request,
        _("“%(title)s” cannot be shown: the plugin for %(kind)s is not installed.")
        % {"title": activity.title, "kind": activity.type_key},
    )
    return redirect("wagtailadmin_home")
