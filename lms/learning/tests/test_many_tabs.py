"""One learner in eight tabs at the same instant: no error, one record. On both engines."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection, connections

from lms.learning import api
from lms.learning.models import Attempt, Enrolment, LearningEvent, LessonProgress, ResumePoint
from lms.people.tests.factories import PersonFactory
from lms.plugins.contracts import PASSED, Grade, Json
from modules.content.models import Activity
from modules.content.tests.factories import (
    PlainType,
    make_activity,
    make_course,
    make_lesson,
    registered,
)

TABS = 8


class MarkedType(PlainType):
    completion_rules = (PASSED,)

    def grade(self, activity: Activity, attempt: Attempt, response: Json) -> Grade:
        return Grade(5, 5, passed=True)


@pytest.fixture(autouse=True)
def marked_type() -> Iterator[None]:
    with registered(MarkedType()):
        yield


def in_tabs(action: Callable[[], Any]) -> list[Any]:
    """What `action` gives in each of eight threads that begin at the same instant."""
    results: list[Any] = [None] * TABS
    barrier = threading.Barrier(TABS)

    def run(number: int) -> None:
        barrier.wait()
        try:
            results[number] = action()
        except Exception as error:  # noqa: BLE001 -- the test looks at what came back
            results[number] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(TABS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def in_memory() -> bool:
    """Whether the test database is SQLite's shared memory, which threads cannot write at once."""
    return connection.vendor == "sqlite" and "memory" in str(connection.settings_dict["NAME"])


@pytest.mark.django_db(transaction=True)
def test_eight_tabs_enrol_view_start_submit_make_one_record() -> None:
    assert not in_memory(), "this test needs a database file: see lms.settings.test"
    quiz = make_activity()
    course = make_course(modules=1, lessons=0)
    lesson = make_lesson(course, quiz)
    person = PersonFactory()

    enrolled = in_tabs(lambda: api.enrol(person=person, course_key=course.translation_key).pk)
    assert len(set(enrolled)) == 1, enrolled
    enrolment = Enrolment.objects.get()

    def see() -> str:
        api.finish_lesson(enrolment=enrolment, lesson_key=lesson.translation_key)
        api.save_position(enrolment=enrolment, lesson_key=lesson.translation_key, anchor="b-1")
        return "seen"

    assert in_tabs(see) == ["seen"] * TABS
    started = in_tabs(lambda: api.start(enrolment=enrolment, activity=quiz).pk)
    assert len(set(started)) == 1, started

    def hand_in() -> str:
        attempt = Attempt.objects.select_related("enrolment").get()
        try:
            api.submit(attempt=attempt, activity=quiz, response={})
        except api.AttemptClosed:
            return "closed"
        return "taken"

    assert sorted(in_tabs(hand_in)) == ["closed"] * (TABS - 1) + ["taken"]
    names = list(LearningEvent.objects.order_by("id").values_list("name", flat=True))
    assert names == [
        "enrolment.created",
        "lesson.viewed",
        "attempt.started",
        "attempt.submitted",
        "attempt.graded",
        "activity.completed",
        "lesson.completed",
        "module.completed",
        "course.completed",
    ]
    assert (LessonProgress.objects.count(), ResumePoint.objects.count()) == (1, 1)
