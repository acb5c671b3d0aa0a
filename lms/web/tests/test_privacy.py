"""The privacy notice: there for everybody, shown until it was read, and no consent."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from lms.people.models import User
from lms.people.tests.factories import RoleGrantFactory, UserFactory

pytestmark = pytest.mark.django_db

READ = reverse("web:privacy-read")


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize("url", [reverse("web:privacy"), f"/en{reverse('web:privacy')}"])
def test_everybody_can_read_it(url: str) -> None:
    page = Client().get(url)
    assert page.status_code == 200
    assert READ not in page.content.decode()


@pytest.mark.parametrize(
    ("role", "where"), [("learner", "web:home"), ("reviewer", "web:manage-desk")]
)
def test_the_first_page_shows_it_until_it_was_read(role: str, where: str) -> None:
    user = RoleGrantFactory(role=role).user
    client, url = client_of(user), reverse(where)
    assert READ in client.get(url).content.decode()
    answer = client.post(READ, {"next": url})
    assert answer.headers["Location"] == url
    assert READ not in client.get(url).content.decode()


def test_reading_again_keeps_the_first_moment() -> None:
    user = UserFactory()
    client = client_of(user)
    client.post(READ)
    first = User.objects.get(pk=user.pk).notice_read_at
    client.post(READ)
    assert first is not None
    assert User.objects.get(pk=user.pk).notice_read_at == first


def test_it_leads_on_within_the_site_only() -> None:
    answer = client_of(UserFactory()).post(READ, {"next": "https://elsewhere.example/"})
    assert answer.headers["Location"] == reverse("web:home")


def test_looking_at_it_is_not_reading_it() -> None:
    user = UserFactory()
    client_of(user).get(reverse("web:privacy"))
    assert User.objects.get(pk=user.pk).notice_read_at is None
