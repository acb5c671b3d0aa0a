"""What is held about people, who sees it and for how long: shown to everybody, from the first day.

It is a notice: reading it is no consent, and nothing is agreed to by default.
"""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from lms.web.requests import SignedInRequest


@require_GET
def privacy(request: HttpRequest) -> HttpResponse:
    """The notice; with a button for those who have not said yet that they read it."""
    return render(request, "web/privacy.html", {"nav": ""})


@require_POST
@login_required
def read(request: SignedInRequest) -> HttpResponse:
    """Remember that the person has read it, and go on to where they were."""
    if request.user.notice_read_at is None:
        request.user.notice_read_at = timezone.now()
        request.user.save(update_fields=["notice_read_at"])
    onward = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(onward, {request.get_host()}, request.is_secure()):
        onward = "web:home"
    return redirect(onward)
