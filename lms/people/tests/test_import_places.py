"""Units and positions of a list: found however they are written, suggested, chosen once."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from lms.people.errors import CannotImport
from lms.people.importing.options import NEW
from lms.people.importing.steps import choose_places
from lms.people.models import Person, Position, Unit, UnitSuccession, User
from lms.people.services.units import succeed
from lms.people.tests.factories import (
    AppointmentFactory,
    CentreFactory,
    PersonFactory,
    PositionFactory,
    RoleGrantFactory,
    UnitFactory,
    UserFactory,
)
from lms.people.tests.importing import (
    HEADINGS,
    again,
    checked,
    codes,
    outcomes,
    row,
    workbook,
)

pytestmark = pytest.mark.django_db
ON = dt.date(2026, 11, 1)
BORN = dt.date(1975, 9, 2)
HOA = "Nguyễn Thị Hòa"
PHONE = "+84912345678"


@pytest.fixture
def communes() -> list[Unit]:
    return [UnitFactory(name="Xã Suối Vân"), UnitFactory(name="Xã Đầm Sậy", code="DS")]


@pytest.fixture
def outside() -> Unit:
    return UnitFactory(name="Xã Vực Sim")


@pytest.fixture
def secretary() -> Position:
    return PositionFactory()


@pytest.fixture
def deputy() -> Position:
    return PositionFactory(code="deputy", name="Phó Bí thư", name_en="Deputy secretary")


@pytest.fixture
def manager(communes: list[Unit], secretary: Position, deputy: Position) -> User:
    user: User = UserFactory()
    RoleGrantFactory(user=user, role="centre_manager", centre=CentreFactory(serves=communes))
    return user


@pytest.fixture
def administrator(manager: User) -> User:
    user: User = UserFactory()
    RoleGrantFactory(user=user, role="administrator")
    return user


def people(*rows: tuple[Any, ...]) -> bytes:
    return workbook(HEADINGS, *rows)


def holder(unit: Unit, position: Position, name: str = HOA, **values: Any) -> Person:
    person: Person = PersonFactory(full_name=name, **values)
    AppointmentFactory(person=person, unit=unit, position=position)
    return person


@pytest.mark.parametrize(
    "written",
    ["Xã Suối Vân", "xã  suối vân", "XA SUOI VAN", "Xã Suối Vân, Tỉnh Vân Sơn"],
)
def test_units_are_found_however_they_are_written(
    manager: User, communes: list[Unit], written: str
) -> None:
    province = UnitFactory(name="Tỉnh Vân Sơn")
    communes[0].move(province, pos="first-child")
    inside = Unit.objects.get(pk=communes[0].pk)
    centre = manager.role_grants.get().centre
    assert centre is not None
    centre.services.create(unit=Unit.objects.get(pk=province.pk))
    found = checked(manager, people((HOA, None, None, "Bí thư", written)), on=ON)
    assert row(found, 2).place["unit"] == inside.pk


def test_units_are_found_by_code(manager: User, communes: list[Unit]) -> None:
    content = workbook(
        ("Họ và tên", "Chức vụ", "Mã đơn vị", "Đơn vị"),
        (HOA, "Bí thư", "ds", "Đầm Sậy gì đó"),
        ("Lò Văn Ơn", "Bí thư", None, "DS"),
        ("Vi Thị Én", "Bí thư", "??", "Xã Suối Vân"),
    )
    found = checked(manager, content, on=ON)
    assert [row(found, n).place["unit"] for n in (2, 3, 4)] == [
        communes[1].pk, communes[1].pk, communes[0].pk,
    ]  # fmt: skip


def test_two_units_of_one_name_are_told_apart_by_the_unit_above(
    manager: User, communes: list[Unit]
) -> None:
    offices = [
        UnitFactory(name="Văn phòng", parent=Unit.objects.get(pk=each.pk)) for each in communes
    ]
    found = checked(
        manager,
        people(
            (HOA, None, None, "Bí thư", "Văn phòng"),
            ("Lò Văn Ơn", None, None, "Bí thư", "Văn phòng - Xã Đầm Sậy"),
            ("Vi Thị Én", None, None, "Bí thư", "Xã Suối Vân / Văn phòng"),
        ),
        on=ON,
    )
    assert codes(row(found, 2).faults) == ["unit-ambiguous"]
    assert [row(found, n).place["unit"] for n in (3, 4)] == [offices[1].pk, offices[0].pk]


def test_the_successor_is_suggested_for_a_unit_that_is_gone_and_chosen_once_for_all_rows(
    manager: User, communes: list[Unit]
) -> None:
    old = UnitFactory(name="Xã Mây Hạ")
    succeed(
        predecessors=[old],
        successors=[communes[0]],
        on=dt.date(2025, 7, 1),
        kind=UnitSuccession.Kind.MERGE,
    )
    content = people(
        (HOA, None, None, "Bí thư", "Xã Mây Hạ"),
        ("Lò Văn Ơn", None, None, "Bí thư", "xa may ha"),
    )
    found = checked(manager, content, on=ON)
    assert outcomes(found) == {2: "refused", 3: "refused"}
    assert codes(row(found, 2).faults) == ["unit-unknown"]
    again(choose_places(people_import=found, units={"xa may ha": communes[0].pk}, positions={}))
    assert outcomes(found) == {2: "new", 3: "new"}
    # The next file with these headings knows it.
    assert outcomes(checked(manager, content, on=ON)) == {2: "new", 3: "new"}


def test_a_unit_that_does_not_exist_on_the_day_is_refused(
    manager: User, communes: list[Unit]
) -> None:
    Unit.objects.filter(pk=communes[0].pk).update(valid_from=dt.date(2026, 12, 1))
    found = checked(manager, people((HOA, None, None, "Bí thư", "Xã Suối Vân")), on=ON)
    assert codes(row(found, 2).faults) == ["unit-not-then"]


def test_defaults_stand_in_for_empty_cells(
    manager: User, communes: list[Unit], secretary: Position
) -> None:
    content = people((HOA, None, None, None, None))
    found = checked(manager, content, on=ON)
    assert codes(row(found, 2).faults) == ["unit-missing", "position-missing"]
    found = checked(manager, content, on=ON, unit=communes[1].pk, position=secretary.pk)
    assert row(found, 2).place == {
        "unit": communes[1].pk, "position": secretary.pk, "account": True,
    }  # fmt: skip


def test_positions_are_chosen_and_made_by_administrators_only(
    manager: User, administrator: User, deputy: Position
) -> None:
    content = people(
        (HOA, None, None, "Trưởng thôn", "Xã Suối Vân"),
        ("Lò Văn Ơn", None, None, "deputy secretary", "Xã Suối Vân"),
    )
    found = checked(manager, content, on=ON)
    assert codes(row(found, 2).faults) == ["position-unknown"]
    assert row(found, 3).place["position"] == deputy.pk
    with pytest.raises(CannotImport):
        choose_places(people_import=found, units={}, positions={"truong thon": NEW})
    whole = checked(administrator, content, on=ON)
    again(choose_places(people_import=whole, units={}, positions={"truong thon": NEW}))
    assert (outcomes(whole)[2], codes(row(whole, 2).notes)) == ("new", ["position-new"])
    assert not Position.objects.filter(name="Trưởng thôn").exists()


def test_a_heading_within_the_list_is_no_person(
    manager: User, communes: list[Unit], secretary: Position
) -> None:
    found = checked(
        manager,
        people(("Xã Suối Vân", None, None, None, None), ("Tổng cộng: 12", None, None, None, None)),
        on=ON,
        unit=communes[0].pk,
        position=secretary.pk,
    )
    assert [codes(row(found, n).faults) for n in (2, 3)] == [["name-is-unit"], ["not-a-person"]]
