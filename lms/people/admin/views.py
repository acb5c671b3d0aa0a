"""Wagtail's screens, limited to the rows that one may see, with refusals shown in the form."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from django.db import models
from django.http import HttpResponse
from wagtail.admin.views import generic
from wagtail.admin.views.generic.history import HistoryView
from wagtail.admin.views.generic.usage import UsageView
from wagtail.log_actions import log

from lms.people.models import RecordAccess, User
from lms.people.services.accesses import note_access
from lms.plugins.errors import DomainError


def in_reach(model: type[models.Model], user: User) -> Any:
    """The rows of `model` that `user` may see; all where rows have no reach."""
    rows = model._default_manager.all()
    return rows.visible_to(user) if hasattr(rows, "visible_to") else rows


def note_change(by: User, subject: str, *person_ids: int | None) -> None:
    """Write down where these persons see it that `by` changed what is held about them."""
    known = [pk for pk in person_ids if pk is not None]
    note_access(person_ids=known, by=by, act=RecordAccess.Act.CHANGED, subject=subject)


class RefusalInForm:
    """A command that the domain refuses leaves everything as it was and says why in the form."""

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            response: HttpResponse = super().form_valid(form)  # type: ignore[misc]
        except DomainError as refusal:
            form.add_error(None, str(refusal))
            self.produced_error_code = "validation_error"
            self.produced_error_message = self.get_error_message()  # type: ignore[attr-defined]
            response = self.form_invalid(form)  # type: ignore[attr-defined]
        return response


class ListView(generic.IndexView):
    """Rows in reach; words are looked for as `search` of the rows does."""

    def get_base_queryset(self) -> Any:
        return in_reach(self.model, self.request.user)

    def search_queryset(self, queryset: Any) -> Any:
        if self.is_searching and hasattr(queryset, "search"):
            return queryset.search(self.search_query)
        return super().search_queryset(queryset)


class AddView(RefusalInForm, generic.CreateView):
    """Adds a row as the form describes it."""


class CommandView(AddView, ABC):
    """Adds a row by a command of the domain, called with what was typed."""

    @abstractmethod
    def command(self, data: dict[str, Any]) -> models.Model:
        """The new row, made by a service."""

    def save_instance(self) -> Any:
        made = self.command(self.form.cleaned_data)
        log(instance=made, action="wagtail.create", user=self.request.user)
        return made


class ChangeView(RefusalInForm, generic.EditView):
    def get_queryset(self) -> Any:
        return in_reach(self.model, self.request.user)


class RemoveView(generic.DeleteView):
    def get_queryset(self) -> Any:
        return in_reach(self.model, self.request.user)


class RowHistoryView(HistoryView):
    def get_base_object_queryset(self) -> Any:
        return in_reach(self.model, self.request.user)


class RowUsageView(UsageView):
    def get_base_object_queryset(self) -> Any:
        return in_reach(self.model, self.request.user)
