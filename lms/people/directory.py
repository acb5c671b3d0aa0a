"""Finding people in a list: by words, unit, position and the state of their account. Reads only."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import Q

from lms.people.models import Appointment, Position, Unit
from lms.people.models.accounts import AccountState
from lms.people.phones import normalise_phone
from lms.plugins.vietnamese import fold

if TYPE_CHECKING:
    from lms.people.models.persons import PersonQuerySet

NEVER_SIGNED_IN = Q(
    account__last_login=None, account__password__startswith=UNUSABLE_PASSWORD_PREFIX
)
WITH_ACCOUNT = {
    AccountState.NONE: Q(account=None),
    AccountState.WAITING: Q(account__is_active=True) & NEVER_SIGNED_IN,
    AccountState.ACTIVE: Q(account__is_active=True) & ~NEVER_SIGNED_IN,
    AccountState.CLOSED: Q(account__is_active=False),
}


def with_words(persons: PersonQuerySet, text: str) -> PersonQuerySet:
    """Those whose name or phone holds every word; of a phone number a part is enough."""
    if normalise_phone(text):
        return persons.search(text)
    for word in fold(text).split():
        # Numbers are kept with the code of the country in the place of the first 0.
        part = word[1:] if word.isdecimal() and word.startswith("0") else word
        persons = persons.filter(search_text__contains=part)
    return persons


def with_post(
    persons: PersonQuerySet, *, unit: Unit | None, position: Position | None, on: dt.date
) -> PersonQuerySet:
    """Those who hold on `on` a post in `unit` or below it, and in this position."""
    if unit is None and position is None:
        return persons
    posts = Appointment.objects.at(on)
    if unit is not None:
        posts = posts.filter(unit__path__startswith=unit.path)
    if position is not None:
        posts = posts.filter(position=position)
    return persons.filter(pk__in=posts.order_by().values("person_id"))


def with_account(persons: PersonQuerySet, state: AccountState) -> PersonQuerySet:
    """Those whose account stands so."""
    return persons.filter(WITH_ACCOUNT[state])
