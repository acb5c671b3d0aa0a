"""The desk: where somebody with a role beyond learning begins the day."""

from __future__ import annotations

from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from lms.feedback.models import ContentReport
from lms.feedback.models.reports import OVERSEERS
from lms.people.models import User
from lms.people.rights import rights_of
from lms.web.manage.access import AUTHORS, WORKERS, for_roles
from lms.web.manage.desks import desks_of
from lms.web.manage.figures import Sums, figures, page_permissions, sums
from lms.web.requests import SignedInRequest


@require_GET
@for_roles(*WORKERS)
def desk(request: SignedInRequest) -> HttpResponse:
    """Numbers and first tasks of every role held."""
    rights = rights_of(request.user)
    context = {
        "nav": "desk",
        "section": "desk",
        "menu_key": rights.roles,  # the menu follows from them alone, and is kept
        "desks": desks_of(request.user, rights),
        "reports_waiting": _reports_waiting(request.user),
    }
    return render(request, "web/manage/desk.html", context)


def _open_reports(user: User) -> Sums:
    reports = ContentReport.objects.visible_to(user).filter(state=ContentReport.State.OPEN)
    return sums(reports, rows=Count("pk"))


def _reports_waiting(user: User) -> int:
    """How many readers wait for an answer from the desk of `user`."""
    rights = rights_of(user)
    if not rights.roles.intersection(AUTHORS):
        return 0
    # Only of those who do not see all of them it depends on the pages that they may edit.
    pages = () if rights.roles & OVERSEERS else page_permissions(user)
    return figures(_open_reports, user, rights, pages=pages)[0]
