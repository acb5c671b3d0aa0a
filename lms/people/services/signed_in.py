"""Where an account is signed in: noted at each sign-in, and ended from one place."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from lms.people.models import User


def note_sign_in(*, request: HttpRequest) -> None:
    """Put this session on the list of the account, and take those off that ended by themselves.

    A request from nowhere (a program that signs somebody in) is not listed.
    """
    try:
        get_adapter().get_client_ip(request)
    except PermissionDenied:
        return
    UserSession.objects.create_from_request(request)
    live = Session.objects.filter(expire_date__gt=timezone.now())
    UserSession.objects.filter(user_id=request.user.pk).exclude(
        session_key__in=live.values("session_key")
    ).delete()


@transaction.atomic
def end_sessions(*, user: User, but: str | None = None) -> int:
    """Sign the account out everywhere, except in the session with the key `but`; how many ended."""
    listed = UserSession.objects.filter(user=user).exclude(session_key=but or "")
    keys = list(listed.values_list("session_key", flat=True))
    ended, _ = Session.objects.filter(session_key__in=keys).delete()
    listed.delete()
    return ended
