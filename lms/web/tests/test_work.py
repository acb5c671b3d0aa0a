"""Handed-in work: read by the instructors of the course, and by nobody else."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.html import format_html
from django.utils.safestring import SafeString

from lms.learning import api
from lms.learning.models import Attempt, CourseInstructor, Enrolment
from lms.people.models import Unit, User
from lms.people.tests.factories import (
    AppointmentFactory,
    CentreFactory,
    PersonFactory,
    RoleGrantFactory,
    UnitFactory,
    UserFactory,
)
from lms.plugins.contracts import SUBMITTED, Trait
from modules.content.models import Activity, CoursePage
from modules.content.tests.factories import (
    PlainType,
    make_activity,
    make_course,
    make_lesson,
    registered,
)

pytestmark = pytest.mark.django_db


class ReadType(PlainType):
    traits = frozenset({Trait.EVIDENCE, Trait.FULL_PAGE})
    completion_rules = (SUBMITTED,)

    def evidence(self, attempts: Sequence[Attempt]) -> Mapping[int, SafeString]:
        if any("trouble" in each.response for each in attempts):
            raise RuntimeError("trouble")
        return {
            each.pk: format_html("<p>{}</p>", each.response["text"])
            for each in attempts
            if "text" in each.response
        }


@pytest.fixture(autouse=True)
def read_type() -> Iterator[None]:
    with registered(ReadType()):
        yield


@pytest.fixture
def commune() -> Unit:
    return UnitFactory(name="Xã Suối Vân")


@pytest.fixture
def activity() -> Activity:
    return make_activity(title="Họp chi bộ mẫu")


@pytest.fixture
def course(activity: Activity, commune: Unit) -> CoursePage:
    course = make_course(modules=1, lessons=0)
    make_lesson(course, activity)
    for name in ("Trần Văn An", "Lê Thị Ánh"):
        hand_in(course, activity, f"Minh chứng của {name}", name=name, unit=commune)
    return course


def enrol(course: CoursePage, *, name: str, unit: Unit | None = None) -> Enrolment:
    person = PersonFactory(full_name=name)
    if unit is not None:
        AppointmentFactory(person=person, unit=Unit.objects.get(pk=unit.pk))
    return api.enrol(person=person, course_key=course.translation_key)


def hand_in(course: CoursePage, activity: Activity, text: str, **learner: Any) -> Attempt:
    return api.hand_in(
        enrolment=enrol(course, **learner), activity=activity, response={"text": text}
    )


def account(client: Client, role: str, *, teaches: CoursePage | None = None, **grant: Any) -> User:
    user = UserFactory()
    RoleGrantFactory(user=user, role=role, **grant)
    if teaches is not None:
        CourseInstructor.objects.create(course_key=teaches.translation_key, person=user.person)
    client.force_login(user)
    return user


def url(course: CoursePage, activity: Activity, query: str = "") -> str:
    return f"/teaching/{course.translation_key}/work/{activity.translation_key}/{query}"


def read(client: Client, course: CoursePage, activity: Activity, query: str = "") -> list[str]:
    response = client.get(url(course, activity, query))
    assert response.status_code == 200
    return [row["name"] for row in response.context["rows"]]


def test_instructor_of_the_course_reads_newest_first(
    client: Client, course: CoursePage, activity: Activity
) -> None:
    account(client, "instructor", teaches=course)
    response = client.get(f"/teaching/{course.translation_key}/")
    (entry,) = response.context["work"]
    assert (entry["title"], entry["learners"]) == ("Họp chi bộ mẫu", 2)
    assert entry["url"] == url(course, activity)
    assert f'href="{entry["url"]}"' in response.content.decode()
    assert read(client, course, activity) == ["Lê Thị Ánh", "Trần Văn An"]
    html = client.get(url(course, activity)).content.decode()
    assert "<p>Minh chứng của Lê Thị Ánh</p>" in html
    assert "Xã Suối Vân" in html


OTHERS = ["", "learner", "reviewer", "observer", "unit_officer", "centre_manager", "administrator"]


@pytest.mark.parametrize("role", OTHERS)
def test_everybody_else_is_kept_out_and_told_why_where_they_see_progress(
    client: Client, course: CoursePage, activity: Activity, commune: Unit, role: str
) -> None:
    grant: dict[str, Any] = {
        "unit_officer": {"unit": commune},
        "observer": {"unit": commune},
        "centre_manager": {"centre": CentreFactory(serves=[commune])},
    }.get(role, {})
    if role:
        account(client, role, **grant)
    response = client.get(url(course, activity))
    overview = client.get(f"/teaching/{course.translation_key}/")
    if role in {"unit_officer", "centre_manager", "administrator"}:
        assert response.status_code == 403
        reason = "Chỉ giảng viên của khóa học đọc được nội dung đã nộp."
        assert reason in response.content.decode()
        assert len(overview.context["learners"]) == 2
        assert overview.context["work"] == []
    elif role:
        assert (response.status_code, overview.status_code) == (404, 404)
    else:
        assert response.status_code == 302
        assert response["Location"].startswith("/account/login/")
    assert "Minh chứng của" not in response.content.decode() + overview.content.decode()


def test_superuser_without_teaching_is_kept_out(
    client: Client, course: CoursePage, activity: Activity
) -> None:
    client.force_login(UserFactory(is_superuser=True))
    assert client.get(url(course, activity)).status_code == 403


def test_instructor_of_another_course_is_kept_out(
    client: Client, course: CoursePage, activity: Activity
) -> None:
    account(client, "instructor", teaches=make_course(modules=1, lessons=1))
    assert client.get(url(course, activity)).status_code == 403
    assert client.get(f"/teaching/{course.translation_key}/").context["work"] == []


def test_instructor_whose_role_was_taken_back_is_kept_out(
    client: Client, course: CoursePage, activity: Activity
) -> None:
    user = account(client, "instructor", teaches=course)
    user.role_grants.all().delete()
    RoleGrantFactory(user=user, role="administrator")
    assert client.get(url(course, activity)).status_code == 403


def test_work_that_is_not_handed_in_cannot_be_read(
    client: Client, course: CoursePage, activity: Activity
) -> None:
    open_one = api.start(enrolment=enrol(course, name="Bùi Đức Bình"), activity=activity)
    Attempt.objects.filter(pk=open_one.pk).update(response={"text": "còn viết dở"})
    account(client, "instructor", teaches=course)
    assert read(client, course, activity) == ["Lê Thị Ánh", "Trần Văn An"]


def test_work_of_those_who_left_the_course_is_no_longer_shown(
    client: Client, course: CoursePage, activity: Activity
) -> None:
    api.withdraw(enrolment=Enrolment.objects.get(person__full_name="Trần Văn An"))
    account(client, "instructor", teaches=course)
    assert read(client, course, activity) == ["Lê Thị Ánh"]


def test_work_of_the_same_activity_in_another_course_is_not_shown(
    client: Client, course: CoursePage, activity: Activity
) -> None:
    other = make_course(modules=1, lessons=0)
    make_lesson(other, activity)
    hand_in(other, activity, "Của khóa khác", name="Phạm Văn Khác")
    account(client, "instructor", teaches=course)
    assert read(client, course, activity) == ["Lê Thị Ánh", "Trần Văn An"]


@pytest.mark.parametrize(
    ("q", "found"),
    [("an tran", ["Trần Văn An"]), ("suoi van", ["Lê Thị Ánh", "Trần Văn An"]), ("khong ai", [])],
)
def test_search_ignores_diacritics(
    client: Client, course: CoursePage, activity: Activity, q: str, found: list[str]
) -> None:
    account(client, "instructor", teaches=course)
    assert read(client, course, activity, f"?q={q}") == found


def test_pages_of_twenty_in_as_many_queries_as_for_two(
    client: Client, course: CoursePage, activity: Activity
) -> None:
    account(client, "instructor", teaches=course)

    def queries(query: str = "") -> int:
        client.get(url(course, activity, query))
        with CaptureQueriesContext(connection) as captured:
            client.get(url(course, activity, query))
        return len(captured)

    few = queries()
    for number in range(23):
        hand_in(course, activity, f"Bài {number}", name=f"Người Số {number}")
    assert queries() == few
    assert few <= 10
    assert len(read(client, course, activity)) == 20
    assert len(read(client, course, activity, "?page=2")) == 5
    assert len(read(client, course, activity, "?page=99")) == 5
    assert (
        'href="?q=nguoi&amp;page=2"'
        in client.get(url(course, activity, "?q=nguoi")).content.decode()
    )


def test_overview_costs_two_queries_more_for_its_instructor(
    client: Client, course: CoursePage, activity: Activity
) -> None:
    account(client, "instructor", teaches=course)
    address = f"/teaching/{course.translation_key}/"
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        client.get(address)
    assert len(captured) <= 14


def test_deleted_work_says_so(client: Client, course: CoursePage, activity: Activity) -> None:
    Attempt.objects.filter(enrolment__person__full_name="Lê Thị Ánh").update(response={})
    account(client, "instructor", teaches=course)
    html = client.get(url(course, activity)).content.decode()
    assert html.count("Nội dung đã ghi đã được xóa.") == 1
    assert "<p>Minh chứng của Trần Văn An</p>" in html


def test_plugin_that_fails_leaves_the_names(
    client: Client, course: CoursePage, activity: Activity, settings: LazySettings
) -> None:
    settings.LMS_PLUGINS_STRICT = False
    Attempt.objects.filter(enrolment__person__full_name="Lê Thị Ánh").update(
        response={"trouble": True}
    )
    account(client, "instructor", teaches=course)
    response = client.get(url(course, activity))
    assert [row["name"] for row in response.context["rows"]] == ["Lê Thị Ánh", "Trần Văn An"]
    assert "Nội dung đã ghi đã được xóa." not in response.content.decode()
    assert response.context["unavailable"]


def test_activities_without_evidence_and_unknown_ones_are_404(
    client: Client, course: CoursePage
) -> None:
    account(client, "instructor", teaches=course)
    assert client.get(f"/teaching/{course.translation_key}/work/{uuid.uuid4()}/").status_code == 404
    assert client.get(f"/teaching/{uuid.uuid4()}/work/{uuid.uuid4()}/").status_code == 404
