"""What the page of a task shows."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import get_language

from lms.learning import api
from modules.activities.task.entries import EARLIEST, mark_of, plain_text, step_field
from modules.activities.task.models import NOTE_LIMIT, StepDone, TaskWork, WorkplaceTask

if TYPE_CHECKING:
    from lms.learning.models import Attempt, Enrolment


@dataclass(frozen=True)
class Row:
    """A step on the page. `value`: what stands in its field; `seen`: what is saved."""

    name: str
    text: str
    done_on: dt.date | None
    value: str
    seen: str
    error: str = ""


def work_of(attempt: Attempt | None) -> tuple[TaskWork | None, list[StepDone]]:
    """What was saved for `attempt`: two queries."""
    if attempt is None:
        return None, []
    work = TaskWork.objects.filter(attempt=attempt).first()
    return work, list(work.done.all()) if work is not None else []


def task_context(
    task: WorkplaceTask,
    attempt: Attempt | None,
    enrolment: Enrolment | None,
    *,
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    saved: bool = True,
) -> dict[str, Any]:
    """Everything about `task` and how far `attempt` has come.

    `typed`: a form to show again, of which all that has no error was `saved`, or nothing.
    """
    work, done = work_of(attempt)
    typed, errors = typed or {}, errors or {}
    today = timezone.localdate()
    note = work.note if work is not None else ""
    due_on = work.due_on if work is not None else None
    refused = typed if not saved else {name: typed[name] for name in errors if name in typed}
    rows = rows_of(task, {each.step_key: each for each in done}, refused, errors)
    is_open = attempt is not None and attempt.is_open
    return {
        "rows": rows,
        "done_count": sum(row.done_on is not None for row in rows),
        "step_errors": errors.get("steps", ""),
        "note": plain_text(typed["note"]) if "note" in typed else note,
        "note_error": errors.get("note", ""),
        # After an error the page must still say which note it showed first.
        "note_mark": typed.get("seen-note") or mark_of(note),
        "note_limit": NOTE_LIMIT,
        "errors": errors,
        "due_on": due_on,
        "is_late": is_open and due_on is not None and due_on < today,
        "saved_at": work.saved_at if work is not None else None,
        "today": today.isoformat(),
        "earliest": (_begun_on(attempt) - EARLIEST).isoformat() if attempt is not None else "",
        "text_lang": text_lang(task),
        "readers": api.readers_of(enrolment) if enrolment is not None else [],
    }


def _begun_on(attempt: Attempt) -> dt.date:
    return timezone.localdate(attempt.started_at)


def text_lang(task: WorkplaceTask) -> str:
    """The language of the task's own text where it is not the page's; else nothing."""
    code = str(task.locale.language_code)
    return "" if code == get_language() else code


def rows_of(
    task: WorkplaceTask,
    done: dict[uuid.UUID, StepDone],
    refused: Mapping[str, str],
    errors: Mapping[str, str],
) -> list[Row]:
    """The steps of `task`, then those that were `done` (by key) and are no longer part of it.

    What was typed and `refused` stands in its field again; else what is saved.
    """
    done = dict(done)
    rows = []
    for step in task.steps.all():
        saved = done.pop(step.key, None)
        name = step_field(step.key)
        seen = saved.done_on.isoformat() if saved else ""
        value = refused.get(name, seen)
        done_on = saved.done_on if saved else None
        rows.append(Row(name, step.text, done_on, value, seen, errors.get(name, "")))
    # Steps that the author has taken out since, which the learner had done.
    rows += [Row("", each.text, each.done_on, "", "", "") for each in done.values()]
    return rows
