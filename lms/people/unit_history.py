"""Units as they were and became: reads for the pages about units and for reports by unit."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from lms.people.models import (
    Appointment,
    CentreService,
    Role,
    RoleGrant,
    Unit,
    UnitSuccession,
    User,
)
from lms.people.models.units import below, standing_at
from lms.people.queries import predecessors_of
from lms.people.rights import rights_of


def units_with_history(user: User) -> QuerySet[Unit]:
    """The units visible to `user`, and all that they took over from: three queries at most."""
    visible: QuerySet[Unit] = Unit.objects.visible_to(user)
    if rights_of(user).is_administrator:
        return visible
    ids = list(visible.order_by().values_list("pk", flat=True))
    units: QuerySet[Unit] = Unit.objects.filter(pk__in={*ids, *predecessors_of(ids)})
    return units


@dataclass(frozen=True)
class Headcount:
    """How many people hold posts in a unit on a day: in itself, and with all below it."""

    own: int = 0
    with_below: int = 0


def headcounts(units: Sequence[Unit], on: dt.date) -> dict[int, Headcount]:
    """Distinct people in each of `units` on `on`: one query however many units."""
    own: dict[str, set[int]] = defaultdict(set)
    whole: dict[str, set[int]] = defaultdict(set)
    step = Unit.steplen
    wanted = {unit.path for unit in units}
    posts = Appointment.objects.at(on).filter(below(_tops(wanted), "unit__path")).order_by()
    for path, person_id in posts.values_list("unit__path", "person_id"):
        own[path].add(person_id)
        for end in range(step, len(path) + 1, step):
            if path[:end] in wanted:
                whole[path[:end]].add(person_id)
    return {unit.pk: Headcount(len(own[unit.path]), len(whole[unit.path])) for unit in units}


def _tops(paths: Iterable[str]) -> list[str]:
    """Those of `paths` that stand below no other of them."""
    tops: list[str] = []
    for path in sorted(paths):
        if not tops or not path.startswith(tops[-1]):
            tops.append(path)
    return tops


def history(unit: Unit, *, forward: bool) -> list[UnitSuccession]:
    """The changes that led to `unit`, or (`forward`) away from it, nearest first, units loaded.

    One query for each generation.
    """
    found: list[UnitSuccession] = []
    seen, ahead = {unit.pk}, {unit.pk}
    here, there = ("predecessor", "successor") if forward else ("successor", "predecessor")
    while ahead:
        rows = list(
            UnitSuccession.objects.filter(**{f"{here}__in": ahead})
            .select_related("predecessor", "successor")
            .order_by("on" if forward else "-on", "pk")
        )
        found += rows
        ahead = {getattr(row, f"{there}_id") for row in rows} - seen
        seen |= ahead
    return found


def posts_in(unit: Unit, on: dt.date) -> QuerySet[Appointment]:
    """The posts held in `unit` itself on `on`, by rank and name, people and positions loaded."""
    return (
        Appointment.objects.at(on)
        .filter(unit=unit)
        .select_related("person", "position")
        .order_by("position__rank", "person__sort_key", "pk")
    )


@dataclass(frozen=True)
class Consequences:
    """What a change of units on a day takes along."""

    people: int
    posts: list[Appointment]
    children: list[Unit]
    units_below: int
    centres: list[str]
    grants: list[RoleGrant]

    @property
    def officers(self) -> list[str]:
        """Who looks after people there, or watches numbers: names of accounts."""
        return sorted({grant.user.get_full_name() for grant in self.grants})


def consequences(units: Sequence[Unit], on: dt.date) -> Consequences:
    """What depends on `units` on `on`: six queries however much it is."""
    ids = [unit.pk for unit in units]
    running = Q(valid_to__isnull=True) | Q(valid_to__gt=on)
    whole = below([unit.path for unit in units])
    parts = list(Unit.objects.filter(whole, running).exclude(pk__in=ids))
    depths = {unit.path: unit.depth for unit in units}
    posts = Appointment.objects.filter(running).filter(
        below([unit.path for unit in units], "unit__path")
    )
    return Consequences(
        people=posts.order_by().values("person").distinct().count(),
        posts=list(
            posts.filter(unit__in=ids)
            .select_related("person", "position")
            .order_by("person__sort_key", "pk")
        ),
        children=[
            part
            for part in parts
            if any(
                part.path.startswith(path) and part.depth == depth + 1
                for path, depth in depths.items()
            )
        ],
        units_below=len(parts),
        centres=sorted(
            set(
                CentreService.objects.filter(standing_at(on), unit__in=ids).values_list(
                    "centre__name", flat=True
                )
            )
        ),
        grants=list(
            RoleGrant.objects.filter(running, unit__in=ids)
            .filter(role__in=(Role.UNIT_OFFICER, Role.OBSERVER))
            .select_related("user__person")
        ),
    )
