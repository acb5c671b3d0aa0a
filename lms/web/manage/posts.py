"""The posts of a person: begun, changed and ended on a day."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from lms.people.errors import CannotAppoint
from lms.people.models import Appointment, Person, Position, Unit, User
from lms.people.services.appointing import (
    begin_post,
    change_post,
    end_post,
    units_to_appoint_in,
)
from lms.web.manage.access import STAFF, for_roles
from lms.web.manage.unit_forms import UnfinishedForm, day_field, offered_units
from lms.web.requests import SignedInRequest

HERE = {"nav": "manage", "section": "people"}


class EndPostForm(UnfinishedForm):
    """The day from which a post is not held any more."""

    on = day_field(gettext_lazy("No longer held from"))

    def __init__(self, data: Any, *, user: User, initial: Any = None) -> None:
        super().__init__(data, initial={"on": timezone.localdate(), **(initial or {})})

    def offered(self, q: str) -> list[dict[str, Any]]:
        """No unit is asked for."""
        return []


class ChangePostForm(UnfinishedForm):
    """Another post in the place of one, from a day on."""

    position = forms.ModelChoiceField(
        label=gettext_lazy("Position"), queryset=Position.objects.all(), to_field_name="code"
    )
    on = day_field(gettext_lazy("From which day"))
    unit = forms.ModelChoiceField(
        label=gettext_lazy("Unit"), queryset=Unit.objects.none(), to_field_name="uuid"
    )

    def __init__(self, data: Any, *, user: User, initial: Any = None) -> None:
        super().__init__(data, initial={"on": timezone.localdate(), **(initial or {})})
        self.units = self.fields["unit"].queryset = units_to_appoint_in(user)  # type: ignore[attr-defined]  # a model choice

    def offered(self, q: str) -> list[dict[str, Any]]:
        """The units to pick from: what `q` finds, else the first ones."""
        return offered_units(self.units, [self["unit"].value()], q, Q())


class BeginPostForm(ChangePostForm):
    """A further post, from a day on."""

    is_main = forms.BooleanField(
        label=gettext_lazy("Main post (ends the main post held so far)"),
        required=False,
        initial=True,
    )


def _person(request: SignedInRequest, person_uuid: uuid.UUID) -> Person:
    return get_object_or_404(Person.objects.visible_to(request.user), uuid=person_uuid)


def _post(request: SignedInRequest, person: Person, post_id: int) -> Appointment:
    posts = Appointment.objects.visible_to(request.user).select_related(
        "person", "position", "unit"
    )
    return get_object_or_404(posts, pk=post_id, person=person)


@require_http_methods(["GET", "POST"])
@for_roles(*STAFF)
def begin(request: SignedInRequest, person_uuid: uuid.UUID) -> HttpResponse:
    """A further post."""
    person = _person(request, person_uuid)
    form = BeginPostForm(request.POST or None, user=request.user)
    title = _("New post")

    def command(read: dict[str, Any]) -> None:
        begin_post(person=person, by=request.user, **read)

    return _go_on(request, person, form, title, None, command)


@require_http_methods(["GET", "POST"])
@for_roles(*STAFF)
def change(request: SignedInRequest, person_uuid: uuid.UUID, post_id: int) -> HttpResponse:
    """Another post in the place of this one."""
    person = _person(request, person_uuid)
    post = _post(request, person, post_id)
    initial = {"position": post.position.code, "unit": post.unit.uuid}
    form = ChangePostForm(request.POST or None, user=request.user, initial=initial)
    title = _("Change of post")

    def command(read: dict[str, Any]) -> None:
        change_post(post=post, by=request.user, **read)

    return _go_on(request, person, form, title, post, command)


@require_http_methods(["GET", "POST"])
@for_roles(*STAFF)
def end(request: SignedInRequest, person_uuid: uuid.UUID, post_id: int) -> HttpResponse:
    """The post is not held any more."""
    person = _person(request, person_uuid)
    post = _post(request, person, post_id)
    form = EndPostForm(request.POST or None, user=request.user)
    title = _("End of a post")

    def command(read: dict[str, Any]) -> None:
        end_post(post=post, by=request.user, **read)

    return _go_on(request, person, form, title, post, command)


def _go_on(
    request: SignedInRequest,
    person: Person,
    form: EndPostForm | ChangePostForm,
    title: str,
    post: Appointment | None,
    command: Any,
) -> HttpResponse:
    looks_up = request.POST.get("step") == "find"
    if request.method == "POST" and not looks_up and form.is_valid():
        try:
            command(form.cleaned_data)
        except CannotAppoint as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Saved."))
            return redirect("web:manage-person", person.uuid)
    if looks_up:
        form.clear_errors()
    q = request.POST.get("q", "")[:200].strip()
    context = {
        **HERE,
        "person": person,
        "title": title,
        "post": post,
        "form": form,
        "plain": [form[name] for name in form.fields if name != "unit"],
        "picks_unit": "unit" in form.fields,
        "offered": form.offered(q),
        "q": q,
    }
    status = 422 if form.errors else 200
    return render(request, "web/manage/post.html", context, status=status)
