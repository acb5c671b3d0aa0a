"""Units come, change and go: every change makes a successor, what was stays as it was."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

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
    """A new unit below `parent`, or at the top."""
    if code and Unit.objects.filter(code=code, valid_to__isnull=True).exists():
        raise CannotChangeUnits(_("Another unit has this code."))
    unit = Unit(name=name, kind=kind, code=code, short_name=short_name, valid_from=valid_from)
    if parent is None:
        placed: Unit = Unit.add_root(instance=unit)
        return placed
    # The row in memory does not know of children added since it was read.
    placed = Unit.objects.get(pk=parent.pk).add_child(instance=unit)
    return placed


@transaction.atomic
def succeed(
    *, predecessors: Sequence[Unit], successors: Sequence[Unit], on: dt.date, kind: str
) -> list[UnitSuccession]:
    """From `on`, the successors stand in the place of the predecessors, which end that day.

    The first successor is the heir: posts held in the predecessors go on in it, centres that
    belonged to them belong to it, and units below them go on below it, each as a successor of
    itself. All successors are served by the centres that served the predecessors. Roles over a
    unit go on where the body is the same (rename, move); after a merger or a division they end,
    and are granted anew. Enrolments keep the unit that they had.

    Raises CannotChangeUnits when a unit would succeed itself, a predecessor ended on another day,
    or the numbers of units do not fit the kind.
    """
    _check(predecessors, successors, on, kind)
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
            _hand_over(before, successors, on, same_body=kind in SAME_BODY)
    return made


def _check(
    predecessors: Sequence[Unit], successors: Sequence[Unit], on: dt.date, kind: str
) -> None:
    if not predecessors or not successors:
        raise CannotChangeUnits(_("Name the units before and the units after the change."))
    if {unit.pk for unit in predecessors} & {unit.pk for unit in successors}:
        raise CannotChangeUnits(_("A unit cannot succeed itself."))
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


def _end(unit: Unit, on: dt.date) -> None:
    unit.valid_to = on
    unit.save(update_fields=["valid_to"])


def _hand_over(before: Unit, successors: Sequence[Unit], on: dt.date, *, same_body: bool) -> None:
    heir = successors[0]
    before.centres.update(unit=heir)
    _hand_over_posts(before, heir, on)
    _hand_over_services(before, successors, on)
    _hand_over_roles(before, heir if same_body else None, on)
    children = Unit.objects.get(pk=before.pk).get_children().filter(valid_to__isnull=True)
    for child in children:
        _end(child, on)
        moved = create_unit(
            name=child.name,
            kind=child.kind,
            parent=heir,
            code=child.code,
            short_name=child.short_name,
            valid_from=on,
        )
        UnitSuccession.objects.create(
            predecessor=child, successor=moved, on=on, kind=UnitSuccession.Kind.MOVE
        )
        _hand_over(child, [moved], on, same_body=True)


def _running(on: dt.date) -> Q:
    return Q(valid_to__isnull=True) | Q(valid_to__gt=on)


def _hand_over_posts(before: Unit, heir: Unit, on: dt.date) -> None:
    posts = Appointment.objects.filter(_running(on), unit=before)
    posts.filter(valid_from__gte=on).update(unit=heir)
    for post in posts.filter(valid_from__lt=on):
        ends, post.valid_to = post.valid_to, on
        post.save(update_fields=["valid_to"])
        Appointment.objects.get_or_create(
            person_id=post.person_id,
            position_id=post.position_id,
            unit=heir,
            valid_from=on,
            defaults={"valid_to": ends, "is_main": post.is_main},
        )


def _hand_over_services(before: Unit, successors: Sequence[Unit], on: dt.date) -> None:
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


def _hand_over_roles(before: Unit, heir: Unit | None, on: dt.date) -> None:
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
