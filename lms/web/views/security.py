"""The page on which people look after the ways into their own account."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from allauth.mfa.base.views import IndexView
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.auth.decorators import login_required
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from lms.people import oidc
from lms.people.devices import device_name
from lms.people.models import User
from lms.people.second_factor import must_have_second_factor
from lms.people.services.signed_in import end_sessions
from lms.web.requests import SignedInRequest


@dataclass(frozen=True)
class SignedIn:
    """One device that the account is signed in on, as the page shows it."""

    device: str
    ip: str
    since: Any
    is_this: bool


def signed_in_on(user: User, session_key: str | None) -> list[SignedIn]:
    """Where the account is signed in now, this session first, then the latest. Two queries.

    Sessions that a new password has ended are left out.
    """
    listed = UserSession.objects.filter(user=user).order_by("-created_at")
    live = {
        row.session_key: SessionStore().decode(row.session_data)
        for row in Session.objects.filter(
            session_key__in=listed.values("session_key"), expire_date__gt=timezone.now()
        )
    }
    current = user.get_session_auth_hash()
    found = [
        SignedIn(
            device=device_name(each.user_agent) or _("A device without a name"),
            ip=each.ip,
            since=each.created_at,
            is_this=each.session_key == session_key,
        )
        for each in listed
        if each.session_key in live
        and constant_time_compare(live[each.session_key].get(HASH_SESSION_KEY, ""), current)
    ]
    return sorted(found, key=lambda each: not each.is_this)


class SecurityView(IndexView):
    """allauth's index of second factors, with the rest that belongs to one's account."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        user = self.request.user
        linked = SocialAccount.objects.filter(user=user) if oidc.is_configured() else None
        return context | {
            "signed_in": signed_in_on(user, self.request.session.session_key),
            "is_required": must_have_second_factor(user),
            "is_linked": linked is not None and linked.exists(),
        }


index = never_cache(SecurityView.as_view())


@login_required
def sessions(request: SignedInRequest) -> HttpResponse:
    """Sign out everywhere else; the list itself stands on the security page."""
    if request.method == "POST":
        end_sessions(user=request.user, but=request.session.session_key)
        messages.success(request, _("Signed out on all other devices."))
    return redirect("mfa_index")
