"""Units through time: each change with its day, what it takes along, and what is refused."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import translation

from lms.people.errors import CannotChangeUnits
from lms.people.models import (
    Appointment,
    CentreService,
    Person,
    RoleGrant,
    Unit,
    UnitKind,
    UnitSuccession,
    User,
)
from lms.people.rights import rights_of
from lms.people.services.roles import grant_role
from lms.people.services.unit_changes import (
    NewUnit,
    add_unit,
    end_unit,
    merge_units,
    move_unit,
    rename_unit,
    split_unit,
)
from lms.people.tests.factories import (
    AppointmentFactory,
    CentreFactory,
    UnitFactory,
    UnitKindFactory,
    UserFactory,
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


def rows() -> list[list[Any]]:
    models = (Unit, UnitSuccession, Appointment, CentreService, RoleGrant)
    return [list(model.objects.order_by("pk").values()) for model in models]


def refused(change: Callable[[], Any]) -> str:
    before = rows()
    with translation.override("en"), pytest.raises(CannotChangeUnits) as caught:
        change()
    assert rows() == before
    return str(caught.value)


def place(person: Person, on: dt.date) -> Unit:
    return Appointment.objects.at(on).get(person=person).unit


# --- each change ---------------------------------------------------------------------------------


def test_rename_keeps_code_place_people_and_roles(
    admin: User, province: Unit, kind: UnitKind
) -> None:
    old = unit(province, "Xã Suối Vân", "SV")
    cell = unit(old, "Chi bộ 1", "SV1")
    secretary = AppointmentFactory(unit=old, valid_from=MAY).person
    member = AppointmentFactory(unit=cell, valid_from=MAY).person
    officer = UserFactory()
    grant_role(user=officer, role="unit_officer", unit=old, valid_from=MAY)
    centre = CentreFactory(serves=[old])
    new = rename_unit(unit=old, new=NewUnit("Phường Suối Vân", kind, code="SV"), on=JULY, by=admin)
    assert (new.code, new.get_parent(), new.valid_from) == ("SV", province, JULY)
    assert [place(secretary, on) for on in (JUNE, JULY)] == [old, new]
    assert place(secretary, JULY) == new
    assert place(member, JULY).get_parent() == new
    assert place(member, JULY).code == "SV1"
    assert rights_of(officer).unit_paths == (new.path,)
    assert {service.unit for service in centre.services.filter(valid_to=None)} == {new}


def test_move_takes_all_below_along(admin: User, province: Unit) -> None:
    district, other = unit(province, "Huyện Cũ"), unit(province, "Huyện Mới")
    commune = unit(district, "Xã Suối Vân", "SV")
    cell = unit(commune, "Chi bộ 1")
    member = AppointmentFactory(unit=cell, valid_from=MAY).person
    moved = move_unit(
        unit=Unit.objects.get(pk=commune.pk),
        parent=Unit.objects.get(pk=other.pk),
        on=JULY,
        by=admin,
    )
    assert [each.name for each in place(member, JULY).get_ancestors()] == [
        "Tỉnh Lam Sơn Hạ",
        "Huyện Mới",
        "Xã Suối Vân",
    ]
    assert (moved.code, place(member, JUNE)) == ("SV", cell)
    top = move_unit(unit=moved, parent=None, on=AUGUST, by=admin)
    assert top.get_parent() is None


def test_move_of_a_unit_with_a_part_that_begins_later(admin: User, province: Unit) -> None:
    commune, other = unit(province, "Xã Suối Vân"), unit(province, "Huyện Mới")
    later = unit(commune, "Chi bộ 2", valid_from=AUGUST)
    moved = move_unit(unit=commune, parent=other, on=JULY, by=admin)
    later.refresh_from_db()
    assert (later.get_parent(), later.valid_from, later.valid_to) == (moved, AUGUST, None)


def test_merge_into_a_new_one_may_take_the_code_of_one(
    admin: User, province: Unit, kind: UnitKind
) -> None:
    old = [unit(province, f"Xã {n}", f"X{n}") for n in (1, 2, 3)]
    people = [AppointmentFactory(unit=each, valid_from=MAY).person for each in old]
    new = merge_units(units=old, into=NewUnit("Xã Lớn", kind, code="X2"), on=JULY, by=admin)
    assert [place(person, JULY) for person in people] == [new] * 3
    assert new.code == "X2"
    assert set(UnitSuccession.objects.values_list("predecessor", "kind")) == {
        (each.pk, "merge") for each in old
    }


def test_merge_into_one_that_stands_ends_only_the_others(admin: User, province: Unit) -> None:
    small, big = unit(province, "Xã Nhỏ"), unit(province, "Xã Lớn")
    stays = AppointmentFactory(unit=big, valid_from=MAY).person
    joins = AppointmentFactory(unit=small, valid_from=MAY).person
    officers = [UserFactory() for _ in range(2)]
    for officer, each in zip(officers, (small, big), strict=True):
        grant_role(user=officer, role="unit_officer", unit=each, valid_from=MAY)
    assert merge_units(units=[small], into=big, on=JULY, by=admin) == big
    big.refresh_from_db()
    assert (big.valid_to, Appointment.objects.filter(person=stays).count()) == (None, 1)
    assert [place(joins, on) for on in (JUNE, JULY)] == [small, big]
    assert [rights_of(User.objects.get(pk=each.pk)).unit_paths for each in officers] == [
        (),
        (big.path,),
    ]


def test_merge_same_post_in_both_stays_the_main_one(
    admin: User, province: Unit, kind: UnitKind
) -> None:
    one, two = unit(province, "Xã 1"), unit(province, "Xã 2")
    person = AppointmentFactory(unit=one, valid_from=MAY, is_main=False).person
    AppointmentFactory(unit=two, person=person, valid_from=MAY)
    new = merge_units(units=[one, two], into=NewUnit("Xã Lớn", kind), on=JULY, by=admin)
    assert list(Appointment.objects.at(JULY).values_list("person", "unit", "is_main")) == [
        (person.pk, new.pk, True)
    ]


def test_split_shares_people_and_units_as_chosen(
    admin: User, province: Unit, kind: UnitKind
) -> None:
    old = unit(province, "Xã Lớn", "XL")
    cells = [unit(old, f"Chi bộ {n}") for n in (1, 2)]
    posts = [AppointmentFactory(unit=old, valid_from=MAY) for _ in range(3)]
    members = [AppointmentFactory(unit=cell, valid_from=MAY).person for cell in cells]
    centre = CentreFactory(serves=[old])
    made = split_unit(
        unit=old,
        parts=[NewUnit("Xã Đông", kind, code="XL"), NewUnit("Xã Tây", kind, code="XT")],
        on=JULY,
        by=admin,
        posts={posts[1].pk: 1},
        units={cells[1].pk: 1},
    )
    assert [place(post.person, JULY) for post in posts] == [made[0], made[1], made[0]]
    assert [place(member, JULY).get_parent() for member in members] == made
    assert [each.code for each in made] == ["XL", "XT"]
    assert {service.unit for service in centre.services.filter(valid_to=None)} == set(made)


def test_end_takes_posts_roles_and_services_along(admin: User, province: Unit) -> None:
    old = unit(province, "Xã Suối Vân")
    running = AppointmentFactory(unit=old, valid_from=MAY)
    ahead = AppointmentFactory(unit=old, valid_from=AUGUST)
    officer = UserFactory()
    grant_role(user=officer, role="unit_officer", unit=old, valid_from=MAY)
    centre = CentreFactory(serves=[old])
    end_unit(unit=old, on=JULY, by=admin)
    assert [Appointment.objects.get(pk=post.pk).valid_to for post in (running, ahead)] == [
        JULY,
        AUGUST,
    ]
    assert Appointment.objects.at(AUGUST).count() == 0
    assert rights_of(User.objects.get(pk=officer.pk)).unit_paths == ()
    assert [service.valid_to for service in centre.services.all()] == [JULY]


def test_add_below_and_at_the_top(admin: User, province: Unit, kind: UnitKind) -> None:
    new = add_unit(new=NewUnit("Xã Suối Vân", kind, code="SV"), parent=province, on=JULY, by=admin)
    top = add_unit(new=NewUnit("Tỉnh Khác", kind), parent=None, on=None, by=admin)
    assert [each.get_parent() for each in (new, top)] == [province, None]


# --- what is refused -----------------------------------------------------------------------------


def test_merge_into_itself_or_its_part_is_refused(
    admin: User, province: Unit, kind: UnitKind
) -> None:
    one, two = unit(province, "Xã 1"), unit(province, "Xã 2")
    part = unit(one, "Chi bộ 1")
    one = Unit.objects.get(pk=one.pk)
    new = NewUnit("Xã Lớn", kind)

    def merge(units: list[Unit], into: Unit | NewUnit) -> str:
        return refused(lambda: merge_units(units=units, into=into, on=JULY, by=admin))

    assert merge([one], one) == "A unit cannot succeed itself."
    assert merge([one, two], two) == "A unit cannot succeed itself."
    assert "cannot go into a part of itself" in merge([one], part)
    assert "Chi bộ 1 is a part of Xã 1" in merge([one, part], new)
    assert "Chi bộ 1 is a part of Xã 1" in merge([part, one], new)
    assert "at least two" in merge([one], new)
    assert "at least two" in merge([one, one], new)
    assert "before and the units after" in merge([], two)


def test_move_below_itself_or_to_the_same_place_is_refused(admin: User, province: Unit) -> None:
    one = unit(province, "Xã 1")
    part = unit(one, "Chi bộ 1")
    one = Unit.objects.get(pk=one.pk)
    for parent in (one, part):
        assert "below itself" in refused(
            lambda parent=parent: move_unit(unit=one, parent=parent, on=JULY, by=admin)
        )
    assert "stands there already" in refused(
        lambda: move_unit(unit=one, parent=province, on=JULY, by=admin)
    )


def test_dates_out_of_the_life_of_a_unit_are_refused(
    admin: User, province: Unit, kind: UnitKind
) -> None:
    young = unit(province, "Xã Mới", valid_from=JULY)
    gone = unit(province, "Xã Cũ", valid_to=JUNE)
    other, new = unit(province, "Xã 2"), NewUnit("Xã Lớn", kind)
    for on in (JUNE, JULY):
        assert "does not exist before" in refused(
            lambda on=on: rename_unit(unit=young, new=new, on=on, by=admin)
        )
    assert "ended already" in refused(
        lambda: merge_units(units=[gone, other], into=new, on=AUGUST, by=admin)
    )
    assert "Xã Mới does not exist on that day" in refused(
        lambda: merge_units(units=[other], into=young, on=JUNE, by=admin)
    )
    assert "Xã Mới does not exist on that day" in refused(
        lambda: move_unit(unit=other, parent=young, on=JUNE, by=admin)
    )
    assert "Xã Mới does not exist on that day" in refused(
        lambda: add_unit(new=new, parent=young, on=JUNE, by=admin)
    )


def test_code_twice_is_refused(admin: User, province: Unit, kind: UnitKind) -> None:
    one, two = unit(province, "Xã 1", "X1"), unit(province, "Xã 2", "X2")
    taken, twice = NewUnit("Xã Lớn", kind, code="T"), NewUnit("Xã Khác", kind, code="T2")
    for change in (
        lambda: add_unit(new=taken, parent=province, on=JULY, by=admin),
        lambda: rename_unit(unit=one, new=taken, on=JULY, by=admin),
        lambda: merge_units(units=[one, two], into=taken, on=JULY, by=admin),
        lambda: split_unit(unit=one, parts=[taken, twice], on=JULY, by=admin),
        lambda: split_unit(
            unit=one, parts=[twice, NewUnit("Xã Ba", kind, code="T2")], on=JULY, by=admin
        ),
    ):
        assert "code" in refused(change)


def test_split_without_two_names_is_refused(admin: User, province: Unit, kind: UnitKind) -> None:
    one, part = unit(province, "Xã 1"), NewUnit("Xã Đông", kind)
    for parts in ([part], [part, part], [part, NewUnit("  ", kind)]):
        refused(lambda parts=parts: split_unit(unit=one, parts=parts, on=JULY, by=admin))


def test_end_with_units_below_is_refused(admin: User, province: Unit) -> None:
    one = unit(province, "Xã 1")
    unit(one, "Chi bộ 1")
    assert "units below" in refused(lambda: end_unit(unit=one, on=JULY, by=admin))


@pytest.mark.parametrize("role", ["centre_manager", "unit_officer", "observer", "instructor"])
def test_changes_are_for_administrators(province: Unit, kind: UnitKind, role: str) -> None:
    one, other, new = unit(province, "Xã 1"), unit(province, "Xã 2"), NewUnit("Xã 3", kind)
    user = UserFactory()
    reach: dict[str, Any] = (
        {"centre": CentreFactory(serves=[one])} if role == "centre_manager" else {}
    )
    if role in ("unit_officer", "observer"):
        reach["unit"] = one
    grant_role(user=user, role=role, **reach)
    for change in (
        lambda: add_unit(new=new, parent=one, on=JULY, by=user),
        lambda: rename_unit(unit=one, new=new, on=JULY, by=user),
        lambda: move_unit(unit=one, parent=other, on=JULY, by=user),
        lambda: merge_units(units=[one, other], into=new, on=JULY, by=user),
        lambda: split_unit(unit=one, parts=[new, NewUnit("Xã 4", kind)], on=JULY, by=user),
        lambda: end_unit(unit=one, on=JULY, by=user),
    ):
        assert refused(change) == "Only administrators change units."
