from __future__ import annotations

from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from lms.people.devices import device_name
from lms.people.models import User
from lms.people.tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_attempts_yet() -> None:
    cache.clear()


@pytest.fixture
def hoa() -> User:
    return UserFactory(username="hoa")


def sign_in(client: Client, user: User) -> Any:
    return client.post(reverse("account_login"), {"login": user.username, "password": PASSWORD})


ANDROID = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36"


def test_sign_in_is_listed_and_dead_sessions_leave_the_list(hoa: User) -> None:
    first, second = Client(headers={"user-agent": ANDROID}), Client()
    sign_in(first, hoa)
    first.post(reverse("account_logout"))
    sign_in(second, hoa)
    assert [each.session_key for each in UserSession.objects.all()] == [second.session.session_key]


def test_new_password_puts_the_new_session_on_the_list(client: Client, hoa: User) -> None:
    sign_in(client, hoa)
    new = "mot-mat-khau-khac-9"
    client.post(
        reverse("account_change_password"),
        {"oldpassword": PASSWORD, "password1": new, "password2": new},
    )
    assert UserSession.objects.filter(session_key=client.session.session_key).count() == 1


def test_sign_in_of_many_sessions_reads_none_of_them(
    hoa: User,
) -> None:
    new = UserFactory()
    for _ in range(10):
        sign_in(Client(), hoa)
    with CaptureQueriesContext(connection) as few:
        sign_in(Client(), new)
    with CaptureQueriesContext(connection) as many:
        sign_in(Client(), hoa)
    assert len(many) == len(few)


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (ANDROID, "Chrome, Android"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1",
            "Safari, iPhone",
        ),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/130.0 Safari/537.36 Edg/130.0", "Edge, Windows"),
        (
            "Mozilla/5.0 (Windows NT 10.0) coc_coc_browser/130.0 Chrome/124.0 Safari/537.36",
            "Cốc Cốc, Windows",
        ),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:130.0) Firefox/130.0", "Firefox, Mac"),
        ("Mozilla/5.0 (X11; Linux x86_64) Chrome/130.0 Safari/537.36", "Chrome, Linux"),
        ("curl/8.0", ""),
        ("", ""),
    ],
)
def test_device_names(user_agent: str, name: str) -> None:
    assert device_name(user_agent) == name
