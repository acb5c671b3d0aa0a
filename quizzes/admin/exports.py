"""Questions of the bank as a file: all, those that the list shows, or chosen ones."""

from __future__ import annotations

from typing import Any, ClassVar
from urllib.parse import urlencode, urlsplit

from django import forms
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy
from wagtail.snippets.bulk_actions.snippet_bulk_action import SnippetBulkAction

from quizzes.admin.screens import BankScreen, address, file_of_questions
from quizzes.models import Question
from quizzes.services.exporting import Exported, NothingToExport, export, writing_formats

PROBLEMS = 200  # lines on the page; the rest is only counted


class ExportForm(forms.Form):
    """The format."""

    to = forms.ChoiceField(
        label=gettext_lazy("Format"), widget=forms.RadioSelect, choices=lambda: _choices()
    )


class ExportView(BankScreen):
    """Choosing the format. What it cannot hold is told before the file is sent."""

    page_title = gettext_lazy("Export questions")
    template_name = "quizzes/admin/export.html"
    http_method_names = ["get", "head", "post"]
    index_view: Any = None  # makes the list, with the filters of the address

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """The form, with how many questions it is about."""
        first = next((each.key for each in writing_formats()), "")
        return self._show(ExportForm(initial={"to": first}))

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """The file; first what is lost in it, where something is."""
        form = ExportForm(request.POST)
        if not form.is_valid():
            return self._show(form, status=422)
        to = next(each for each in writing_formats() if each.key == form.cleaned_data["to"])
        try:
            made = export(self._ids(), to)
        except NothingToExport as error:
            form.add_error(None, str(error))
            return self._show(form, status=422)
        if made.faults and "anyway" not in request.POST or not made.content.strip():
            return self._show(form, made=made, chosen=str(to.label))
        return file_of_questions(made.content, f"-{timezone.localdate():%Y-%m-%d}{made.extension}")

    def _show(
        self,
        form: ExportForm,
        made: Exported | None = None,
        chosen: str = "",
        status: int = 200,
    ) -> HttpResponseBase:
        faults = made.faults if made else []
        context = {
            "form": form,
            "count": len(self._ids()),
            "total": Question.objects.count(),
            "query": self.request.GET.urlencode(),
            "faults": faults[:PROBLEMS],
            "more_faults": max(len(faults) - PROBLEMS, 0),
            "made": made,
            "is_empty": made is not None and not made.content.strip(),
            "list_url": address("list"),
            "all_url": address("export"),
            "chosen": chosen,
        }
        return self.page(context, status)

    def _ids(self) -> list[int]:
        """The chosen ones, else those that the list shows with the same filters."""
        chosen = self.request.GET.getlist("id")
        if chosen:
            numbers = [int(each) for each in chosen if each.isdecimal() and len(each) < 19]
            return list(Question.objects.filter(pk__in=numbers).values_list("pk", flat=True))
        index = self.index_view()
        index.setup(self.request)
        return [each.pk for each in index.get_queryset()]


class ExportChosen(SnippetBulkAction):
    """Leads from the boxes of the list to the page above."""

    display_name = gettext_lazy("Export")
    action_type = "export"
    aria_label = gettext_lazy("Export chosen questions")
    action_priority = 20
    models: ClassVar[list[Any]] = [Question]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """With the chosen ones, or with the filters of the list where all in it are meant."""
        ids = request.GET.getlist("id")
        query = urlencode([("id", each) for each in ids])
        if "all" in ids:
            query = urlsplit(str(self.next_url)).query
        return redirect(f"{address('export')}?{query}")


def _choices() -> list[tuple[str, str]]:
    return [(each.key, f"{each.label} ({each.extensions[0]})") for each in writing_formats()]
