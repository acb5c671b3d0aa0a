"""What plugins and the rest of the platform may ask about people: posts, scopes, centres."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lms.people.models import Person, Unit
from lms.people.queries import (
    centres_of,
    current_post,
    current_posts,
    identities_of,
    serves_person,
)
from lms.people.rights import Rights, rights_of
from lms.people.roles import Role
from lms.people.services.accounts import create_account
from lms.people.services.persons import create_person

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser
    from django.db.models import QuerySet

    from lms.people.models import User

__all__ = [
    "Rights",
    "Role",
    "centres_of",
    "create_account",
    "create_person",
    "current_post",
    "current_posts",
    "identities_of",
    "people_visible_to",
    "person_of",
    "rights_of",
    "serves_person",
    "units_visible_to",
]


def person_of(user: User | Any) -> Person | None:
    """The person behind an account; None for visitors and technical accounts."""
    return user.person if user.is_authenticated else None


def people_visible_to(user: User | AnonymousUser) -> QuerySet[Person]:
    """The persons whose data `user` may see."""
    return Person.objects.visible_to(user)


def units_visible_to(user: User | AnonymousUser) -> QuerySet[Unit]:
    """The units about which `user` may see numbers or persons."""
    units: QuerySet[Unit] = Unit.objects.visible_to(user)
    return units
