"""Answers to events of the framework."""

from __future__ import annotations

from typing import Any

from allauth.account.signals import password_changed, password_set
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest

from lms.people.models import User
from lms.people.services.roles import sync_role_groups
from lms.people.services.signed_in import note_sign_in


@receiver(user_logged_in, dispatch_uid="people.sync_role_groups")
def join_and_leave_role_groups(sender: type[User], user: User, **kwargs: Any) -> None:
    """A role that began or lapsed since the last visit is joined or left."""
    sync_role_groups(user=user)


@receiver(user_logged_in, dispatch_uid="people.note_sign_in")
@receiver([password_changed, password_set], dispatch_uid="people.note_new_session")
def list_where_signed_in(sender: Any, request: HttpRequest | None = None, **kwargs: Any) -> None:
    """The session joins the list on the person's security page; a new password makes a new one."""
    if request is not None:
        note_sign_in(request=request)
