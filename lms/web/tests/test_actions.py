"""What learners do by POST: enrol, start, hand in, leave. All of it works without JavaScript."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from lms.learning import api
from lms.learning.models import Attempt, CourseProgress, Enrolment, LearningEvent
from lms.people.models import User
from lms.people.tests.factories import UserFactory
from lms.plugins.contracts import PASSED, Grade, Json, Trait
from modules.content.models import Access, Activity, CoursePage
from modules.content.tests.factories import (
    PlainType,
    make_activity,
    make_course,
    make_lesson,
    registered,
)

pytestmark = pytest.mark.django_db


class MarkedType(PlainType):
    traits = frozenset({Trait.FULL_PAGE})
    completion_rules = (PASSED,)

    def attempts_allowed(self, activity: Activity) -> int:
        return 2

    def grade(self, activity: Activity, attempt: Attempt, response: Json) -> Grade:
        raw = int(response.get("raw", ["0"])[0])
        return Grade(raw, 5, raw >= 3)


@pytest.fixture(autouse=True)
def marked_type() -> Iterator[None]:
    with registered(MarkedType()):
        yield


@pytest.fixture
def quiz() -> Activity:
    return make_activity(title="Bài kiểm tra")


@pytest.fixture
def course(quiz: Activity) -> CoursePage:
    course = make_course(modules=1, lessons=0)
    make_lesson(course, quiz)
    return course


@pytest.fixture
def learner(client: Client) -> User:
    user = UserFactory()
    client.force_login(user)
    return user


def post(client: Client, quiz: Activity, action: str, **data: object) -> object:
    return client.post(f"/learn/activities/{quiz.uuid}/{action}/", data)


def enrol(client: Client, course: CoursePage) -> None:
    response = client.post(f"/learn/courses/{course.translation_key}/enrol/")
    assert response.status_code == 302


def test_submit_that_completes_the_course_takes_17_queries(
    client: Client, learner: User, course: CoursePage, quiz: Activity
) -> None:
    enrol(client, course)
    lesson = course.get_descendants().last()
    client.post(f"/learn/lessons/{lesson.translation_key}/finish/")
    post(client, quiz, "start")
    form = {"raw": 5, "attempt": Attempt.objects.get().uuid}
    with CaptureQueriesContext(connection) as captured:
        client.post(f"/learn/activities/{quiz.uuid}/submit/", form)
    assert CourseProgress.objects.get().completed_at is not None
    made = [query["sql"][:150] for query in captured.captured_queries]
    assert len(made) == 17, "\n".join(made)


def test_submit_from_an_old_tab_is_told_so_and_starts_nothing(
    client: Client, learner: User, course: CoursePage, quiz: Activity
) -> None:
    enrol(client, course)
    post(client, quiz, "start")
    attempt = Attempt.objects.get()
    post(client, quiz, "submit", raw=1, attempt=attempt.uuid)
    response = client.post(
        f"/learn/activities/{quiz.uuid}/submit/", {"raw": 5, "attempt": attempt.uuid}
    )
    assert response.status_code == 302
    attempt.refresh_from_db()
    assert (attempt.raw, Attempt.objects.count()) == (1.0, 1)


def test_start_beyond_the_last_attempt_is_refused_with_a_reason(
    client: Client, learner: User, course: CoursePage, quiz: Activity
) -> None:
    enrol(client, course)
    for _ in range(2):
        post(client, quiz, "submit", raw=1)
    client.post(f"/learn/activities/{quiz.uuid}/start/")
    assert Attempt.objects.count() == 2


def test_actions_without_enrolment_are_refused_and_leave_nothing(
    client: Client, learner: User, course: CoursePage, quiz: Activity
) -> None:
    for action in ("start", "submit", "progress"):
        response = client.post(f"/learn/activities/{quiz.uuid}/{action}/")
        assert response.status_code == 403
    assert (Attempt.objects.count(), LearningEvent.objects.count()) == (0, 0)


@pytest.mark.parametrize("action", ["start", "submit", "progress"])
def test_actions_by_get_do_nothing(
    client: Client, learner: User, course: CoursePage, quiz: Activity, action: str
) -> None:
    assert client.get(f"/learn/activities/{quiz.uuid}/{action}/").status_code == 405


def test_visitors_are_asked_to_sign_in(client: Client, course: CoursePage) -> None:
    response = client.post(f"/learn/courses/{course.translation_key}/enrol/")
    assert response["Location"].startswith("/account/login/")
    assert Enrolment.objects.count() == 0


def test_unknown_things_are_404(client: Client, learner: User) -> None:
    for url in (
        f"/learn/courses/{uuid.uuid4()}/enrol/",
        f"/learn/lessons/{uuid.uuid4()}/finish/",
        f"/learn/activities/{uuid.uuid4()}/start/",
    ):
        assert client.post(url).status_code == 404


def test_enrol_in_an_invited_course_is_refused_with_a_reason(client: Client, learner: User) -> None:
    course = make_course(modules=1, lessons=1, access=Access.INVITED)
    client.post(f"/learn/courses/{course.translation_key}/enrol/")
    assert Enrolment.objects.count() == 0


def test_enrol_before_the_prerequisite_names_it(client: Client, learner: User) -> None:
    first = make_course(modules=1, lessons=1, title="Khóa nền")
    second = make_course(modules=1, lessons=1)
    second.prerequisites.add(first)
    second.save_revision().publish()
    assert learner.person is not None
    with pytest.raises(api.CannotEnrol, match="Khóa nền"):
        api.enrol(person=learner.person, course_key=second.translation_key)
    enrol(client, first)
    for lesson in first.get_descendants().filter(depth=5):
        client.post(f"/learn/lessons/{lesson.translation_key}/finish/")
    enrol(client, second)
    assert Enrolment.objects.filter(course_key=second.translation_key).count() == 1


def test_withdraw_keeps_the_record_and_closes_the_lessons(
    client: Client, learner: User, course: CoursePage
) -> None:
    enrol(client, course)
    client.post(f"/learn/courses/{course.translation_key}/withdraw/")
    assert Enrolment.objects.get().withdrawn_at is not None
    assert course.title in client.get("/record/").content.decode()
    lesson = course.get_descendants().last()
    path = "/" + lesson.url_path.strip("/").partition("/")[2] + "/"
    assert client.get(path).status_code == 302
