"""Saving a task bit by bit, and handing it in. Both work as plain forms and by fetch."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import time_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from lms.learning import api
from lms.people.api import person_of
from lms.plugins.config import registries
from lms.plugins.errors import DomainError, Refused
from modules.activities.task import services
from modules.activities.task.entries import Changes, mark_of, read_changes
from modules.activities.task.models import TaskWork, WorkplaceTask
from modules.activities.task.presenting import task_context, text_lang

if TYPE_CHECKING:
    from lms.learning.models import Attempt


@require_POST
def save(request: HttpRequest, attempt_uuid: uuid.UUID) -> HttpResponse:
    """Keep what was changed. With `Accept: application/json`: what was saved and what was not."""
    attempt, task = _find(request, attempt_uuid)
    wants_json = _wants_json(request)
    try:
        changes, work = _save(request, attempt, task)
    except DomainError as error:
        if wants_json:
            return JsonResponse({"error": str(error)}, status=409)
        messages.warning(request, str(error))
        return redirect("web:activity", task.uuid)
    if wants_json:
        return JsonResponse(_saved(work, changes))
    if changes.errors:
        return _again(request, attempt, task, changes.errors)
    messages.success(request, _("Saved. You can go on any time, on any device."))
    return redirect("web:activity", task.uuid)


@require_POST
def hand_in(request: HttpRequest, attempt_uuid: uuid.UUID) -> HttpResponse:
    """Save, then hand in if nothing is wrong; else the form again, with what was typed.

    With `Accept: application/json`: what is missing, by field.
    """
    attempt, task = _find(request, attempt_uuid)
    try:
        changes, _work = _save(request, attempt, task)
        if changes.errors:
            raise Refused(_("The task is saved, but not handed in yet."), changes.errors)
        services.hand_in(attempt=attempt, task=task)
    except Refused as error:
        errors = {name: str(text) for name, text in error.fields.items()}
        if _wants_json(request):
            return JsonResponse({"error": str(error), "fields": errors}, status=422)
        return _again(request, attempt, task, errors)
    except DomainError as error:
        if _wants_json(request):
            return JsonResponse({"error": str(error)}, status=409)
        messages.warning(request, str(error))
    else:
        messages.success(request, _("Handed in. Well done."))
    return redirect("web:activity", task.uuid)


def _wants_json(request: HttpRequest) -> bool:
    return request.accepts("application/json") and not request.accepts("text/html")


def _find(request: HttpRequest, attempt_uuid: uuid.UUID) -> tuple[Attempt, WorkplaceTask]:
    attempt = api.attempt_of(person_of(request.user), attempt_uuid)
    if attempt is None:
        raise Http404
    # The page may be in another language than the one in which the attempt was begun.
    tasks = WorkplaceTask.objects.filter(translation_key=attempt.activity_key)
    shown = request.POST.get("activity", "")
    task = next((each for each in tasks if str(each.uuid) == shown), None)
    task = task or next((each for each in tasks if each.pk == attempt.activity_id), None)
    if task is None:
        raise Http404
    return attempt, task


def _save(request: HttpRequest, attempt: Attempt, task: WorkplaceTask) -> tuple[Changes, TaskWork]:
    if not attempt.enrolment.is_active:
        raise api.NotEnrolled
    changes = read_changes(
        request.POST,
        [step.key for step in task.steps.all()],
        today=timezone.localdate(),
        begun_on=timezone.localdate(attempt.started_at),
    )
    return changes, services.save(attempt=attempt, task=task, changes=changes)


def _saved(work: TaskWork, changes: Changes) -> dict[str, object]:
    saved_at = timezone.localtime(work.saved_at or timezone.now())
    answer: dict[str, object] = {
        "saved_at": time_format(saved_at, "H:i"),
        "errors": changes.errors,
        "done": work.done.count(),
    }
    if "note" not in changes.errors:
        answer["seen_note"] = mark_of(work.note)
    return answer


def _again(
    request: HttpRequest, attempt: Attempt, task: WorkplaceTask, errors: dict[str, str]
) -> HttpResponse:
    """The same form with its errors; what was right is saved already."""
    context = {
        **task_context(task, attempt, attempt.enrolment, typed=request.POST.dict(), errors=errors),
        "activity": task,
        "attempt": attempt,
    }
    found = registries.activity_types.get(task.type_key)
    page = {
        "nav": "catalogue",
        "activity": {
            "uuid": task.uuid,
            "title": task.title,
            "type_label": found.label if found else "",
            "lang": text_lang(task),
        },
        "body": render_to_string("task/task.html", context, request),
        "media": found.media if found else None,
    }
    return render(request, "task/again.html", page, status=422)
