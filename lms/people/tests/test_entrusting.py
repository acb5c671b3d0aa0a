"""The one rule of who may open whose account, as a table; and how it is read from the database."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import Group, Permission

from lms.people.entrusting import Holder, may_change, may_close, may_entrust
from lms.people.holders import giver, holders, may_entrust_with
from lms.people.models import Person, Unit, User
from lms.people.roles import Role
from lms.people.tests.factories import (
    AppointmentFactory,
    CentreFactory,
    PersonFactory,
    RoleGrantFactory,
    UnitFactory,
    UserFactory,
)

HERE, BELOW, THERE, ALL = "0001", "00010001", "0002", ""


def holder(number: int | None, *roles: str, **more: object) -> Holder:
    return Holder(number, frozenset({Role.LEARNER, *roles}), **more)


GIVERS = {
    "learner": holder(1),
    "instructor": holder(1, "instructor"),
    "reviewer": holder(1, "reviewer"),
    "observer": holder(1, "observer", observes=(ALL,)),
    "officer": holder(1, "unit_officer", looks_after=(HERE,)),
    "manager": holder(1, "centre_manager", manages=(HERE,)),
    "administrator": holder(1, "administrator"),
}
ACCOUNTS = {
    "nobody yet, here": Holder(None, frozenset({Role.LEARNER}), stands_in=(HERE,)),
    "learner here": holder(2, stands_in=(HERE,)),
    "learner below": holder(2, stands_in=(BELOW,)),
    "learner here and there": holder(2, stands_in=(HERE, THERE)),
    "learner there": holder(2, stands_in=(THERE,)),
    "learner nowhere": holder(2),
    "officer below": holder(2, "unit_officer", looks_after=(BELOW,), stands_in=(BELOW,)),
    "officer of here": holder(2, "unit_officer", looks_after=(HERE,), stands_in=(HERE,)),
    "officer of there": holder(2, "unit_officer", looks_after=(THERE,), stands_in=(HERE,)),
    "officer of both": holder(2, "unit_officer", looks_after=(HERE, THERE), stands_in=(HERE,)),
    "observer below": holder(2, "observer", observes=(BELOW,), stands_in=(HERE,)),
    "observer of all": holder(2, "observer", observes=(ALL,), stands_in=(HERE,)),
    "instructor": holder(2, "instructor", stands_in=(HERE,)),
    "reviewer": holder(2, "reviewer", stands_in=(HERE,)),
    "other manager": holder(2, "centre_manager", manages=(BELOW,), stands_in=(HERE,)),
    "idle manager": holder(2, "centre_manager", stands_in=(HERE,)),
    "administrator": holder(2, "administrator", stands_in=(HERE,)),
    "with own powers": holder(2, stands_in=(HERE,), is_special=True),
    "oneself": holder(1, stands_in=(HERE,)),
}
LEARNERS_HERE = {"nobody yet, here", "learner here", "learner below", "learner here and there"}
MAY = {
    "learner": set(),
    "instructor": set(),
    "reviewer": set(),
    "observer": set(),
    "officer": LEARNERS_HERE,
    "manager": LEARNERS_HERE | {"officer below", "officer of here", "observer below"},
    "administrator": set(ACCOUNTS) - {"administrator", "oneself"},
}


@pytest.mark.parametrize("account", ACCOUNTS)
@pytest.mark.parametrize("hand", GIVERS)
def test_rule_of_codes(hand: str, account: str) -> None:
    assert may_entrust(GIVERS[hand], ACCOUNTS[account]) is (account in MAY[hand])


@pytest.mark.parametrize("account", ACCOUNTS)
@pytest.mark.parametrize("hand", GIVERS)
def test_accounts_are_closed_by_those_who_give_codes_but_officers(hand: str, account: str) -> None:
    expected = account in MAY[hand] and hand != "officer"
    assert may_close(GIVERS[hand], ACCOUNTS[account]) is expected


@pytest.mark.parametrize("account", ACCOUNTS)
@pytest.mark.parametrize("hand", GIVERS)
def test_persons_are_changed_by_managers_here_and_by_administrators(
    hand: str, account: str
) -> None:
    allowed = {"manager": MAY["manager"] | {"oneself"}, "administrator": set(ACCOUNTS)}
    assert may_change(GIVERS[hand], ACCOUNTS[account]) is (account in allowed.get(hand, set()))


def test_manager_here_who_is_an_officer_there_is_only_an_officer_there() -> None:
    both = holder(1, "centre_manager", "unit_officer", manages=(HERE,), looks_after=(THERE,))
    officer_there = holder(2, "unit_officer", looks_after=(THERE,), stands_in=(THERE,))
    assert may_entrust(both, ACCOUNTS["officer below"]) is True
    assert may_entrust(both, ACCOUNTS["learner there"]) is True
    assert may_entrust(both, officer_there) is False
    assert may_close(both, ACCOUNTS["learner there"]) is False


def test_who_has_no_account_gives_nothing() -> None:
    nobody = Holder(None, frozenset({Role.ADMINISTRATOR}))
    assert may_entrust(nobody, ACCOUNTS["learner here"]) is False


# --- from the database ------------------------------------------------------------------------


@pytest.fixture
def place(db: None) -> SimpleNamespace:
    commune = UnitFactory(name="Xã Suối Vân")
    cell = UnitFactory(name="Chi bộ thôn Một", parent=commune)
    other = UnitFactory(name="Xã Khác")
    centre = CentreFactory(serves=[commune])
    manager = RoleGrantFactory(role="centre_manager", centre=centre).user
    officer = RoleGrantFactory(role="unit_officer", unit=commune).user
    return SimpleNamespace(
        commune=commune, cell=cell, other=other, centre=centre, manager=manager, officer=officer
    )


def learner(unit: Unit, **grant: object) -> User:
    user = UserFactory()
    AppointmentFactory(person=user.person, unit=unit)
    if grant:
        RoleGrantFactory(user=user, **grant)
    return user


def allowed(place: SimpleNamespace, user: User) -> tuple[bool, bool]:
    return tuple(may_entrust_with(each, user.person) for each in (place.manager, place.officer))


def test_learner_below_is_for_both_and_of_another_unit_for_neither(place) -> None:
    assert allowed(place, learner(place.cell)) == (True, True)
    assert allowed(place, learner(place.other)) == (False, False)
    left = UserFactory()
    AppointmentFactory(person=left.person, unit=place.cell, valid_to=dt.date(2025, 8, 1))
    assert allowed(place, left) == (False, False)


def test_role_that_begins_tomorrow_counts_already(place) -> None:
    begins = dt.date.today() + dt.timedelta(days=3)
    user = learner(place.cell, role="administrator", valid_from=begins)
    assert allowed(place, user) == (False, False)


def test_role_that_ended_counts_no_more(place) -> None:
    user = learner(place.cell, role="administrator", valid_to=dt.date(2025, 1, 1))
    assert allowed(place, user) == (True, True)


def test_giver_must_hold_the_role_today(place) -> None:
    user = learner(place.cell)
    place.manager.role_grants.update(valid_to=dt.date(2025, 1, 1))
    place.officer.role_grants.update(valid_from=dt.date.today() + dt.timedelta(days=3))
    assert allowed(place, user) == (False, False)


def test_centre_that_serves_the_unit_no_more_gives_nothing(place) -> None:
    user = learner(place.cell)
    place.centre.services.update(valid_to=dt.date(2025, 1, 1))
    assert allowed(place, user) == (False, True)


@pytest.mark.parametrize("power", ["superuser", "staff", "group", "permission"])
def test_powers_beside_roles_are_beyond_managers(place, power: str) -> None:
    user = learner(place.cell)
    if power == "superuser":
        user.is_superuser = True
    elif power == "staff":
        user.is_staff = True
    elif power == "group":
        user.groups.add(Group.objects.create(name="Biên tập"))
    else:
        user.user_permissions.add(Permission.objects.first())
    user.save()
    assert allowed(place, user) == (False, False)
    administrator = RoleGrantFactory(role="administrator").user
    assert may_entrust_with(administrator, user.person) is (power != "superuser")


def test_groups_of_roles_are_no_powers_of_their_own(place) -> None:
    user = learner(place.cell)
    user.groups.add(Group.objects.get(name="learner"))
    assert allowed(place, user) == (True, True)


def test_holders_are_read_with_as_many_queries_for_many_as_for_one(
    place, django_assert_num_queries
) -> None:
    people = [learner(place.cell).person for _ in range(20)] + [PersonFactory()]
    with django_assert_num_queries(5):
        found = holders(people[:1])
    with django_assert_num_queries(5):
        found = holders(people)
    assert [found[each.pk].user_id is None for each in people] == [False] * 20 + [True]
    with django_assert_num_queries(2):
        assert giver(place.manager).manages == (place.commune.path,)
    assert holders(Person.objects.none()) == {}
