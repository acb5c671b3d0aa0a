"""The instructor's view: who is where, within scope, and nothing but progress."""

from __future__ import annotations

import io

import pytest
from django.test import Client
from openpyxl import load_workbook

from lms.learning import api
from lms.learning.models import CourseInstructor
from lms.people.models import Unit, User
from lms.people.tests.factories import (
    AppointmentFactory,
    CentreFactory,
    PersonFactory,
    RoleGrantFactory,
    UnitFactory,
    UserFactory,
)
from modules.content.models import CoursePage
from modules.content.tests.factories import make_course

pytestmark = pytest.mark.django_db


@pytest.fixture
def province() -> Unit:
    return UnitFactory(name="Tỉnh Lam Sơn Hạ")


@pytest.fixture
def communes(province: Unit) -> list[Unit]:
    return [UnitFactory(name=f"Xã {name}", parent=province) for name in ("Suối Vân", "Đầm Sậy")]


@pytest.fixture
def course(communes: list[Unit]) -> CoursePage:
    course = make_course(modules=1, lessons=2)
    for name, unit in (
        ("Trần Văn An", communes[0]),
        ("Lê Thị Ánh", communes[0]),
        ("Bùi Đức Bình", communes[1]),
    ):
        person = PersonFactory(full_name=name)
        AppointmentFactory(person=person, unit=Unit.objects.get(pk=unit.pk))
        api.enrol(person=person, course_key=course.translation_key)
    return course


def account(client: Client, **grant: object) -> User:
    user = UserFactory()
    RoleGrantFactory(user=user, **grant)
    client.force_login(user)
    return user


def names(client: Client, course: CoursePage, query: str = "") -> list[str]:
    response = client.get(f"/teaching/{course.translation_key}/{query}")
    assert response.status_code == 200
    return [learner["name"] for learner in response.context["learners"]]


def test_instructor_sees_own_courses_only_sorted_by_given_name(
    client: Client, course: CoursePage
) -> None:
    user = account(client, role="instructor")
    assert names(client, course) == []
    CourseInstructor.objects.create(course_key=course.translation_key, person=user.person)
    assert names(client, course) == ["Trần Văn An", "Lê Thị Ánh", "Bùi Đức Bình"]


def test_unit_officer_sees_own_unit_only(
    client: Client, course: CoursePage, communes: list[Unit]
) -> None:
    account(client, role="unit_officer", unit=communes[1])
    assert names(client, course) == ["Bùi Đức Bình"]


def test_centre_manager_sees_the_units_that_the_centre_serves(
    client: Client, course: CoursePage, communes: list[Unit], province: Unit
) -> None:
    account(client, role="centre_manager", centre=CentreFactory(serves=[communes[0]]))
    assert names(client, course) == ["Trần Văn An", "Lê Thị Ánh"]


def test_learner_is_refused_and_administrator_sees_all(client: Client, course: CoursePage) -> None:
    client.force_login(UserFactory())
    assert client.get("/teaching/").status_code == 403
    assert client.get(f"/teaching/{course.translation_key}/").status_code == 404
    account(client, role="administrator")
    assert len(names(client, course)) == 3


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("binh", ["Bùi Đức Bình"]),
        ("suoi van", ["Trần Văn An", "Lê Thị Ánh"]),
        ("anh le", ["Lê Thị Ánh"]),
        ("khong ai", []),
    ],
)
def test_search_ignores_diacritics(
    client: Client, course: CoursePage, q: str, found: list[str]
) -> None:
    account(client, role="administrator")
    assert names(client, course, f"?q={q}") == found


def test_queries_do_not_grow_with_learners(
    client: Client, course: CoursePage, django_assert_max_num_queries: object
) -> None:
    account(client, role="administrator")
    url = f"/teaching/{course.translation_key}/"
    client.get(url)
    with django_assert_max_num_queries(14):  # type: ignore[operator]  # a pytest-django fixture
        client.get(url)
    for number in range(20):
        api.enrol(
            person=PersonFactory(full_name=f"Người Số {number}"),
            course_key=course.translation_key,
        )
    with django_assert_max_num_queries(14):  # type: ignore[operator]  # a pytest-django fixture
        client.get(url)


def test_export_csv_and_xlsx_hold_the_same_people_and_no_formulas(
    client: Client, course: CoursePage
) -> None:
    evil = PersonFactory(full_name="=HYPERLINK(1)")
    api.enrol(person=evil, course_key=course.translation_key)
    account(client, role="administrator")
    base = f"/teaching/{course.translation_key}/export"
    text = client.get(f"{base}.csv").content.decode("utf-8-sig")
    assert len(text.strip().splitlines()) == 5
    assert '"\'=HYPERLINK(1)"' in text or "'=HYPERLINK(1)" in text
    book = load_workbook(io.BytesIO(client.get(f"{base}.xlsx").content))
    rows = list(book.active.iter_rows(values_only=True))
    assert sorted(str(row[0]) for row in rows[1:]) == sorted(
        ["'=HYPERLINK(1)", "Bùi Đức Bình", "Lê Thị Ánh", "Trần Văn An"]
    )
    assert all(isinstance(row[3], int) for row in rows[1:])
    assert client.get(f"{base}.pdf").status_code == 404
