"""The courses of this repository on a fresh site, with the plugins that come with it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from lms.learning.api import enrol, finish_lesson
from lms.learning.models import LearningEvent, LessonProgress
from lms.people.tests.factories import PersonFactory
from lms.plugins.config import registries
from modules.content.curriculum.loader import load_curriculum
from modules.content.models import Activity, CoursePage, LessonPage, Placement
from modules.content.publishing import problems_of
from modules.content.tests.curriculum_texts import edit
from modules.content.tests.factories import outline_for
from modules.content.tests.test_curriculum_texts import ROOT

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(
        not {"quizzes.quiz", "task.task"} <= {each.key for each in registries.activity_types},
        reason="the plugins of the first course are switched off",
    ),
]


def test_repository_loads_once_and_progress_outlives_an_edit(tmp_path: Path):
    root = tmp_path / "curriculum"
    shutil.copytree(ROOT, root)
    load_curriculum(root=root)
    assert load_curriculum(root=root) == []
    lessons = list(LessonPage.objects.order_by("code"))
    assert [each.code for each in lessons] == ["1.1", "1.2", "1.3", "1.4"]
    assert [problems_of(each) for each in lessons] == [[], [], [], []]
    assert Activity.objects.filter(live=True).count() == Placement.objects.count() == 6

    course = CoursePage.objects.get(locale__language_code="vi")
    person = PersonFactory()
    enrolment = enrol(person=person, course_key=course.translation_key)
    finish_lesson(enrolment=enrolment, lesson_key=lessons[0].translation_key)
    version, events = outline_for(course).version, LearningEvent.objects.count()

    text = next(root.glob("*/*/1.1-*.md"))
    edit(text, "## Trước khi khép bài", "## Trước khi khép lại")
    assert [each.action for each in load_curriculum(root=root)] == ["updated"]
    assert outline_for(course).version != version
    assert LearningEvent.objects.count() == events
    (progress,) = LessonProgress.objects.filter(enrolment=enrolment)
    assert progress.lesson_key == LessonPage.objects.get(code="1.1").translation_key
