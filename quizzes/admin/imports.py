"""Questions from a file: sent in, looked at, and only then imported."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from wagtail.admin import messages
from wagtail.admin.paginator import WagtailPaginator

from lms.plugins.vietnamese import nfc
from quizzes.admin.screens import BankScreen, address, file_of_questions
from quizzes.contracts import question_types
from quizzes.exchange.drafts import UnreadableFile
from quizzes.exchange.formats import formats
from quizzes.exchange.loading import LARGEST
from quizzes.exchange.table_template import template
from quizzes.models import QuestionImport
from quizzes.services import importing

SHOWN = 50  # questions on one page
PROBLEMS = 200  # lines on the page; the rest is only counted
RECENT = 10
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class UploadForm(forms.Form):
    """One file."""

    file = forms.FileField(label=gettext_lazy("File of questions"), max_length=200)

    def clean_file(self) -> Any:
        """Refuse what is too large before it is read."""
        file = self.cleaned_data["file"]
        if file.size > LARGEST:
            raise forms.ValidationError(
                _("The file is larger than %(limit)d MB. Split it.") % {"limit": LARGEST // 2**20}
            )
        return file


class UploadView(BankScreen):
    """Choosing a file; also what was imported of late."""

    page_title = gettext_lazy("Import questions")
    template_name = "quizzes/admin/import.html"
    http_method_names = ["get", "head", "post"]

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """The form."""
        return self._show(UploadForm())

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """Read the file; on to what it would bring, or why it cannot be read."""
        form = UploadForm(request.POST, request.FILES)
        upload = request.FILES.get("file")
        name = nfc(upload.name or "") if upload else ""
        if form.is_valid():
            try:
                sent = importing.keep(
                    name,
                    form.cleaned_data["file"].read(),
                    by=self.author,
                    at=timezone.now(),
                )
            except UnreadableFile as error:
                form.add_error("file", str(error))
            else:
                return redirect(address("import_preview", sent.uuid))
        return self._show(form, name=name, status=422)

    def _show(self, form: UploadForm, name: str = "", status: int = 200) -> HttpResponseBase:
        rows = QuestionImport.objects
        states = QuestionImport.State
        done = rows.filter(state=states.IMPORTED).select_related("by").order_by("-imported_at")
        context = {
            "form": form,
            "name": name,
            "formats": [(each.label, each.extensions[0]) for each in formats],
            "megabytes": LARGEST // 2**20,
            "waiting": rows.filter(by=self.author, state=states.WAITING).defer("preview"),
            "recent": done[:RECENT],
            "list_url": address("list"),
            "blank_url": address("import_table"),
        }
        return self.page(context, status)


class OneImport(BankScreen):
    """A screen of one file."""

    def _gone(self, import_uuid: uuid.UUID, error: Exception) -> HttpResponseBase:
        """Back to the list for whoever imported it already; 404 for everybody else."""
        done = QuestionImport.objects.filter(
            uuid=import_uuid, by=self.author, state=QuestionImport.State.IMPORTED
        ).first()
        if done is None:
            raise Http404 from error
        told = _("“%(name)s” has been imported already.") % {"name": done.name}
        messages.warning(self.request, told)
        return redirect(address("list"))


class PreviewView(OneImport):
    """What a file would bring. It is imported by a form that names these very numbers."""

    page_title = gettext_lazy("Import questions")
    template_name = "quizzes/admin/import_preview.html"
    http_method_names = ["get", "head", "post"]

    def get(self, request: HttpRequest, import_uuid: uuid.UUID) -> HttpResponseBase:
        """The questions, page by page, and the problems."""
        try:
            sent = importing.waiting_import(import_uuid, by=self.author)
        except importing.NoSuchImport as error:
            return self._gone(import_uuid, error)
        return self.page(_shown(sent, request))

    def post(self, request: HttpRequest, import_uuid: uuid.UUID) -> HttpResponseBase:
        """Import it, if what was confirmed is what it brings."""
        try:
            done = importing.confirm(
                import_uuid,
                by=self.author,
                at=timezone.now(),
                count=_number(request, "questions"),
                left_out=_number(request, "left_out"),
                again="again" in request.POST,
            )
        except importing.NoSuchImport as error:
            return self._gone(import_uuid, error)
        except importing.AlreadyImported as error:
            messages.error(request, str(error))
            return redirect(address("import_preview", import_uuid))
        except (importing.NotAsConfirmed, UnreadableFile) as error:
            messages.error(request, str(error))
            return self._look_again(request, import_uuid)
        told = ngettext(
            "%(count)d question was imported from “%(name)s” as a draft.",
            "%(count)d questions were imported from “%(name)s” as drafts.",
            done.made,
        )
        messages.success(request, told % {"count": done.made, "name": done.name})
        return redirect(address("list"))

    def _look_again(self, request: HttpRequest, import_uuid: uuid.UUID) -> HttpResponseBase:
        try:
            importing.look_again(import_uuid, by=self.author)
        except (importing.NoSuchImport, UnreadableFile):
            return redirect(address("import"))
        return redirect(address("import_preview", import_uuid))


class DiscardView(OneImport):
    """Removing a file that is not wanted."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, import_uuid: uuid.UUID) -> HttpResponseBase:
        """Nothing was imported, and nothing of the file stays."""
        try:
            importing.discard(import_uuid, by=self.author)
        except importing.NoSuchImport as error:
            return self._gone(import_uuid, error)
        messages.success(request, _("The file was removed. Nothing was imported."))
        return redirect(address("import"))


class TableView(BankScreen):
    """The empty table, to fill in."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """As a file to keep."""
        return file_of_questions(template(), ".xlsx", XLSX)


def _number(request: HttpRequest, field: str) -> int:
    text = request.POST.get(field, "")
    return int(text) if text.isdecimal() and len(text) < 8 else -1


def _shown(sent: QuestionImport, request: HttpRequest) -> dict[str, Any]:
    found = sent.preview
    pages = WagtailPaginator(found["questions"], SHOWN)
    page = pages.get_page(request.GET.get("p"))
    first = page.start_index()
    rows = [
        {**each, "number": first + at, "kind": _kind(each["kind"])} for at, each in enumerate(page)
    ]
    return {
        "sent": sent,
        "found": found,
        "count": len(found["questions"]),
        "left_out": found["left_out"],
        "counts": [(_kind(key), number) for key, number in found["counts"].items()],
        "rows": rows,
        "page_obj": page,
        "elided_page_range": pages.get_elided_page_range(page.number),
        "lost": found["lost"][:PROBLEMS],
        "more_lost": max(len(found["lost"]) - PROBLEMS, 0),
        "notes": found["notes"][:PROBLEMS],
        "more_notes": max(len(found["notes"]) - PROBLEMS, 0),
        "earlier": importing.earlier(sent),
        "discard_url": address("import_discard", sent.uuid),
    }


def _kind(key: str) -> str:
    found = question_types.get(key)
    return str(found.label) if found else key
