from __future__ import annotations

import datetime as dt
import uuid

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from lms.learning import api
from lms.learning.models import Attempt, Delivery, LearningEvent
from lms.learning.services.delivering import retry_dead
from lms.people.models import Role
from lms.people.tests.factories import PersonFactory, RoleGrantFactory, UserFactory
from lms.plugins import faults
from lms.plugins.config import registries
from lms.plugins.contracts import EventSink
from lms.plugins.discovery import Discovered, Rejected
from lms.web import health
from modules.content.tests.factories import make_activity, make_course, make_lesson, registered

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 23, 8, 0, tzinfo=dt.UTC)


class Sink(EventSink):
    key = "health.sink"


@pytest.fixture
def administrator(client):
    user = RoleGrantFactory(role=Role.ADMINISTRATOR).user
    client.force_login(user)
    return user


@pytest.fixture
def sink():
    registries.event_sinks.add(Sink())
    yield "health.sink"
    registries.event_sinks.remove("health.sink")


@pytest.fixture
def attempt():
    """An attempt at an activity of a lesson, under way."""
    with registered():
        activity = make_activity(title="Bài tập chờ chấm")
        course = make_course(modules=1, lessons=0)
        make_lesson(course, activity)
        enrolment = api.enrol(person=PersonFactory(), course_key=course.translation_key)
        yield api.start(enrolment=enrolment, activity=activity)


def deliver(event: LearningEvent, **fields) -> Delivery:
    values = {"sink_key": "health.sink", "try_at": NOW, **fields}
    return Delivery.objects.create(event=event, **values)


def html(client) -> str:
    answer = client.get(reverse("web_health"))
    assert answer.status_code == 200
    return answer.content.decode()


# --- who may see it


def test_administrators_see_the_page_and_its_menu_item(client, administrator):
    assert "plugins" in html(client)
    assert reverse("web_health") in client.get(reverse("wagtailadmin_home")).content.decode()


@pytest.mark.parametrize("role", [Role.INSTRUCTOR, Role.REVIEWER])
def test_authors_see_neither_the_page_nor_its_menu_item(client, role):
    client.force_login(RoleGrantFactory(role=role).user)

    answer = client.get(reverse("web_health"))
    home = client.get(reverse("wagtailadmin_home"))

    assert (answer.status_code, answer["Location"]) == (302, reverse("wagtailadmin_home"))
    assert home.status_code == 200
    assert reverse("web_health") not in home.content.decode()


def test_learners_do_not_reach_the_page(client):
    client.force_login(UserFactory())

    assert client.get(reverse("web_health")).status_code == 302


@pytest.mark.parametrize("role", [None, Role.INSTRUCTOR])
def test_only_administrators_try_dead_letters_again(client, attempt, role):
    dead = deliver(LearningEvent.objects.first(), state="dead", attempts=12)
    client.force_login(RoleGrantFactory(role=role).user if role else UserFactory())

    client.post(reverse("web_health_retry"))

    dead.refresh_from_db()
    assert dead.state == Delivery.State.DEAD


# --- plugins


def test_page_shows_a_fault_with_its_plugin_and_reason(client, administrator, settings):
    name = settings.LMS_PLUGINS.apps[0].rsplit(".apps.", 1)[0]
    settings.LMS_PLUGINS = Discovered(
        settings.LMS_PLUGINS.apps, [Rejected("gone.apps.Gone", "ImportError: <nothing>")]
    )
    faults.report(name, "urls", "SyntaxError: here")
    try:
        shown = html(client)
    finally:
        faults.clear(name)

    assert shown.count("ImportError: &lt;nothing&gt;") == 1
    assert shown.count("SyntaxError: here") == 1


# --- deliveries


def test_sinks_are_counted_by_state_with_the_last_error(attempt, sink):
    one, two, *_ = LearningEvent.objects.all()
    deliver(one, state="dead", attempts=12, last_error="refused for good")
    deliver(two, attempts=3, last_error="does not answer")
    deliver(one, sink_key="gone.sink", state="waiting")
    deliver(two, sink_key="gone.sink", state="done", attempts=1)

    gone, ours = health.sink_health()

    assert (gone.key, gone.is_installed, gone.waiting, gone.failed, gone.dead) == (
        "gone.sink", False, 1, 0, 0,
    )  # fmt: skip
    assert (ours.key, ours.is_installed, ours.waiting, ours.failed, ours.dead) == (
        "health.sink", True, 1, 1, 1,
    )  # fmt: skip
    assert ours.last_error == "does not answer"
    assert ours.oldest == one.recorded_at
    assert (gone.is_well, ours.is_well) == (False, False)


def test_sink_without_any_delivery_is_well(sink):
    (only,) = health.sink_health()

    assert (only.waiting, only.failed, only.dead, only.is_well) == (0, 0, 0, True)


def test_page_lists_dead_letters_and_the_button_has_them_tried_again(
    client, administrator, attempt, sink
):
    one, two, *_ = LearningEvent.objects.all()
    dead = deliver(one, state="dead", attempts=12, last_error="refused for good")
    done = deliver(two, state="done", attempts=1)
    assert str(one.uuid) in html(client)

    answer = client.post(reverse("web_health_retry"))

    dead.refresh_from_db()
    done.refresh_from_db()
    assert answer["Location"] == reverse("web_health")
    assert (dead.state, dead.attempts) == (Delivery.State.WAITING, 0)
    assert dead.try_at <= timezone.now()
    assert done.state == Delivery.State.DONE
    assert str(one.uuid) not in html(client)


def test_dead_letters_of_one_sink_are_tried_again_alone(attempt):
    one, two, *_ = LearningEvent.objects.all()
    deliver(one, state="dead")
    deliver(two, sink_key="other.sink", state="dead")

    assert retry_dead(sink_key="other.sink") == 1
    assert [each.sink_key for each in Delivery.objects.dead()] == ["health.sink"]


def test_retry_by_get_is_refused(client, administrator):
    assert client.get(reverse("web_health_retry")).status_code == 405


# --- marking


def test_page_lists_attempts_that_wait_for_marking_to_be_tried_again(
    client, administrator, attempt
):
    Attempt.objects.filter(pk=attempt.pk).update(
        state="submitted", submitted_at=NOW, grading_due=NOW
    )

    assert html(client).count("Bài tập chờ chấm") == 1
    assert health.unmarked() == [attempt]


def test_attempts_that_wait_for_a_person_are_not_listed(attempt):
    Attempt.objects.filter(pk=attempt.pk).update(state="submitted", awaits_person=True)

    assert health.unmarked() == []


# --- what is missing


@pytest.fixture
def nothing_else_missing(settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = tmp_path
    settings.DEBUG = False
    monkeypatch.setattr(health, "uncompiled_catalogues", list)


def test_nothing_is_missing_on_a_site_that_was_set_up(nothing_else_missing):
    assert health.missing(NOW, []) == []


def test_debug_mode_and_an_absent_media_folder_are_named(nothing_else_missing, settings):
    settings.DEBUG = True
    settings.MEDIA_ROOT = f"/nowhere/{uuid.uuid4()}"

    first, second = health.missing(NOW, [])

    assert "media" in first
    assert "DEBUG" in second


@pytest.mark.parametrize(("late", "expected"), [(59, 0), (61, 1)])
def test_deliveries_that_wait_for_long_mean_that_tick_does_not_run(
    nothing_else_missing, attempt, late, expected
):
    Delivery.objects.all().delete()
    deliver(LearningEvent.objects.first(), try_at=NOW - dt.timedelta(minutes=late))

    assert len(health.missing(NOW, [])) == expected


def test_marks_that_wait_for_long_mean_that_tick_does_not_run(nothing_else_missing, attempt):
    due = NOW - dt.timedelta(hours=2)
    Attempt.objects.filter(pk=attempt.pk).update(state="submitted", grading_due=due)

    (only,) = health.missing(NOW, [])

    assert "manage.py tick" in only


def test_migrations_that_have_not_run_are_named(nothing_else_missing):
    recorder = MigrationRecorder.Migration.objects.filter(app="content").order_by("-name")
    last = recorder[0].name
    recorder.filter(name=last).delete()

    (only,) = health.missing(NOW, [])

    assert f"content.{last}" in only


def test_database_is_named_with_its_version():
    found = health.database()

    assert found.engine == connection.display_name
    assert found.version.split(".")[0].isdigit()


# --- a page that only reads


def test_page_writes_nothing(client, administrator, attempt):
    html(client)
    with CaptureQueriesContext(connection) as queries:
        html(client)

    written = [
        query["sql"]
        for query in queries
        if query["sql"].split()[0] in {"INSERT", "UPDATE", "DELETE"}
    ]
    assert written == []
