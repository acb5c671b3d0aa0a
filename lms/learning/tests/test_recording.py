"""Live state equals rebuilt state; facts are appended once; corrections leave the fold."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from lms.learning import api
from lms.learning.models import (
    ActivityProgress,
    AppendOnly,
    Attempt,
    CourseProgress,
    Delivery,
    Enrolment,
    LearningEvent,
    LessonProgress,
)
from lms.learning.payloads import BadPayload
from lms.learning.progress.store import load_state
from lms.learning.services.rebuilding import comparable, find_drift, rebuild
from lms.learning.services.recording import NewFact, record
from lms.people.tests.factories import PersonFactory
from lms.plugins.contracts import PASSED, Grade, Json
from modules.content.models import Activity, CoursePage, LessonPage
from modules.content.tests.factories import (
    PlainType,
    make_activity,
    make_course,
    make_lesson,
    registered,
)

pytestmark = pytest.mark.django_db


class MarkedType(PlainType):
    """Marks what is handed in as the response says: {"grade": [raw, maximum, passed]}."""

    completion_rules = (PASSED,)

    def grade(self, activity: Activity, attempt: Attempt, response: Json) -> Grade:
        raw, maximum, passed = response["grade"]
        return Grade(raw, maximum, passed)


@pytest.fixture(autouse=True)
def marked_type() -> Iterator[None]:
    with registered(MarkedType()):
        yield


@pytest.fixture
def course() -> CoursePage:
    return make_course(modules=1, lessons=0)


def enrol(course: CoursePage) -> Enrolment:
    return api.enrol(person=PersonFactory(), course_key=course.translation_key)


def names(enrolment: Enrolment) -> list[str]:
    return list(
        LearningEvent.objects.filter(enrolment=enrolment)
        .order_by("id")
        .values_list("name", flat=True)
    )


def lessons_of(course: CoursePage) -> list[LessonPage]:
    return list(LessonPage.objects.descendant_of(course).order_by("path"))


def test_finish_lesson_completes_lesson_module_and_course_once(course: CoursePage) -> None:
    lesson = make_lesson(course)
    enrolment = enrol(course)
    for _ in range(3):
        api.finish_lesson(enrolment=enrolment, lesson_key=lesson.translation_key)
    assert names(enrolment) == [
        "enrolment.created",
        "lesson.viewed",
        "lesson.completed",
        "module.completed",
        "course.completed",
    ]
    assert CourseProgress.objects.get(enrolment=enrolment).completed_at is not None


def test_completed_stays_completed_when_the_outline_grows(course: CoursePage) -> None:
    first = make_lesson(course)
    enrolment = enrol(course)
    api.finish_lesson(enrolment=enrolment, lesson_key=first.translation_key)
    at = CourseProgress.objects.get(enrolment=enrolment).completed_at
    second = make_lesson(course)
    api.finish_lesson(enrolment=enrolment, lesson_key=second.translation_key)
    rebuild([enrolment.pk])
    assert CourseProgress.objects.get(enrolment=enrolment).completed_at == at
    assert names(enrolment).count("course.completed") == 1


def test_submit_graded_activity_completes_by_its_rule(course: CoursePage) -> None:
    quiz = make_activity()
    lesson = make_lesson(course, quiz)
    enrolment = enrol(course)
    api.finish_lesson(enrolment=enrolment, lesson_key=lesson.translation_key)
    attempt = api.start(enrolment=enrolment, activity=quiz)
    api.submit(attempt=attempt, activity=quiz, response={"grade": [3, 5, False]})
    assert "lesson.completed" not in names(enrolment)
    again = api.start(enrolment=enrolment, activity=quiz)
    api.submit(attempt=again, activity=quiz, response={"grade": [5, 5, True]})
    row = ActivityProgress.objects.get(enrolment=enrolment)
    assert (row.attempts, row.best_scaled, row.passed) == (2, 1.0, True)
    assert names(enrolment)[-4:] == [
        "activity.completed",
        "lesson.completed",
        "module.completed",
        "course.completed",
    ]


def test_submit_twice_says_so_and_changes_nothing(course: CoursePage) -> None:
    quiz = make_activity()
    make_lesson(course, quiz)
    enrolment = enrol(course)
    attempt = api.start(enrolment=enrolment, activity=quiz)
    api.submit(attempt=attempt, activity=quiz, response={"grade": [5, 5, True]})
    before = names(enrolment)
    with pytest.raises(api.AttemptClosed):
        api.submit(attempt=attempt, activity=quiz, response={"grade": [0, 5, False]})
    attempt.refresh_from_db()
    assert (names(enrolment), attempt.raw) == (before, 5.0)


def test_a_second_mark_supersedes_the_first(course: CoursePage) -> None:
    quiz = make_activity()
    make_lesson(course, quiz)
    enrolment = enrol(course)
    attempt = api.start(enrolment=enrolment, activity=quiz)
    api.submit(attempt=attempt, activity=quiz, response={"grade": [5, 5, True]})
    teacher = PersonFactory()
    api.grade(attempt=attempt, grade=Grade(2, 5, passed=False), by_id=teacher.pk)
    row = ActivityProgress.objects.get(enrolment=enrolment)
    assert (row.best_scaled, row.passed) == (0.4, False)
    assert row.completed_at is not None
    graded = LearningEvent.objects.filter(name="attempt.graded").order_by("id")
    assert [event.supersedes_id for event in graded] == [None, graded[0].pk]
    assert graded[1].actor_id == teacher.pk


def random_history(course: CoursePage, activities: list[Activity], rnd: random.Random) -> Enrolment:
    enrolment = enrol(course)
    lessons = lessons_of(course)
    for _ in range(rnd.randint(0, 25)):
        action = rnd.choice(["view", "submit", "progress", "regrade"])
        quiz = rnd.choice(activities)
        if action == "view":
            api.finish_lesson(enrolment=enrolment, lesson_key=rnd.choice(lessons).translation_key)
            continue
        attempt = api.start(enrolment=enrolment, activity=quiz)
        if action == "progress":
            api.progressed(attempt=attempt, activity=quiz, fraction=rnd.random())
            continue
        raw = rnd.randint(0, 5)
        api.submit(attempt=attempt, activity=quiz, response={"grade": [raw, 5, raw >= 3]})
        if action == "regrade":
            raw = rnd.randint(0, 5)
            api.grade(attempt=attempt, grade=Grade(raw, 5, raw >= 3), by_id=enrolment.person_id)
    return enrolment


def test_live_state_equals_rebuilt_state_over_random_histories(course: CoursePage) -> None:
    rnd = random.Random(7)
    activities = [make_activity() for _ in range(6)]
    for at in range(0, 6, 2):
        make_lesson(course, *activities[at : at + 2])
    for _ in range(15):
        enrolment = random_history(course, activities, rnd)
        live = comparable(load_state(enrolment.pk))
        count = LearningEvent.objects.count()
        rebuild([enrolment.pk])
        assert comparable(load_state(enrolment.pk)) == live
        assert LearningEvent.objects.count() == count
    assert list(find_drift()) == []


def test_rebuild_progress_check_finds_what_was_changed_by_hand(course: CoursePage) -> None:
    lesson = make_lesson(course)
    enrolment = enrol(course)
    api.finish_lesson(enrolment=enrolment, lesson_key=lesson.translation_key)
    call_command("rebuild_progress", "--check")
    LessonProgress.objects.update(completed_at=None)
    with pytest.raises(CommandError, match=str(enrolment.pk)):
        call_command("rebuild_progress", "--check")
    call_command("rebuild_progress")
    assert LessonProgress.objects.get().completed_at is not None


def test_record_the_same_uuid_twice_is_one_event(course: CoursePage) -> None:
    lesson = make_lesson(course)
    enrolment = enrol(course)
    fact = NewFact("lesson.viewed", subject_key=lesson.translation_key, uuid=uuid.uuid4())
    assert len(record(enrolment=enrolment, facts=[fact])) == 4
    assert record(enrolment=enrolment, facts=[fact]) == []


def test_events_cannot_be_changed_or_deleted(course: CoursePage) -> None:
    enrol(course)
    event = LearningEvent.objects.get()
    changes: list[Any] = [
        event.save,
        event.delete,
        lambda: LearningEvent.objects.update(name="x"),
        lambda: LearningEvent.objects.all().delete(),
        lambda: LearningEvent.objects.bulk_update([event], ["name"]),
    ]
    for change in changes:
        with pytest.raises(AppendOnly):
            change()


@pytest.mark.skipif(connection.vendor != "postgresql", reason="the trigger is PostgreSQL's")
def test_postgresql_itself_refuses_to_change_an_event(course: CoursePage) -> None:
    enrol(course)
    table = LearningEvent._meta.db_table
    for sql in (f"UPDATE {table} SET name = 'x'", f"DELETE FROM {table}"):  # noqa: S608 -- ours
        with (
            pytest.raises(DatabaseError, match="never changed or deleted"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(sql)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("attempt.graded", {"raw": 1, "maximum": 2}),
        ("attempt.graded", {"raw": float("nan"), "maximum": 2, "scaled": 0.5}),
        ("activity.progressed", {"fraction": 1.5}),
        ("lesson.viewed", {"note": "x"}),
        ("nonsense", {}),
        ("hello.waved", {"text": "x" * 81}),
    ],
)
def test_record_payload_that_does_not_fit_is_refused(
    course: CoursePage, name: str, data: dict[str, Any]
) -> None:
    enrolment = enrol(course)
    with pytest.raises(BadPayload):
        record(enrolment=enrolment, facts=[NewFact(name, data=data)])
    assert LearningEvent.objects.count() == 1


def test_withdrawn_then_enrolled_again_is_a_new_cycle(course: CoursePage) -> None:
    person = PersonFactory()
    first = api.enrol(person=person, course_key=course.translation_key)
    api.withdraw(enrolment=first)
    api.withdraw(enrolment=first)
    second = api.enrol(person=person, course_key=course.translation_key)
    assert (first.cycle, second.cycle) == (1, 2)
    assert names(first) == ["enrolment.created", "enrolment.withdrawn"]


def test_progressed_repeats_of_a_step_are_one_event(course: CoursePage) -> None:
    video = make_activity()
    make_lesson(course, video)
    enrolment = enrol(course)
    attempt = api.start(enrolment=enrolment, activity=video)
    for fraction in (0.01, 0.31, 0.32, 0.33, 0.31):
        api.progressed(attempt=attempt, activity=video, fraction=fraction)
    assert names(enrolment).count("activity.progressed") == 1
    assert ActivityProgress.objects.get().fraction == 0.3
    assert Attempt.objects.get().is_open
    assert Delivery.objects.count() == 0
