"""Saving what was done, and handing in."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from lms.learning import api
from lms.plugins.errors import Refused
from modules.activities.task.entries import Changes, mark_of
from modules.activities.task.models import StepDone, TaskWork, WorkplaceTask

if TYPE_CHECKING:
    from lms.learning.models import Attempt


def begin(*, attempt: Attempt, task: WorkplaceTask) -> TaskWork:
    """The rows of a new attempt, its due date fixed."""
    due_on = None
    if task.due_days:
        due_on = timezone.localdate(attempt.started_at) + dt.timedelta(days=task.due_days)
    work, _created = TaskWork.objects.get_or_create(attempt=attempt, defaults={"due_on": due_on})
    return work


@transaction.atomic
def save(*, attempt: Attempt, task: WorkplaceTask, changes: Changes) -> TaskWork:
    """Write `changes`; gives the work as it stands afterwards.

    A note that was changed elsewhere in the meantime is not overwritten: `changes.errors` says
    so. Raises AttemptClosed when the task was handed in before.
    """
    begin(attempt=attempt, task=task)
    # One learner may save from several tabs: they queue up here.
    work = TaskWork.objects.select_for_update(of=("self",)).get(attempt=attempt)
    attempt.refresh_from_db(fields=["state"])
    if not attempt.is_open:
        raise api.AttemptClosed
    if changes.note is not None and _is_stale(work, changes):
        changes.errors["note"] = _(
            "This note was changed in another window, so yours was not saved. Copy your text, "
            "load the page again and add it there."
        )
        changes.note = None
    if not changes:
        return work
    now = timezone.now()
    _save_dates(work, task, changes, now)
    if changes.note is not None:
        work.note = changes.note
    work.saved_at = now
    work.save(update_fields=["note", "saved_at"])
    return work


def _is_stale(work: TaskWork, changes: Changes) -> bool:
    seen = changes.seen_note
    return seen is not None and seen != mark_of(work.note) and work.note != changes.note


def _save_dates(work: TaskWork, task: WorkplaceTask, changes: Changes, now: dt.datetime) -> None:
    undone = [key for key, date in changes.dates.items() if date is None]
    if undone:
        work.done.filter(step_key__in=undone).delete()
    texts = {step.key: step.text for step in task.steps.all()}
    rows = [
        StepDone(work=work, step_key=key, text=texts[key], done_on=date, saved_at=now)
        for key, date in changes.dates.items()
        if date is not None
    ]
    if rows:
        StepDone.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["work", "step_key"],
            update_fields=["text", "done_on", "saved_at"],
        )


def check_ready(*, attempt: Attempt) -> None:
    """Raises Refused while no step has a date or the note is empty. Call inside a transaction."""
    # Held, so that another tab cannot empty the note between this look and the handing in.
    work = TaskWork.objects.select_for_update(of=("self",)).filter(attempt=attempt).first()
    problems = {}
    if work is None or not work.done.exists():
        problems["steps"] = _("Give at least one step the date on which you did it.")
    if work is None or not work.note:
        problems["note"] = _("Write a few lines of evidence: what you did and what came of it.")
    if problems:
        raise Refused(" ".join(problems.values()), problems)


def hand_in(*, attempt: Attempt, task: WorkplaceTask) -> None:
    """Hand in what was saved. What the learner wrote stays in this plugin's rows alone.

    Raises Refused while it is not ready (see `check_ready`), AttemptClosed when it was handed in
    before.
    """
    work = begin(attempt=attempt, task=task)
    response = {"steps_done": work.done.count(), "steps": task.steps.count()}
    api.submit(attempt=attempt, activity=task, response=response)
