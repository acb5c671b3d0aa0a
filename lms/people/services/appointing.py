"""Posts begun, changed and ended by those who look after people."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from lms.people.errors import CannotAppoint
from lms.people.holders import giver
from lms.people.models import Appointment, Person, Position, RecordAccess, Unit, User
from lms.people.models.units import below
from lms.people.rights import rights_of
from lms.people.services.accesses import note_access
from lms.people.services.posts import appoint, end_appointment


def units_to_appoint_in(user: User) -> QuerySet[Unit]:
    """The standing units in which `user` gives posts: where it is a centre manager; of
    administrators all.
    """
    standing: QuerySet[Unit] = Unit.objects.filter(valid_to=None)
    if rights_of(user).is_administrator:
        return standing
    return standing.filter(below(giver(user).manages))


def _check_hand(by: User, person: Person, unit: Unit) -> None:
    rights = rights_of(by)
    if not rights.is_administrator:
        within = any(unit.path.startswith(path) for path in giver(by).manages)
        if not within or not Person.objects.visible_to(by).filter(pk=person.pk).exists():
            raise CannotAppoint(_("This unit is outside those that the centre serves."))
    if person.merged_into_id is not None:
        raise CannotAppoint(_("This row was merged into another one. Use that one."))


@transaction.atomic
def begin_post(
    *, person: Person, position: Position, unit: Unit, on: dt.date, is_main: bool, by: User
) -> Appointment:
    """`person` holds the post from `on`; a main post ends the main post before it.

    Raises CannotAppoint outside the reach of `by`, when the post is held then already, or the
    unit does not exist on that day.
    """
    _check_hand(by, person, unit)
    return _begin(person, position, unit, on, is_main, by)


def _begin(
    person: Person, position: Position, unit: Unit, on: dt.date, is_main: bool, by: User
) -> Appointment:
    held = Appointment.objects.at(on).filter(person=person, position=position, unit=unit)
    if held.exists():
        raise CannotAppoint(
            _("%(person)s holds this post on that day already.") % {"person": person}
        )
    post = appoint(person=person, position=position, unit=unit, valid_from=on, is_main=is_main)
    _note(person, by)
    return post


@transaction.atomic
def change_post(
    *, post: Appointment, position: Position, unit: Unit, on: dt.date, by: User
) -> Appointment:
    """From `on` the person holds this post in the place of `post`, which ends that day."""
    # Both before the first step: without the post the person may be out of sight.
    for each in (post.unit, unit):
        _check_hand(by, post.person, each)
    if post.position_id == position.pk and post.unit_id == unit.pk:
        raise CannotAppoint(_("This is the same post. Choose another position or unit."))
    if post.valid_to is not None and post.valid_to < on:
        raise CannotAppoint(_("The post ended before that day. Begin a new one instead."))
    end_appointment(appointment=Appointment.objects.get(pk=post.pk), on=on)
    return _begin(post.person, position, unit, on, post.is_main, by)


@transaction.atomic
def end_post(*, post: Appointment, on: dt.date, by: User) -> Appointment:
    """From `on` the person holds the post no more."""
    _check_hand(by, post.person, post.unit)
    ended = end_appointment(appointment=Appointment.objects.get(pk=post.pk), on=on)
    _note(post.person, by)
    return ended


def _note(person: Person, by: User) -> None:
    note_access(person_ids=[person.pk], by=by, act=RecordAccess.Act.CHANGED, subject="post")
