from __future__ import annotations

from typing import Any

import pytest

from lms.plugins.testing import ActivityTypeTests
from modules.activities.task.activity import TaskType
from modules.activities.task.entries import step_field
from modules.activities.task.models import StepDone, TaskWork
from modules.activities.task.tests.factories import make_task


@pytest.mark.django_db
class TestTask(ActivityTypeTests):
    activity_type = TaskType()

    def make_activity(self) -> Any:
        return make_task()

    def make_refused_response(self, activity: Any) -> Any:
        name = step_field(activity.steps.all()[0].key)
        return {"note": ["Đã họp <xong>."], name: ["31/02/2026"]}

    def hand_in(self, activity: Any, attempt: Any, response: Any) -> Any:
        # As a learner would have filled it in, so that `forget` has something to forget.
        work = TaskWork.objects.get(attempt=attempt)
        work.note = "Đã làm."
        work.save()
        step = activity.steps.all()[0]
        StepDone.objects.create(
            work=work,
            step_key=step.key,
            text=step.text,
            done_on=attempt.started_at,
            saved_at=attempt.started_at,
        )
        return super().hand_in(activity, attempt, response)
