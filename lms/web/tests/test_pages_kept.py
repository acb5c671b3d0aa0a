"""What pages keep in memory is never stale and never another person's."""

from __future__ import annotations

import re
import uuid

import pytest
from django.test import Client
from django.utils.translation import override

from lms.learning import api
from lms.learning.queries import Done
from lms.people.tests.factories import UserFactory
from lms.web.templatetags.web_ui import trail as drawn_by_tag
from lms.web.trails import trail
from modules.content.models import CoursePage, LessonPage
from modules.content.tests.factories import make_course, outline_for

pytestmark = pytest.mark.django_db


@pytest.fixture
def course() -> CoursePage:
    return make_course(modules=2, lessons=2)


def address(page: CoursePage | LessonPage) -> str:
    return "/" + page.url_path.strip("/").partition("/")[2] + "/"


@pytest.mark.parametrize("code", ["vi", "en"])
def test_kept_rows_are_those_that_the_tag_draws(course: CoursePage, code: str) -> None:
    outline = outline_for(course)
    first, second = outline.modules[0].lessons
    done = Done({first.key: None})
    with override(code):
        prefix = "" if code == "vi" else "/en"
        rows = [
            {
                "url": prefix + each.page(code).path,
                "code": each.code,
                "title": each.page(code).title,
                "minutes": each.minutes,
                "state": done.state(each.key),
            }
            for each in (first, second)
        ]
        expected = drawn_by_tag(rows, second.code, "" if code == "vi" else "vi")
        assert trail(outline, (first, second), done, second.key) == expected


def test_new_title_is_on_the_pages_at_once(course: CoursePage, client: Client) -> None:
    user = UserFactory()
    client.force_login(user)
    api.enrol(person=user.person, course_key=course.translation_key)
    lesson = LessonPage.objects.descendant_of(course).order_by("path").first()
    for path in (address(course), address(lesson)):
        assert lesson.title in client.get(path).content.decode()
    lesson.title = "Tên mới của bài"
    lesson.save_revision().publish()
    for path in (address(course), address(lesson)):
        page = client.get(path).content.decode()
        assert page.count("Tên mới của bài") >= 1, path


def test_pages_of_two_learners_hold_their_own_names_states_and_tokens(course: CoursePage) -> None:
    pages: dict[str, list[str]] = {}
    lesson = LessonPage.objects.descendant_of(course).order_by("path").first()
    users = [UserFactory(), UserFactory()]
    for number, user in enumerate(users):
        browser = Client()
        browser.force_login(user)
        enrolment = api.enrol(person=user.person, course_key=course.translation_key)
        if number == 0:
            api.finish_lesson(enrolment=enrolment, lesson_key=lesson.translation_key)
        pages[user.username] = [
            browser.get(path).content.decode()
            for path in ("/home/", address(course), address(lesson))
        ]
    for user, other in (users, users[::-1]):
        for page in pages[user.username]:
            assert f"<b>{user.person.full_name}</b>" in page
            assert other.person.full_name not in page
    states = [pages[user.username][2].count('class="is-done"') for user in users]
    assert states == [1, 0]
    tokens = [
        re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
        for user in users
        for page in pages[user.username]
    ]
    assert all(tokens)
    assert len({token for found in tokens for token in found}) == 6  # masked anew on every page


def test_switch_of_language_leads_to_the_same_page(course: CoursePage, client: Client) -> None:
    client.force_login(UserFactory())
    for path in ("/home/", "/courses/?page=1", address(course)):
        vietnamese = client.get(path).content.decode()
        english = client.get(f"/en{path}").content.decode()
        assert f'hreflang="en" href="/en{path}"' in vietnamese
        assert f'hreflang="vi" href="{path}"' in english


def test_role_granted_between_two_requests_holds_at_once(client: Client) -> None:
    from lms.people.roles import Role  # noqa: PLC0415 -- used here alone
    from lms.people.tests.factories import RoleGrantFactory  # noqa: PLC0415 -- as above

    user = UserFactory()
    client.force_login(user)
    assert 'href="/teaching/"' not in client.get("/home/").content.decode()
    grant = RoleGrantFactory(user=user, role=Role.INSTRUCTOR)
    assert 'href="/teaching/"' in client.get("/home/").content.decode()
    grant.delete()
    assert 'href="/teaching/"' not in client.get("/home/").content.decode()


def test_unknown_key_has_no_place_in_an_outline(course: CoursePage) -> None:
    assert outline_for(course).position(uuid.uuid4()) is None
