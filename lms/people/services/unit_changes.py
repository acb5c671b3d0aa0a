"""What administrators do with units, each with the day from which it holds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from lms.people.errors import CannotChangeUnits
from lms.people.models import Unit, UnitKind, UnitSuccession, User
from lms.people.rights import rights_of
from lms.people.services.units import (
    Share,
    create_unit,
    hand_over_posts,
    hand_over_roles,
    hand_over_services,
    succeed,
)


@dataclass(frozen=True)
class NewUnit:
    """A unit to be made. Its code may be that of a unit which ends by the same change."""

    name: str
    kind: UnitKind
    code: str = ""
    short_name: str = ""


def _check_hand(by: User) -> None:
    if not rights_of(by).is_administrator:
        raise CannotChangeUnits(_("Only administrators change units."))


def _locked(units: Sequence[Unit]) -> list[Unit]:
    """The rows as they are now, and nobody else changes them until the transaction ends.

    The caller's copies stay as they are when the change is refused.
    """
    rows = {
        unit.pk: unit
        for unit in Unit.objects.select_for_update().filter(pk__in=[unit.pk for unit in units])
    }
    return [rows[unit.pk] for unit in units]


def _made(new: NewUnit, parent: Unit | None, on: dt.date) -> Unit:
    if not new.name.strip():
        raise CannotChangeUnits(_("Give the unit a name."))
    return create_unit(
        name=new.name, kind=new.kind, short_name=new.short_name, parent=parent, valid_from=on
    )


def _give_code(unit: Unit, code: str) -> None:
    """Once the units before it have ended: they may have had the same."""
    code = code.strip()
    if not code:
        return
    if Unit.objects.filter(code=code, valid_to__isnull=True).exclude(pk=unit.pk).exists():
        raise CannotChangeUnits(_("Another unit has the code %(code)s already.") % {"code": code})
    unit.code = code
    unit.save(update_fields=["code"])


def _check_standing(unit: Unit, on: dt.date) -> None:
    """Before anything is made: an error about the unit itself says more than one about a part."""
    if unit.valid_to is not None:
        raise CannotChangeUnits(
            _("%(unit)s ended already. Change the unit that succeeded it.") % {"unit": unit.name}
        )
    if unit.valid_from is not None and unit.valid_from >= on:
        raise CannotChangeUnits(_("%(unit)s does not exist before that day.") % {"unit": unit.name})


@transaction.atomic
def add_unit(*, new: NewUnit, parent: Unit | None, on: dt.date | None, by: User) -> Unit:
    """A unit that succeeds no other, below `parent` or at the top, from `on` (None: always)."""
    _check_hand(by)
    if not new.name.strip():
        raise CannotChangeUnits(_("Give the unit a name."))
    return create_unit(
        name=new.name,
        kind=new.kind,
        code=new.code.strip(),
        short_name=new.short_name,
        parent=parent,
        valid_from=on,
    )


@transaction.atomic
def rename_unit(*, unit: Unit, new: NewUnit, on: dt.date, by: User) -> Unit:
    """From `on` the unit has another name (or kind, or code): its successor, in the same place."""
    _check_hand(by)
    (unit,) = _locked([unit])
    _check_standing(unit, on)
    after = _made(new, unit.get_parent(), on)
    succeed(predecessors=[unit], successors=[after], on=on, kind=UnitSuccession.Kind.RENAME)
    _give_code(after, new.code)
    return after


@transaction.atomic
def move_unit(*, unit: Unit, parent: Unit | None, on: dt.date, by: User) -> Unit:
    """From `on` the unit, with all below it, stands below `parent` (None: at the top)."""
    _check_hand(by)
    (unit,) = _locked([unit])
    _check_standing(unit, on)
    if parent is not None and parent.path.startswith(unit.path):
        raise CannotChangeUnits(_("A unit cannot be moved below itself."))
    old = unit.get_parent()
    if (old.pk if old else None) == (parent.pk if parent else None):
        raise CannotChangeUnits(_("The unit stands there already."))
    new = NewUnit(unit.name, unit.kind, unit.code, unit.short_name)
    after = _made(new, parent, on)
    succeed(predecessors=[unit], successors=[after], on=on, kind=UnitSuccession.Kind.MOVE)
    _give_code(after, new.code)
    return after


@transaction.atomic
def merge_units(*, units: Sequence[Unit], into: Unit | NewUnit, on: dt.date, by: User) -> Unit:
    """From `on` the units are one: a new unit beside the first of them, or one that exists.

    Of a unit that exists only the others end. Raises CannotChangeUnits when there is nothing to
    merge, or a unit would be merged into itself or into a part of itself.
    """
    _check_hand(by)
    units = _locked(units)
    for unit in units:
        _check_standing(unit, on)
    if isinstance(into, Unit):
        succeed(predecessors=units, successors=[into], on=on, kind=UnitSuccession.Kind.MERGE)
        return into
    if len({unit.pk for unit in units}) < 2:
        raise CannotChangeUnits(_("Name at least two units to merge into a new one."))
    parent = units[0].get_parent()
    for unit in units:
        if parent is not None and parent.path.startswith(unit.path):
            raise CannotChangeUnits(
                _("%(part)s is a part of %(unit)s and goes along with it. Leave it out.")
                % {"part": units[0].name, "unit": unit.name}
            )
    after = _made(into, parent, on)
    succeed(predecessors=units, successors=[after], on=on, kind=UnitSuccession.Kind.MERGE)
    _give_code(after, into.code)
    return after


@transaction.atomic
def split_unit(
    *,
    unit: Unit,
    parts: Sequence[NewUnit],
    on: dt.date,
    by: User,
    posts: Mapping[int, int] | None = None,
    units: Mapping[int, int] | None = None,
) -> list[Unit]:
    """From `on` the unit is divided into `parts`, which stand in its place.

    `posts` and `units` say which post, and which unit below, goes to which part: {id: number of
    the part from 0}. What they leave out goes to the first.
    """
    _check_hand(by)
    (unit,) = _locked([unit])
    _check_standing(unit, on)
    if len(parts) < 2:
        raise CannotChangeUnits(_("Name at least two units into which this one is divided."))
    if len({part.name.strip().casefold() for part in parts}) < len(parts):
        raise CannotChangeUnits(_("Two of the new units have the same name."))
    made = [_made(part, unit.get_parent(), on) for part in parts]
    share = Share(
        {pk: made[number] for pk, number in (posts or {}).items()},
        {pk: made[number] for pk, number in (units or {}).items()},
    )
    kind = UnitSuccession.Kind.SPLIT
    succeed(predecessors=[unit], successors=made, on=on, kind=kind, share=share)
    for after, part in zip(made, parts, strict=True):
        _give_code(after, part.code)
    return made


@transaction.atomic
def end_unit(*, unit: Unit, on: dt.date, by: User) -> Unit:
    """From `on` the unit exists no more and nothing succeeds it: posts, roles and services end.

    Raises CannotChangeUnits while units stand below it.
    """
    _check_hand(by)
    (unit,) = _locked([unit])
    _check_standing(unit, on)
    below = Unit.objects.get(pk=unit.pk).get_children().filter(valid_to__isnull=True)
    if below.exists():
        raise CannotChangeUnits(
            _("There are units below %(unit)s. End or move them first.") % {"unit": unit.name}
        )
    hand_over_posts(unit, None, on)
    hand_over_services(unit, [], on)
    hand_over_roles(unit, None, on)
    unit.valid_to = on
    unit.save(update_fields=["valid_to"])
    return unit
