"""The same thing done several times at one instant: one of them wins. On both engines."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.db import connections

from lms.people.codes import code_for
from lms.people.models import ActivationCode, Person, User
from lms.people.services.activating import issue_code, issue_slips, redeem
from lms.people.tests.factories import (
    AppointmentFactory,
    PersonFactory,
    RoleGrantFactory,
    UnitFactory,
)

pytestmark = pytest.mark.django_db(transaction=True)
AT_ONCE = 6


def at_once(action: Callable[[int], Any]) -> list[Any]:
    """What `action` gives or raises in each of several threads that begin at the same instant."""
    results: list[Any] = [None] * AT_ONCE
    barrier = threading.Barrier(AT_ONCE)

    def run(number: int) -> None:
        barrier.wait()
        try:
            results[number] = action(number)
        except Exception as error:  # noqa: BLE001 -- the test looks at what came back
            results[number] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.fixture
def place() -> SimpleNamespace:
    unit = UnitFactory(name="Xã Suối Vân")
    people = [PersonFactory(full_name=f"Lò Thị Mận {n}") for n in range(5)]
    for person in people:
        AppointmentFactory(person=person, unit=unit)
    officer = RoleGrantFactory(role="unit_officer", unit=unit).user
    return SimpleNamespace(people=people, officer=officer)


def kinds(results: list[Any]) -> Counter[str]:
    return Counter(type(each).__name__ for each in results)


def test_code_used_by_several_at_once_is_taken_from_one(place) -> None:
    code = issue_code(person=place.people[0], by=place.officer)
    plain = code_for(code.uuid, code.digest)
    passwords = [f"mật khẩu thứ {n}" for n in range(AT_ONCE)]
    results = at_once(lambda n: redeem(code=plain, password=passwords[n]))
    assert kinds(results) == {"User": 1, "CannotEnter": AT_ONCE - 1}
    username = User.objects.get(person=place.people[0]).username
    signed_in = [
        authenticate(None, username=username, password=each) is not None for each in passwords
    ]
    assert signed_in == [isinstance(each, User) for each in results]


def test_codes_for_one_person_at_once_leave_one_that_is_good(place) -> None:
    person = place.people[0]
    results = at_once(lambda n: issue_code(person=person, by=place.officer))
    assert kinds(results) == {"ActivationCode": AT_ONCE}
    assert User.objects.filter(person=person).count() == 1
    assert ActivationCode.objects.filter(used_at=None, revoked_at=None).count() == 1


def test_slips_for_the_same_people_at_once_are_made_once(place) -> None:
    people = list(Person.objects.filter(pk__in=[each.pk for each in place.people]))
    results = at_once(lambda n: issue_slips(persons=people, by=place.officer))
    assert kinds(results) == {"Slips": AT_ONCE}
    assert sum(each.made for each in results) == len(people)
    assert sum(each.kept for each in results) == len(people) * (AT_ONCE - 1)
    assert User.objects.filter(person__in=people).count() == len(people)
    assert ActivationCode.objects.count() == len(people)


def test_code_is_not_used_while_a_new_one_takes_its_place(place) -> None:
    code = issue_code(person=place.people[0], by=place.officer)
    plain = code_for(code.uuid, code.digest)

    def use_or_replace(number: int) -> Any:
        if number % 2:
            return issue_code(person=place.people[0], by=place.officer)
        return redeem(code=plain, password=f"mật khẩu thứ {number}")

    results = at_once(use_or_replace)
    assert {type(each).__name__ for each in results} <= {"ActivationCode", "User", "CannotEnter"}
    row = ActivationCode.objects.get(pk=code.pk)
    used = sum(isinstance(each, User) for each in results)
    assert used == int(row.used_at is not None)
    assert (row.used_at is None) is (row.revoked_at is not None)
