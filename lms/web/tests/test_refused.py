"""What an activity refuses comes back to the learner: the reason, and what was typed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from lms.learning import api
from lms.learning.models import Attempt, LearningEvent
from lms.people.models import User
from lms.people.tests.factories import UserFactory
from lms.plugins.contracts import SUBMITTED, Json, Trait, Visit
from lms.plugins.errors import Refused
from modules.content.models import Activity, CoursePage
from modules.content.tests.factories import (
    PlainType,
    make_activity,
    make_course,
    make_lesson,
    registered,
)

pytestmark = pytest.mark.django_db
TYPED = "Chưa <xong> & còn dở"


class PickyType(PlainType):
    completion_rules = (SUBMITTED,)

    def render(self, activity: Activity, visit: Visit) -> SafeString:
        typed = visit.response.get("word", [""])[0]
        wrong = visit.refused.fields.get("word", "") if visit.refused else ""
        return format_html('<textarea name="word">{}</textarea><p>{}</p>', typed, wrong)

    def accept(self, activity: Activity, attempt: Attempt, response: Json) -> None:
        if response.get("word") != ["xong"]:
            # A message that this app has in both languages.
            raise Refused(gettext("Not handed in yet"), {"word": "another <word>"})


class PickyPage(PickyType):
    traits = frozenset({Trait.FULL_PAGE})


@pytest.fixture(params=[PickyType, PickyPage])
def picky(request: pytest.FixtureRequest) -> Iterator[None]:
    with registered(request.param()):
        yield


@pytest.fixture
def activity(picky: None) -> Activity:
    return make_activity(title="Việc kén chọn")


@pytest.fixture
def learner(client: Client, activity: Activity) -> User:
    course: CoursePage = make_course(modules=1, lessons=0)
    make_lesson(course, activity)
    user = UserFactory()
    api.enrol(person=user.person, course_key=course.translation_key)
    client.force_login(user)
    return user


def hand_in(client: Client, activity: Activity, prefix: str = "", **data: Any) -> Any:
    return client.post(f"{prefix}/learn/activities/{activity.uuid}/submit/", data)


@pytest.mark.parametrize(
    ("prefix", "reason", "title"),
    [("", "Chưa nộp được", "Lỗi: Việc kén chọn"), ("/en", "Not handed in yet", "Error: Việc")],
)
def test_refused_page_has_the_reason_and_what_was_typed(
    client: Client, learner: User, activity: Activity, prefix: str, reason: str, title: str
) -> None:
    answer = hand_in(client, activity, prefix, word=TYPED)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert reason in html.partition('role="alert"')[2].partition("</div>")[0]
    assert ">Chưa &lt;xong&gt; &amp; còn dở</textarea>" in html
    assert "another &lt;word&gt;" in html
    named = html.partition("<title>")[2].partition("</title>")[0]
    assert " ".join(named.split()).startswith(title)
    assert [each["url"] for each in answer.context["language_links"]] == [
        f"/learn/activities/{activity.uuid}/",
        f"/en/learn/activities/{activity.uuid}/",
    ]


def test_refused_without_a_start_leaves_nothing(
    client: Client, learner: User, activity: Activity
) -> None:
    hand_in(client, activity, word=TYPED)
    assert Attempt.objects.count() == 0
    assert [each.name for each in LearningEvent.objects.all()] == ["enrolment.created"]


def test_refused_by_name_leaves_the_attempt_open_and_it_can_be_handed_in_after(
    client: Client, learner: User, activity: Activity
) -> None:
    client.post(f"/learn/activities/{activity.uuid}/start/")
    attempt = Attempt.objects.get()
    events = LearningEvent.objects.count()
    answer = hand_in(client, activity, word=TYPED, attempt=attempt.uuid)
    assert answer.status_code == 422
    assert (Attempt.objects.get().state, LearningEvent.objects.count()) == ("open", events)
    assert hand_in(client, activity, word="xong", attempt=attempt.uuid).status_code == 302
    assert Attempt.objects.get().state == "submitted"


def test_refused_by_script_says_why_by_field(
    client: Client, learner: User, activity: Activity
) -> None:
    answer = client.post(
        f"/en/learn/activities/{activity.uuid}/submit/",
        {"word": TYPED},
        headers={"Accept": "application/json"},
    )
    assert answer.status_code == 422
    assert answer.json() == {"error": "Not handed in yet", "fields": {"word": "another <word>"}}


def test_page_that_was_not_refused_says_nothing_of_it(
    client: Client, learner: User, activity: Activity
) -> None:
    html = client.get(f"/en/learn/activities/{activity.uuid}/").content.decode()
    assert "Not handed in yet" not in html
