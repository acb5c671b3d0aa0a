"""Who holds which post: appointments begin and end."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from lms.people.errors import CannotAppoint
from lms.people.models import Appointment, Person, Position, Unit


@transaction.atomic
def appoint(
    *,
    person: Person,
    position: Position,
    unit: Unit,
    valid_from: dt.date,
    valid_to: dt.date | None = None,
    is_main: bool = True,
) -> Appointment:
    """`person` holds `position` in `unit` from that day. A main post ends the one before it.

    The same call twice is the same as once. Raises CannotAppoint when the unit does not exist on
    that day, or the person has begun another main post since.
    """
    if not unit.is_standing(valid_from):
        raise CannotAppoint(_("%(unit)s does not exist on that day.") % {"unit": unit.name})
    if is_main:
        mains = (
            Appointment.objects.select_for_update()
            .filter(person=person, is_main=True, valid_to__isnull=True)
            .exclude(position=position, unit=unit, valid_from=valid_from)
        )
        if valid_to is None and mains.filter(valid_from__gte=valid_from).exists():
            raise CannotAppoint(
                _("%(person)s has begun another main post since.") % {"person": person}
            )
        mains.filter(valid_from__lt=valid_from).update(valid_to=valid_from)
    return Appointment.objects.update_or_create(
        person=person,
        position=position,
        unit=unit,
        valid_from=valid_from,
        defaults={"valid_to": valid_to, "is_main": is_main},
    )[0]


@transaction.atomic
def end_appointment(*, appointment: Appointment, on: dt.date) -> Appointment:
    """From `on` the post is no longer held."""
    if on < appointment.valid_from:
        raise CannotAppoint(_("A post cannot end before it begins."))
    appointment.valid_to = on
    appointment.save(update_fields=["valid_to"])
    return appointment
