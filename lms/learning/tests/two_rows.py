"""Two rows of one person, with everything that a merge moves, for the tests of merging."""

from __future__ import annotations

import datetime as dt
import uuid

from django.utils import timezone

from lms.learning import api
from lms.learning.models import (
    AssignedPerson,
    Assignment,
    CourseInstructor,
    Enrolment,
    LearningEvent,
)
from lms.learning.progress.store import load_states
from lms.learning.services.merging import merge_persons
from lms.learning.services.rebuilding import comparable
from lms.people.models import ActivationCode, Appointment, Person, PersonMerge, Unit, User
from lms.people.services.accounts import create_account
from lms.people.tests.factories import (
    AppointmentFactory,
)
from modules.content.models import CoursePage, LessonPage
from modules.content.tests.factories import make_course

JUNE, JULY, AUGUST = dt.date(2025, 6, 1), dt.date(2025, 7, 1), dt.date(2025, 8, 1)


def person(unit: Unit, name: str, **fields: object) -> Person:
    return AppointmentFactory(unit=unit, person__full_name=name, **fields).person


def learn(who: Person, course: CoursePage, lessons: int) -> Enrolment:
    enrolment = api.enrol(person=who, course_key=course.translation_key)
    for lesson in LessonPage.objects.descendant_of(course).order_by("path")[:lessons]:
        api.finish_lesson(enrolment=enrolment, lesson_key=lesson.translation_key)
    return enrolment


def rows() -> dict[str, list[object]]:
    """Every row that a merge may touch, and every event, as stored."""
    models = (
        Person,
        User,
        Appointment,
        Enrolment,
        CourseInstructor,
        AssignedPerson,
        ActivationCode,
    )
    found: dict[str, list[object]] = {
        model.__name__: list(model.objects.order_by("pk").values()) for model in models
    }
    found["LearningEvent"] = list(LearningEvent.objects.order_by("pk").values())
    return found


def progress() -> dict[int, object]:
    ids = list(Enrolment.objects.values_list("pk", flat=True))
    return {pk: comparable(state) for pk, state in load_states(ids).items()}


def everything(manager: User, course: CoursePage, kept: Person, merged: Person) -> None:
    """Both learned, have accounts, teach, and were assigned the course."""
    learn(kept, course, 1)
    learn(merged, course, 2)
    learn(merged, make_course(), 1)
    create_account(person=kept, username="hoa.cu")
    create_account(person=merged, username="hoa.moi")
    Person.objects.filter(pk=merged.pk).update(phone="+84912345678", birth_date=dt.date(1980, 1, 2))
    other = uuid.uuid4()
    for who, key in ((kept, course.translation_key), (merged, course.translation_key)):
        CourseInstructor.objects.create(person=who, course_key=key)
    CourseInstructor.objects.create(person=merged, course_key=other)
    assignment = Assignment.objects.create(
        course_key=course.translation_key, course_title="Khóa", by=manager, at=timezone.now()
    )
    for who in (kept, merged):
        AssignedPerson.objects.create(
            assignment=assignment,
            person=who,
            enrolment=Enrolment.objects.filter(person=who).first(),
            source="list",
            at=timezone.now(),
        )
    ActivationCode.objects.create(
        user=User.objects.get(username="hoa.moi"),
        purpose="first",
        digest="x",
        issued_at=timezone.now(),
        expires_at=timezone.now() + dt.timedelta(days=14),
    )


def merge(kept: Person, merged: Person, by: User, **choice: object) -> PersonMerge:
    return merge_persons(kept=kept, merged=merged, by=by, **choice)
