"""Makes persons."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from lms.people.models import Person


@transaction.atomic
def create_person(
    *, full_name: str, birth_date: dt.date | None = None, sex: str = "", phone: str = ""
) -> Person:
    """A new person, without an account."""
    return Person.objects.create(full_name=full_name, birth_date=birth_date, sex=sex, phone=phone)
