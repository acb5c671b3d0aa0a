from __future__ import annotations

import datetime as dt
import unicodedata

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import translation

from lms.people.models import (
    Appointment,
    CentreService,
    Person,
    RoleGrant,
    Unit,
    UnitSuccession,
    User,
)
from lms.people.tests.factories import (
    AppointmentFactory,
    CentreFactory,
    PersonFactory,
    PositionFactory,
    UnitFactory,
    UnitKindFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

JULY = dt.date(2025, 7, 1)
AUGUST = dt.date(2025, 8, 1)


def test_person_name_is_kept_composed() -> None:
    person = PersonFactory(full_name="  Nguyễn  Thị Hòa ".replace("Nguyễn", "Nguye\u0302\u0303n"))
    assert person.full_name == unicodedata.normalize("NFC", "Nguyễn Thị Hòa")
    assert person.search_text == "nguyen thi hoa"


def test_persons_are_sorted_by_given_name() -> None:
    names = ["Trần Văn Ân", "Lê Thị Bình", "Nguyễn Văn An", "Đỗ Văn Ấn", "Phạm Đức An"]
    for name in names:
        PersonFactory(full_name=name)
    assert [person.full_name for person in Person.objects.all()] == [
        "Phạm Đức An",
        "Nguyễn Văn An",
        "Trần Văn Ân",
        "Đỗ Văn Ấn",
        "Lê Thị Bình",
    ]


def test_person_search_ignores_marks_and_order() -> None:
    found = PersonFactory(full_name="Đỗ Thị Ánh Tuyết", phone="0912 345 678")
    PersonFactory(full_name="Đỗ Văn Tuấn")
    assert list(Person.objects.search("tuyet do")) == [found]
    assert list(Person.objects.search("ÁNH")) == [found]
    assert list(Person.objects.search("84 912 345 678")) == [found]


def test_username_is_one_whatever_case_and_composition() -> None:
    user = UserFactory(username="Hòa.NT")
    assert user.username == "hòa.nt"
    assert User.objects.get_by_natural_key("HO\u0300A.nt") == user
    with pytest.raises(IntegrityError), transaction.atomic():
        UserFactory(username="hòA.nt")


def test_username_in_capitals_is_refused_by_the_database() -> None:
    user = UserFactory()
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=user.pk).update(username="HOA")


def test_username_that_is_a_phone_number_is_refused() -> None:
    user = User(username="0912 345 678".replace(" ", ""), password="x")
    with pytest.raises(ValidationError) as caught:
        user.full_clean()
    assert list(caught.value.message_dict) == ["username"]


def test_phone_of_account_is_unique_once_normalised() -> None:
    assert UserFactory(phone="0912 345 678").phone == "+84912345678"
    with pytest.raises(IntegrityError), transaction.atomic():
        UserFactory(phone="+84 912 345 678")
    assert [UserFactory(phone="").phone, UserFactory(phone=None).phone] == [None, None]


def test_phone_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="phone"):
        UserFactory(phone="chưa có")


def test_contact_phone_may_be_shared() -> None:
    first, second = PersonFactory(phone="0912345678"), PersonFactory(phone="0912 345 678")
    assert first.phone == second.phone == "+84912345678"


def test_person_has_one_account() -> None:
    user = UserFactory()
    with pytest.raises(IntegrityError), transaction.atomic():
        UserFactory(person=user.person)


@pytest.mark.parametrize(
    ("valid_from", "valid_to", "days"),
    [
        (None, None, {JULY, AUGUST}),
        (AUGUST, None, {AUGUST}),
        (JULY, AUGUST, {JULY}),
        (None, JULY, set()),
    ],
)
def test_unit_exists_from_first_day_to_the_day_before_the_last(
    valid_from: dt.date | None, valid_to: dt.date | None, days: set[dt.date]
) -> None:
    unit = UnitFactory(valid_from=valid_from, valid_to=valid_to)
    assert {day for day in (JULY, AUGUST) if Unit.objects.at(day).exists()} == days
    assert {day for day in (JULY, AUGUST) if unit.is_standing(day)} == days


def test_dates_in_the_wrong_order_are_refused() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        UnitFactory(valid_from=AUGUST, valid_to=JULY)
    with pytest.raises(IntegrityError), transaction.atomic():
        AppointmentFactory(valid_from=AUGUST, valid_to=JULY)


def test_unit_within_is_itself_and_all_below_in_one_query(django_assert_num_queries) -> None:
    province = UnitFactory(name="Tỉnh Sông Vân")
    commune = UnitFactory(name="Xã Suối Vân", parent=province)
    cell = UnitFactory(name="Chi bộ 1", parent=Unit.objects.get(pk=commune.pk))
    UnitFactory(name="Tỉnh khác")
    with django_assert_num_queries(1):
        assert list(Unit.objects.within(province)) == [province, commune, cell]


def test_unit_code_is_unique_among_those_that_stand() -> None:
    UnitFactory(code="X01", valid_from=None, valid_to=JULY)
    UnitFactory(code="X01", valid_from=JULY)
    with pytest.raises(IntegrityError), transaction.atomic():
        UnitFactory(code="X01")
    assert [UnitFactory(code="").code, UnitFactory(code="").code] == ["", ""]


def test_unit_search_ignores_marks() -> None:
    found = UnitFactory(name="Xã Đồng Đăng")
    UnitFactory(name="Phường Dọc")
    assert list(Unit.objects.search("dong dang")) == [found]


def test_unit_cannot_succeed_itself() -> None:
    unit = UnitFactory()
    with pytest.raises(IntegrityError), transaction.atomic():
        UnitSuccession.objects.create(predecessor=unit, successor=unit, on=JULY, kind="rename")


def test_appointment_one_main_post_at_a_time() -> None:
    person = PersonFactory()
    AppointmentFactory(person=person, valid_to=AUGUST)
    AppointmentFactory(person=person, valid_from=AUGUST)
    AppointmentFactory(person=person, is_main=False)
    with pytest.raises(IntegrityError), transaction.atomic():
        AppointmentFactory(person=person)
    assert Appointment.objects.at(JULY).filter(is_main=True).count() == 1


def test_centre_serves_a_unit_once_at_a_time() -> None:
    unit = UnitFactory()
    centre = CentreFactory(serves=[unit])
    CentreService.objects.create(centre=centre, unit=unit, valid_from=None, valid_to=JULY)
    with pytest.raises(IntegrityError), transaction.atomic():
        CentreService.objects.create(centre=centre, unit=unit)


@pytest.mark.parametrize(
    ("role", "scopes"),
    [
        ("learner", {""}),
        ("instructor", {"", "centre"}),
        ("reviewer", {"", "centre"}),
        ("centre_manager", {"centre"}),
        ("unit_officer", {"unit"}),
        ("observer", {"", "centre", "unit"}),
        ("administrator", {""}),
    ],
)
def test_role_is_granted_with_the_scope_it_needs(role: str, scopes: set[str]) -> None:
    reach = {"centre": CentreFactory(), "unit": UnitFactory()}
    allowed = set()
    for scope in ("", "centre", "unit", "centre unit"):
        named = {name: reach[name] for name in scope.split()}
        try:
            with transaction.atomic():
                RoleGrant.objects.create(user=UserFactory(), role=role, **named)
        except IntegrityError:
            continue
        allowed.add(scope)
    assert allowed == scopes


@pytest.mark.parametrize("scope", ["", "centre", "unit"])
def test_role_is_granted_once_at_a_time(scope: str) -> None:
    reach = {"centre": CentreFactory(), "unit": UnitFactory()}
    grant = {
        "user": UserFactory(),
        "role": "observer",
        **{name: reach[name] for name in scope.split()},
    }
    RoleGrant.objects.create(**grant, valid_to=JULY)
    RoleGrant.objects.create(**grant)
    with pytest.raises(IntegrityError), transaction.atomic():
        RoleGrant.objects.create(**grant)


def test_role_granted_by_oneself_is_refused_by_the_database() -> None:
    user = UserFactory()
    with pytest.raises(IntegrityError), transaction.atomic():
        RoleGrant.objects.create(user=user, role="administrator", granted_by=user)


@pytest.mark.parametrize(("language", "name"), [("vi", "Bí thư"), ("en", "Secretary")])
def test_names_of_lists_follow_the_language(language: str, name: str) -> None:
    with translation.override(language):
        assert str(PositionFactory()) == name
        assert str(UnitKindFactory()) == {"vi": "Xã", "en": "Commune"}[language]
