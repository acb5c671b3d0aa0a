"""Every page that learners and instructors meet answers, in both languages, and only reads."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import override

from lms.learning.api import enrol
from lms.people.models import Person, User
from lms.people.rights import rights_of
from lms.people.tests.factories import UserFactory
from lms.web.manage.menu import entries_for
from modules.content.models import Activity, Address, CoursePage
from tests.flows.test_admin_in_vietnamese import Texts

pytestmark = pytest.mark.django_db

WRITES = re.compile(r"\s*(INSERT|UPDATE|DELETE|REPLACE)\b", re.IGNORECASE)
NOTED = 'INSERT INTO "people_recordaccess"'
VISITOR = ["/", "/courses/", "/account/login/", "/search/?q=lanh+dao", "/search/?q=zzzz"]
SIGNED_IN = ["/courses/", "/home/", "/record/", "/search/?q=lanh+dao", "/reports/", "/tour/"]
SIGNED_IN += ["/account/password/change/", "/account/logout/"]
PREFIXES = {"vi": "", "en": "/en"}


def read(client: Client, address: str, language: str, status: int = 200) -> HttpResponse:
    """The page; it is in the language, and reading it writes nothing.

    Nothing but who read whose record (decision 10). What has an English page is shown there.
    """
    with CaptureQueriesContext(connection) as captured:
        response = client.get(PREFIXES[language] + address, follow=True)
    assert response.status_code == status, f"{address}: {response.status_code}"
    assert re.search(r"<html lang=\"(\w+)\"", response.content.decode())[1] == language, address
    made = [query["sql"] for query in captured.captured_queries]
    written = [sql for sql in made if WRITES.match(sql) and NOTED not in sql]
    assert written == [], address
    return response


def read_all(client: Client, addresses: list[str], language: str, unanswered: list[str]) -> None:
    """Read every page; in Vietnamese none of them has a word of English."""
    found = []
    for address in addresses:
        response = read(client, address, language)
        if language == "vi":
            texts = Texts(response.content.decode())
            found += [f"{address}: no Vietnamese for {text!r}" for text in unanswered]
            found += [f"{address}: English text {text!r}" for text in texts.english()]
        unanswered.clear()
    assert found == []


def course_addresses() -> list[str]:
    """The course, its modules and its lessons."""
    found = Address.objects.filter(url_path__startswith="vi:/").order_by("url_path")
    return [url_path.removeprefix("vi:") for url_path in found.values_list("url_path", flat=True)]


def activity_addresses() -> list[str]:
    """Every activity on its own page."""
    found = Activity.objects.live().filter(locale__language_code="vi").order_by("pk")
    return [f"/learn/activities/{activity.uuid}/" for activity in found]


def sign_in(client: Client, username: str) -> User:
    user = User.objects.get(username=username)
    client.force_login(user)
    return user


@pytest.mark.parametrize("language", PREFIXES)
def test_visitor_reads_every_open_page(
    client: Client, course_path: str, language: str, unanswered: list[str]
) -> None:
    read_all(client, [*VISITOR, course_path], language, unanswered)


@pytest.mark.parametrize("language", PREFIXES)
def test_learner_under_way_reads_every_page(
    client: Client, course_path: str, language: str, unanswered: list[str]
) -> None:
    sign_in(client, "hocvien")
    addresses = [*SIGNED_IN, *course_addresses(), *activity_addresses()]
    assert len(addresses) >= 6 + 6 + 6
    read_all(client, addresses, language, unanswered)


@pytest.mark.parametrize("language", PREFIXES)
def test_learner_who_begins_reads_every_page(
    client: Client, course_path: str, language: str, unanswered: list[str]
) -> None:
    user = UserFactory()
    client.force_login(user)
    read_all(client, [*SIGNED_IN, course_path], language, unanswered)
    course = CoursePage.objects.get(locale__language_code="vi")
    enrol(person=user.person, course_key=course.translation_key)
    read_all(client, [*SIGNED_IN, *course_addresses()], language, unanswered)
    for address in activity_addresses():
        assert client.post(f"{address}start/").status_code == 302
    read_all(client, activity_addresses(), language, unanswered)
    for address in activity_addresses():
        # A task refuses to be handed in empty, and shows its page again.
        assert client.post(f"{address}submit/").status_code in {302, 422}
    read_all(client, [*SIGNED_IN, *activity_addresses()], language, unanswered)


@pytest.mark.parametrize("username", ["giangvien", "quanly", "donvi", "quantri"])
@pytest.mark.parametrize("language", PREFIXES)
def test_people_who_look_after_learners_read_every_page(
    client: Client, course_path: str, language: str, username: str, unanswered: list[str]
) -> None:
    sign_in(client, username)
    index = read(client, "/teaching/", language).content.decode()
    courses = sorted(set(re.findall(r"/teaching/[0-9a-f-]{36}/", index)))
    assert len(courses) == 1
    read_all(client, ["/teaching/", *courses], language, unanswered)


@pytest.mark.parametrize(
    "username", ["giangvien", "thamdinh", "quanly", "donvi", "giamsat", "quantri"]
)
@pytest.mark.parametrize("language", PREFIXES)
def test_people_who_work_here_read_every_page_of_the_management(
    client: Client, course_path: str, language: str, username: str, unanswered: list[str]
) -> None:
    user = sign_in(client, username)
    with override("vi"):
        menu = [reverse(entry.url_name) for entry in entries_for(rights_of(user).roles)]
    person = Person.objects.visible_to(user).exclude(pk=user.person_id).first()
    more = ["/manage/assignments/new/", "/manage/slips/", "/record/accesses/", "/privacy/"]
    if username in {"quanly", "quantri"} and person is not None:
        menu += [f"/manage/people/{person.uuid}/", *more]
    read_all(client, menu, language, unanswered)


@pytest.mark.parametrize(
    ("language", "heading"), [("vi", "Không có trang này"), ("en", "This page is not here")]
)
@pytest.mark.parametrize("address", ["/khong-co/", f"/learn/activities/{uuid.UUID(int=0)}/"])
def test_page_that_is_not_here_says_so(
    client: Client, course_path: str, language: str, heading: str, address: str
) -> None:
    sign_in(client, "hocvien")
    assert headings(read(client, address, language, 404)) == [heading]


@pytest.mark.parametrize(
    ("language", "heading", "reason"),
    [
        ("vi", "Không mở được trang này", "Trang này dành cho người giảng dạy"),
        ("en", "You may not open this page", "This page is for those who teach"),
    ],
)
def test_page_of_others_says_why_it_stays_closed(
    client: Client, course_path: str, language: str, heading: str, reason: str
) -> None:
    sign_in(client, "hocvien")
    response = read(client, "/teaching/", language, 403)
    assert headings(response) == [heading]
    assert reason in response.content.decode()


@pytest.mark.urls("tests.flows.failing_urls")
@pytest.mark.parametrize(
    ("language", "heading"),
    [("vi", "Hệ thống đang trục trặc"), ("en", "Something went wrong on our side")],
)
def test_our_own_fault_is_owned_up_to(language: str, heading: str) -> None:
    client = Client(raise_request_exception=False)
    response = read(client, "/fails/", language, 500)
    assert headings(response) == [heading]
    assert "Planted" not in response.content.decode()


@pytest.mark.parametrize(
    ("language", "heading"),
    [("vi", "Đề nghị gửi lại lần nữa"), ("en", "Please send that once more")],
)
def test_old_form_is_asked_for_once_more(language: str, heading: str) -> None:
    client = Client(enforce_csrf_checks=True)
    response = client.post(f"{PREFIXES[language]}/account/login/", {"login": "hocvien"})
    assert (response.status_code, headings(response)) == (403, [heading])


@pytest.mark.parametrize(
    ("language", "message"),
    [
        ("vi", "Tên đăng nhập (hoặc số điện thoại) và mật khẩu không khớp."),
        ("en", "The user name (or phone number) and the password do not go together."),
    ],
)
@pytest.mark.parametrize("login", ["hoa", "0912 345 678", "khong-ai"])
def test_wrong_password_is_said_clearly_and_what_was_typed_stays(
    client: Client, language: str, message: str, login: str
) -> None:
    UserFactory(username="hoa", phone="+84912345678")
    response = client.post(
        f"{PREFIXES[language]}/account/login/", {"login": login, "password": "sai"}
    )
    html = response.content.decode()
    assert response.status_code == 200
    assert re.findall(r'role="alert".*?<span>(.*?)</span>', html, re.DOTALL)[0].startswith(message)
    assert f'value="{login}"' in html
    assert "_auth_user_id" not in client.session


def headings(response: Any) -> list[str]:
    """The headings of the first order."""
    found = re.findall(r"<h1[^>]*>(.*?)</h1>", response.content.decode(), re.DOTALL)
    return [" ".join(text.split()) for text in found]
