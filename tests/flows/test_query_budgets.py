"""How many queries the pages of a learner take, with the kinds of activity that come with us.

Session and account included. The numbers are what is reached, not what is allowed: a query more
is a decision, to be made here.
"""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from lms.learning import api
from lms.learning.models import Attempt, CourseProgress
from lms.people.models import User
from lms.people.tests.factories import UserFactory
from modules.activities.task.tests.factories import make_task
from modules.activities.video.tests.factories import make_video
from modules.content.models import Activity, CoursePage, LessonPage
from modules.content.tests.factories import make_course, make_lesson
from quizzes.tests.factories import make_quiz

pytestmark = pytest.mark.django_db
WRITES = re.compile(r"\s*(INSERT|UPDATE|DELETE|REPLACE)\b", re.I)
MAKERS = {"quiz": make_quiz, "task": make_task, "video": make_video}


@pytest.fixture
def user(client: Client) -> User:
    user = UserFactory()
    client.force_login(user)
    return user


def address(page: CoursePage | LessonPage) -> str:
    return page.get_url_parts()[2]


def queries(client: Client, path: str) -> list[str]:
    """The queries of the page when its version was shown before; none of them writes."""
    assert client.get(path).status_code == 200
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    made = [query["sql"] for query in captured.captured_queries]
    assert [sql for sql in made if WRITES.match(sql)] == []
    return made


def placed(user: User, *activities: Activity) -> tuple[CoursePage, LessonPage]:
    """A course with the activities in its last lesson; `user` is enrolled and did the first."""
    course = make_course(modules=1, lessons=1)
    first = LessonPage.objects.descendant_of(course).get()
    lesson = make_lesson(course, *activities)
    enrolment = api.enrol(person=user.person, course_key=course.translation_key)
    api.finish_lesson(enrolment=enrolment, lesson_key=first.translation_key)
    return course, lesson


# Address, session, account, rights, enrolment, what is done: 6. A card is kept by version and
# adds the person's progress: 1, for all cards. What stands in the lesson itself adds the attempts
# once, and per kind its rows and what its type reads.
@pytest.mark.parametrize("begun", [False, True])
@pytest.mark.parametrize(
    ("kinds", "budget"),
    [
        ("", 6),
        ("quiz", 7),
        ("quiz quiz quiz quiz", 7),
        ("task", 7),
        ("quiz task", 7),
        ("video", 9),
        ("video video video", 9),
        ("quiz task video", 9),
        ("quiz quiz quiz task task task video video video", 9),
    ],
)
def test_lesson_page_takes_so_many_queries(
    client: Client, user: User, kinds: str, budget: int, begun: bool
) -> None:
    activities = [MAKERS[kind]() for kind in kinds.split()]
    _course, lesson = placed(user, *activities)
    for activity in activities if begun else ():
        assert client.post(f"/learn/activities/{activity.uuid}/start/").status_code == 302
    assert Attempt.objects.count() == (len(activities) if begun else 0)
    made = queries(client, address(lesson))
    assert len(made) == budget, made


def test_course_page_of_200_lessons_takes_6_queries(client: Client, user: User) -> None:
    course = make_course(modules=10, lessons=20)
    enrolment = api.enrol(person=user.person, course_key=course.translation_key)
    for lesson in LessonPage.objects.descendant_of(course).order_by("path")[:25]:
        api.finish_lesson(enrolment=enrolment, lesson_key=lesson.translation_key)
    made = queries(client, address(course))
    assert len(made) == 6, made


# Session, account, rights, enrolments, outlines, what is done, what was given, results, answers to
# reports, a panel per plugin.
@pytest.mark.parametrize("courses", [1, 3])
def test_home_takes_11_queries_however_much_is_under_way(
    client: Client, user: User, courses: int
) -> None:
    for _ in range(courses):
        quiz, done, task = make_quiz(), make_quiz(), make_task()
        placed(user, quiz, done, task, make_video())
        for activity in (quiz, done, task):
            client.post(f"/learn/activities/{activity.uuid}/start/")
        client.post(f"/learn/activities/{done.uuid}/submit/")
    made = queries(client, "/home/")
    assert len(made) == 11, made


def test_submit_that_completes_the_course_takes_19_queries(client: Client, user: User) -> None:
    quiz = make_quiz()
    _course, lesson = placed(user, quiz)
    client.post(f"/learn/lessons/{lesson.translation_key}/finish/")
    client.post(f"/learn/activities/{quiz.uuid}/start/")
    page = client.get(f"/learn/activities/{quiz.uuid}/").content.decode()
    right = re.findall(r'name="(a\d+)" value="([^"]+)"[^>]*> <span>Đúng rồi', page)
    assert len(right) == 3
    form = {"attempt": str(Attempt.objects.get().uuid), **dict(right)}
    with CaptureQueriesContext(connection) as captured:
        response = client.post(f"/learn/activities/{quiz.uuid}/submit/", form)
    assert response.status_code == 302
    assert Attempt.objects.get().state == Attempt.State.GRADED
    assert CourseProgress.objects.get().completed_at is not None
    made = [query["sql"] for query in captured.captured_queries]
    assert len(made) == 19, made  # two of them are the test's own savepoint
