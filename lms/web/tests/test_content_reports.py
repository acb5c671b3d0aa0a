"""The desk of authors: reports that wait, the way into the editor, the answer."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from lms.feedback.models import ContentReport
from lms.feedback.services.reporting import answer_report
from lms.feedback.tests.factories import make_report
from lms.people.models import User
from lms.people.tests.factories import CentreFactory, RoleGrantFactory, UnitFactory, UserFactory
from modules.activities.task.tests.factories import make_task
from modules.content.models import LessonPage
from modules.content.services.site import ensure_site
from modules.content.tests.factories import make_course, make_lesson

pytestmark = pytest.mark.django_db

LIST = "/manage/reports/content/"


@pytest.fixture
def lesson() -> LessonPage:
    ensure_site()
    return LessonPage.objects.descendant_of(make_course()).get()


@pytest.fixture
def instructor(client: Client) -> User:
    user: User = RoleGrantFactory(role="instructor").user
    client.force_login(user)
    return user


def page_of(report: ContentReport) -> str:
    return reverse("web:manage-content-report", args=[report.uuid])


@pytest.mark.parametrize(
    ("role", "status"),
    [
        ("instructor", 200),
        ("reviewer", 200),
        ("centre_manager", 200),
        ("administrator", 200),
        ("unit_officer", 403),
        ("observer", 403),
        ("learner", 403),
    ],
)
def test_only_authors_have_the_list(
    client: Client, lesson: LessonPage, role: str, status: int
) -> None:
    report = make_report(lesson)
    scope = {"centre_manager": {"centre": CentreFactory()}, "unit_officer": {"unit": UnitFactory()}}
    client.force_login(RoleGrantFactory(role=role, **scope.get(role, {})).user)
    assert [client.get(LIST).status_code, client.get(page_of(report)).status_code] == [status] * 2


def test_list_has_what_waits_and_what_was_answered(
    client: Client, lesson: LessonPage, instructor: User
) -> None:
    for state in ("", "later", "mended", "no_fault"):
        report = make_report(lesson, text=f"Chuyện {state or 'mới'}")
        if state:
            answer_report(report=report, by=instructor, state=state, text="Đã xem.")
    words = ("mới", "later", "mended", "no_fault")
    waiting = client.get(LIST).content.decode()
    answered = client.get(f"{LIST}?state=answered").content.decode()
    assert [f"Chuyện {each}<" in waiting for each in words] == [True, True, False, False]
    assert [f"Chuyện {each}<" in answered for each in words] == [False, False, True, True]


def test_desk_tells_how_many_reports_wait(
    client: Client, lesson: LessonPage, instructor: User
) -> None:
    link = f'<a href="{LIST}">{{}} góp ý nội dung đang chờ trả lời</a>'
    assert "đang chờ trả lời" not in client.get("/manage/").content.decode()
    first = make_report(lesson)
    make_report(lesson)
    assert link.format(2) in client.get("/manage/").content.decode()
    answer_report(report=first, by=instructor, state="later", text="Sẽ sửa.")
    assert link.format(1) in client.get("/manage/").content.decode()


@pytest.mark.parametrize("ticked", [False, True])
def test_name_of_the_reporter_is_shown_only_when_ticked(
    client: Client, lesson: LessonPage, instructor: User, ticked: bool
) -> None:
    reporter = UserFactory()
    report = make_report(lesson, user=reporter, show_name=ticked)
    pages = client.get(page_of(report)).content.decode() + client.get(LIST).content.decode()
    assert pages.count(reporter.person.full_name) == int(ticked)
    assert reporter.username not in pages


def test_report_leads_into_the_editor(client: Client, lesson: LessonPage, instructor: User) -> None:
    task = make_task()
    make_lesson(lesson.get_parent().get_parent().specific, task)
    course = lesson.get_parent().get_parent()
    on_lesson = make_report(lesson)
    on_task = make_report(
        where="activity", key=task.translation_key, course_key=course.translation_key
    )
    edit_lesson = reverse("wagtailadmin_pages:edit", args=[lesson.pk])
    assert f'href="{edit_lesson}"' in client.get(page_of(on_lesson)).content.decode()
    shown = client.get(page_of(on_task)).content.decode()
    edit_task = reverse(f"{task.snippet_viewset.get_url_name('edit')}", args=[task.pk])
    assert f'href="{edit_task}"' in shown
    assert reverse("web:activity", args=[task.uuid]) in shown


def test_report_on_a_page_that_is_gone_can_still_be_answered(
    client: Client, lesson: LessonPage
) -> None:
    client.force_login(RoleGrantFactory(role="reviewer").user)
    report = make_report()
    assert client.get(page_of(report)).status_code == 200
    sent = client.post(page_of(report), {"state": "no_fault", "answer": "Bài đã được gỡ."})
    assert (sent.status_code, sent["Location"]) == (302, LIST)
    report.refresh_from_db()
    assert report.state == "no_fault"


def test_refused_answer_keeps_what_was_typed(
    client: Client, lesson: LessonPage, instructor: User
) -> None:
    report = make_report(lesson)
    sent = client.post(page_of(report), {"state": "", "answer": "Sẽ xem lại"})
    assert (sent.status_code, "Sẽ xem lại</textarea>" in sent.content.decode()) == (422, True)
    client.post(page_of(report), {"state": "mended", "answer": "Đã sửa"})
    again = client.post(page_of(report), {"state": "later", "answer": "Muộn rồi"})
    assert again.status_code == 422
    report.refresh_from_db()
    assert (report.answer, report.answered_by) == ("Đã sửa", instructor)


def test_list_takes_the_same_queries_for_many(
    client: Client, lesson: LessonPage, instructor: User
) -> None:
    counts = []
    for number in range(6):
        make_report(lesson)
        if number in (0, 5):
            with CaptureQueriesContext(connection) as captured:
                assert client.get(LIST).status_code == 200
            counts.append(len(captured))
    assert counts[0] == counts[1]
    assert counts[0] <= 12
