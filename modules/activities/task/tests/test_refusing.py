"""An empty task cannot be handed in, whichever address the form is sent to."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from lms.learning.models import Attempt, LearningEvent
from modules.activities.task.entries import mark_of, step_field
from modules.activities.task.models import StepDone, TaskWork
from modules.activities.task.tests.factories import Placed, make_placed

JSON = {"Accept": "application/json"}
NO_DATE = "Give at least one step the date on which you did it."
NO_NOTE = "Write a few lines of evidence: what you did and what came of it."


@pytest.fixture
def placed(db) -> Placed:
    return make_placed()


@pytest.fixture
def learner(placed) -> Client:
    client = Client()
    client.force_login(placed.user)
    return client


def is_untouched(attempt: Attempt) -> bool:
    attempt.refresh_from_db()
    submitted = LearningEvent.objects.filter(name="attempt.submitted").exists()
    return attempt.is_open and not submitted


def test_platform_address_refuses_an_empty_task(placed, learner):
    attempt = placed.begin()
    answer = learner.post(f"/en{placed.url}submit/", {"attempt": attempt.uuid})
    assert answer.status_code == 422
    assert f"{NO_DATE} {NO_NOTE}" in answer.text
    assert is_untouched(attempt)


def test_platform_address_refuses_a_task_that_was_not_begun(placed, learner):
    answer = learner.post(f"/en{placed.url}submit/", {})
    assert answer.status_code == 422
    assert NO_DATE in answer.text
    assert (Attempt.objects.count(), TaskWork.objects.count()) == (0, 0)


def test_platform_address_shows_again_what_was_typed_and_saves_nothing(placed, learner):
    attempt = placed.begin()
    name = step_field(placed.task.steps.all()[0].key)
    typed = {name: "2026-11-02", "note": "Đã họp.", "seen-note": mark_of(""), f"seen-{name}": ""}
    answer = learner.post(f"{placed.url}submit/", typed)
    assert answer.status_code == 422
    assert 'value="2026-11-02"' in answer.text
    assert "Đã họp.</textarea>" in answer.text
    assert f'name="seen-note" value="{mark_of("")}"' in answer.text
    assert (TaskWork.objects.get().note, StepDone.objects.count()) == ("", 0)
    assert is_untouched(attempt)


def test_platform_address_takes_a_task_that_was_saved_and_is_ready(placed, learner):
    attempt = placed.begin()
    name = step_field(placed.task.steps.all()[0].key)
    form = {name: timezone.localdate().isoformat(), "note": "Đã họp."}
    learner.post(f"/x/task/attempts/{attempt.uuid}/save/", form)
    assert learner.post(f"{placed.url}submit/", {}).status_code == 302
    attempt.refresh_from_db()
    assert attempt.state == "submitted"


def test_own_address_refuses_an_empty_task_by_script(placed, learner):
    attempt = placed.begin()
    answer = learner.post(f"/en/x/task/attempts/{attempt.uuid}/hand-in/", {}, headers=JSON)
    assert answer.status_code == 422
    assert answer.json() == {
        "error": f"{NO_DATE} {NO_NOTE}",
        "fields": {"steps": NO_DATE, "note": NO_NOTE},
    }
    assert is_untouched(attempt)


def test_own_address_refuses_a_bad_date_by_script(placed, learner):
    attempt = placed.begin()
    name = step_field(placed.task.steps.all()[0].key)
    form = {name: "31/02/2026", "note": "Đã họp."}
    answer = learner.post(f"/en/x/task/attempts/{attempt.uuid}/hand-in/", form, headers=JSON)
    assert answer.status_code == 422
    assert answer.json()["fields"] == {name: "There is no such day in the calendar."}
    assert is_untouched(attempt)


def test_own_address_says_closed_by_script(placed, learner):
    attempt = placed.begin()
    name = step_field(placed.task.steps.all()[0].key)
    form = {name: timezone.localdate().isoformat(), "note": "Đã họp."}
    url = f"/x/task/attempts/{attempt.uuid}/hand-in/"
    assert learner.post(url, form).status_code == 302
    assert learner.post(url, form, headers=JSON).status_code == 409
