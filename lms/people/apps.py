from __future__ import annotations

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """Persons, units, posts, accounts and what they may see."""

    name = "lms.people"
    label = "people"
