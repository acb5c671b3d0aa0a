"""Likely duplicates: offered, compared, merged, told apart, undone; by those who may."""

from __future__ import annotations

import time
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from lms.learning import api
from lms.people.duplicates import likely_pairs
from lms.people.models import (
    Appointment,
    DifferentPersons,
    Person,
    PersonMerge,
    RecordAccess,
    Role,
    Unit,
    User,
)
from lms.people.services.accounts import create_account
from lms.people.services.merging import tell_apart
from lms.people.services.roles import grant_role
from lms.people.tests.factories import (
    AppointmentFactory,
    CentreFactory,
    PositionFactory,
    UnitFactory,
    UserFactory,
)
from modules.content.tests.factories import make_course

pytestmark = pytest.mark.django_db


@pytest.fixture
def unit() -> Unit:
    return UnitFactory(name="Xã Suối Vân")


def account(client: Client, role: str, **reach: Any) -> User:
    user = UserFactory(person__full_name="Trần Văn Quản")
    grant_role(user=user, role=role, **reach)
    client.force_login(user)
    return user


@pytest.fixture
def manager(client: Client, unit: Unit) -> User:
    return account(client, "centre_manager", centre=CentreFactory(serves=[unit]))


@pytest.fixture
def two(unit: Unit) -> tuple[Person, Person]:
    """Golden test 11 of domain.md as rows of the site: composed apart, and the old tone place."""
    names = ("Nguyê\u0303n Thị Hòa", "Nguyễn Thị Hoà")
    one, other = (AppointmentFactory(unit=unit, person__full_name=name).person for name in names)
    return one, other


def address(two: tuple[Person, Person], name: str = "manage-duplicate") -> str:
    return reverse(f"web:{name}", args=[each.uuid for each in two])


def offered(client: Client) -> list[set[str]]:
    pairs = client.get("/manage/duplicates/").context["pairs"]
    return [{pair["first"]["name"], pair["second"]["name"]} for pair in pairs]


def test_likely_pairs_are_offered_with_reasons(
    client: Client, manager: User, two: tuple[Person, Person]
) -> None:
    AppointmentFactory(unit=UnitFactory(), person__full_name="Nguyễn Thị Hòa")
    page = client.get("/manage/duplicates/")
    assert offered(client) == [{"Nguyễn Thị Hòa", "Nguyễn Thị Hoà"}]
    assert len(page.context["pairs"][0]["reasons"]) == 1
    assert reverse("web:manage-duplicate", args=[two[0].uuid, two[1].uuid]) in page.content.decode()


def test_nobody_alike_says_so(client: Client, manager: User) -> None:
    assert client.get("/manage/duplicates/").context["pairs"] == []


def test_compare_marks_what_differs(
    client: Client, manager: User, two: tuple[Person, Person]
) -> None:
    create_account(person=two[1], username="hoa.moi")
    lines = client.get(address(two)).context["lines"]
    assert [line["differs"] for line in lines] == [True, False, False, False, False, True, False]
    checked = client.get(address(two)).context["both"]
    assert [each["kept"] for each in checked] == [False, True]


def test_compare_with_oneself_or_out_of_reach_is_not_found(
    client: Client, manager: User, two: tuple[Person, Person]
) -> None:
    far = AppointmentFactory(unit=UnitFactory()).person
    assert client.get(address((two[0], two[0]))).status_code == 404
    assert client.get(address((two[0], far))).status_code == 404


def test_apart_is_remembered(client: Client, manager: User, two: tuple[Person, Person]) -> None:
    for _ in range(2):
        assert client.post(address(two, "manage-apart")).status_code == 302
    assert DifferentPersons.objects.count() == 1
    assert offered(client) == []


def test_merge_previews_and_then_merges_and_is_undone(
    client: Client, manager: User, two: tuple[Person, Person]
) -> None:
    course = make_course(lessons=2)
    for each in two:
        api.enrol(person=each, course_key=course.translation_key)
    choice = {"keep": str(two[0].uuid)}
    page = client.get(address(two, "manage-merge"), choice)
    assert (page.status_code, PersonMerge.objects.count()) == (200, 0)
    assert [each["set_aside"] for each in page.context["enrolments"]] == [True, False]
    done = client.post(address(two, "manage-merge"), choice)
    assert (done.status_code, done["Location"]) == (302, "/manage/merges/")
    two[1].refresh_from_db()
    assert two[1].merged_into == two[0]
    assert offered(client) == []
    assert client.get(address(two)).status_code == 404
    listed = client.get("/manage/merges/").context["merges"]
    assert [(each.kept, each.merged, each.by) for each in listed] == [(two[0], two[1], manager)]
    undone = client.post(reverse("web:manage-merge-undo", args=[listed[0].uuid]))
    assert undone.status_code == 302
    assert Appointment.objects.filter(person=two[1]).count() == 1
    assert offered(client) == [{"Nguyễn Thị Hòa", "Nguyễn Thị Hoà"}]
    assert set(RecordAccess.objects.values_list("person", "act", "subject")) == {
        (two[0].pk, "changed", "merge"),
        (two[1].pk, "changed", "merge"),
    }


def test_merge_without_a_choice_asks_again_and_changes_nothing(
    client: Client, manager: User, two: tuple[Person, Person]
) -> None:
    for each in two:
        create_account(person=each)
    assert client.post(address(two, "manage-merge"), {"keep": "?"}).status_code == 422
    keep = {"keep": str(two[1].uuid)}
    again = client.post(address(two, "manage-merge"), keep)
    assert (again.status_code, PersonMerge.objects.count()) == (422, 0)
    assert [each["kept"] for each in again.context["both"]] == [False, True]
    stays = two[0].account.username
    assert client.post(address(two, "manage-merge"), {**keep, "account": stays}).status_code == 302
    assert User.objects.get(username=stays).person == two[1]


def test_merge_refused_shows_the_reason(
    client: Client, manager: User, two: tuple[Person, Person]
) -> None:
    grant_role(user=create_account(person=two[1]), role="instructor")
    refused = client.post(address(two, "manage-merge"), {"keep": str(two[0].uuid)})
    assert (refused.status_code, PersonMerge.objects.count()) == (422, 0)
    assert "Nguyễn Thị Hoà" in refused.context["refusal"]


def test_undo_refused_shows_the_reason(
    client: Client, manager: User, two: tuple[Person, Person]
) -> None:
    client.post(address(two, "manage-merge"), {"keep": str(two[0].uuid)})
    merge = PersonMerge.objects.get()
    url = reverse("web:manage-merge-undo", args=[merge.uuid])
    assert client.post(url).status_code == 302
    again = client.post(url)
    assert (again.status_code, bool(again.context["refusal"])) == (422, True)


def test_any_two_found_by_name_can_be_compared(
    client: Client, manager: User, two: tuple[Person, Person]
) -> None:
    page = client.get("/manage/duplicates/", {"q": "hoa nguyen"})
    assert [each["uuid"] for each in page.context["people"]] == [two[0].uuid, two[1].uuid]
    chosen = reverse("web:manage-duplicates-chosen")
    query = {"q": "hoa", "p": [str(each.uuid) for each in two]}
    assert client.get(chosen, query)["Location"] == address(two)
    assert client.get(chosen, {"q": "hoa", "p": [str(two[0].uuid)]}).status_code == 422
    assert client.get(chosen, {"q": "hoa", "p": ["1", "2"]}).status_code == 404


@pytest.mark.parametrize("role", list(Role))
def test_pages_are_for_managers_and_administrators(
    client: Client, unit: Unit, two: tuple[Person, Person], role: str
) -> None:
    reach: dict[str, Any] = {}
    if role == Role.CENTRE_MANAGER:
        reach["centre"] = CentreFactory(serves=[unit])
    if role in (Role.UNIT_OFFICER, Role.OBSERVER):
        reach["unit"] = unit
    account(client, role, **reach)
    allowed = role in (Role.CENTRE_MANAGER, Role.ADMINISTRATOR)
    for url in ("/manage/duplicates/", "/manage/merges/", address(two)):
        assert client.get(url).status_code == (200 if allowed else 403)
    if not allowed:
        assert client.post(address(two, "manage-apart")).status_code == 403
        assert client.get(address(two, "manage-merge")).status_code == 403
        assert client.post(address(two, "manage-merge")).status_code == 403


def test_visitors_sign_in_first(client: Client, two: tuple[Person, Person]) -> None:
    assert client.get(address(two)).status_code == 302


def test_queries_do_not_grow_with_pairs_and_merges(
    client: Client,
    manager: User,
    unit: Unit,
    two: tuple[Person, Person],
    django_assert_max_num_queries: Any,
) -> None:
    urls = ("/manage/duplicates/", "/manage/duplicates/?q=hoa", "/manage/merges/", address(two))
    for _ in range(2):
        for url in urls:
            client.get(url)
            with django_assert_max_num_queries(12):
                client.get(url)
        for number in range(6):
            for name in ("Lê Thị Hòa", "Lê Thị Hoà"):
                AppointmentFactory(unit=unit, person__full_name=f"{name} {number}")


def test_five_thousand_persons_are_compared_quickly(manager: User, unit: Unit) -> None:
    people = Person.objects.bulk_create(
        Person(
            full_name=f"Nguyễn Thị Hòa {n // 2}",
            sort_key=f"{n:05}",
            phone=f"+8491{n // 2:07}",
        )
        for n in range(5000)
    )
    position = PositionFactory()
    Appointment.objects.bulk_create(
        Appointment(person=each, unit=unit, position=position, valid_from="2025-07-01")
        for each in people
    )
    begun = time.perf_counter()
    found = likely_pairs(manager)
    spent = time.perf_counter() - begun
    assert len(found) == 2500
    assert spent < 5  # a second where nothing else runs; comparing every two took minutes


def test_told_apart_in_any_order_is_one_row(manager: User, two: tuple[Person, Person]) -> None:
    one, other = two
    for first, second in ((one, other), (other, one)):
        tell_apart(first=first, second=second, by=manager, now="2026-11-23T00:00:00Z")
    assert [pair.candidate.key for pair in likely_pairs(manager)] == []
    assert DifferentPersons.objects.count() == 1
