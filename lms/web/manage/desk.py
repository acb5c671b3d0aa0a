"""The desk: where somebody with a role beyond learning begins the day."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from lms.feedback.models import ContentReport
from lms.people.models import User
from lms.people.rights import rights_of
from lms.web.manage.access import AUTHORS, WORKERS, for_roles
from lms.web.manage.desks import desks_of
from lms.web.requests import SignedInRequest


@require_GET
@for_roles(*WORKERS)
def desk(request: SignedInRequest) -> HttpResponse:
    """Numbers and first tasks of every role held."""
    context = {
        "nav": "desk",
        "section": "desk",
        "desks": desks_of(request.user, rights_of(request.user)),
        "reports_waiting": _reports_waiting(request.user),
    }
    return render(request, "web/manage/desk.html", context)


def _reports_waiting(user: User) -> int:
    """How many readers wait for an answer from the desk of `user`."""
    if not rights_of(user).roles.intersection(AUTHORS):
        return 0
    reports = ContentReport.objects.visible_to(user)
    return reports.filter(state=ContentReport.State.OPEN).count()
