"""Signing in with a user name or a phone number and a password. Sign-up is the operator's choice.

The settings that belong to this module stand in lms/settings/base.py under "people". allauth
counts failed attempts in the default cache: several workers need one that they share, or people
have the attempts of each of them.
"""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from django.conf import settings
from django.contrib.auth.models import Permission
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from lms.people.models import User
from lms.people.phones import normalise_phone
from lms.people.rights import rights_of
from lms.people.roles import Role
from lms.plugins.prepared import Prepared

_ACCOUNT: Prepared[User] = Prepared(
    lambda user_id: User.objects.filter(pk=user_id).select_related("person"), int
)


def login_key(login: str) -> str:
    """What somebody typed as a login, in the one form in which accounts are stored."""
    return normalise_phone(login) or User.normalize_username(login)


def display_name(user: User) -> str:
    """How a page addresses the account."""
    return user.get_full_name()


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made by training centres, unless the operator opens sign-up to visitors.

    No message says which exist.
    """

    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": _(
            "The user name (or phone number) and the password do not go together. Check both and "
            "try again."
        ),
        "too_many_login_attempts": _(
            "Too many failed attempts. Wait five minutes and try again, or ask your training "
            "centre for help."
        ),
        "account_inactive": _("This account is closed. Ask your training centre for help."),
        "incorrect_password": _("This is not your password."),
        "rate_limited": _("Too many requests. Wait a moment and try again."),
    }

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """The desk of those who have work here, the home page of learners."""
        works = rights_of(request.user).roles - {Role.LEARNER}
        return reverse(settings.LMS_DESK_URL if works else settings.LOGIN_REDIRECT_URL)

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return bool(settings.LMS_SIGNUP_OPEN)

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        # allauth counts by the text as typed: each way to write a number would have its own five.
        return login_key(credentials.get("username") or "")


class PersonBackend(AuthenticationBackend):
    """Finds the account by user name (whatever its case) or by phone, however it is typed.

    Reads the person together with the account: one query per request for both.
    """

    def _authenticate_by_username(self, username: str, password: str) -> Any:
        key = login_key(username)
        by = Q(phone=key) if normalise_phone(username) else Q(username=key)
        return self._check_password(self._accounts().filter(by).first(), password)

    def get_user(self, user_id: Any) -> User | None:
        user = _ACCOUNT.first(int(user_id))
        return user if user is not None and self.user_can_authenticate(user) else None

    def _accounts(self) -> QuerySet[User]:
        return User.objects.select_related("person")

    def _get_group_permissions(self, user_obj: User) -> QuerySet[Permission]:
        """What the groups allow, without the groups of roles that lapsed since they were joined.

        Administrators run the site: they may do everything in its admin.
        """
        rights = rights_of(user_obj)
        if rights.is_administrator:
            return Permission.objects.all()
        groups = user_obj.groups.exclude(name__in=rights.lapsed)
        return Permission.objects.filter(group__in=groups)
