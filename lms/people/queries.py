"""Answers about people, units and centres. Reads only."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db.models import F, Q, QuerySet

from lms.people.models import (
    Appointment,
    CentreService,
    Person,
    PersonMerge,
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


def identities_of(person_id: int) -> set[int]:
    """The ids under which a person was ever recorded: its own and all that were merged into it.

    Facts that are never rewritten (learning events, who looked at a record) keep the id that they
    were recorded with; whoever reads them by person asks for all of these. One query for each
    generation of merges, two as a rule.
    """
    found, ahead = {person_id}, {person_id}
    while ahead:
        merged = Person.objects.filter(merged_into_id__in=ahead).values_list("pk", flat=True)
        ahead = set(merged) - found
        found |= ahead
    return found


def predecessors_of(unit_ids: Iterable[int]) -> set[int]:
    """The ids of all units that these took over from, whatever way back: two columns, one query.

    With the ids themselves this is the filter "by the unit that succeeded".
    """
    return _along(unit_ids, "successor_id", "predecessor_id")


def successors_of(unit_ids: Iterable[int]) -> set[int]:
    """The ids of all units that took over from these, however late: two columns, one query."""
    return _along(unit_ids, "predecessor_id", "successor_id")


def _along(unit_ids: Iterable[int], here: str, there: str) -> set[int]:
    leads_to: dict[int, set[int]] = {}
    for one, other in UnitSuccession.objects.values_list(here, there):
        leads_to.setdefault(one, set()).add(other)
    found: set[int] = set()
    ahead = set(unit_ids)
    while ahead:
        ahead = {other for one in ahead for other in leads_to.get(one, ())} - found
        found |= ahead
    return found


def accounts_visible_to(user: User) -> QuerySet[User]:
    """The accounts that `user` may manage: of administrators all, persons loaded."""
    accounts = User.objects.select_related("person")
    return accounts if rights_of(user).is_administrator else accounts.none()


def merges_visible_to(user: User) -> QuerySet[PersonMerge]:
    """The merges of persons whom `user` looks after, newest first, persons and hands loaded."""
    seen = Person.objects.visible_to(user).values("pk")
    return PersonMerge.objects.filter(
        Q(kept__in=seen) | Q(kept__merged_into__in=seen)
    ).select_related("kept", "merged", "by__person", "undone_by__person")
