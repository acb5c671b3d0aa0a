"""The desk: each role finds its three numbers and three first tasks, and only its own."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from lms.learning import api
from lms.learning.models import CourseInstructor, CourseProgress
from lms.learning.services.assigning import Target, assign
from lms.people.models import User
from lms.people.services.accounts import create_account
from lms.people.services.roles import grant_role
from lms.people.tests.factories import (
    AppointmentFactory,
    CentreFactory,
    PersonFactory,
    RoleGrantFactory,
    UnitFactory,
)
from lms.web.manage.desks import DESKS
from modules.content.services.site import ensure_site
from modules.content.tests.factories import make_course

pytestmark = pytest.mark.django_db

DESK = reverse("web:manage-desk")


@pytest.fixture
def place() -> SimpleNamespace:
    """A commune with three people: one in use, one with a slip, one without an account. Two were
    given a course that is overdue; the second has completed it. One person elsewhere.
    """
    ensure_site()
    commune, other = UnitFactory(name="Xã Suối Vân"), UnitFactory(name="Xã Đầm Sậy")
    people = [PersonFactory() for _each in range(3)]
    for person in people:
        AppointmentFactory(person=person, unit=commune)
    AppointmentFactory(unit=other)
    create_account(person=people[0], password="mot-mat-khau-dai")
    create_account(person=people[1])
    centre = CentreFactory(serves=[commune])
    course = make_course(modules=1, lessons=1)
    manager = RoleGrantFactory(role="centre_manager", centre=centre).user
    given = assign(
        course_key=course.translation_key,
        target=Target(people=tuple(people[:2])),
        by=manager,
        centre=centre,
    ).assignment
    given.due_on = timezone.localdate() - dt.timedelta(days=1)
    given.save()
    CourseProgress.objects.filter(enrolment__person=people[1]).update(completed_at=timezone.now())
    return SimpleNamespace(
        commune=commune, centre=centre, course=course, people=people, manager=manager
    )


def hand(place: SimpleNamespace, role: str) -> User:
    grant = {
        "unit_officer": {"unit": place.commune},
        "observer": {"unit": place.commune},
        "centre_manager": {"centre": place.centre},
    }
    user: User = RoleGrantFactory(role=role, **grant.get(role, {})).user
    return user


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def numbers(user: User) -> list[int]:
    [desk] = client_of(user).get(DESK).context["desks"]
    return [number.value for number in desk.numbers]


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        ("centre_manager", [3, 1, 1]),
        ("unit_officer", [3, 1, 1]),
        ("observer", [2, 2, 1]),
        ("reviewer", [0, 0, 0]),
    ],
)
def test_numbers_are_of_those_in_reach(
    place: SimpleNamespace, role: str, expected: list[int]
) -> None:
    assert numbers(hand(place, role)) == expected


def test_an_instructor_counts_the_learners_of_own_courses(place: SimpleNamespace) -> None:
    user = hand(place, "instructor")
    api.enrol(person=PersonFactory(), course_key=make_course().translation_key)
    CourseInstructor.objects.create(course_key=place.course.translation_key, person=user.person)
    CourseProgress.objects.filter(enrolment__person=place.people[0]).update(
        last_event_at=timezone.now() - dt.timedelta(days=15)
    )
    assert numbers(user) == [2, 1, 1]


def test_an_administrator_counts_accounts_and_roles(place: SimpleNamespace) -> None:
    user = hand(place, "administrator")
    assert numbers(user) == [User.objects.count(), 2, 0]


@pytest.mark.parametrize("role", list(DESKS))
@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_task_leads_to_a_page_that_the_role_may_open(
    place: SimpleNamespace, role: str, language: str
) -> None:
    client = client_of(hand(place, role))
    url = DESK if language == "vi" else f"/en{DESK}"
    [desk] = client.get(url).context["desks"]
    assert (desk.role, len(desk.numbers), len(desk.tasks)) == (role, 3, 3)
    for task in desk.tasks:
        assert client.get(task.url).status_code == 200, task.title


def test_several_roles_stand_one_below_the_other(place: SimpleNamespace) -> None:
    user = hand(place, "instructor")
    grant_role(user=user, role="reviewer")
    desks = client_of(user).get(DESK).context["desks"]
    assert [desk.role for desk in desks] == ["instructor", "reviewer"]


def test_a_learner_has_no_desk(place: SimpleNamespace) -> None:
    client = client_of(hand(place, "learner"))
    assert client.get(DESK).status_code == 403
    assert reverse("web:manage-desk") not in client.get(reverse("web:home")).content.decode()


@pytest.mark.parametrize(
    ("role", "where"), [("learner", "web:home"), ("reviewer", "web:manage-desk")]
)
def test_signing_in_leads_to_where_the_day_begins(
    place: SimpleNamespace, role: str, where: str
) -> None:
    user = hand(place, role)
    user.set_password("mot-mat-khau-dai")
    user.save()
    answer = Client().post(
        reverse("account_login"), {"login": user.username, "password": "mot-mat-khau-dai"}
    )
    assert (answer.status_code, answer.headers["Location"]) == (302, reverse(where))


@pytest.mark.parametrize("role", list(DESKS))
def test_a_desk_costs_few_queries(place: SimpleNamespace, role: str) -> None:
    client = client_of(hand(place, role))
    client.get(DESK)
    with CaptureQueriesContext(connection) as queries:
        client.get(DESK)
    assert len(queries) <= 13, [each["sql"][:150] for each in queries]
