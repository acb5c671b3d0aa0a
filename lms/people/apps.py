from __future__ import annotations

from allauth.usersessions.apps import UserSessionsConfig
from django.apps import AppConfig
from wagtail.users.apps import WagtailUsersAppConfig


class PeopleConfig(AppConfig):
    """Persons, units, posts, accounts and what they may see."""

    name = "lms.people"
    label = "people"
    default = True

    def ready(self) -> None:
        from lms.people import (  # noqa: PLC0415 -- models are ready by now
            oidc,  # noqa: F401
            receivers,  # noqa: F401
            second_factor,  # noqa: F401
            shared_cache,  # noqa: F401
        )


class UsersConfig(WagtailUsersAppConfig):
    """Wagtail's screens for accounts, with the fields that our accounts have."""

    user_viewset = "lms.people.admin.accounts.AccountViewSet"


class SessionsConfig(UserSessionsConfig):
    """allauth's list of where somebody is signed in, kept by lms.people.receivers."""

    def ready(self) -> None:
        """Not allauth's receivers: at each sign-in they read every session of the account."""
