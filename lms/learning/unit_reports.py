"""Numbers by unit and course: people, turns, completions; by the unit then, or by its successor.

A turn (lượt) is one person taking one course once: an enrolment that was not given up. The same
turns are counted either way; only the unit under which they stand differs.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from django.db.models import Q
from django.utils import timezone

from lms.learning.models import Enrolment
from lms.people.models import Appointment, Position, Unit, UnitSuccession
from lms.people.models.units import below
from lms.people.rights import EVERYTHING, Rights

By = Literal["then", "successor"]
THEN: Final = "then"
SUCCESSOR: Final = "successor"
#: Of so many units and fewer the database picks the enrolments; of more it is done here.
LISTED: Final = 900


@dataclass(frozen=True)
class Filters:
    """What a report is about. Days are those of enrolling, both included."""

    by: By = THEN
    first: dt.date | None = None
    last: dt.date | None = None
    course_key: uuid.UUID | None = None
    unit: Unit | None = None
    with_positions: bool = False


@dataclass
class Numbers:
    """People (each once), turns, and turns that were completed."""

    person_ids: set[int] = field(default_factory=set)
    turns: int = 0
    completed: int = 0

    @property
    def people(self) -> int:
        """How many distinct people."""
        return len(self.person_ids)

    @property
    def percent(self) -> int:
        """Completed of 100 turns, rounded down."""
        return self.completed * 100 // self.turns if self.turns else 0

    def add(self, person_id: int, *, completed: bool) -> None:
        """Count one turn."""
        self.person_ids.add(person_id)
        self.turns += 1
        self.completed += completed


@dataclass(frozen=True)
class Row:
    """The numbers of a course in a unit; `position` only where the report asks for positions."""

    unit: Unit | None
    course_key: uuid.UUID
    course_title: str
    position: Position | None
    numbers: Numbers


@dataclass(frozen=True)
class UnitReport:
    """Rows in the order of the tree and of course titles, the totals of units, and of all."""

    rows: list[Row]
    by_unit: dict[int | None, Numbers]
    total: Numbers


def reach_of(rights: Rights) -> tuple[str, ...]:
    """Where somebody with these rights sees numbers: prefixes of unit paths."""
    if rights.is_administrator:
        return (EVERYTHING,)
    return (*rights.unit_paths, *rights.observed_paths)


class Successors:
    """Which unit stands today where another stood: two queries, one more for each unit divided.

    Who was in a unit that was divided counts in the part in which they held a post that day, else
    in the first part.
    """

    def __init__(self, on: dt.date) -> None:
        self.paths: dict[int, str] = dict(Unit.objects.order_by().values_list("pk", "path"))
        self._after: dict[int, list[tuple[int, dt.date]]] = {}
        rows = UnitSuccession.objects.filter(on__lte=on).order_by("pk")
        for before, after, day in rows.values_list("predecessor_id", "successor_id", "on"):
            self._after.setdefault(before, []).append((after, day))
        self._shares: dict[int, dict[int, int]] = {}

    def of(self, unit_id: int, person_id: int) -> int:
        """The unit that stands for `unit_id` now, for this person."""
        seen = {unit_id}
        while parts := self._after.get(unit_id):
            after = parts[0][0]
            if len(parts) > 1:
                after = self._share(unit_id, parts).get(person_id, after)
            if after in seen:
                break
            seen.add(after)
            unit_id = after
        return unit_id

    def before(self, prefixes: Sequence[str]) -> set[int]:
        """The units inside these prefixes, and all from which one of them came."""
        found = {pk for pk, path in self.paths.items() if path.startswith(tuple(prefixes))}
        came_from: dict[int, set[int]] = {}
        for unit_id, parts in self._after.items():
            for after, _day in parts:
                came_from.setdefault(after, set()).add(unit_id)
        ahead = set(found)
        while ahead:
            ahead = {pk for each in ahead for pk in came_from.get(each, ())} - found
            found |= ahead
        return found

    def _share(self, unit_id: int, parts: Iterable[tuple[int, dt.date]]) -> dict[int, int]:
        if unit_id not in self._shares:
            self._shares[unit_id] = share = {}
            places = {self.paths[after]: after for after, _day in parts}
            day = next(day for _after, day in parts)
            posts = Appointment.objects.at(day).filter(below(places, "unit__path"))
            for person_id, path in posts.order_by("is_main", "pk").values_list(
                "person_id", "unit__path"
            ):
                share[person_id] = next(
                    after for prefix, after in places.items() if path.startswith(prefix)
                )
        return self._shares[unit_id]


def unit_report(*, reach: Sequence[str], filters: Filters, on: dt.date | None = None) -> UnitReport:
    """The numbers of all units within `reach` and of those from which they came.

    Five queries, and one for each unit that was divided, however many enrolments.
    """
    successors = Successors(on or timezone.localdate())
    units: dict[int | None, Numbers] = {}
    cells: dict[tuple[int | None, uuid.UUID, int | None], Numbers] = {}
    titles: dict[uuid.UUID, str] = {}
    total = Numbers()
    for course_key, title, unit_id, position_id, person_id, done in _turns(
        reach, filters, successors
    ):
        now = successors.of(unit_id, person_id) if unit_id is not None else None
        if not _within(reach, successors, unit_id, now):
            continue
        stands = unit_id if filters.by == THEN else now
        if filters.unit is not None and (
            stands is None or not successors.paths[stands].startswith(filters.unit.path)
        ):
            continue
        titles[course_key] = title
        position = position_id if filters.with_positions else None
        cell = cells.setdefault((stands, course_key, position), Numbers())
        for numbers in (cell, units.setdefault(stands, Numbers()), total):
            numbers.add(person_id, completed=done is not None)
    return UnitReport(_rows(cells, titles), units, total)


def _turns(
    reach: Sequence[str], filters: Filters, successors: Successors
) -> Iterable[tuple[uuid.UUID, str, int | None, int | None, int, dt.datetime | None]]:
    given_up = Q(withdrawn_at__isnull=False, progress__completed_at__isnull=True)
    found = Enrolment.objects.exclude(given_up)
    if filters.first is not None:
        found = found.filter(enrolled_at__gte=_midnight(filters.first))
    if filters.last is not None:
        found = found.filter(enrolled_at__lt=_midnight(filters.last + dt.timedelta(days=1)))
    if filters.course_key is not None:
        found = found.filter(course_key=filters.course_key)
    if EVERYTHING not in reach:
        ids = successors.before(reach)
        if len(ids) <= LISTED:
            found = found.filter(unit__in=ids)
    # Oldest first: the last title that a course had is the one that stays.
    rows = found.order_by("enrolled_at", "pk").values_list(
        "course_key",
        "course_title",
        "unit_id",
        "position_id",
        "person_id",
        "progress__completed_at",
    )
    return rows.iterator(5000)


def _midnight(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time.min))


def _within(
    reach: Sequence[str], successors: Successors, then: int | None, now: int | None
) -> bool:
    if EVERYTHING in reach:
        return True
    return any(
        pk is not None and successors.paths[pk].startswith(tuple(reach)) for pk in (then, now)
    )


def _rows(
    cells: dict[tuple[int | None, uuid.UUID, int | None], Numbers], titles: dict[uuid.UUID, str]
) -> list[Row]:
    units = Unit.objects.select_related("kind").in_bulk({key[0] for key in cells if key[0]})
    positions = Position.objects.in_bulk({key[2] for key in cells if key[2]})
    rows = [
        Row(
            unit=units.get(unit_id) if unit_id else None,
            course_key=course_key,
            course_title=titles[course_key],
            position=positions.get(position_id) if position_id else None,
            numbers=numbers,
        )
        for (unit_id, course_key, position_id), numbers in cells.items()
    ]
    rows.sort(
        key=lambda row: (
            row.unit is None,
            row.unit.path if row.unit else "",
            row.course_title,
            str(row.course_key),
            row.position.rank if row.position else 0,
            row.position.name if row.position else "",
        )
    )
    return rows
