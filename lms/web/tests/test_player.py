"""The lesson page: what it shows to whom, in how many queries, and that reading writes nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from wagtail.models import Locale

from lms.learning import api
from lms.learning.models import Enrolment, LearningEvent, ResumePoint
from lms.people.models import User
from lms.people.tests.factories import RoleGrantFactory, UserFactory
from lms.plugins.contracts import ActivityType, Trait
from modules.content.models import Access, Activity, CoursePage, LessonPage
from modules.content.tests.factories import (
    PlainType,
    make_activity,
    make_course,
    make_lesson,
    outline_for,
    registered,
)

pytestmark = pytest.mark.django_db
WRITES = re.compile(r"\s*(INSERT|UPDATE|DELETE)\b", re.I)


class CardType(PlainType):
    traits = frozenset({Trait.FULL_PAGE})


@pytest.fixture(autouse=True)
def plain_type() -> Iterator[ActivityType]:
    with registered(CardType()) as activity_type:
        yield activity_type


@pytest.fixture
def course() -> CoursePage:
    return make_course(modules=1, lessons=2)


@pytest.fixture
def learner(client: Client) -> User:
    user = UserFactory()
    client.force_login(user)
    return user


def enrol(user: User, course: CoursePage) -> Enrolment:
    assert user.person is not None
    return api.enrol(person=user.person, course_key=course.translation_key)


def url_of(page: Any) -> str:
    return "/" + page.url_path.strip("/").partition("/")[2] + "/"


def queries(client: Client, url: str) -> list[str]:
    client.get(url)  # the first view of a version renders its text, the others find it in memory
    with CaptureQueriesContext(connection) as captured:
        response = client.get(url)
    assert response.status_code == 200
    return [query["sql"] for query in captured.captured_queries]


@pytest.mark.parametrize(("count", "budget"), [(0, 6), (1, 7), (3, 7), (9, 7)])
def test_lesson_page_queries_do_not_grow_with_cards_and_write_nothing(
    client: Client, learner: User, course: CoursePage, count: int, budget: int
) -> None:
    lesson = make_lesson(course, *[make_activity() for _ in range(count)])
    enrol(learner, course)
    made = queries(client, url_of(lesson))
    assert len(made) == budget, made
    assert [sql for sql in made if WRITES.match(sql)] == []


def test_course_page_of_200_lessons_takes_6_queries(client: Client, learner: User) -> None:
    course = make_course(modules=4, lessons=50)
    enrol(learner, course)
    made = queries(client, url_of(course))
    assert len(made) == 6, made
    assert [sql for sql in made if WRITES.match(sql)] == []


def test_home_takes_11_queries_however_many_courses(client: Client, learner: User) -> None:
    counts = []
    for _ in range(3):
        enrol(learner, make_course(modules=2, lessons=3))
        made = queries(client, "/home/")
        assert [sql for sql in made if WRITES.match(sql)] == []
        counts.append(len(made))
    assert counts == [11, 11, 11]


@pytest.mark.parametrize("url", ["/", "/courses/", "/home/", "/record/", "/search/?q=bai"])
def test_pages_write_nothing_on_get(
    client: Client, learner: User, course: CoursePage, url: str
) -> None:
    enrol(learner, course)
    with CaptureQueriesContext(connection) as captured:
        client.get(url)
    assert [q["sql"] for q in captured.captured_queries if WRITES.match(q["sql"])] == []


def test_finish_records_once_and_goes_on_to_the_next_lesson(
    client: Client, learner: User, course: CoursePage
) -> None:
    enrolment = enrol(learner, course)
    first, second = LessonPage.objects.descendant_of(course).order_by("path")
    for _ in range(2):
        response = client.post(f"/learn/lessons/{first.translation_key}/finish/")
        assert (response.status_code, response["Location"]) == (302, url_of(second))
    assert LearningEvent.objects.filter(name="lesson.viewed").count() == 1
    assert ResumePoint.objects.get(enrolment=enrolment).lesson_key == second.translation_key
    assert client.get("/home/").context["continue_at"]["title"] == second.title


def test_finish_the_last_lesson_leads_to_the_completed_course(
    client: Client, learner: User, course: CoursePage
) -> None:
    enrol(learner, course)
    for lesson in LessonPage.objects.descendant_of(course).order_by("path"):
        response = client.post(f"/learn/lessons/{lesson.translation_key}/finish/")
    assert response["Location"] == url_of(course)
    assert client.get(url_of(course)).context["enrolment"]["completed_at"] is not None


def test_position_beacon_is_kept_and_offered_again(
    client: Client, learner: User, course: CoursePage
) -> None:
    enrol(learner, course)
    lesson = LessonPage.objects.descendant_of(course).order_by("path")[0]
    response = client.post(
        f"/learn/lessons/{lesson.translation_key}/position/", {"position": "b-1234"}
    )
    assert response.status_code == 204
    assert client.get(url_of(lesson)).context["resume_at"] == "b-1234"
    assert LearningEvent.objects.count() == 1


def test_visitor_is_asked_to_sign_in_for_a_lesson_and_comes_back(
    client: Client, course: CoursePage
) -> None:
    lesson = LessonPage.objects.descendant_of(course).order_by("path")[0]
    response = client.get(url_of(lesson))
    assert response.status_code == 302
    assert response["Location"] == f"/account/login/?next={url_of(lesson)}"


def test_visitor_reads_a_public_course_without_leaving_a_trace(client: Client) -> None:
    course = make_course(modules=1, lessons=1, access=Access.PUBLIC)
    lesson = LessonPage.objects.descendant_of(course).order_by("path")[0]
    response = client.get(url_of(lesson))
    assert (response.status_code, response.context["finish_url"]) == (200, None)
    assert LearningEvent.objects.count() == 0


def test_invited_course_is_not_shown_to_others(client: Client, learner: User) -> None:
    course = make_course(modules=1, lessons=1, access=Access.INVITED, title="Khóa kín")
    lesson = LessonPage.objects.descendant_of(course).order_by("path")[0]
    for url in (url_of(course), url_of(lesson)):
        response = client.get(url)
        assert response.status_code == 403
        assert "Khóa kín" not in response.content.decode()
    for url in ("/courses/", "/search/?q=khoa kin"):
        assert "Khóa kín" not in client.get(url).content.decode().replace("khoa kin", "")
    assert learner.person is not None
    api.enrol(person=learner.person, course_key=course.translation_key, invited=True)
    assert client.get(url_of(lesson)).status_code == 200


def test_not_enrolled_is_sent_to_the_course_page_with_a_word(
    client: Client, learner: User, course: CoursePage
) -> None:
    lesson = LessonPage.objects.descendant_of(course).order_by("path")[0]
    response = client.get(url_of(lesson), follow=True)
    assert response.redirect_chain == [(url_of(course), 302)]
    assert len(response.context["messages"]) == 1


def test_instructor_reads_without_being_enrolled(client: Client, course: CoursePage) -> None:
    user = UserFactory()
    RoleGrantFactory(user=user, role="instructor")
    client.force_login(user)
    lesson = LessonPage.objects.descendant_of(course).order_by("path")[0]
    response = client.get(url_of(lesson))
    assert (response.status_code, response.context["finish_url"]) == (200, None)


def test_lesson_without_english_page_is_served_in_vietnamese_under_en(
    client: Client, learner: User, course: CoursePage
) -> None:
    enrol(learner, course)
    lesson = LessonPage.objects.descendant_of(course).order_by("path")[0]
    response = client.get(f"/en{url_of(lesson)}")
    assert response.status_code == 200
    assert response.context["lesson"]["lang"] == "vi"
    assert 'lang="vi"' in response.content.decode()


def test_translation_of_a_lesson_is_the_same_lesson(
    client: Client, learner: User, course: CoursePage
) -> None:
    english = Locale.objects.get_or_create(language_code="en")[0]
    course.copy_for_translation(english, copy_parents=True).save_revision().publish()
    for page in course.get_descendants():
        page.specific.copy_for_translation(english).save_revision().publish()
    enrolment = enrol(learner, course)
    lesson = LessonPage.objects.descendant_of(course).order_by("path")[0]
    translated = lesson.get_translation(english)
    client.post(f"/en/learn/lessons/{translated.translation_key}/finish/")
    response = client.get(url_of(lesson))
    assert response.context["lesson"]["done"] is True
    assert len(list(outline_for(course).lessons())) == 2
    assert enrolment.lessons.count() == 1


def test_an_edit_in_the_admin_reaches_the_learner(
    client: Client, learner: User, course: CoursePage
) -> None:
    enrol(learner, course)
    lesson = LessonPage.objects.descendant_of(course).order_by("path")[0]
    assert "Một câu mới" not in client.get(url_of(lesson)).content.decode()
    lesson.body = [("rich_text", "<p>Một câu mới của giảng viên.</p>")]
    lesson.save_revision().publish()
    assert "Một câu mới" in client.get(url_of(lesson)).content.decode()


def test_script_pasted_into_a_lesson_never_reaches_the_learner(
    client: Client, learner: User, course: CoursePage
) -> None:
    enrol(learner, course)
    lesson = make_lesson(
        course, body=[("rich_text", "<p onclick='x()'>chữ<script>alert(1)</script></p>")]
    )
    html = client.get(url_of(lesson)).content.decode()
    assert "alert(1)" not in html
    assert "onclick" not in html


def test_activity_that_failed_leaves_the_rest_of_the_lesson(
    client: Client, learner: User, course: CoursePage, settings: Any
) -> None:
    settings.LMS_PLUGINS_STRICT = False
    gone: Activity = make_activity(title="Không còn", type_key="test.gone")
    lesson = make_lesson(course, gone, make_activity(title="Vẫn còn"))
    enrol(learner, course)
    response = client.get(url_of(lesson))
    html = response.content.decode()
    assert response.status_code == 200
    assert "Vẫn còn" in html
    assert f"activity-{gone.uuid}" in html
