"""Answers about people, units and centres. Reads only."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db.models import F, QuerySet

from lms.people.models import (
    Appointment,
    CentreService,
    Person,
    TrainingCentre,
    UnitSuccession,
    User,
)
from lms.people.models.units import standing_at
from lms.people.rights import rights_of


def current_post(person: Person, on: dt.date) -> Appointment | None:
    """The main post of `person` on `on`, unit and position loaded: one query."""
    return current_posts([person.pk], on).get(person.pk)


def current_posts(person_ids: Iterable[int], on: dt.date) -> dict[int, Appointment]:
    """The main posts of these persons on `on`: one query however many they are.

    Who has no main post that day gets the highest of the others.
    """
    rows = (
        Appointment.objects.at(on)
        .filter(person_id__in=list(person_ids))
        .select_related("unit", "position")
        # The last one of a person stays in the dictionary.
        .order_by("is_main", F("position__rank").desc(), "valid_from", "pk")
    )
    return {row.person_id: row for row in rows}


def centres_of(user: User) -> QuerySet[TrainingCentre]:
    """The centres that `user` works for; of administrators all."""
    rights = rights_of(user)
    if rights.is_administrator:
        return TrainingCentre.objects.all()
    return TrainingCentre.objects.filter(pk__in=rights.centre_ids)


def serves_person(centre_id: int, person: Person, on: dt.date) -> bool:
    """Whether the centre serves a unit, or one above it, in which `person` holds a post."""
    served = CentreService.objects.filter(standing_at(on), centre_id=centre_id).values_list(
        "unit__path", flat=True
    )
    paths = list(
        Appointment.objects.at(on).filter(person=person).values_list("unit__path", flat=True)
    )
    return any(path.startswith(prefix) for prefix in served for path in paths)


def predecessors_of(unit_ids: Iterable[int]) -> set[int]:
    """The ids of all units that these took over from, whatever way back: two columns, one query.

    With the ids themselves this is the filter "by the unit that succeeded".
    """
    came_from: dict[int, set[int]] = {}
    for before, after in UnitSuccession.objects.values_list("predecessor_id", "successor_id"):
        came_from.setdefault(after, set()).add(before)
    found: set[int] = set()
    ahead = set(unit_ids)
    while ahead:
        ahead = {before for unit_id in ahead for before in came_from.get(unit_id, ())} - found
        found |= ahead
    return found


def accounts_visible_to(user: User) -> QuerySet[User]:
    """The accounts that `user` may manage: of administrators all, persons loaded."""
    accounts = User.objects.select_related("person")
    return accounts if rights_of(user).is_administrator else accounts.none()
