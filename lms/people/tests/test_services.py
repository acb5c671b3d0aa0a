from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.utils import timezone, translation

from lms.people.errors import (
    CannotAppoint,
    CannotChangeUnits,
    CannotGrant,
    CannotMakeAccount,
    CannotSetPassword,
)
from lms.people.models import (
    Appointment,
    CentreService,
    Person,
    RoleGrant,
    Unit,
    UnitSuccession,
    User,
)
from lms.people.rights import rights_of
from lms.people.services.accounts import create_account, free_username, set_password
from lms.people.services.persons import create_person
from lms.people.services.posts import appoint, end_appointment
from lms.people.services.roles import grant_role, revoke_role
from lms.people.services.units import create_unit, succeed
from lms.people.tests.factories import (
    AppointmentFactory,
    CentreFactory,
    PersonFactory,
    PositionFactory,
    RoleGrantFactory,
    UnitFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

JUNE, JULY, AUGUST = dt.date(2025, 6, 1), dt.date(2025, 7, 1), dt.date(2025, 8, 1)


# --- accounts ---------------------------------------------------------------------------------


def test_create_account_makes_a_user_name_and_a_learner() -> None:
    person = create_person(full_name="Nguyễn Thị Hòa", phone="0912345678")
    user = create_account(person=person, password="mat-khau-thu-1", phone="0912 345 678")
    assert (user.username, user.phone, user.person) == ("hoa.nt", "+84912345678", person)
    assert user.check_password("mat-khau-thu-1")
    assert rights_of(user).roles == {"learner"}
    assert [group.name for group in user.groups.all()] == ["learner"]


def test_create_account_without_password_lets_nobody_in() -> None:
    assert create_account(person=PersonFactory()).has_usable_password() is False


@pytest.mark.parametrize(
    ("full_name", "username"),
    [
        ("Nguyễn Thị Hòa", "hoa.nt"),
        ("Đỗ Đăng Đạt", "dat.dd"),
        ("Y'Ban Niê", "nie.y"),
        ("Sơn", "son"),
        ("…", "hoc-vien"),
    ],
)
def test_free_username_from_name(full_name: str, username: str) -> None:
    assert free_username(full_name) == username


def test_free_username_goes_round_those_taken() -> None:
    for _ in range(3):
        create_account(person=PersonFactory(full_name="Nguyễn Thị Hòa"))
    assert sorted(User.objects.values_list("username", flat=True)) == [
        "hoa.nt",
        "hoa.nt2",
        "hoa.nt3",
    ]


@pytest.mark.parametrize(
    "wishes",
    [
        {"username": "HOA.nt"},
        {"username": "0912345678"},
        {"username": "hoa nt"},
        {"phone": "0912345678"},
        {"phone": "không có"},
    ],
)
def test_create_account_refused_leaves_nothing(wishes: dict[str, str]) -> None:
    UserFactory(username="hoa.nt", phone="+84912345678")
    with pytest.raises(CannotMakeAccount):
        create_account(person=PersonFactory(), **wishes)
    assert User.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_create_account_at_the_same_instant_gives_everybody_a_name() -> None:
    people = [PersonFactory(full_name="Nguyễn Thị Hòa") for _ in range(6)]

    def make(person: Person) -> str:
        try:
            return create_account(person=person).username
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        names = sorted(pool.map(make, people))
    assert names == ["hoa.nt", *(f"hoa.nt{n}" for n in range(2, 7))]


def test_create_account_second_one_of_a_person_is_refused_in_the_language() -> None:
    user = UserFactory()
    with translation.override("vi"), pytest.raises(CannotMakeAccount) as caught:
        create_account(person=user.person)
    assert str(caught.value) == "Người này đã có tài khoản."


def test_set_password_refuses_an_easy_one() -> None:
    user = UserFactory()
    with pytest.raises(CannotSetPassword):
        set_password(user=user, password="123")
    set_password(user=user, password="nui-cao-bien-rong")
    assert User.objects.get(pk=user.pk).check_password("nui-cao-bien-rong")


# --- roles ------------------------------------------------------------------------------------


def administrator() -> User:
    user = UserFactory()
    grant_role(user=user, role="administrator")
    return user


def test_grant_role_joins_the_group_and_twice_is_once() -> None:
    user, admin, centre = UserFactory(), administrator(), CentreFactory()
    first = grant_role(user=user, role="centre_manager", centre=centre, granted_by=admin)
    again = grant_role(user=user, role="centre_manager", centre=centre, granted_by=admin)
    assert first == again
    assert first.granted_by == admin
    assert first.valid_from == timezone.localdate()
    assert list(user.groups.all()) == [Group.objects.get(name="centre_manager")]


def test_grant_role_forgets_the_rights_it_kept() -> None:
    user = UserFactory()
    assert rights_of(user).roles == frozenset()
    grant_role(user=user, role="reviewer")
    assert rights_of(user).roles == {"reviewer"}


def test_grant_role_to_oneself_is_refused() -> None:
    admin = administrator()
    with pytest.raises(CannotGrant):
        grant_role(user=admin, role="reviewer", granted_by=admin)
    assert rights_of(admin).roles == {"administrator"}


@pytest.mark.parametrize("role", ["learner", "instructor", "reviewer", "observer"])
def test_grant_role_by_others_than_administrators_is_refused(role: str) -> None:
    hand = RoleGrantFactory(role=role).user
    with pytest.raises(CannotGrant):
        grant_role(user=UserFactory(), role="learner", granted_by=hand)


@pytest.mark.parametrize("role", ["centre_manager", "unit_officer"])
def test_grant_role_without_its_reach_is_refused(role: str) -> None:
    user = UserFactory()
    with pytest.raises(CannotGrant):
        grant_role(user=user, role=role)
    assert list(user.groups.all()) == []


def test_grant_role_for_later_does_not_count_yet() -> None:
    user = UserFactory()
    grant_role(user=user, role="reviewer", valid_from=dt.date(2999, 1, 1))
    assert rights_of(user).roles == frozenset()
    assert list(user.groups.all()) == []


def test_revoke_role_ends_it_today_and_keeps_the_trace() -> None:
    user, admin = UserFactory(), administrator()
    grant = grant_role(user=user, role="reviewer", granted_by=admin)
    revoke_role(grant=grant, revoked_by=admin)
    assert RoleGrant.objects.get(pk=grant.pk).valid_to == timezone.localdate()
    assert rights_of(user).roles == frozenset()
    assert list(user.groups.all()) == []


def test_revoke_role_keeps_the_group_while_another_grant_holds() -> None:
    user = UserFactory()
    grants = [grant_role(user=user, role="instructor", centre=CentreFactory()) for _ in range(2)]
    revoke_role(grant=grants[0])
    assert [group.name for group in user.groups.all()] == ["instructor"]


def test_revoke_role_of_oneself_is_refused() -> None:
    admin = administrator()
    with pytest.raises(CannotGrant):
        revoke_role(grant=RoleGrant.objects.get(user=admin), revoked_by=admin)


def test_grant_role_again_after_its_end_makes_a_new_grant() -> None:
    user = UserFactory()
    old = revoke_role(grant=grant_role(user=user, role="reviewer"))
    new = grant_role(user=user, role="reviewer")
    assert new.pk != old.pk
    assert rights_of(user).roles == {"reviewer"}


# --- posts ------------------------------------------------------------------------------------


def test_appoint_ends_the_main_post_before_and_twice_is_once() -> None:
    person, unit = PersonFactory(), UnitFactory()
    deputy, secretary = PositionFactory(code="deputy"), PositionFactory(code="secretary")
    appoint(person=person, position=deputy, unit=unit, valid_from=JUNE)
    for _ in range(2):
        appoint(person=person, position=secretary, unit=unit, valid_from=JULY)
    assert list(
        Appointment.objects.order_by("valid_from").values_list(
            "position__code", "valid_from", "valid_to"
        )
    ) == [("deputy", JUNE, JULY), ("secretary", JULY, None)]


def test_appoint_before_a_later_main_post_is_refused() -> None:
    post = AppointmentFactory(valid_from=JULY)
    with pytest.raises(CannotAppoint):
        appoint(
            person=post.person,
            position=PositionFactory(code="deputy"),
            unit=post.unit,
            valid_from=JUNE,
        )


def test_appoint_in_a_unit_that_ended_is_refused() -> None:
    with pytest.raises(CannotAppoint):
        appoint(
            person=PersonFactory(),
            position=PositionFactory(),
            unit=UnitFactory(valid_to=JULY),
            valid_from=JULY,
        )


def test_end_appointment_before_its_beginning_is_refused() -> None:
    post = AppointmentFactory(valid_from=JULY)
    with pytest.raises(CannotAppoint):
        end_appointment(appointment=post, on=JUNE)
    assert end_appointment(appointment=post, on=AUGUST).valid_to == AUGUST


# --- units ------------------------------------------------------------------------------------


def test_create_unit_below_a_parent_read_before() -> None:
    parent = create_unit(name="Xã Suối Vân", kind=UnitFactory().kind, code="X1")
    children = [create_unit(name=f"Chi bộ {n}", kind=parent.kind, parent=parent) for n in (1, 2)]
    assert list(Unit.objects.within(parent)) == [parent, *children]
    with pytest.raises(CannotChangeUnits):
        create_unit(name="Xã khác", kind=parent.kind, code="X1")


def test_succeed_merge_hands_over_posts_and_services_and_keeps_what_was() -> None:
    old, older, new = UnitFactory(), UnitFactory(), UnitFactory(valid_from=JULY)
    centre = CentreFactory(serves=[old])
    own = CentreFactory(unit=old)
    post = AppointmentFactory(unit=old, valid_from=JUNE)
    later = AppointmentFactory(unit=older, valid_from=AUGUST)
    gone = AppointmentFactory(unit=older, valid_from=dt.date(2024, 1, 1), valid_to=JUNE)
    succeed(predecessors=[old, older], successors=[new], on=JULY, kind="merge")
    assert [unit.valid_to for unit in Unit.objects.filter(pk__in=[old.pk, older.pk])] == [JULY] * 2
    assert list(
        Appointment.objects.filter(person=post.person)
        .order_by("valid_from")
        .values_list("unit", "valid_from", "valid_to", "is_main")
    ) == [(old.pk, JUNE, JULY, True), (new.pk, JULY, None, True)]
    assert Appointment.objects.get(pk=later.pk).unit == new
    assert Appointment.objects.get(pk=gone.pk).unit == older
    assert [service.unit for service in CentreService.objects.filter(valid_to=None)] == [new]
    assert list(new.centres.all()) == [own]
    assert set(centre.services.values_list("unit", "valid_to")) == {(old.pk, JULY), (new.pk, None)}


def test_succeed_rename_keeps_roles_and_merge_ends_them() -> None:
    first, second, third, last = (UnitFactory() for _ in range(4))
    officer = UserFactory()
    grant_role(user=officer, role="unit_officer", unit=first, valid_from=JUNE)
    succeed(predecessors=[first], successors=[second], on=JULY, kind="rename")
    assert rights_of(officer).unit_paths == (second.path,)
    succeed(predecessors=[second, third], successors=[last], on=AUGUST, kind="merge")
    officer = User.objects.get(pk=officer.pk)
    assert rights_of(officer).unit_paths == ()
    assert list(officer.groups.all()) == []


def test_succeed_moves_units_below_as_successors_of_themselves() -> None:
    district = UnitFactory(name="Huyện Cũ")
    commune = UnitFactory(name="Xã Suối Vân", code="X01", parent=district)
    cell = UnitFactory(name="Chi bộ 1", parent=Unit.objects.get(pk=commune.pk))
    secretary = AppointmentFactory(unit=cell, valid_from=JUNE).person
    province = UnitFactory(name="Tỉnh Mới")
    succeed(predecessors=[district], successors=[province], on=JULY, kind="rename")
    assert [unit.name for unit in Unit.objects.at(JUNE).within(district)] == [
        "Huyện Cũ",
        "Xã Suối Vân",
        "Chi bộ 1",
    ]
    assert [unit.name for unit in Unit.objects.at(JULY).within(province)] == [
        "Tỉnh Mới",
        "Xã Suối Vân",
        "Chi bộ 1",
    ]
    assert list(Unit.objects.at(JULY).within(district)) == []
    assert Unit.objects.get(code="X01", valid_to=None).path.startswith(province.path)
    now = Appointment.objects.at(JULY).get(person=secretary)
    assert now.unit.path.startswith(province.path)
    assert UnitSuccession.objects.filter(kind="move").count() == 2


def test_succeed_split_first_successor_is_the_heir() -> None:
    old, heir, other = (UnitFactory() for _ in range(3))
    centre = CentreFactory(serves=[old])
    post = AppointmentFactory(unit=old, valid_from=JUNE)
    succeed(predecessors=[old], successors=[heir, other], on=JULY, kind="split")
    assert Appointment.objects.at(JULY).get(person=post.person).unit == heir
    running = centre.services.filter(valid_to=None)
    assert {service.unit for service in running} == {heir, other}


def test_succeed_twice_is_once() -> None:
    old, new = UnitFactory(), UnitFactory()
    AppointmentFactory(unit=old, valid_from=JUNE)
    for _ in range(2):
        succeed(
            predecessors=[Unit.objects.get(pk=old.pk)], successors=[new], on=JULY, kind="rename"
        )
    assert (UnitSuccession.objects.count(), Appointment.objects.count()) == (1, 2)


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        ([], ["b"], "merge"),
        (["a"], [], "rename"),
        (["a"], ["a"], "rename"),
        (["a", "b"], ["a"], "merge"),
        (["a"], ["b", "c"], "rename"),
        (["a", "b"], ["c", "d"], "merge"),
        (["a", "b"], ["c"], "split"),
        (["ended"], ["b"], "rename"),
        (["young"], ["b"], "rename"),
        (["a"], ["late"], "rename"),
    ],
)
def test_succeed_refused_changes_nothing(before: list[str], after: list[str], kind: str) -> None:
    units = {name: UnitFactory() for name in "abcd"} | {
        "ended": UnitFactory(valid_to=JUNE),
        "young": UnitFactory(valid_from=JULY),
        "late": UnitFactory(valid_from=AUGUST),
    }
    with pytest.raises(CannotChangeUnits):
        succeed(
            predecessors=[units[name] for name in before],
            successors=[units[name] for name in after],
            on=JULY,
            kind=kind,
        )
    assert UnitSuccession.objects.count() == 0
    assert Unit.objects.filter(valid_to=JULY).count() == 0
    assert Person.objects.count() == 0
