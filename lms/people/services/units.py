"""Units come, change and go: every change makes a successor, what was stays as it was."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from lms.people.errors import CannotChangeUnits
from lms.people.models import (
    Appointment,
    CentreService,
    RoleGrant,
    Unit,
    UnitKind,
    UnitSuccession,
)
from lms.people.services.roles import sync_role_groups

SAME_BODY = (UnitSuccession.Kind.RENAME, UnitSuccession.Kind.MOVE)


@dataclass(frozen=True)
class Share:
    """What of a divided unit goes elsewhere than to the first successor: by the ids of posts, and
    of the units directly below it.
    """

    posts: Mapping[int, Unit] = field(default_factory=dict)
    units: Mapping[int, Unit] = field(default_factory=dict)

    def goes_to(self, successors: Sequence[Unit]) -> bool:
        """Whether everything goes to one of `successors`."""
        keys = {unit.pk for unit in successors}
        return all(unit.pk in keys for unit in (*self.posts.values(), *self.units.values()))


@transaction.atomic
def create_unit(
    *,
    name: str,
    kind: UnitKind,
    parent: Unit | None = None,
    code: str = "",
    short_name: str = "",
    valid_from: dt.date | None = None,
) -> Unit:
    """A new unit below `parent`, or at the top. Raises CannotChangeUnits when its code is taken,
    or `parent` does not exist on the day from which the unit is to exist.
    """
    if code and Unit.objects.filter(code=code, valid_to__isnull=True).exists():
        raise CannotChangeUnits(_("Another unit has this code."))
    if parent is not None and valid_from is not None and not parent.is_standing(valid_from):
        raise CannotChangeUnits(_("%(unit)s does not exist on that day.") % {"unit": parent.name})
    unit = Unit(name=name, kind=kind, code=code, short_name=short_name, valid_from=valid_from)
    if parent is None:
        placed: Unit = Unit.add_root(instance=unit)
        return placed
    # The row in memory does not know of children added since it was read.
    placed = Unit.objects.get(pk=parent.pk).add_child(instance=unit)
    return placed


@transaction.atomic
def succeed(
    *,
    predecessors: Sequence[Unit],
    successors: Sequence[Unit],
    on: dt.date,
    kind: str,
    share: Share | None = None,
) -> list[UnitSuccession]:
    """From `on`, the successors stand in the place of the predecessors, which end that day.

    The first successor is the heir: posts held in the predecessors go on in it, centres that
    belonged to them belong to it, and units below them go on below it, each as a successor of
    itself. `share` says what goes to another of the successors instead. All successors are served
    by the centres that served the predecessors. Roles over a unit go on where the body is the same
    (rename, move); after a merger or a division they end, and are granted anew. Enrolments keep
    the unit that they had.

    Raises CannotChangeUnits when a unit would succeed itself or go into a part of itself, a
    predecessor ended on another day, or the numbers of units do not fit the kind.
    """
    _check(predecessors, successors, on, kind)
    share = share or Share()
    if not share.goes_to(successors):
        raise CannotChangeUnits(_("Something was given to a unit that is none of the successors."))
    made = []
    for before in predecessors:
        for after in successors:
            made.append(
                UnitSuccession.objects.get_or_create(
                    predecessor=before, successor=after, defaults={"on": on, "kind": kind}
                )[0]
            )
        if before.valid_to is None:
            _end(before, on)
            _hand_over(before, successors, on, share, same_body=kind in SAME_BODY)
    return made


def _check(
    predecessors: Sequence[Unit], successors: Sequence[Unit], on: dt.date, kind: str
) -> None:
    if not predecessors or not successors:
        raise CannotChangeUnits(_("Name the units before and the units after the change."))
    if {unit.pk for unit in predecessors} & {unit.pk for unit in successors}:
        raise CannotChangeUnits(_("A unit cannot succeed itself."))
    _check_places(predecessors, successors)
    fits = {
        UnitSuccession.Kind.RENAME: len(predecessors) == len(successors) == 1,
        UnitSuccession.Kind.MOVE: len(predecessors) == len(successors) == 1,
        UnitSuccession.Kind.MERGE: len(successors) == 1,
        UnitSuccession.Kind.SPLIT: len(predecessors) == 1,
    }
    if kind not in fits:
        raise ValueError(f"Unknown kind of succession: {kind}")
    if not fits[UnitSuccession.Kind(kind)]:
        raise CannotChangeUnits(_("The numbers of units do not fit this kind of change."))
    for unit in predecessors:
        if unit.valid_to is not None and unit.valid_to != on:
            raise CannotChangeUnits(
                _("%(unit)s ended on another day already.") % {"unit": unit.name}
            )
        if unit.valid_from is not None and unit.valid_from >= on:
            raise CannotChangeUnits(
                _("%(unit)s does not exist before that day.") % {"unit": unit.name}
            )
    for unit in successors:
        if not unit.is_standing(on):
            raise CannotChangeUnits(_("%(unit)s does not exist on that day.") % {"unit": unit.name})


def _check_places(predecessors: Sequence[Unit], successors: Sequence[Unit]) -> None:
    for before in predecessors:
        for after in successors:
            if after.path.startswith(before.path):
                raise CannotChangeUnits(
                    _("%(part)s is a part of %(unit)s: a unit cannot go into a part of itself.")
                    % {"part": after.name, "unit": before.name}
                )
        for other in predecessors:
            if other.pk != before.pk and other.path.startswith(before.path):
                raise CannotChangeUnits(
                    _("%(part)s is a part of %(unit)s and goes along with it. Leave it out.")
                    % {"part": other.name, "unit": before.name}
                )


def _end(unit: Unit, on: dt.date) -> None:
    unit.valid_to = on
    unit.save(update_fields=["valid_to"])


def _hand_over(
    before: Unit, successors: Sequence[Unit], on: dt.date, share: Share, *, same_body: bool
) -> None:
    heir = successors[0]
    before.centres.update(unit=heir)
    hand_over_posts(before, heir, on, share.posts)
    hand_over_services(before, successors, on)
    hand_over_roles(before, heir if same_body else None, on)
    children = Unit.objects.get(pk=before.pk).get_children().filter(_running(on))
    for child in children:
        parent = share.units.get(child.pk, heir)
        if child.valid_from is not None and child.valid_from >= on:
            # It begins under the successor: nothing of it was ever under the predecessor.
            Unit.objects.get(pk=child.pk).move(Unit.objects.get(pk=parent.pk), "last-child")
            continue
        ends = child.valid_to
        _end(child, on)
        moved = create_unit(
            name=child.name,
            kind=child.kind,
            parent=parent,
            code=child.code if ends is None else "",
            short_name=child.short_name,
            valid_from=on,
        )
        if ends is not None:
            moved.code, moved.valid_to = child.code, ends
            moved.save(update_fields=["code", "valid_to"])
        UnitSuccession.objects.create(
            predecessor=child, successor=moved, on=on, kind=UnitSuccession.Kind.MOVE
        )
        _hand_over(child, [moved], on, Share(), same_body=True)


def _running(on: dt.date) -> Q:
    return Q(valid_to__isnull=True) | Q(valid_to__gt=on)


def hand_over_posts(
    before: Unit, heir: Unit | None, on: dt.date, chosen: Mapping[int, Unit] | None = None
) -> None:
    """Let the posts in `before` go on in `heir` (or, by their ids, in the `chosen` units) from
    `on`; without an heir they end.
    """
    for post in Appointment.objects.filter(_running(on), unit=before):
        after = (chosen or {}).get(post.pk, heir)
        begins, ends = max(post.valid_from, on), post.valid_to
        if after is not None and post.valid_from >= on:
            twin = Appointment.objects.filter(
                person_id=post.person_id,
                position_id=post.position_id,
                unit=after,
                valid_from=begins,
            )
            if twin.exists():
                post.delete()
            else:
                post.unit = after
                post.save(update_fields=["unit"])
            continue
        post.valid_to = begins
        post.save(update_fields=["valid_to"])
        if after is not None:
            held, is_new = Appointment.objects.get_or_create(
                person_id=post.person_id,
                position_id=post.position_id,
                unit=after,
                valid_from=begins,
                defaults={"valid_to": ends, "is_main": post.is_main},
            )
            if not is_new and post.is_main and not held.is_main:
                # The same post in two units that are now one: the main one stays the main one.
                held.is_main = True
                held.save(update_fields=["is_main"])


def hand_over_services(before: Unit, successors: Sequence[Unit], on: dt.date) -> None:
    """Have the centres that serve `before` serve its successors from `on`, or nobody."""
    for service in CentreService.objects.filter(_running(on), unit=before):
        ends, service.valid_to = service.valid_to, max(on, service.valid_from or on)
        service.save(update_fields=["valid_to"])
        for after in successors:
            if not CentreService.objects.filter(
                _running(on), centre_id=service.centre_id, unit=after
            ).exists():
                CentreService.objects.create(
                    centre_id=service.centre_id, unit=after, valid_from=on, valid_to=ends
                )


def hand_over_roles(before: Unit, heir: Unit | None, on: dt.date) -> None:
    """Let the roles over `before` go on over `heir` from `on`; without an heir they end."""
    for grant in RoleGrant.objects.filter(_running(on), unit=before).select_related("user"):
        ends, grant.valid_to = grant.valid_to, max(on, grant.valid_from or on)
        grant.save(update_fields=["valid_to"])
        if heir is not None:
            RoleGrant.objects.create(
                user_id=grant.user_id,
                role=grant.role,
                unit=heir,
                valid_from=on,
                valid_to=ends,
                granted_by_id=grant.granted_by_id,
            )
        sync_role_groups(user=grant.user)
