"""Units as they were and became: counts on a day, history, reach, what a change takes along."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from lms.people.models import (
    Unit,
    UnitKind,
    User,
)
from lms.people.services.roles import grant_role
from lms.people.services.unit_changes import (
    NewUnit,
    merge_units,
    rename_unit,
)
from lms.people.tests.factories import (
    AppointmentFactory,
    CentreFactory,
    PositionFactory,
    UnitFactory,
    UnitKindFactory,
    UserFactory,
)
from lms.people.unit_history import (
    Headcount,
    consequences,
    headcounts,
    history,
    posts_in,
    units_with_history,
)

pytestmark = pytest.mark.django_db

MAY, JUNE, JULY, AUGUST = (dt.date(2025, month, 1) for month in (5, 6, 7, 8))


@pytest.fixture
def admin() -> User:
    user = UserFactory()
    grant_role(user=user, role="administrator")
    return user


@pytest.fixture
def kind() -> UnitKind:
    return UnitKindFactory()


@pytest.fixture
def province() -> Unit:
    return UnitFactory(name="Tỉnh Lam Sơn Hạ", code="T")


def unit(parent: Unit, name: str, code: str = "", **fields: Any) -> Unit:
    return UnitFactory(parent=Unit.objects.get(pk=parent.pk), name=name, code=code, **fields)


def test_headcounts_count_a_person_once_on_the_day(
    province: Unit, django_assert_num_queries: Any
) -> None:
    one, two = unit(province, "Xã 1"), unit(province, "Xã 2")
    person = AppointmentFactory(unit=one, valid_from=MAY).person
    AppointmentFactory(
        unit=two,
        person=person,
        position=PositionFactory(code="deputy"),
        valid_from=MAY,
        is_main=False,
    )
    AppointmentFactory(unit=one, valid_from=MAY, valid_to=JULY)
    units = list(Unit.objects.all())
    with django_assert_num_queries(1):
        june = headcounts(units, JUNE)
    assert [june[each.pk] for each in units] == [
        Headcount(0, 2),
        Headcount(2, 2),
        Headcount(1, 1),
    ]
    assert headcounts(units, JULY)[one.pk] == Headcount(1, 1)


def test_history_goes_both_ways_over_several_changes(
    admin: User, province: Unit, kind: UnitKind
) -> None:
    one, two = unit(province, "Xã 1"), unit(province, "Xã 2")
    merged = merge_units(units=[one, two], into=NewUnit("Xã 3", kind), on=JUNE, by=admin)
    last = rename_unit(unit=merged, new=NewUnit("Phường 3", kind), on=JULY, by=admin)
    back = history(last, forward=False)
    assert [(row.predecessor.name, row.on, row.kind) for row in back] == [
        ("Xã 3", JULY, "rename"),
        ("Xã 1", JUNE, "merge"),
        ("Xã 2", JUNE, "merge"),
    ]
    assert [row.successor.name for row in history(one, forward=True)] == ["Xã 3", "Phường 3"]


def test_units_with_history_reach_the_predecessors_of_what_a_manager_sees(
    admin: User, province: Unit, kind: UnitKind
) -> None:
    one, two, other = (unit(province, f"Xã {n}") for n in (1, 2, 3))
    manager = UserFactory()
    grant_role(user=manager, role="centre_manager", centre=CentreFactory(serves=[one]))
    new = merge_units(units=[one, two], into=NewUnit("Xã Lớn", kind), on=JULY, by=admin)
    manager = User.objects.get(pk=manager.pk)
    assert set(units_with_history(manager)) == {one, two, new}
    assert set(units_with_history(admin)) == {province, one, two, other, new}


def test_consequences_name_what_a_change_takes_along(
    province: Unit, django_assert_max_num_queries: Any
) -> None:
    one = unit(province, "Xã 1")
    cell = unit(one, "Chi bộ 1")
    unit(cell, "Tổ 1")
    post = AppointmentFactory(unit=one, valid_from=MAY)
    AppointmentFactory(unit=cell, valid_from=MAY)
    grant_role(user=UserFactory(person__full_name="Cầm Văn"), role="unit_officer", unit=one)
    CentreFactory(name="Trung tâm", serves=[one])
    one = Unit.objects.get(pk=one.pk)
    with django_assert_max_num_queries(6):
        found = consequences([one], dt.date.today())
    assert (found.people, found.posts, found.units_below) == (2, [post], 2)
    assert (found.children, found.centres, found.officers) == ([cell], ["Trung tâm"], ["Cầm Văn"])
    assert list(posts_in(one, JUNE)) == [post]
