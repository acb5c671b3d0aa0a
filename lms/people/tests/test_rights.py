"""Role by role: who sees whom (domain.md 5.5)."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import AnonymousUser

from lms.people.api import centres_of, people_visible_to, rights_of, units_visible_to
from lms.people.models import CentreService, Person, RoleGrant, Unit, User
from lms.people.roles import Role
from lms.people.tests.factories import (
    AppointmentFactory,
    CentreFactory,
    PersonFactory,
    RoleGrantFactory,
    UnitFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

PAST, BEFORE, AFTER = dt.date(2025, 1, 1), dt.date(2025, 6, 30), dt.date(2025, 7, 1)


@pytest.fixture
def place() -> SimpleNamespace:
    """Two provinces; in the first a commune, a cell below it and a ward, a person in each."""
    province = UnitFactory(name="Tỉnh Sông Vân")
    commune = UnitFactory(name="Xã Suối Vân", parent=province)
    cell = UnitFactory(name="Chi bộ thôn Một", parent=Unit.objects.get(pk=commune.pk))
    ward = UnitFactory(name="Phường Bến Đá", parent=Unit.objects.get(pk=province.pk))
    other = UnitFactory(name="Tỉnh Núi Lam")
    units = {
        "province": province,
        "commune": commune,
        "cell": cell,
        "ward": ward,
        "other": other,
    }
    people = {
        name: AppointmentFactory(unit=unit, valid_from=PAST).person for name, unit in units.items()
    }
    people["nowhere"] = PersonFactory()
    people["left"] = AppointmentFactory(unit=commune, valid_from=PAST, valid_to=AFTER).person
    centre = CentreFactory(serves=[commune, ward])
    idle = CentreFactory()
    return SimpleNamespace(**units, units=units, people=people, centre=centre, idle=idle)


def account(place: SimpleNamespace, role: str, **reach: str) -> User:
    named = {name: getattr(place, value) for name, value in reach.items()}
    return RoleGrantFactory(role=role, **named).user


def seen(place: SimpleNamespace, user: User) -> set[str]:
    names = {person.pk: name for name, person in place.people.items()}
    names[user.person_id] = "self"
    return {names[person.pk] for person in people_visible_to(user)}


ALL_PEOPLE = {"province", "commune", "cell", "ward", "other", "nowhere", "left", "self"}


@pytest.mark.parametrize(
    ("role", "reach", "people", "units"),
    [
        ("learner", {}, {"self"}, set()),
        ("instructor", {}, {"self"}, set()),
        ("instructor", {"centre": "centre"}, {"self"}, set()),
        ("reviewer", {"centre": "centre"}, {"self"}, set()),
        (
            "centre_manager",
            {"centre": "centre"},
            {"self", "commune", "cell", "ward"},
            {"commune", "cell", "ward"},
        ),
        ("centre_manager", {"centre": "idle"}, {"self"}, set()),
        ("unit_officer", {"unit": "commune"}, {"self", "commune", "cell"}, {"commune", "cell"}),
        (
            "unit_officer",
            {"unit": "province"},
            {"self", "province", "commune", "cell", "ward"},
            {"province", "commune", "cell", "ward"},
        ),
        ("observer", {}, {"self"}, {"province", "commune", "cell", "ward", "other"}),
        ("observer", {"unit": "commune"}, {"self"}, {"commune", "cell"}),
        ("observer", {"centre": "centre"}, {"self"}, {"commune", "cell", "ward"}),
        ("administrator", {}, ALL_PEOPLE, {"province", "commune", "cell", "ward", "other"}),
    ],
)
def test_visible_to_each_role(
    place: SimpleNamespace, role: str, reach: dict[str, str], people: set[str], units: set[str]
) -> None:
    user = account(place, role, **reach)
    assert seen(place, user) == people
    names = {unit.pk: name for name, unit in place.units.items()}
    assert {names[unit.pk] for unit in units_visible_to(user)} == units


def test_visible_to_visitor_is_nothing(place: SimpleNamespace) -> None:
    visitor = AnonymousUser()
    assert list(Person.objects.visible_to(visitor)) == []
    assert list(Unit.objects.visible_to(visitor)) == []
    assert rights_of(visitor).roles == frozenset()


def test_visible_to_account_without_person_and_role_is_nothing(place: SimpleNamespace) -> None:
    assert list(people_visible_to(UserFactory(person=None))) == []


def test_visible_to_two_roles_add_up(place: SimpleNamespace) -> None:
    user = account(place, "unit_officer", unit="cell")
    RoleGrantFactory(user=user, role="unit_officer", unit=place.other)
    assert seen(place, user) == {"self", "cell", "other"}


def test_visible_to_superuser_without_roles_is_everything(place: SimpleNamespace) -> None:
    user = UserFactory(is_superuser=True)
    assert seen(place, user) == ALL_PEOPLE
    assert rights_of(user).is_administrator


@pytest.mark.parametrize(
    ("valid_from", "valid_to", "people"),
    [
        (None, None, {"self", "commune", "cell"}),
        (dt.date(2020, 1, 1), dt.date(2020, 2, 1), {"self"}),
        (dt.date(2999, 1, 1), None, {"self"}),
    ],
)
def test_role_counts_in_its_time_only(
    place: SimpleNamespace,
    valid_from: dt.date | None,
    valid_to: dt.date | None,
    people: set[str],
) -> None:
    grant = RoleGrantFactory(
        role="unit_officer", unit=place.commune, valid_from=valid_from, valid_to=valid_to
    )
    assert seen(place, grant.user) == people


def test_rights_on_a_date_and_lapsed_roles() -> None:
    user = UserFactory()
    RoleGrantFactory(user=user, role="reviewer", valid_from=PAST, valid_to=AFTER)
    RoleGrantFactory(user=user, role="instructor", valid_from=AFTER)
    on_the_eve, on_the_day = rights_of(user, BEFORE), rights_of(user, AFTER)
    assert (on_the_eve.roles, on_the_eve.lapsed) == ({"reviewer"}, {"instructor"})
    assert (on_the_day.roles, on_the_day.lapsed) == ({"instructor"}, {"reviewer"})


def test_centre_that_serves_nobody_any_more_keeps_its_manager(place: SimpleNamespace) -> None:
    CentreService.objects.filter(centre=place.centre).update(valid_from=PAST, valid_to=AFTER)
    user = account(place, "centre_manager", centre="centre")
    rights = rights_of(user)
    assert rights.roles == {"centre_manager"}
    assert rights.centre_ids == {place.centre.pk}
    assert rights.unit_paths == ()
    assert rights_of(user, BEFORE).unit_paths == (place.commune.path, place.ward.path)


@pytest.mark.parametrize("grants", [0, 1, 3])
def test_rights_cost_one_query_and_are_kept(
    place: SimpleNamespace, grants: int, django_assert_num_queries
) -> None:
    user = UserFactory()
    for role in list(Role)[1 : 1 + grants]:
        reach = {"centre": place.centre} if role == Role.CENTRE_MANAGER else {}
        RoleGrant.objects.create(user=user, role=role, **reach)
    with django_assert_num_queries(1):
        assert len(rights_of(user).roles) == grants
        assert rights_of(user).is_administrator is False
    with django_assert_num_queries(1):
        list(people_visible_to(user))


def test_centres_of_work_and_of_administrators(place: SimpleNamespace) -> None:
    assert list(centres_of(account(place, "instructor", centre="centre"))) == [place.centre]
    assert list(centres_of(account(place, "learner"))) == []
    assert set(centres_of(account(place, "administrator"))) == {place.centre, place.idle}
