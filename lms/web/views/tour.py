"""The first steps: at most five, on one page; offered on the home page until read or skipped."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from lms.people.rights import rights_of
from lms.people.services.tour import end_tour
from lms.web.manage.access import WORKERS
from lms.web.requests import SignedInRequest


@dataclass(frozen=True)
class Step:
    """A step: what, how, and the page where that is."""

    title: str
    text: str
    url: str
    icon: str


@require_GET
@login_required
def tour(request: SignedInRequest) -> HttpResponse:
    """Five steps for those who learn; for those who have a desk, five others."""
    works = bool(rights_of(request.user).roles.intersection(WORKERS))
    context = {
        "nav": "tour",
        "works": works,
        "steps": _working() if works else _learning(),
        "is_open": request.user.tour_ended_at is None,
    }
    return render(request, "web/tour.html", context)


@require_POST
@login_required
def end(request: SignedInRequest) -> HttpResponse:
    """Read or skipped: not offered any more."""
    end_tour(user=request.user)
    return redirect("web:home")


def _learning() -> list[Step]:
    return [
        Step(
            _("Begin at home"),
            _("The next lesson stands first. Courses with a day to be met are marked."),
            reverse("web:home"),
            "home",
        ),
        Step(
            _("Choose a course"),
            _("Enrol, and its lessons open. Those that the centre assigned are there already."),
            reverse("web:catalogue"),
            "book",
        ),
        Step(
            _("Read, try, confirm"),
            _("The place is remembered and answers are saved. Confirm at the end of the lesson."),
            reverse("web:catalogue"),
            "check",
        ),
        Step(
            _("See the record"),
            _("Lessons, periods and results. Answers to quizzes are seen by nobody else."),
            reverse("web:record"),
            "record",
        ),
        _telling(),
    ]


def _working() -> list[Step]:
    return [
        Step(
            _("Begin at the desk"),
            _("Numbers, and the three things to do first, for every role held."),
            reverse("web:manage-desk"),
            "clipboard-list",
        ),
        Step(
            _("Use the menu of the desk"),
            _("It shows only what the role includes. On a phone it stands above the page."),
            reverse("web:manage-desk"),
            "list",
        ),
        Step(
            _("Read the help for the role"),
            _("Step by step: for instructors, and for managers."),
            reverse("web:help"),
            "quote",
        ),
        Step(
            _("Learn here as well"),
            _("The home page and the courses are the same as for everybody."),
            reverse("web:home"),
            "home",
        ),
        _telling(),
    ]


def _telling() -> Step:
    return Step(
        _("Say what is wrong"),
        _("At the end of each lesson a form goes to its authors; the answer comes back."),
        reverse("web:reports"),
        "flag",
    )
