"""Units on a day, their history, and what administrators change about them."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db import transaction
from django.forms import DateField
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import localize_input
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from lms.people.errors import CannotChangeUnits
from lms.people.models import CentreService, Person, Unit, UnitSuccession
from lms.people.models.units import standing_at
from lms.people.rights import rights_of
from lms.people.roles import Role
from lms.people.unit_history import (
    consequences,
    headcounts,
    history,
    posts_in,
    units_with_history,
)
from lms.web.manage.access import STAFF, for_roles
from lms.web.manage.unit_forms import (
    AddForm,
    EndForm,
    MergeForm,
    MoveForm,
    RenameForm,
    SplitForm,
    UnitForm,
)
from lms.web.requests import SignedInRequest

PER_PAGE = 50
SHARED_ONE_BY_ONE = 400
HERE = {"nav": "manage", "section": "units"}


def day_asked(request: HttpRequest) -> tuple[dt.date, str]:
    """The day of ?on= (today without one), and what is wrong with what was asked for, or ""."""
    text = request.GET.get("on", "")[:20].strip()
    if not text:
        return timezone.localdate(), ""
    try:
        return DateField(localize=True).clean(text), ""
    except ValidationError as error:
        return timezone.localdate(), " ".join(error.messages)


# --- the tree and a unit -------------------------------------------------------------------------


@require_GET
@for_roles(*STAFF)
def units(request: SignedInRequest) -> HttpResponse:
    """The tree as it was on a day (?on=, today), within reach, with the number of people."""
    on, refusal = day_asked(request)
    q = request.GET.get("q", "")[:200].strip()
    found: Any = units_with_history(request.user).filter(standing_at(on)).select_related("kind")
    if q:
        found = found.search(q)
    page = Paginator(found.order_by("path"), PER_PAGE).get_page(request.GET.get("page"))
    shown = list(page.object_list)
    counts = headcounts(shown, on)
    top = min((each.depth for each in shown), default=1)
    context = {
        **HERE,
        "on": on,
        "on_text": localize_input(on),
        "is_today": on == timezone.localdate(),
        "refusal": refusal,
        "q": q,
        "page_obj": page,
        "units": [
            {
                "unit": each,
                "level": min(each.depth - top, 4),
                "own": counts[each.pk].own,
                "with_below": counts[each.pk].with_below,
            }
            for each in shown
        ],
        "may_change": rights_of(request.user).is_administrator,
    }
    status = 422 if refusal else 200
    return render(request, "web/manage/units.html", context, status=status)


@require_GET
@for_roles(*STAFF)
def unit(request: SignedInRequest, unit_uuid: uuid.UUID) -> HttpResponse:
    """One unit: what it came from and became, who held posts in it on a day, what is below it."""
    found = get_object_or_404(
        units_with_history(request.user).select_related("kind"), uuid=unit_uuid
    )
    on, refusal = day_asked(request)
    if not refusal and not request.GET.get("on") and not found.is_standing(on):
        # Of a unit that ended, the last day; of one to come, the first.
        on = found.valid_from if found.valid_from and found.valid_from > on else on
        if found.valid_to and found.valid_to <= on:
            on = found.valid_to - dt.timedelta(days=1)
    posts = posts_in(found, on)
    if not rights_of(request.user).is_administrator:
        seen = Person.objects.visible_to(request.user)
        posts = posts.filter(person__in=seen.order_by().values("pk"))
    page = Paginator(posts, PER_PAGE).get_page(request.GET.get("page"))
    page.object_list = list(page.object_list)
    below = list(found.get_children().filter(standing_at(on)).select_related("kind"))
    counts = headcounts([found, *below], on)
    services = CentreService.objects.filter(standing_at(on), unit=found).select_related("centre")
    context = {
        **HERE,
        "unit": found,
        "above": list(found.get_ancestors()),
        "on": on,
        "on_text": localize_input(on),
        "refusal": refusal,
        "stands": found.is_standing(on),
        "count": counts[found.pk],
        "before": [_change(row) for row in history(found, forward=False)],
        "after": [_change(row) for row in history(found, forward=True)],
        "posts": page.object_list,
        "page_obj": page,
        "below": [{"unit": each, "count": counts[each.pk]} for each in below],
        "centres": [each.centre.name for each in services],
        "actions": _actions(found) if rights_of(request.user).is_administrator else [],
    }
    status = 422 if refusal else 200
    return render(request, "web/manage/unit.html", context, status=status)


def _change(row: UnitSuccession) -> dict[str, Any]:
    return {
        "before": row.predecessor,
        "after": row.successor,
        "on": row.on,
        "kind": row.get_kind_display(),
    }


# --- changes -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Action:
    """A change that can be made to a unit."""

    form: type[UnitForm]
    title: Promise | str
    lead: Promise | str


ACTIONS: dict[str, Action] = {
    "rename": Action(
        RenameForm,
        gettext_lazy("Rename"),
        gettext_lazy("Another name, kind or code from a day on. People and roles stay with it."),
    ),
    "move": Action(
        MoveForm,
        gettext_lazy("Move"),
        gettext_lazy("Another place in the tree from a day on, with all that is below."),
    ),
    "merge": Action(
        MergeForm,
        gettext_lazy("Merge"),
        gettext_lazy("Several units become one from a day on. Their people go over to it."),
    ),
    "split": Action(
        SplitForm,
        gettext_lazy("Divide"),
        gettext_lazy("One unit becomes several from a day on. Who goes where is asked next."),
    ),
    "end": Action(
        EndForm,
        gettext_lazy("End"),
        gettext_lazy("From a day on the unit exists no more, and nothing takes its place."),
    ),
}
ADD = Action(AddForm, gettext_lazy("New unit"), gettext_lazy("A unit that succeeds no other."))


def _actions(unit: Unit) -> list[dict[str, Any]]:
    if unit.valid_to is not None:
        return []
    return [
        {"url": reverse("web:manage-unit-change", args=[unit.uuid, name]), "title": action.title}
        for name, action in ACTIONS.items()
    ]


@require_http_methods(["GET", "POST"])
@for_roles(Role.ADMINISTRATOR)
def add(request: SignedInRequest) -> HttpResponse:
    """A new unit, below ?parent= when it is given."""
    initial = {"parent": request.GET.get("parent", "")[:36]}
    form = AddForm(request.POST or None, initial=initial)
    return _go_on(request, ADD, form, None)


@require_http_methods(["GET", "POST"])
@for_roles(Role.ADMINISTRATOR)
def change(request: SignedInRequest, unit_uuid: uuid.UUID, name: str) -> HttpResponse:
    """The change called `name`: form, what it would do, and then it is done."""
    action = ACTIONS.get(name)
    if action is None:
        raise Http404
    found = get_object_or_404(Unit.objects.select_related("kind"), uuid=unit_uuid)
    form = action.form(request.POST or None, unit=found)
    return _go_on(request, action, form, found)


def _go_on(
    request: SignedInRequest, action: Action, form: UnitForm, unit: Unit | None
) -> HttpResponse:
    """The button says how: "find" and "edit" show the form, "preview" tries, "commit" does it."""
    step = request.POST.get("step", "")
    if step not in ("preview", "commit"):
        looked_up = step in ("find", "edit")
        return _form_page(request, action, form, unit, is_clean=looked_up)
    if not form.is_valid():
        return _form_page(request, action, form, unit)
    given = request.POST.dict()
    affected = form.affected()
    try:
        with transaction.atomic():
            takes = consequences(affected, form.cleaned_data["on"] or timezone.localdate())
            after = form.change(request.user, given)
            transaction.set_rollback(step == "preview")
    except CannotChangeUnits as error:
        form.add_error(None, str(error))
        return _form_page(request, action, form, unit)
    if step == "commit":
        messages.success(request, _("Done: %(unit)s.") % {"unit": after.name})
        return redirect("web:manage-unit", after.uuid)
    context = {
        **HERE,
        "action": action,
        "unit": unit,
        "form": form,
        "on": form.cleaned_data["on"],
        "affected": affected,
        "after": after,
        "takes": takes,
        "parts": form.parts() if isinstance(form, SplitForm) else [],
        "is_end": isinstance(form, EndForm),
        "keeps_roles": isinstance(form, RenameForm | MoveForm),
        "one_by_one": len(takes.posts) <= SHARED_ONE_BY_ONE,
        "sent": [
            (key, value)
            for key, values in request.POST.lists()
            if key not in ("csrfmiddlewaretoken", "step", "q")
            and not key.startswith(("post-", "unit-"))
            for value in values
        ],
    }
    return render(request, "web/manage/unit_preview.html", context)


def _form_page(
    request: SignedInRequest,
    action: Action,
    form: UnitForm,
    unit: Unit | None,
    *,
    is_clean: bool = False,
) -> HttpResponse:
    q = request.POST.get("q", "")[:200].strip()
    if is_clean:
        form.clear_errors()
    context = {
        **HERE,
        "action": action,
        "form": form,
        "unit": unit,
        "q": q,
        "offered": form.offered(q),
        "into": request.POST.get("into", ""),
    }
    status = 422 if form.is_bound and form.errors and not is_clean else 200
    return render(request, "web/manage/unit_change.html", context, status=status)
