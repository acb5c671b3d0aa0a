"""Who looked at one's own record: for every signed-in person, about themselves only."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render

from lms.people.queries import identities_of
from lms.people.services.accesses import SUBJECTS, accesses_of
from lms.web.requests import SignedInRequest

PER_PAGE = 50


@login_required
def accesses(request: SignedInRequest) -> HttpResponse:
    """The accesses, newest first, a page at a time."""
    person = request.user.person
    if person is None:
        return redirect("web:catalogue")
    rows = accesses_of(person, identities_of(person.pk))
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    page.object_list = list(page.object_list)
    context = {
        "nav": "record",
        "accesses": [
            {
                "at": each.at,
                "who": each.by.get_full_name() if each.by else "",
                "act": each.get_act_display(),
                "subject": SUBJECTS.get(each.subject, each.subject),
            }
            for each in page.object_list
        ],
        "page_obj": page,
    }
    return render(request, "web/accesses.html", context)
