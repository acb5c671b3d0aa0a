"""A type may refuse what is handed in: then nothing is recorded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lms.learning import api
from lms.learning.models import Attempt, Enrolment, LearningEvent
from lms.people.tests.factories import PersonFactory
from lms.plugins.contracts import SUBMITTED, Json
from lms.plugins.errors import DomainError, Refused
from modules.content.models import Activity
from modules.content.tests.factories import (
    PlainType,
    make_activity,
    make_course,
    make_lesson,
    registered,
)

pytestmark = pytest.mark.django_db


class PickyType(PlainType):
    """Wants the word "xong"; breaks in the way that "break" says."""

    completion_rules = (SUBMITTED,)

    def accept(self, activity: Activity, attempt: Attempt, response: Json) -> None:
        if response.get("break") == "raise":
            raise RuntimeError("accept is broken")
        if response.get("break") == "write":
            Attempt.objects.filter(pk=attempt.pk).update(raw=10)
        if response.get("break") == "sql":
            connection.cursor().execute("SELECT nothing FROM nowhere")
        if response.get("break") == "domain":
            raise DomainError("not like this")
        if "break" not in response and response.get("word") != "xong":
            raise Refused("say xong", {"word": "this is another word"})


class TypeFor10(PlainType):
    """As plugins for contract 1.0 were written: it knows of nothing newer."""

    completion_rules = (SUBMITTED,)


@pytest.fixture
def picky() -> Iterator[None]:
    with registered(PickyType()):
        yield


@pytest.fixture
def activity() -> Activity:
    return make_activity()


@pytest.fixture
def enrolment(activity: Activity) -> Enrolment:
    course = make_course(modules=1, lessons=0)
    make_lesson(course, activity)
    return api.enrol(person=PersonFactory(), course_key=course.translation_key)


def names() -> list[str]:
    return list(LearningEvent.objects.order_by("id").values_list("name", flat=True))


def test_submit_refused_leaves_the_attempt_open_and_no_event(
    picky: None, enrolment: Enrolment, activity: Activity
) -> None:
    attempt = api.start(enrolment=enrolment, activity=activity)
    before = names()
    with pytest.raises(Refused, match="say xong") as caught:
        api.submit(attempt=attempt, activity=activity, response={"word": "chưa"})
    assert caught.value.fields == {"word": "this is another word"}
    attempt.refresh_from_db()
    assert (attempt.state, attempt.response, attempt.submitted_at) == ("open", {}, None)
    assert names() == before


def test_submit_named_refused_leaves_the_attempt_open_and_no_event(
    picky: None, enrolment: Enrolment, activity: Activity
) -> None:
    attempt = api.start(enrolment=enrolment, activity=activity)
    before = names()
    with pytest.raises(Refused):
        api.submit_named(
            person_id=enrolment.person_id, attempt_uuid=attempt.uuid, response={"word": ""}
        )
    attempt.refresh_from_db()
    assert (attempt.state, names()) == ("open", before)


def test_hand_in_refused_leaves_no_attempt_that_was_begun_for_it(
    picky: None, enrolment: Enrolment, activity: Activity
) -> None:
    with pytest.raises(Refused):
        api.hand_in(enrolment=enrolment, activity=activity, response={})
    assert Attempt.objects.count() == 0
    assert names() == ["enrolment.created"]


def test_hand_in_takes_the_open_attempt_else_begins_one(
    picky: None, enrolment: Enrolment, activity: Activity
) -> None:
    begun = api.start(enrolment=enrolment, activity=activity)
    first = api.hand_in(enrolment=enrolment, activity=activity, response={"word": "xong"})
    second = api.hand_in(enrolment=enrolment, activity=activity, response={"word": "xong"})
    assert (first.pk, first.number, second.number) == (begun.pk, 1, 2)
    assert [each.state for each in Attempt.objects.all()] == ["submitted", "submitted"]


def test_accept_that_raises_any_domain_error_refuses(
    picky: None, enrolment: Enrolment, activity: Activity
) -> None:
    with pytest.raises(Refused, match="not like this"):
        api.hand_in(enrolment=enrolment, activity=activity, response={"break": "domain"})
    assert Attempt.objects.count() == 0


@pytest.mark.parametrize("how", ["raise", "write", "sql"])
def test_accept_that_fails_does_not_keep_people_out(
    picky: None, enrolment: Enrolment, activity: Activity, settings: LazySettings, how: str
) -> None:
    settings.LMS_PLUGINS_STRICT = False
    attempt = api.hand_in(enrolment=enrolment, activity=activity, response={"break": how})
    attempt.refresh_from_db()
    assert (attempt.state, attempt.raw) == ("submitted", None)
    assert names()[-1] == "course.completed" or "activity.completed" in names()


def test_type_for_contract_1_0_takes_everything_at_no_further_query(
    enrolment: Enrolment, activity: Activity
) -> None:
    counts: dict[type, int] = {}
    for kind in (TypeFor10, PickyType):
        with registered(kind()):
            attempt = api.start(enrolment=enrolment, activity=activity)
            with CaptureQueriesContext(connection) as captured:
                taken: Any = api.submit(
                    attempt=attempt, activity=activity, response={"word": "xong"}
                )
            assert taken.state == "submitted"
            counts[kind] = len(captured)
    # Asking needs a savepoint: what is asked may fail.
    assert counts[PickyType] <= counts[TypeFor10] + 2
