"""Tasks, and learners who carry them out, for tests."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

from wagtail.models import Locale

from lms.learning import api
from lms.learning.models import Attempt, Enrolment
from lms.people.models import User
from lms.people.tests.factories import UserFactory
from modules.activities.task.models import TaskStep, WorkplaceTask
from modules.content.models import CoursePage, LessonPage
from modules.content.tests.factories import make_course, make_lesson

_numbers = itertools.count(1)
STEPS = ("Chọn một cuộc họp.", "Ghi nhãn từng nội dung.", "Gửi tài liệu đúng hạn.")


def make_task(*steps: str, **fields: Any) -> WorkplaceTask:
    """A published task with these steps (three when none are given)."""
    locale = fields.pop("locale", None) or Locale.objects.get_or_create(language_code="vi")[0]
    task = WorkplaceTask(
        locale=locale,
        live=False,
        **{"title": f"Việc {next(_numbers)}", "type_key": "task.task", "due_days": 14, **fields},
    )
    task.steps = [TaskStep(text=text, sort_order=n) for n, text in enumerate(steps or STEPS)]
    task.save()
    task.save_revision().publish()
    return WorkplaceTask.objects.get(pk=task.pk)


@dataclass
class Placed:
    """A task in a lesson, and a learner who takes the course."""

    task: WorkplaceTask
    course: CoursePage
    lesson: LessonPage
    user: User
    enrolment: Enrolment

    @property
    def url(self) -> str:
        return f"/learn/activities/{self.task.uuid}/"

    def begin(self) -> Attempt:
        return api.start(enrolment=self.enrolment, activity=self.task)


def make_placed(task: WorkplaceTask | None = None, **fields: Any) -> Placed:
    """A course with one lesson that holds `task`, and a learner enrolled in it."""
    task = task or make_task(**fields)
    course = make_course(modules=1, lessons=0)
    lesson = make_lesson(course, task)
    user = UserFactory()
    enrolment = api.enrol(person=user.person, course_key=course.translation_key)
    return Placed(task, course, lesson, user, enrolment)
