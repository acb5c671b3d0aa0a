"""Reporting a fault from a lesson or an activity, and reading the answer."""

from __future__ import annotations

import re

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from lms.feedback.models import ContentReport
from lms.feedback.services.reporting import answer_report
from lms.feedback.tests.factories import make_report
from lms.learning import api
from lms.people.models import User
from lms.people.tests.factories import UserFactory
from modules.activities.task.tests.factories import make_task
from modules.content.models import Access, CoursePage, LessonPage
from modules.content.tests.factories import make_course, make_lesson

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_counted() -> None:
    cache.clear()


@pytest.fixture
def user(client: Client) -> User:
    user = UserFactory()
    client.force_login(user)
    return user


@pytest.fixture
def course(user: User) -> CoursePage:
    course = make_course()
    api.enrol(person=user.person, course_key=course.translation_key)
    return course


@pytest.fixture
def lesson(course: CoursePage) -> LessonPage:
    return LessonPage.objects.descendant_of(course).get()


def address(page: LessonPage) -> str:
    return page.get_url_parts()[2]


def form_of(lesson: LessonPage) -> str:
    return reverse("web:report-lesson", args=[lesson.translation_key])


SAID = {"kind": "wrong", "text": "Điều 5 đã sửa đổi"}


def test_lesson_page_has_the_form_for_those_who_signed_in(
    client: Client, lesson: LessonPage
) -> None:
    shown = client.get(address(lesson)).content.decode()
    assert shown.count(f'action="{form_of(lesson)}"') == 1
    CoursePage.objects.update(access=Access.PUBLIC)
    for page in CoursePage.objects.all():
        page.save_revision().publish()
    visitor = Client().get(address(lesson))
    assert (visitor.status_code, form_of(lesson) in visitor.content.decode()) == (200, False)


def test_report_leads_back_to_the_lesson_and_is_kept(
    client: Client, user: User, lesson: LessonPage, course: CoursePage
) -> None:
    response = client.post(form_of(lesson), {**SAID, "show_name": "1"})
    assert (response.status_code, response["Location"]) == (302, address(lesson))
    report = ContentReport.objects.get()
    assert (report.reporter, report.key, report.course_key, report.show_name, report.title) == (
        user,
        lesson.translation_key,
        course.translation_key,
        True,
        f"{lesson.code} {lesson.title}",
    )


def test_refused_report_keeps_what_was_typed(client: Client, lesson: LessonPage) -> None:
    response = client.post(form_of(lesson), {"kind": "no-such", "text": "Câu này lạ <b>"})
    assert response.status_code == 422
    assert "Câu này lạ &lt;b&gt;</textarea>" in response.content.decode()
    fresh = client.get(address(lesson)).content.decode()
    assert "Câu này lạ" not in fresh  # what is kept of the form belongs to nobody
    assert ContentReport.objects.count() == 0


def test_eleventh_report_of_an_hour_is_refused_and_not_lost(
    client: Client, lesson: LessonPage
) -> None:
    for number in range(10):
        assert client.post(form_of(lesson), {**SAID, "text": f"Lỗi {number}"}).status_code == 302
    response = client.post(form_of(lesson), {**SAID, "text": "Lỗi mười một"})
    assert (response.status_code, "Lỗi mười một" in response.content.decode()) == (429, True)
    client.force_login(UserFactory())
    other = client.post(form_of(lesson), SAID)
    assert other.status_code == 403  # of somebody else nothing was counted; but not enrolled


def test_who_may_not_read_the_lesson_reports_nothing(lesson: LessonPage) -> None:
    stranger = Client()
    assert stranger.post(form_of(lesson), SAID).status_code == 302
    stranger.force_login(UserFactory())
    assert stranger.get(form_of(lesson)).status_code == 403
    assert stranger.post(form_of(lesson), SAID).status_code == 403
    assert ContentReport.objects.count() == 0


def test_activity_page_takes_the_number_of_a_question(client: Client, course: CoursePage) -> None:
    task = make_task()
    make_lesson(course, task)
    page = reverse("web:activity", args=[task.uuid])
    form = reverse("web:report-activity", args=[task.uuid])
    assert client.get(page).content.decode().count(f'action="{form}"') == 1
    response = client.post(form, {**SAID, "place": "3"})
    assert (response.status_code, response["Location"]) == (302, page)
    report = ContentReport.objects.get()
    assert (report.where, report.key, report.place, report.course_key) == (
        "activity",
        task.translation_key,
        "3",
        course.translation_key,
    )


def test_activity_of_no_course_takes_no_report(client: Client, user: User) -> None:
    form = reverse("web:report-activity", args=[make_task().uuid])
    assert client.post(form, SAID).status_code == 403


def test_answer_is_on_the_home_page_until_it_is_read(
    client: Client, user: User, lesson: LessonPage
) -> None:
    report = make_report(lesson, user=user)
    assert reverse("web:reports-read") not in client.get("/home/").content.decode()
    answer_report(report=report, by=UserFactory(), state="mended", text="Đã sửa, xin cảm ơn.")
    assert client.get("/home/").content.decode().count(reverse("web:reports-read")) == 1
    page = client.get("/reports/").content.decode()
    assert page.count("Đã sửa, xin cảm ơn.") == 1
    assert page.count(f'href="{address(lesson)}"') == 1
    assert client.post(reverse("web:reports-read"), {"from": "home"})["Location"] == "/home/"
    for path in ("/home/", "/reports/"):
        assert reverse("web:reports-read") not in client.get(path).content.decode()


def test_reports_of_others_are_not_shown(client: Client, user: User) -> None:
    make_report(text="Chuyện của người khác")
    assert "Chuyện của người khác" not in client.get("/reports/").content.decode()


def test_list_of_reports_takes_the_same_queries_for_many(
    client: Client, user: User, lesson: LessonPage
) -> None:
    counts = []
    for number in range(6):
        make_report(lesson, user=user, place=str(number))
        if number in (0, 5):
            with CaptureQueriesContext(connection) as captured:
                assert client.get("/reports/").status_code == 200
            counts.append(len(captured))
    assert counts[0] == counts[1]
    assert counts[0] <= 8


@pytest.mark.parametrize("path", ["/reports/", "/en/reports/"])
def test_page_of_reports_speaks_the_language(client: Client, user: User, path: str) -> None:
    title = re.search(r"<h1>(.*?)</h1>", client.get(path).content.decode())
    assert title
    assert title[1] == {"/reports/": "Góp ý của tôi", "/en/reports/": "My reports"}[path]
