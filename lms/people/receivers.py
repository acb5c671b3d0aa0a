"""Answers to events of the framework."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver

from lms.people.models import User
from lms.people.services.roles import sync_role_groups


@receiver(user_logged_in, dispatch_uid="people.sync_role_groups")
def join_and_leave_role_groups(sender: type[User], user: User, **kwargs: Any) -> None:
    """A role that began or lapsed since the last visit is joined or left."""
    sync_role_groups(user=user)
