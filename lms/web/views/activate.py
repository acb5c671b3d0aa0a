"""The way in with a code: from a slip, or after a lost password. For people without an account yet
or without their password, so it asks for nothing but the code and a new password, in two steps.
"""

from __future__ import annotations

from typing import Any

from allauth.account.internal.flows.login import perform_password_login
from allauth.account.models import Login
from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods

from lms.people.codes import first_group, in_groups, normalise_code
from lms.people.errors import CannotEnter, CannotSetPassword, UnknownCode
from lms.people.models import ActivationCode
from lms.people.services.activating import find_code, redeem

GUESSED = "code_guessed"
MAX_TYPED = 100
MAX_PASSWORD = 1000


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def activate(request: HttpRequest) -> HttpResponse:
    """Asks for the code; shows whose it is and asks for a password; signs the person in.

    Addresses of slips carry the code: a GET looks nothing up and says nothing of it.
    """
    response = _step(request) if request.method == "POST" else _ask_code(request, _scanned(request))
    # Never the whole address, which may hold the code, to any page that is asked for from here.
    # Nor no-referrer: browsers would then hide the origin of the form, and it would be refused.
    response["Referrer-Policy"] = "strict-origin"
    return response


@require_GET
def lost(request: HttpRequest) -> HttpResponse:
    """What to do without the password, and a field for the code that one is given."""
    return render(request, "web/lost_password.html", {})


def _scanned(request: HttpRequest) -> str:
    typed = request.GET.get("code", "")[:MAX_TYPED]
    plain = normalise_code(typed)
    return in_groups(plain) if plain else typed


@sensitive_variables("typed", "password")
def _step(request: HttpRequest) -> HttpResponse:
    typed = request.POST.get("code", "")[:MAX_TYPED]
    prefix = first_group(typed)
    if not ratelimit.consume(request, action=GUESSED, key=prefix, dry_run=True):
        return _ask_code(
            request,
            typed,
            _("Too many wrong codes. Wait ten minutes and try again."),
            status=429,
        )
    try:
        code = find_code(typed)
        if "password1" not in request.POST:
            return _ask_password(request, code)
        password = request.POST["password1"]
        if refusal := _check_typed(password, request.POST.get("password2", "")):
            return _ask_password(request, code, refusal)
        try:
            user = redeem(code=typed, password=password)
        except CannotSetPassword as error:
            return _ask_password(request, code, str(error))
    except UnknownCode as error:
        ratelimit.consume(request, action=GUESSED, key=prefix)
        return _ask_code(request, typed, str(error), status=422)
    except CannotEnter as error:
        return _ask_code(request, typed, str(error), status=422)
    if request.user.is_authenticated:
        logout(request)  # somebody else used this phone or computer before
    messages.success(request, _("The password is set. Keep it to yourself."))
    login = Login(user=user, redirect_url=reverse("web:home"))
    # A second factor, where there is one, is asked for as at any sign-in.
    signed_in: HttpResponse = perform_password_login(request, {"username": user.username}, login)
    return signed_in


def _check_typed(password: str, again: str) -> str:
    if not password:
        return _("Type a new password.")
    if len(password) > MAX_PASSWORD:
        return _("This password is too long.")
    return "" if password == again else _("The two passwords differ. Type them again.")


def _ask_code(
    request: HttpRequest, typed: str, refusal: str = "", status: int = 200
) -> HttpResponse:
    context = {"code": typed, "refusal": refusal}
    return render(request, "web/activate.html", context, status=status)


def _ask_password(request: HttpRequest, code: ActivationCode, refusal: str = "") -> HttpResponse:
    context: dict[str, Any] = {
        "code": in_groups(normalise_code(request.POST.get("code", ""))),
        "full_name": code.user.get_full_name(),
        "username": code.user.username,
        "is_first": code.purpose == ActivationCode.Purpose.FIRST,
        "refusal": refusal,
    }
    return render(request, "web/activate_password.html", context, status=422 if refusal else 200)
