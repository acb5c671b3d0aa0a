"""Choosing an activity while writing a lesson, and creating one on the spot."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from lms.people.services.roles import grant_role
from lms.people.tests.factories import UserFactory
from modules.content.models import Activity
from modules.content.services.site import ensure_site
from modules.content.tests.factories import PlainType, make_activity, registered

pytestmark = pytest.mark.django_db

CHOOSE = "activity_chooser:choose"
CREATE = "activity_chooser:create"


@pytest.fixture(autouse=True)
def plain():
    with registered() as activity_type:
        ensure_site()
        yield activity_type


def client_of(role: str) -> Client:
    user = UserFactory()
    grant_role(user=user, role=role)
    client = Client()
    client.force_login(user)
    return client


def test_chooser_lists_activities_with_their_kind():
    make_activity(title="Câu hỏi bài một")
    html = client_of("instructor").get(reverse(CHOOSE)).json()["html"]
    assert ("Câu hỏi bài một" in html, "Plain" in html) == (True, True)


def test_activity_is_found_without_its_diacritics():
    make_activity(title="Câu hỏi về lãnh đạo")
    make_activity(title="Việc khác")
    response = client_of("instructor").get(reverse("activity_chooser:choose_results") + "?q=lanh")
    html = response.content.decode()
    assert ("Câu hỏi về lãnh đạo" in html, "Việc khác" in html) == (True, False)


def test_new_activity_is_a_draft_and_chosen_at_once():
    response = client_of("instructor").post(
        reverse(CREATE), {"title": "Câu hỏi mới", "kind": PlainType.key}
    )
    activity = Activity.objects.get()
    assert (activity.title, activity.live, activity.latest_revision.user_id is None) == (
        "Câu hỏi mới",
        False,
        False,
    )
    answer = response.json()
    assert (answer["step"], answer["result"]["id"]) == ("chosen", str(activity.pk))


@pytest.mark.parametrize("data", [{"title": "", "kind": PlainType.key}, {"title": "Một"}])
def test_new_activity_needs_a_title_and_a_kind(data):
    response = client_of("instructor").post(reverse(CREATE), data)
    assert response.json()["step"] == "reshow_creation_form"
    assert Activity.objects.count() == 0


def test_kind_that_does_not_exist_is_refused():
    response = client_of("instructor").post(reverse(CREATE), {"title": "Một", "kind": "gone.gone"})
    assert response.json()["step"] == "reshow_creation_form"
    assert Activity.objects.count() == 0


def test_reviewer_chooses_and_does_not_create():
    client = client_of("reviewer")
    assert "creation_form" not in client.get(reverse(CHOOSE)).json()["html"]
    client.post(reverse(CREATE), {"title": "Một", "kind": PlainType.key})
    assert Activity.objects.count() == 0
