"""What plugins and the rest of the platform may ask about people: posts, scopes, centres."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from lms.people.models import Appointment, CentreService, Person
from lms.people.models.units import standing_at
from lms.people.rights import Rights, rights_of

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from lms.people.models import User

__all__ = [
    "Rights",
    "current_post",
    "current_posts",
    "people_visible_to",
    "person_of",
    "rights_of",
    "serves_person",
]


def person_of(user: User | Any) -> Person | None:
    """The person behind an account; None for visitors and technical accounts."""
    return user.person if user.is_authenticated else None


def people_visible_to(user: User) -> QuerySet[Person]:
    """The persons whose data `user` may see."""
    return Person.objects.visible_to(user)


def current_post(person: Person, on: dt.date) -> Appointment | None:
    """The main post of `person` on `on`, unit and position loaded: one query."""
    return current_posts([person.pk], on).get(person.pk)


def current_posts(person_ids: Iterable[int], on: dt.date) -> dict[int, Appointment]:
    """The main posts of these persons on `on`: one query however many they are."""
    rows = (
        Appointment.objects.at(on)
        .filter(person_id__in=list(person_ids))
        .select_related("unit", "position")
        .order_by("is_main", "valid_from", "pk")
    )
    return {row.person_id: row for row in rows}


def serves_person(centre_id: int, person: Person, on: dt.date) -> bool:
    """Whether the centre serves a unit, or one above it, in which `person` holds a post."""
    served = CentreService.objects.filter(standing_at(on), centre_id=centre_id).values_list(
        "unit__path", flat=True
    )
    paths = list(
        Appointment.objects.at(on).filter(person=person).values_list("unit__path", flat=True)
    )
    return any(path.startswith(prefix) for prefix in served for path in paths)
