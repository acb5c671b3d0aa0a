"""What those who look after people change about them and their accounts."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from lms.people.entrusting import may_change, may_close
from lms.people.errors import CannotChangePerson
from lms.people.holders import giver, holders
from lms.people.models import Person, RecordAccess, User
from lms.people.phones import normalise_phone
from lms.people.services.accesses import note_access
from lms.people.services.accounts import create_account
from lms.people.services.activating import take_back


@transaction.atomic
def change_person(
    *, person: Person, by: User, full_name: str, phone: str, birth_date: dt.date | None
) -> Person:
    """Put right what is held about somebody. Raises CannotChangePerson.

    The phone is the one to call; the number with which somebody signs in stays as it is.
    """
    if not may_change(giver(by), holders([person])[person.pk]):
        raise CannotChangePerson(_("This person is changed by somebody with more rights."))
    if not any(c.isalpha() for c in full_name):
        raise CannotChangePerson(_("Write the full name."))
    if phone.strip() and not normalise_phone(phone):
        raise CannotChangePerson(_("This is not a phone number."))
    if birth_date is not None and birth_date >= timezone.localdate():
        raise CannotChangePerson(_("The date of birth lies in the past."))
    row = Person.objects.select_for_update().get(pk=person.pk)
    row.full_name, row.phone, row.birth_date = full_name, phone, birth_date
    row.save()
    _note(person, by, "details")
    return row


@transaction.atomic
def make_account(*, person: Person, by: User, username: str = "") -> User:
    """An account for `person`, who sets the password with a code. Raises CannotMakeAccount."""
    _check_hand(person, by)
    user = create_account(person=person, username=username)
    _note(person, by, "account")
    return user


@transaction.atomic
def close_account(*, person: Person, by: User) -> User:
    """Nobody signs in with it any more, and its codes are taken back. What was learned stays."""
    _check_hand(person, by)
    user = User.objects.select_for_update().get(person=person)
    user.is_active = False
    user.save(update_fields=["is_active"])
    take_back(users=[user], at=timezone.now())
    _note(person, by, "account")
    return user


@transaction.atomic
def reopen_account(*, person: Person, by: User) -> User:
    """It can be used again, with the password that it had."""
    _check_hand(person, by)
    user = User.objects.select_for_update().get(person=person)
    user.is_active = True
    user.save(update_fields=["is_active"])
    _note(person, by, "account")
    return user


def _check_hand(person: Person, by: User) -> None:
    if not may_close(giver(by), holders([person])[person.pk]):
        raise CannotChangePerson(
            _("This account is looked after by somebody with more rights than yours.")
        )


def _note(person: Person, by: User, subject: str) -> None:
    """Write down where the person sees it who changed what."""
    note_access(person_ids=[person.pk], by=by, act=RecordAccess.Act.CHANGED, subject=subject)
