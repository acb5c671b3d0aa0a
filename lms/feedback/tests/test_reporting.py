"""Reports and answers as services: what is merged, what is refused, who sees what."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from lms.feedback.errors import CannotAnswer, CannotReport
from lms.feedback.models import ContentReport
from lms.feedback.queries import new_answers
from lms.feedback.services.reporting import (
    LONGEST,
    answer_report,
    mark_answers_read,
    report_content,
)
from lms.feedback.tests.factories import make_report, spot_of
from lms.learning.models import CourseInstructor
from lms.people.services.roles import sync_role_groups
from lms.people.tests.factories import CentreFactory, RoleGrantFactory, UserFactory
from modules.content.models import LessonPage
from modules.content.services.site import ensure_site
from modules.content.tests.factories import make_course

pytestmark = pytest.mark.django_db


def test_report_keeps_what_was_said_and_waits() -> None:
    report = make_report(text="  Điều 5 đã sửa.  ", place="  Câu   3 ")
    report.refresh_from_db()
    assert (report.text, report.place, report.state, report.show_name) == (
        "Điều 5 đã sửa.",
        "Câu 3",
        "open",
        False,
    )
    assert list(ContentReport.objects.waiting()) == [report]


def test_second_report_of_the_same_person_on_the_same_place_is_added_to_the_first() -> None:
    user, spot = UserFactory(), spot_of()
    first = report_content(user=user, spot=spot, kind="typo", text="Sai chính tả")
    second = report_content(user=user, spot=spot, kind="wrong", text="Cả số điều cũng sai")
    third = report_content(user=user, spot=spot, kind="wrong", text="Sai chính tả")
    assert first.pk == second.pk == third.pk
    assert (third.kind, third.text) == ("wrong", "Sai chính tả\n\nCả số điều cũng sai")


def test_other_person_other_place_and_answered_reports_stay_apart() -> None:
    user, spot = UserFactory(), spot_of()
    reports = [
        make_report(user=user, key=spot.key),
        make_report(user=user, key=spot.key, place="3"),
        make_report(key=spot.key),
        make_report(user=user),
    ]
    answer_report(report=reports[0], by=UserFactory(), state="mended", text="Đã sửa.")
    reports.append(make_report(user=user, key=spot.key))
    assert len({each.pk for each in reports}) == 5


def test_database_holds_one_open_report_on_a_place() -> None:
    report = make_report()
    report.pk, report.uuid = None, spot_of().key
    with pytest.raises(IntegrityError), transaction.atomic():
        report.save(force_insert=True)


@pytest.mark.parametrize(
    ("kind", "text"), [("typo", "   "), ("typo", "a" * (LONGEST + 1)), ("no-such", "Sai")]
)
def test_report_without_words_or_kind_is_refused(kind: str, text: str) -> None:
    with pytest.raises(CannotReport):
        report_content(user=UserFactory(), spot=spot_of(), kind=kind, text=text)
    assert ContentReport.objects.count() == 0


def test_answer_comes_back_until_it_is_read() -> None:
    user, author = UserFactory(), UserFactory()
    report = make_report(user=user)
    assert ContentReport.objects.new_answers_for(user).count() == 0
    answer_report(report=report, by=author, state="later", text="Sẽ sửa trong tháng.")
    assert list(ContentReport.objects.new_answers_for(user)) == [report]
    assert mark_answers_read(user=user) == 1
    assert ContentReport.objects.new_answers_for(user).count() == 0
    answer_report(report=report, by=author, state="mended", text="Đã sửa.")
    assert [each.answer for each in ContentReport.objects.new_answers_for(user)] == ["Đã sửa."]


def test_home_shows_the_newest_answers_that_were_not_read() -> None:
    user = UserFactory()
    reports = [make_report(user=user) for _ in range(4)]
    make_report()  # of somebody else
    for report in [*reports, make_report()]:
        answer_report(report=report, by=UserFactory(), state="mended", text="Đã sửa.")
    make_report(user=user)  # nobody answered it yet
    assert new_answers(user.pk) == list(ContentReport.objects.new_answers_for(user)[:3])
    assert [each.pk for each in new_answers(user.pk)] == [each.pk for each in reports[:0:-1]]
    mark_answers_read(user=user)
    assert new_answers(user.pk) == []


def test_reading_answers_leaves_those_of_others() -> None:
    report = make_report()
    answer_report(report=report, by=UserFactory(), state="mended", text="Đã sửa.")
    assert mark_answers_read(user=UserFactory()) == 0
    report.refresh_from_db()
    assert report.read_at is None


@pytest.mark.parametrize("state", ["mended", "no_fault"])
def test_report_that_is_done_with_is_not_answered_again(state: str) -> None:
    report = answer_report(report=make_report(), by=UserFactory(), state=state, text="Đã xem.")
    with pytest.raises(CannotAnswer):
        answer_report(report=report, by=UserFactory(), state="later", text="Chờ.")


@pytest.mark.parametrize(
    ("state", "text"), [("mended", " "), ("open", "Chờ"), ("", "Chờ"), ("later", "a" * 2001)]
)
def test_answer_without_words_or_outcome_is_refused(state: str, text: str) -> None:
    report = make_report()
    with pytest.raises(CannotAnswer):
        answer_report(report=report, by=UserFactory(), state=state, text=text)
    report.refresh_from_db()
    assert (report.state, report.answered_at) == ("open", None)


def test_name_is_given_only_when_ticked() -> None:
    user = UserFactory()
    assert make_report(user=user).name_for_authors == ""
    assert make_report(user=user, show_name=True).name_for_authors == user.person.full_name


def test_who_has_a_report_on_the_desk() -> None:
    ensure_site()
    course = make_course()
    report = make_report(LessonPage.objects.descendant_of(course).get())
    nowhere = make_report()  # of a course that was deleted
    seen = {}
    for role in ("instructor", "reviewer", "centre_manager", "administrator"):
        centre = CentreFactory() if role == "centre_manager" else None
        user = RoleGrantFactory(role=role, centre=centre).user
        sync_role_groups(user=user)  # as signing in does
        seen[role] = set(ContentReport.objects.visible_to(user))
    assert seen == {
        "instructor": {report},
        "reviewer": {report, nowhere},
        "centre_manager": {report, nowhere},
        "administrator": {report, nowhere},
    }
    assert ContentReport.objects.visible_to(UserFactory()).count() == 0


def test_instructor_sees_courses_taught_even_without_rights_in_the_admin() -> None:
    mine, other = make_course(), make_course()  # no role may edit pages: the site is not set up
    lesson = LessonPage.objects.descendant_of(mine).get()
    report = make_report(lesson)
    make_report(LessonPage.objects.descendant_of(other).get())
    instructor = RoleGrantFactory(role="instructor").user
    CourseInstructor.objects.create(course_key=mine.translation_key, person=instructor.person)
    assert list(ContentReport.objects.visible_to(instructor)) == [report]
