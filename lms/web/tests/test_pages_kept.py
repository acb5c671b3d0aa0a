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
from lms.plugins.contracts import Trait
from lms.web.templatetags.web_ui import trail as drawn_by_tag
from lms.web.trails import trail
from modules.content.models import Activity, CoursePage, LessonPage, ModulePage
from modules.content.tests.factories import (
    PlainType,
    make_activity,
    make_course,
    make_lesson,
    outline_for,
    registered,
)

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
    done = Done(started=frozenset([first.key]))
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
        assert trail(outline, outline.modules[0], done, second.key) == expected


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


class CardType(PlainType):
    traits = frozenset({Trait.FULL_PAGE})

    def summary(self, activity: Activity) -> str:
        return f"bản {activity.live_revision_id}"


def test_card_of_an_activity_shows_what_was_published_last(
    course: CoursePage, client: Client
) -> None:
    user = UserFactory()
    client.force_login(user)
    api.enrol(person=user.person, course_key=course.translation_key)
    with registered(CardType()):
        activity = make_activity()
        lesson = make_lesson(course, activity)
        activity.refresh_from_db()
        first = activity.live_revision_id
        assert f"bản {first}<" in client.get(address(lesson)).content.decode()
        draft = activity.save_revision()
        assert f"bản {first}<" in client.get(address(lesson)).content.decode()
        draft.publish()
        page = client.get(address(lesson)).content.decode()
        assert (f"bản {draft.pk}<" in page, f"bản {first}<" in page) == (True, False)


@pytest.mark.parametrize("finished", [0, 1, 2, 3])
def test_modules_show_the_state_of_each_lesson(
    course: CoursePage, client: Client, finished: int
) -> None:
    user = UserFactory()
    client.force_login(user)
    enrolment = api.enrol(person=user.person, course_key=course.translation_key)
    lessons = list(LessonPage.objects.descendant_of(course).order_by("path"))
    for lesson in lessons[:finished]:
        api.finish_lesson(enrolment=enrolment, lesson_key=lesson.translation_key)
    for _ in range(2):  # drawn, and as it was kept
        page = client.get(address(course)).content.decode()
        states = re.findall(r'<li class="is-(\w+)"><a href="([^"]+)"', page)
        expected = ["done"] * finished + ["todo"] * (len(lessons) - finished)
        assert states == list(zip(expected, map(address, lessons), strict=True))
        assert page.count('<details class="fold" open>') == 1


def test_introductions_of_course_and_module_are_on_the_course_page(
    course: CoursePage, client: Client
) -> None:
    user = UserFactory()
    client.force_login(user)
    module = ModulePage.objects.child_of(course).first()
    for page, text in ((course, "Lời vào khóa"), (module, "Lời vào chuyên đề")):
        page.intro = f"<p><b>{text}</b><script>x</script></p>"
        page.save_revision().publish()
    shown = client.get(address(course)).content.decode()
    assert "<p><b>Lời vào khóa</b></p>" in shown
    assert "<p><b>Lời vào chuyên đề</b></p>" in shown


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
    assert 'href="/manage/"' not in client.get("/home/").content.decode()
    grant = RoleGrantFactory(user=user, role=Role.INSTRUCTOR)
    assert 'href="/manage/"' in client.get("/home/").content.decode()
    grant.delete()
    assert 'href="/manage/"' not in client.get("/home/").content.decode()


def test_unknown_key_has_no_place_in_an_outline(course: CoursePage) -> None:
    assert outline_for(course).position(uuid.uuid4()) is None
