"""A person's own record shows what the events say, and only their own."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.test import Client

from lms.learning import api
from lms.people.tests.factories import (
    AppointmentFactory,
    PositionFactory,
    UnitFactory,
    UserFactory,
)
from modules.content.models import LessonPage
from modules.content.tests.factories import make_course

pytestmark = pytest.mark.django_db


def test_record_shows_courses_periods_and_the_post_held_then(client: Client) -> None:
    user = UserFactory()
    assert user.person is not None
    post = AppointmentFactory(
        person=user.person,
        unit=UnitFactory(name="Xã Đầm Sậy"),
        position=PositionFactory(code="deputy", name="Phó Bí thư"),
        valid_from=dt.date(2025, 7, 1),
    )
    course = make_course(modules=1, lessons=3, title="Khóa nền")
    enrolment = api.enrol(person=user.person, course_key=course.translation_key)
    lessons = list(LessonPage.objects.descendant_of(course).order_by("path"))
    for lesson in lessons[:2]:
        api.finish_lesson(enrolment=enrolment, lesson_key=lesson.translation_key)
    post.valid_to = dt.date(2026, 1, 1)
    post.save()
    client.force_login(user)
    context = client.get("/record/").context
    assert context["totals"] == {"periods": Decimal("1.00"), "lessons": 2, "courses": 0}
    entry = context["courses"][0]
    assert (entry["title"], entry["percent"], len(entry["lessons"])) == ("Khóa nền", 66, 2)
    assert (entry["unit_then"], entry["position_then"]) == ("Xã Đầm Sậy", "Phó Bí thư")


def test_record_of_somebody_else_is_out_of_reach(client: Client) -> None:
    other = UserFactory()
    course = make_course(modules=1, lessons=1, title="Khóa của người khác")
    assert other.person is not None
    api.enrol(person=other.person, course_key=course.translation_key)
    client.force_login(UserFactory())
    assert client.get("/record/").context["courses"] == []
    assert client.get("/record/", {"person": other.person.pk}).context["courses"] == []


def test_record_asks_visitors_to_sign_in(client: Client) -> None:
    assert client.get("/record/")["Location"] == "/account/login/?next=/record/"
