"""The report by unit as a page and as files; golden test 2 of domain.md on the demo."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook

from lms.learning import api
from lms.people.models import Person, Role, Unit, User
from lms.people.services.roles import grant_role
from lms.people.tests.factories import (
    AppointmentFactory,
    CentreFactory,
    UnitFactory,
    UserFactory,
)
from lms.web.demo import OLD_COURSE, load_demo
from modules.content.models import CoursePage
from modules.content.tests.factories import make_course

pytestmark = pytest.mark.django_db

URL = "/manage/reports/units/"


def sign_in(client: Client, username: str) -> User:
    user = User.objects.get(username=username)
    client.force_login(user)
    return user


def lines(client: Client, query: str = "") -> list[tuple[Any, ...]]:
    page = client.get(f"{URL}{query}")
    assert page.status_code == 200
    return [
        (
            entry["row"].unit.name,
            entry["course"],
            entry["row"].position.code if entry["row"].position else "",
            entry["row"].numbers.people,
            entry["row"].numbers.turns,
        )
        for entry in page.context["entries"]
    ]


@pytest.fixture
def demo() -> CoursePage:
    course = make_course(lessons=4, title="Kỹ năng lãnh đạo")
    load_demo()
    return course


def test_golden_2_on_the_demo(client: Client, demo: CoursePage) -> None:
    """Deputy secretary of Xã Mây Hạ, then secretary of Xã Mây Thượng: 2 turns, 1 person."""
    sign_in(client, "quanly")
    after = Unit.objects.get(code="mt")
    then = lines(client, "?positions=on")
    assert ("Xã Mây Hạ", OLD_COURSE, "pho-bi-thu", 1, 1) in then
    assert ("Xã Mây Thượng", "Kỹ năng lãnh đạo", "bi-thu", 1, 1) in then
    gathered = lines(client, f"?by=successor&unit={after.uuid}")
    assert gathered == [
        ("Xã Mây Thượng", OLD_COURSE, "", 2, 2),
        ("Xã Mây Thượng", "Kỹ năng lãnh đạo", "", 5, 5),
    ]
    page = client.get(f"{URL}?by=successor&unit={after.uuid}")
    assert (page.context["total"].people, page.context["total"].turns) == (5, 7)
    learner = Person.objects.get(full_name="Lường Thị Hoài Thương")
    client.force_login(learner.account)
    courses = client.get("/record/").context["courses"]
    assert [(each["position_then"], each["unit_then"]) for each in courses] == [
        ("Bí thư Đảng ủy", "Xã Mây Thượng"),
        ("Phó Bí thư Thường trực", "Xã Mây Hạ"),
    ]


def test_either_way_the_totals_are_the_same(client: Client, demo: CoursePage) -> None:
    sign_in(client, "quantri")
    totals = []
    for by in ("then", "successor"):
        total = client.get(f"{URL}?by={by}").context["total"]
        totals.append((total.people, total.turns, total.completed))
    assert totals[0] == totals[1]


def test_observer_and_officer_see_their_own_units_only(client: Client, demo: CoursePage) -> None:
    sign_in(client, "donvi")
    assert {line[0] for line in lines(client)} == {"Xã Khe Lim", "Xã Khe Sậy", "Xã Lim Thượng"}
    sign_in(client, "giamsat")
    page = client.get(URL)
    assert {entry["row"].unit.name for entry in page.context["entries"]} == {"Xã Vực Sim"}
    assert "Chảo Thị Mẩy Hồng" not in page.content.decode()


def test_filter_that_names_nothing_in_reach_is_refused(client: Client, demo: CoursePage) -> None:
    sign_in(client, "donvi")
    far = Unit.objects.get(code="vs")
    for query in (
        f"?unit={far.uuid}",
        "?unit=x",
        "?first=31/02/2025",
        "?course=1",
        "?first=02/01/2025&last=01/01/2025",
        "?by=other",
    ):
        page = client.get(URL + query)
        assert (page.status_code, len(page.context["form"].errors)) == (422, 1)
        assert client.get(f"{URL}export.csv{query}").status_code == 404


def test_files_hold_the_same_numbers_and_no_names(client: Client, demo: CoursePage) -> None:
    sign_in(client, "quanly")
    text = client.get(f"{URL}export.csv?by=successor&positions=on").content.decode("utf-8-sig")
    assert (OLD_COURSE in text, "Hoài Thương" in text) == (True, False)
    book = load_workbook(io.BytesIO(client.get(f"{URL}export.xlsx?by=successor").content))
    rows = list(book.active.iter_rows(values_only=True))
    total = client.get(f"{URL}?by=successor").context["total"]
    assert rows[-1][-3:] == (total.people, total.turns, total.completed)
    assert sum(row[-2] for row in rows[1:-1]) == total.turns
    assert client.get(f"{URL}export.pdf").status_code == 404


@pytest.mark.parametrize("role", list(Role))
def test_pages_by_role(client: Client, role: str) -> None:
    unit = UnitFactory()
    reach: dict[str, Any] = {}
    if role == Role.CENTRE_MANAGER:
        reach["centre"] = CentreFactory(serves=[unit])
    if role in (Role.UNIT_OFFICER, Role.OBSERVER):
        reach["unit"] = unit
    user = UserFactory()
    grant_role(user=user, role=role, **reach)
    client.force_login(user)
    sees = role in (Role.CENTRE_MANAGER, Role.UNIT_OFFICER, Role.OBSERVER, Role.ADMINISTRATOR)
    for url in (URL, f"{URL}export.csv"):
        assert client.get(url).status_code == (200 if sees else 403)


def test_queries_do_not_grow(client: Client, django_assert_max_num_queries: Any) -> None:
    course = make_course()
    user = UserFactory()
    grant_role(user=user, role="administrator")
    client.force_login(user)
    for _ in range(2):
        for query in ("", "?by=successor&positions=on"):
            client.get(URL + query)
            with django_assert_max_num_queries(20):
                client.get(URL + query)
        for _number in range(6):
            person = AppointmentFactory(unit=UnitFactory()).person
            api.enrol(person=person, course_key=course.translation_key)
