"""What instructors read of a task, and what learners are told about it."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone, translation

from lms.learning import api
from lms.learning.models import CourseInstructor
from lms.people.models import User
from lms.people.tests.factories import PersonFactory, RoleGrantFactory, UserFactory
from modules.activities.task.activity import TaskType
from modules.activities.task.entries import step_field
from modules.activities.task.evidence import evidence_of
from modules.activities.task.models import TaskStep, TaskWork
from modules.activities.task.tests.factories import Placed, make_placed

NOTE = "Đã họp <hai> buổi.\nĐã ghi kết luận."


@pytest.fixture
def placed(db) -> Placed:
    return make_placed()


@pytest.fixture
def learner(placed) -> Client:
    client = Client()
    client.force_login(placed.user)
    return client


@pytest.fixture
def handed_in(placed, learner):
    attempt = placed.begin()
    form = {
        step_field(placed.task.steps.all()[0].key): timezone.localdate().isoformat(),
        "note": NOTE,
    }
    learner.post(f"/x/task/attempts/{attempt.uuid}/hand-in/", form)
    attempt.refresh_from_db()
    return attempt


def teacher(placed: Placed) -> User:
    user = UserFactory(person=PersonFactory(full_name="Đỗ Thị Giảng"))
    RoleGrantFactory(user=user, role="instructor")
    CourseInstructor.objects.create(course_key=placed.course.translation_key, person=user.person)
    return user


def test_instructor_reads_steps_dates_and_note(placed, handed_in, client):
    client.force_login(teacher(placed))
    course, task = placed.course.translation_key, placed.task.translation_key
    page = client.get(f"/en/teaching/{course}/work/{task}/").text
    assert "1 of 3 steps done" in page
    assert f"Done on {timezone.localdate():%d/%m/%Y}" in page
    assert "Đã họp &lt;hai&gt; buổi.<br>Đã ghi kết luận." in page
    assert "Handed in late" not in page


def test_evidence_of_late_work_says_so(handed_in):
    TaskWork.objects.update(due_on=dt.date(2026, 1, 5))
    with translation.override("en"):
        html = evidence_of([handed_in])[handed_in.pk]
    assert "Handed in late" in html
    assert "05/01/2026" in html


def test_evidence_keeps_the_words_of_a_step_as_they_were_when_it_was_done(placed, handed_in):
    first = placed.task.steps.all()[0]
    TaskStep.objects.filter(pk=first.pk).update(text="Chọn hai cuộc họp.")
    html = evidence_of([handed_in])[handed_in.pk]
    assert "Chọn một cuộc họp." in html
    assert "Chọn hai cuộc họp." not in html
    TaskStep.objects.filter(pk=first.pk).delete()
    assert "Chọn một cuộc họp." in evidence_of([handed_in])[handed_in.pk]


def test_evidence_of_somebody_who_was_forgotten_is_left_out(placed, handed_in):
    TaskType().forget(placed.user.person)
    assert evidence_of([handed_in]) == {}


def test_learner_is_told_who_reads_it_before_while_and_after(placed, learner):
    teacher(placed)
    told = "Read by the instructors of this course: Đỗ Thị Giảng."
    page = f"/en{placed.url}"
    assert told in learner.get(page).text
    attempt = placed.begin()
    assert told in learner.get(page).text
    refused = learner.post(f"/en/x/task/attempts/{attempt.uuid}/hand-in/", {"note": ""})
    assert refused.status_code == 422
    assert told in refused.text
    form = {step_field(placed.task.steps.all()[0].key): timezone.localdate().isoformat()}
    learner.post(f"/x/task/attempts/{attempt.uuid}/hand-in/", {**form, "note": NOTE})
    assert told in learner.get(page).text
    assert "see only that it was handed in" in learner.get(page).text


def test_learner_is_told_so_when_nobody_teaches_the_course_yet(placed, learner):
    assert "Read by the instructors of this course." in learner.get(f"/en{placed.url}").text
    assert api.readers_of(placed.enrolment) == []
