"""Posts of a person: begun, changed and ended on a day, within reach."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from lms.people.models import (
    Appointment,
    Person,
    RecordAccess,
    Unit,
    User,
)
from lms.people.services.roles import grant_role
from lms.people.tests.factories import (
    AppointmentFactory,
    CentreFactory,
    PositionFactory,
    UnitFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

MAY, JULY = dt.date(2025, 5, 1), dt.date(2025, 7, 1)


def account(client: Client, role: str, **reach: Any) -> User:
    user = UserFactory(person__full_name="Trần Văn Quản")
    grant_role(user=user, role=role, **reach)
    client.force_login(user)
    return user


@pytest.fixture
def province() -> Unit:
    return UnitFactory(name="Tỉnh Lam Sơn Hạ", code="T")


@pytest.fixture
def communes(province: Unit) -> list[Unit]:
    return [
        UnitFactory(name=f"Xã {name}", code=code, parent=Unit.objects.get(pk=province.pk))
        for name, code in (("Suối Vân", "SV"), ("Đầm Sậy", "DS"), ("Núi Lam", "NL"))
    ]


@pytest.fixture
def manager(client: Client, communes: list[Unit]) -> User:
    return account(client, "centre_manager", centre=CentreFactory(serves=communes[:2]))


@pytest.fixture
def person(communes: list[Unit]) -> Person:
    return AppointmentFactory(unit=communes[0], valid_from=MAY).person


def post_url(person: Person, name: str) -> str:
    post = person.appointments.get(valid_to=None)
    return reverse(f"web:manage-appoint-{name}", args=[person.uuid, post.pk])


def held(person: Person) -> list[tuple[Any, ...]]:
    return list(
        person.appointments.order_by("valid_from", "pk").values_list(
            "position__code", "unit__code", "valid_from", "valid_to", "is_main"
        )
    )


def test_change_of_post_from_a_day(
    client: Client, manager: User, person: Person, communes: list[Unit]
) -> None:
    PositionFactory(code="deputy", name="Phó bí thư")
    data = {"position": "deputy", "unit": str(communes[1].uuid), "on": "01/07/2025"}
    assert client.post(post_url(person, "change"), data).status_code == 302
    assert held(person) == [
        ("secretary", "SV", MAY, JULY, True),
        ("deputy", "DS", JULY, None, True),
    ]
    assert RecordAccess.objects.get().subject == "post"


def test_new_post_beside_the_main_one_and_its_end(
    client: Client, manager: User, person: Person, communes: list[Unit]
) -> None:
    PositionFactory(code="deputy")
    url = reverse("web:manage-appoint", args=[person.uuid])
    data = {"position": "deputy", "unit": str(communes[1].uuid), "on": "01/07/2025"}
    assert client.post(url, data).status_code == 302
    assert client.post(url, data).status_code == 422
    assert held(person) == [
        ("secretary", "SV", MAY, None, True),
        ("deputy", "DS", JULY, None, False),
    ]
    post = person.appointments.get(is_main=False)
    end = reverse("web:manage-appoint-end", args=[person.uuid, post.pk])
    assert client.post(end, {"on": "01/06/2025"}).status_code == 422
    assert client.post(end, {"on": "01/08/2025"}).status_code == 302
    assert held(person)[1] == ("deputy", "DS", JULY, dt.date(2025, 8, 1), False)


def test_post_outside_reach_is_refused(
    client: Client, manager: User, person: Person, communes: list[Unit]
) -> None:
    far = AppointmentFactory(unit=communes[2]).person
    assert client.get(reverse("web:manage-appoint", args=[far.uuid])).status_code == 404
    data = {"position": "secretary", "unit": str(communes[2].uuid), "on": "01/07/2025"}
    refused = client.post(post_url(person, "change"), data)
    assert (refused.status_code, list(refused.context["form"].errors)) == (422, ["unit"])
    other = AppointmentFactory(
        person=person, unit=communes[2], position=PositionFactory(code="deputy"), is_main=False
    )
    url = reverse("web:manage-appoint-end", args=[person.uuid, other.pk])
    assert client.post(url, {"on": "01/08/2025"}).status_code == 404
    assert Appointment.objects.get(pk=other.pk).valid_to is None


def test_looking_up_a_unit_keeps_what_was_typed(
    client: Client, manager: User, person: Person
) -> None:
    data = {"position": "secretary", "on": "1/7/", "q": "đầm", "step": "find"}
    page = client.post(reverse("web:manage-appoint", args=[person.uuid]), data)
    assert page.status_code == 200
    assert [each["name"] for each in page.context["offered"]] == ["Xã Đầm Sậy"]
    assert page.context["form"]["on"].value() == "1/7/"


@pytest.mark.parametrize("role", ["learner", "instructor", "reviewer", "unit_officer", "observer"])
def test_posts_are_for_managers(
    client: Client, communes: list[Unit], person: Person, role: str
) -> None:
    reach = {"unit": communes[0]} if role in ("unit_officer", "observer") else {}
    account(client, role, **reach)
    for url in (reverse("web:manage-appoint", args=[person.uuid]), post_url(person, "end")):
        assert [client.get(url).status_code, client.post(url).status_code] == [403, 403]
