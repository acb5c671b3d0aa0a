"""Views of the admin that Wagtail has no place for."""

from __future__ import annotations

from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from wagtail.admin import messages
from wagtail.admin.admin_url_finder import AdminURLFinder
from wagtail.models import Page, TaskState

from modules.content.models import Activity, PeerReviewTask
from modules.content.reviewing import faults_of


@permission_required("wagtailadmin.access_admin")
def refused(request: HttpRequest, task_state_id: int) -> HttpResponse:
    """Back to the editor of what was not approved, with the reasons."""
    state = get_object_or_404(TaskState, pk=task_state_id)
    reviewed = state.workflow_state.content_object
    if isinstance(reviewed, Page):
        reviewed = reviewed.specific
    task = state.task.specific
    if not isinstance(task, PeerReviewTask) or not task.may_review(reviewed, request.user):
        raise PermissionDenied
    if state.status != TaskState.STATUS_IN_PROGRESS:
        messages.warning(
            request, _("This was changed after you opened it. Look at it again, then decide.")
        )
    # That it is one's own work, the editor says whenever it is opened.
    for message in faults_of(reviewed.get_latest_revision_as_object()):
        messages.error(request, message)
    return redirect(AdminURLFinder(request.user).get_edit_url(reviewed) or "wagtailadmin_home")


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
