from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone

from lms.feedback.models import ContentReport
from lms.learning.assigned import in_state
from lms.learning.models import (
    AssignedPerson,
    Attempt,
    CourseInstructor,
    Enrolment,
    LearningEvent,
    LessonProgress,
)
from lms.people.models import (
    Appointment,
    Person,
    RoleGrant,
    TrainingCentre,
    Unit,
    UnitSuccession,
    User,
)
from lms.web.demo import PASSWORD, PEOPLE, load_demo
from modules.activities.task.tests.factories import make_task
from modules.content.tests.factories import make_course, make_lesson

pytestmark = pytest.mark.django_db


@pytest.fixture
def course():
    return make_course(lessons=4)


def counts() -> list[int]:
    models = (
        Person,
        User,
        Unit,
        UnitSuccession,
        Appointment,
        RoleGrant,
        Enrolment,
        LearningEvent,
        CourseInstructor,
        AssignedPerson,
        Attempt,
        ContentReport,
    )
    return [each.objects.count() for each in models]


def test_demo_has_an_account_for_every_role(course):
    accounts = load_demo()
    assert {account.role for account in accounts} == {
        "learner",
        "instructor",
        "reviewer",
        "centre_manager",
        "unit_officer",
        "observer",
        "administrator",
    }
    for account in accounts:
        user = User.objects.get(username=account.username)
        assert user.check_password(PASSWORD)


def test_demo_has_learners_at_different_places(course):
    load_demo()
    finished = {
        each.person.full_name: LessonProgress.objects.filter(
            enrolment=each, completed_at__isnull=False
        ).count()
        for each in Enrolment.objects.filter(course_key=course.translation_key).select_related(
            "person"
        )
    }
    assert finished == {each.name: each.learned[1] for each in PEOPLE if each.learned is not None}


def test_enrolments_keep_post_and_unit(course):
    load_demo()
    person = Person.objects.get(full_name="Lường Thị Hoài Thương")
    assert list(
        person.enrolments.order_by("enrolled_at").values_list("position__code", "unit__code")
    ) == [("pho-bi-thu", "mt1"), ("bi-thu", "mt")]


def test_lessons_were_finished_on_earlier_days(course):
    load_demo()
    enrolment = Enrolment.objects.get(
        person__full_name="Vi Quang Tuyển", course_key=course.translation_key
    )
    days = LearningEvent.objects.filter(enrolment=enrolment, name="lesson.viewed").dates(
        "occurred_at", "day"
    )
    assert len(days) == 4
    assert enrolment.enrolled_at.date() <= days[0]


def test_the_course_was_given_to_two_communes_and_some_are_behind(course):
    load_demo()
    rows = AssignedPerson.objects.all()
    assert set(rows.values_list("unit__code", flat=True)) == {"kl", "mt"}
    late = in_state(rows, "behind", timezone.localdate())
    assert 0 < late.count() < rows.filter(unit__code="kl").count()


def test_one_report_was_answered_and_one_is_new(course):
    load_demo()
    instructor = User.objects.get(username="giangvien")
    desk = ContentReport.objects.visible_to(instructor)
    assert [
        (each.reporter.username, each.answered_by) for each in (desk.answered() | desk.waiting())
    ] == [("hocvien", None), ("hocvien2", instructor)]
    reporter = User.objects.get(username="hocvien2")
    assert ContentReport.objects.new_answers_for(reporter).count() == 1


def test_workplace_task_was_handed_in_and_the_instructor_reads_it(course, client):
    task = make_task()
    make_lesson(course, task, title="Việc ở cơ quan")
    load_demo()
    attempt = Attempt.objects.get(activity_key=task.translation_key)
    assert attempt.submitted_at is not None
    client.force_login(User.objects.get(username="giangvien"))
    page = reverse("web:teaching-work", args=[course.translation_key, task.translation_key])
    assert attempt.enrolment.person.full_name in client.get(page).content.decode()


def test_second_call_adds_nothing(course):
    make_lesson(course, make_task())
    load_demo()
    before = counts()
    load_demo()
    assert counts() == before


def test_centre_serves_the_cluster_only(course):
    load_demo()
    served = TrainingCentre.objects.get().serves.values_list("name", flat=True)
    assert sorted(served) == ["Phường Gác Chuông", "Xã Bến Gội", "Xã Khe Lim", "Xã Mây Thượng"]


def test_demo_without_a_course_has_people_only():
    load_demo()
    assert (Enrolment.objects.count(), Person.objects.count()) == (0, len(PEOPLE))


def test_site_with_a_secret_of_its_own_is_left_alone():
    with (
        override_settings(SECRET_KEY="x" * 60),
        pytest.raises(CommandError, match="a secret key of its own"),
    ):
        call_command("load_demo", stdout=io.StringIO())
    assert Person.objects.count() == 0


def test_command_tells_addresses_accounts_and_the_password(course):
    out = io.StringIO()
    call_command("load_demo", stdout=out)
    text = out.getvalue()
    assert ("http://testserver/admin/" in text, PASSWORD in text) == (True, True)
    assert sum(account.username in text for account in load_demo()) == 10
