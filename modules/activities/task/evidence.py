"""What a learner handed in, for the instructors of the course to read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.template.loader import render_to_string
from django.utils import timezone

from modules.activities.task.models import StepDone, TaskWork, WorkplaceTask
from modules.activities.task.presenting import text_lang

if TYPE_CHECKING:
    from django.utils.safestring import SafeString

    from lms.learning.models import Attempt


@dataclass(frozen=True)
class Step:
    """A step as it was when it was done; as it is now where it was not."""

    text: str
    done_on: dt.date | None


def evidence_of(attempts: Sequence[Attempt]) -> Mapping[int, SafeString]:
    """The work of each attempt as HTML, by id; those whose work was deleted are left out."""
    works = {
        work.attempt_id: work
        for work in TaskWork.objects.filter(
            attempt_id__in=[each.pk for each in attempts]
        ).prefetch_related("done")
    }
    tasks = {
        task.pk: task
        for task in WorkplaceTask.objects.filter(
            pk__in={each.activity_id for each in attempts}
        ).prefetch_related("steps")
    }
    return {
        each.pk: _html(each, works[each.pk], tasks.get(each.activity_id))
        for each in attempts
        if each.pk in works
    }


def _html(attempt: Attempt, work: TaskWork, task: WorkplaceTask | None) -> SafeString:
    steps = _steps(task, list(work.done.all()))
    handed_in = attempt.submitted_at
    context = {
        "steps": steps,
        "done_count": sum(step.done_on is not None for step in steps),
        "note": work.note,
        "due_on": work.due_on,
        "is_late": bool(work.due_on and handed_in and timezone.localdate(handed_in) > work.due_on),
        "text_lang": text_lang(task) if task is not None else "",
    }
    return render_to_string("task/_evidence.html", context)


def _steps(task: WorkplaceTask | None, done: list[StepDone]) -> list[Step]:
    left = {each.step_key: each for each in done}
    steps = []
    for step in task.steps.all() if task is not None else ():
        found = left.pop(step.key, None)
        steps.append(Step(found.text, found.done_on) if found else Step(step.text, None))
    return steps + [Step(each.text, each.done_on) for each in left.values()]
