from __future__ import annotations

from django.apps import AppConfig
from wagtail.users.apps import WagtailUsersAppConfig


class PeopleConfig(AppConfig):
    """Persons, units, posts, accounts and what they may see."""

    name = "lms.people"
    label = "people"
    default = True

    def ready(self) -> None:
        from lms.people import receivers  # noqa: F401, PLC0415 -- models are ready by now


class UsersConfig(WagtailUsersAppConfig):
    """Wagtail's screens for accounts, with the fields that our accounts have."""

    user_viewset = "lms.people.admin.accounts.AccountViewSet"
