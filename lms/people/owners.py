"""Whose account an identity of another system is, by the operator's rule."""

from __future__ import annotations

from typing import Any

from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from lms.people.models import RoleGrant, User
from lms.people.phones import normalise_phone
from lms.people.roles import Role
from lms.people.sign_in import login_key


class CannotMatch(Exception):
    """There is such an account, and the rule does not give it; `why` is said on a page."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def owner_of(claims: dict[str, Any], *, provider: str) -> User | None:
    """The account whose user name or phone number the authoritative claim gives, if any.

    None when no claim is authoritative, when it is missing or said to be unverified, or when no
    open account has it. Raises CannotMatch when the account sees the data of others and the
    operator does not let such accounts be linked by themselves, or when it is linked already:
    names of people who left are given to others.
    """
    claim = settings.LMS_OIDC_USERNAME_CLAIM
    value = claims.get(claim) if claim else None
    if not isinstance(value, str) or not value.strip():
        return None
    if claims.get(f"{claim}_verified", True) is not True:
        return None
    key = login_key(value)
    user = User.objects.filter(
        Q(phone=key) if normalise_phone(value) else Q(username=key), is_active=True
    ).first()
    if user is None:
        return None
    if not settings.LMS_OIDC_LINK_STAFF and _is_more_than_learner(user):
        raise CannotMatch("staff")
    if SocialAccount.objects.filter(user=user, provider=provider).exists():
        raise CannotMatch("taken")
    return user


def _is_more_than_learner(user: User) -> bool:
    """Whether it has, or is going to have, a role other than learner."""
    today = timezone.localdate()
    lasting = RoleGrant.objects.filter(user=user).exclude(role=Role.LEARNER)
    return (
        user.is_superuser
        or user.is_staff
        or lasting.filter(Q(valid_to=None) | Q(valid_to__gt=today)).exists()
    )
