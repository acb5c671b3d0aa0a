"""Saving answers while an attempt is open: one by one in the background, or a whole form."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, resolve_url
from django.utils import timezone
from django.utils.formats import time_format
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from lms.learning.api import AttemptClosed
from lms.plugins.errors import DomainError
from lms.plugins.mounting import public
from quizzes.answers import fields_of
from quizzes.contracts import UnknownQuestionType
from quizzes.services.answering import (
    ChangedElsewhere,
    NoSuchSitting,
    QuestionClosed,
    check_answer,
    save_answer,
    save_form,
)

# What the page's script does next depends on which of these it was.
STATUS: dict[type[DomainError], tuple[int, str]] = {
    NoSuchSitting: (404, "unknown"),
    AttemptClosed: (409, "closed"),
    QuestionClosed: (409, "closed"),
    UnknownQuestionType: (503, "unavailable"),
}


@public  # answers 401 instead of the sign-in page, which a script would take for success
@require_POST
def save_one(request: HttpRequest, attempt_uuid: uuid.UUID, position: int) -> HttpResponse:
    """Save one answer. JSON: when, its sequence and mark; or why it was not saved."""
    if not request.user.is_authenticated:
        message = _("You are signed out. Sign in again; your answer waits on this device.")
        return JsonResponse({"code": "signed_out", "message": message}, status=401)
    try:
        receipt = save_answer(
            person_id=request.user.person_id,
            attempt_uuid=attempt_uuid,
            position=position,
            fields=fields_of(request.POST),
            at=timezone.now(),
            key=_uuid(request.POST.get("key", "")),
            base=_number(request.POST.get("base", "")),
        )
    except ChangedElsewhere as error:
        found = {"code": "changed", "message": str(error), "sequence": error.sequence}
        return JsonResponse(found, status=409)
    except DomainError as error:
        status, code = STATUS.get(type(error), (400, "refused"))
        return JsonResponse({"code": code, "message": str(error)}, status=status)
    return JsonResponse(
        {
            "time": time_format(timezone.localtime(receipt.saved_at), "H:i"),
            "sequence": receipt.sequence,
            "mark": receipt.mark,
        }
    )


@require_POST
def save_all(request: HttpRequest, attempt_uuid: uuid.UUID) -> HttpResponse:
    """Save the whole form, as the button without JavaScript does; back to the questions."""
    try:
        save_form(
            person_id=request.user.person_id if request.user.is_authenticated else None,
            attempt_uuid=attempt_uuid,
            fields=fields_of(request.POST),
            at=timezone.now(),
        )
    except DomainError as error:
        messages.error(request, str(error))
    else:
        now = time_format(timezone.localtime(), "H:i")
        messages.success(request, _("Saved at %(time)s.") % {"time": now})
    return redirect(back_to(request))


@require_POST
def check(request: HttpRequest, attempt_uuid: uuid.UUID, position: int) -> HttpResponse:
    """Save the whole form and have one answer checked; back to its question."""
    try:
        checked = check_answer(
            person_id=request.user.person_id if request.user.is_authenticated else None,
            attempt_uuid=attempt_uuid,
            position=position,
            fields=fields_of(request.POST),
            at=timezone.now(),
        )
    except DomainError as error:
        messages.error(request, str(error))
    else:
        if not checked:
            messages.info(request, _("Give an answer, or another one, to have it checked."))
    return redirect(f"{resolve_url(back_to(request))}#q-{position}")


def back_to(request: HttpRequest) -> str:
    """Where the request came from, if that is a page of ours; else the home page."""
    wanted = request.headers.get("Referer", "")
    is_ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if is_ours else "web:home"


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
