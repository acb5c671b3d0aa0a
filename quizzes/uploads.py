"""Attaching files to answers, with a script or with the whole form; and giving them out again."""

from __future__ import annotations

import re
import uuid
from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from lms.learning.api import AttemptClosed
from lms.plugins.errors import DomainError
from lms.plugins.mounting import public
from quizzes.answers import fields_of
from quizzes.models.files import ResponseFile
from quizzes.services.answering import NoSuchSitting, QuestionClosed, Receipt, save_form
from quizzes.services.files import NoSuchFile, delete_file, file_of, keep_file, may_read
from quizzes.views import back_to

FIELD = re.compile(r"upload-(\d{1,5})", re.ASCII)  # with the position of its question
STATUS: dict[type[DomainError], int] = {
    NoSuchSitting: 404,
    NoSuchFile: 404,
    AttemptClosed: 409,
    QuestionClosed: 409,
}


@public  # a script must learn that nobody is signed in; forms are sent to the sign-in page
@require_POST
def upload(request: HttpRequest, attempt_uuid: uuid.UUID) -> HttpResponse:
    """Take the files of a form. A form without a script saves its answers along."""
    if not request.user.is_authenticated:
        return _signed_out(request)
    person_id = request.user.person_id
    by_script = _is_by_script(request)
    kept: list[tuple[ResponseFile, Receipt]] = []
    refusals: list[DomainError] = []
    try:
        if not by_script:
            _save_along(request, attempt_uuid)
        for position, each in _uploads(request):
            try:
                now = timezone.now()
                kept.append(
                    keep_file(
                        person_id=person_id,
                        attempt_uuid=attempt_uuid,
                        position=position,
                        upload=each,
                        at=now,
                    )
                )
            except DomainError as error:
                refusals.append(error)
    except DomainError as error:
        refusals.append(error)
    if by_script:
        return _told(kept, refusals)
    for refusal in refusals:
        messages.error(request, str(refusal))
    if kept:
        said = ngettext("%(count)d file attached.", "%(count)d files attached.", len(kept))
        messages.success(request, said % {"count": len(kept)})
    elif not refusals:
        messages.info(request, _("The answers are saved. No file was chosen."))
    return redirect(back_to(request))


@public  # as above
@require_POST
def remove(request: HttpRequest, file_uuid: uuid.UUID) -> HttpResponse:
    """Remove a file. A form without a script saves its answers along."""
    if not request.user.is_authenticated:
        return _signed_out(request)
    try:
        if not _is_by_script(request):
            attempt = file_of(file_uuid).slot.sitting.attempt
            _save_along(request, attempt.uuid)
        receipt = delete_file(
            person_id=request.user.person_id, file_uuid=file_uuid, at=timezone.now()
        )
    except DomainError as error:
        if _is_by_script(request):
            return _refused(error)
        messages.error(request, str(error))
    else:
        if _is_by_script(request):
            return JsonResponse({"sequence": receipt.sequence, "mark": receipt.mark})
        messages.success(request, _("The file is removed."))
    return redirect(back_to(request))


@require_safe
def show(request: HttpRequest, file_uuid: uuid.UUID) -> HttpResponseBase:
    """The file, for those who may read it; 404 for others."""
    try:
        file = file_of(file_uuid)
    except NoSuchFile as error:
        raise Http404 from error
    if not may_read(request.user, file):
        raise Http404
    is_picture = file.content_type.startswith("image/")
    try:
        content = file.file.open("rb")
    except FileNotFoundError as error:
        raise Http404 from error
    response = FileResponse(
        content, as_attachment=not is_picture, filename=file.name, content_type=file.content_type
    )
    response["Cache-Control"] = "private, no-store"
    # What somebody sent in must never run as a page of this site.
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def described(file: ResponseFile) -> dict[str, str]:
    """A file as pages list it."""
    return {
        "id": str(file.uuid),
        "name": file.name,
        "size": filesizeformat(file.size),
        "url": reverse("plugins:quizzes:file", args=[file.uuid]),
        "remove_url": reverse("plugins:quizzes:remove-file", args=[file.uuid]),
    }


def _uploads(request: HttpRequest) -> list[tuple[int, Any]]:
    found = []
    for name, files in request.FILES.lists():
        match = FIELD.fullmatch(name)
        if match:
            found += [(int(match[1]), each) for each in files]
    return found


def _save_along(request: HttpRequest, attempt_uuid: uuid.UUID) -> None:
    save_form(
        person_id=request.user.person_id if request.user.is_authenticated else None,
        attempt_uuid=attempt_uuid,
        fields=fields_of(request.POST),
        at=timezone.now(),
    )


def _is_by_script(request: HttpRequest) -> bool:
    return request.headers.get("Accept", "") == "application/json"


def _told(kept: list[tuple[ResponseFile, Receipt]], refusals: list[DomainError]) -> HttpResponse:
    if not kept:
        return _refused(refusals[0] if refusals else DomainError(_("Choose a file first.")))
    receipt = kept[-1][1]
    return JsonResponse(
        {
            "files": [described(file) for file, _receipt in kept],
            "sequence": receipt.sequence,
            "mark": receipt.mark,
            "message": " ".join(map(str, refusals)),
        }
    )


def _refused(error: DomainError) -> HttpResponse:
    return JsonResponse({"message": str(error)}, status=STATUS.get(type(error), 422))


def _signed_out(request: HttpRequest) -> HttpResponse:
    message = _("You are signed out. Sign in again.")
    if _is_by_script(request):
        return JsonResponse({"message": message}, status=401)
    messages.error(request, message)
    return redirect("account_login")
