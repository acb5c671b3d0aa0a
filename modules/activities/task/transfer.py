"""A task as JSON values, and back."""

from __future__ import annotations

import uuid
from typing import Any

from django.utils.translation import gettext

from lms.plugins.contracts.transfer import Json
from lms.plugins.errors import DomainError
from modules.activities.task.entries import plain_text
from modules.activities.task.models import LONGEST, STEP_LIMIT, TaskStep, WorkplaceTask


def dump(task: WorkplaceTask) -> Json:
    """Introduction, days, hint and steps in their order, each with the key that learners' dates
    hang on.
    """
    return {
        "introduction": task.introduction,
        "due_days": task.due_days,
        "evidence_hint": task.evidence_hint,
        "steps": [{"key": str(step.key), "text": step.text} for step in task.steps.all()],
    }


def load(data: Any, task: WorkplaceTask) -> WorkplaceTask:
    """`task` with what `data` says, unsaved; what `data` leaves out is empty.

    Raises DomainError.
    """
    if not isinstance(data, dict):
        raise DomainError(gettext("The data of the task are not of the form that was expected."))
    texts = _texts(data)
    task.introduction = _text(data, "introduction")
    task.evidence_hint = plain_text(_text(data, "evidence_hint"))
    task.due_days = _days(data.get("due_days", 14))
    task.steps = _steps(texts, list(task.steps.all()) if task.pk else [])
    return task


def _text(data: Json, name: str) -> str:
    value = data.get(name) or ""
    if not isinstance(value, str):
        raise DomainError(gettext("“%(name)s” must be text.") % {"name": name})
    return value


def _days(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= LONGEST:
        raise DomainError(
            gettext("“due_days” must be a whole number from 0 to %(limit)d.") % {"limit": LONGEST}
        )
    return value


def _texts(data: Json) -> list[tuple[uuid.UUID | None, str]]:
    steps = data.get("steps")
    if not isinstance(steps, list) or not steps:
        raise DomainError(gettext("“steps” must be a list with at least one step."))
    found = []
    for step in steps:
        text = step.get("text") if isinstance(step, dict) else None
        text = " ".join(plain_text(text).split()) if isinstance(text, str) else ""
        if not 0 < len(text) <= STEP_LIMIT:
            raise DomainError(
                gettext("Each step needs a “text” of at most %(limit)d characters.")
                % {"limit": STEP_LIMIT}
            )
        found.append((_key(step.get("key")), text))
    keys = [key for key, _ in found if key is not None]
    if len(set(keys)) < len(keys):
        raise DomainError(gettext("Two steps have the same “key”."))
    return found


def _key(value: Any) -> uuid.UUID | None:
    if value is None:
        return None
    try:
        return uuid.UUID(str(value))
    except ValueError:
        raise DomainError(gettext("The “key” of a step must be a UUID.")) from None


def _steps(texts: list[tuple[uuid.UUID | None, str]], before: list[TaskStep]) -> list[TaskStep]:
    """The steps to have now. One that was there keeps its row and key, and so learners' dates.

    A step is the same one when its key, else its text, is; of those left over, an old one whose
    text was edited is followed by the new one in the same order.
    """
    left = list(before)
    found: dict[int, TaskStep] = {}

    def take(at: int, step: TaskStep | None) -> None:
        if step is not None:
            found[at] = step
            left.remove(step)

    for at, (key, _) in enumerate(texts):
        take(at, next((step for step in left if key is not None and step.key == key), None))
    for at, (key, text) in enumerate(texts):
        if at not in found and key is None:
            take(at, next((step for step in left if step.text == text), None))
    if len(texts) == len(before):  # texts were edited, none came or went
        for at, (key, _) in enumerate(texts):
            if at not in found and key is None:
                take(at, left[0] if left else None)
    steps = []
    for at, (key, text) in enumerate(texts):
        step = found.get(at) or TaskStep(key=key or uuid.uuid4())
        step.text, step.sort_order = text, at
        steps.append(step)
    return steps
