"""The first steps: offered until read or skipped, at most five, one page for each kind of role."""

from __future__ import annotations

import pytest
from django.test import Client

from lms.people.tests.factories import RoleGrantFactory, UserFactory

pytestmark = pytest.mark.django_db

OFFER = 'href="/tour/"'


def test_home_offers_the_tour_until_it_is_ended(client: Client) -> None:
    user = UserFactory()
    client.force_login(user)
    assert OFFER in client.get("/home/").content.decode()
    assert client.get("/tour/").status_code == 200
    assert OFFER in client.get("/home/").content.decode()  # looking at it writes nothing
    sent = client.post("/tour/end/")
    assert (sent.status_code, sent["Location"]) == (302, "/home/")
    assert OFFER not in client.get("/home/").content.decode()
    user.refresh_from_db()
    ended = user.tour_ended_at
    client.post("/tour/end/")
    user.refresh_from_db()
    assert (user.tour_ended_at, ended is not None) == (ended, True)
    assert "/tour/end/" not in client.get("/tour/").content.decode()


def test_ending_the_tour_of_one_leaves_it_to_others(client: Client) -> None:
    client.force_login(UserFactory())
    client.post("/tour/end/")
    client.force_login(UserFactory())
    assert OFFER in client.get("/home/").content.decode()


@pytest.mark.parametrize(("role", "desk"), [("learner", False), ("instructor", True)])
def test_tour_has_five_steps_for_the_role(client: Client, role: str, desk: bool) -> None:
    client.force_login(RoleGrantFactory(role=role).user)
    main = client.get("/tour/").content.decode().partition("<main")[2].partition("</main>")[0]
    assert main.count('<h2 class="label">') == 5
    assert ('href="/manage/"' in main) == desk


@pytest.mark.parametrize("path", ["/tour/", "/tour/end/"])
def test_visitors_sign_in_first(client: Client, path: str) -> None:
    assert client.post(path).status_code in {302, 405}
    assert client.get("/tour/").status_code == 302


def test_ending_takes_a_post(client: Client) -> None:
    client.force_login(UserFactory())
    assert client.get("/tour/end/").status_code == 405
