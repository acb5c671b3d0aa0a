"""The report by unit: who took courses, counted under the unit of then or the one of now."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.db.models import Count, QuerySet
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from lms.learning.queries import outlines
from lms.learning.unit_reports import (
    SUCCESSOR,
    THEN,
    Filters,
    Row,
    UnitReport,
    reach_of,
    unit_report,
)
from lms.people.models import Unit, User
from lms.people.rights import rights_of
from lms.people.roles import Role
from lms.people.unit_history import units_with_history
from lms.web.exporting import Table, as_csv, as_xlsx
from lms.web.manage.access import for_roles
from lms.web.manage.unit_forms import day_field
from lms.web.presenting import language
from lms.web.requests import SignedInRequest

PER_PAGE = 50
UNITS_OFFERED = 300
READERS = (Role.UNIT_OFFICER, Role.CENTRE_MANAGER, Role.OBSERVER, Role.ADMINISTRATOR)


class ReportForm(forms.Form):
    """What the report is to be about."""

    by = forms.ChoiceField(
        label=gettext_lazy("Count under"),
        choices=(
            (THEN, gettext_lazy("the unit as it was then")),
            (SUCCESSOR, gettext_lazy("its successor of today")),
        ),
        required=False,
    )
    first = day_field(gettext_lazy("Enrolled from"), required=False)
    last = day_field(gettext_lazy("to"), required=False)
    unit = forms.ModelChoiceField(
        label=gettext_lazy("Unit and all below"),
        queryset=Unit.objects.none(),
        to_field_name="uuid",
        required=False,
        empty_label=gettext_lazy("all"),
    )
    course = forms.ChoiceField(label=gettext_lazy("Course"), required=False)
    positions = forms.BooleanField(label=gettext_lazy("Each position apart"), required=False)

    def __init__(self, data: Any, *, user: User, courses: list[tuple[str, str]]) -> None:
        super().__init__(data)
        units = units_with_history(user)
        field: Any = self.fields["unit"]
        field.queryset = units
        field.widget.choices = [("", _("all")), *_offered(units, self["unit"].value())]
        self.fields["course"].choices = [("", _("all")), *courses]  # type: ignore[attr-defined]  # a choice

    def clean(self) -> dict[str, Any]:
        read: dict[str, Any] = super().clean() or self.cleaned_data
        if read.get("first") and read.get("last") and read["first"] > read["last"]:
            self.add_error("last", _("The end must not come before the beginning."))
        return read

    def filters(self) -> Filters:
        """As the report takes them. Only of a valid form."""
        read = self.cleaned_data
        return Filters(
            by=SUCCESSOR if read["by"] == SUCCESSOR else THEN,
            first=read["first"],
            last=read["last"],
            unit=read["unit"],
            course_key=uuid.UUID(read["course"]) if read["course"] else None,
            with_positions=read["positions"],
        )


def _offered(units: QuerySet[Unit], chosen: Any) -> list[tuple[str, str]]:
    """The units of a list, in the order of the tree; of very many only the upper levels."""
    offered, deepest = 0, 0
    for depth, count in units.order_by("depth").values_list("depth").annotate(n=Count("pk")):
        offered += count
        if deepest and offered > UNITS_OFFERED:
            break
        deepest = depth
    rows = list(units.filter(depth__lte=deepest).order_by("path"))
    if chosen and str(chosen) not in {str(row.uuid) for row in rows}:
        rows += [row for row in units.filter(depth__gt=deepest) if str(row.uuid) == str(chosen)]
    top = min((row.depth for row in rows), default=0)
    return [(str(row.uuid), f"{'– ' * (row.depth - top)}{_in_its_time(row)}") for row in rows]


def _in_its_time(unit: Unit) -> str:
    if unit.valid_to is None:
        return unit.name
    day = date_format(unit.valid_to, "SHORT_DATE_FORMAT")
    return _("%(unit)s (until %(day)s)") % {"unit": unit.name, "day": day}


def _titles(report: UnitReport) -> dict[uuid.UUID, str]:
    """The title of each course now, else the one that it had."""
    known = outlines({row.course_key for row in report.rows})
    return {
        row.course_key: (
            known[row.course_key].page(language()).title
            if row.course_key in known
            else row.course_title
        )
        for row in report.rows
    }


def _read(request: SignedInRequest) -> tuple[ReportForm, UnitReport, dict[uuid.UUID, str]]:
    reach = reach_of(rights_of(request.user))
    whole = unit_report(reach=reach, filters=Filters())
    titles = _titles(whole)
    courses = sorted(((str(key), title) for key, title in titles.items()), key=lambda each: each[1])
    form = ReportForm(request.GET, user=request.user, courses=courses)
    if not form.is_valid():
        return form, whole, titles
    filters = form.filters()
    report = whole if filters == Filters() else unit_report(reach=reach, filters=filters)
    return form, report, titles


@require_GET
@for_roles(*READERS)
def by_unit(request: SignedInRequest) -> HttpResponse:
    """A page of rows; the totals are of all of them."""
    form, report, titles = _read(request)
    page = Paginator(report.rows, PER_PAGE).get_page(request.GET.get("page"))
    shown = list(page.object_list)
    query = request.GET.copy()
    query.pop("page", None)
    suffix = f"?{query.urlencode()}" if query else ""
    last_of = {_key(row): row for row in report.rows}
    first_of = {_key(row): row for row in reversed(report.rows)}
    entries = []
    for row in shown:
        key = _key(row)
        is_sum = last_of[key] is row and first_of[key] is not row
        total = report.by_unit[key] if is_sum else None
        entries.append({"row": row, "course": titles[row.course_key], "total": total})
    context = {
        "nav": "manage",
        "section": "unit-report",
        "form": form,
        "entries": entries,
        "total": report.total,
        "with_positions": form.is_valid() and form.cleaned_data["positions"],
        "page_obj": page,
        "csv_url": reverse("web:manage-unit-report-export", args=["csv"]) + suffix,
        "xlsx_url": reverse("web:manage-unit-report-export", args=["xlsx"]) + suffix,
    }
    status = 200 if form.is_valid() else 422
    return render(request, "web/manage/unit_report.html", context, status=status)


def _key(row: Row) -> int | None:
    return row.unit.pk if row.unit else None


@require_GET
@for_roles(*READERS)
def export(request: SignedInRequest, kind: str) -> HttpResponseBase:
    """The same rows as a file: numbers only. `kind` is csv or xlsx."""
    form, report, titles = _read(request)
    if kind not in {"csv", "xlsx"} or not form.is_valid():
        raise Http404
    positions = form.cleaned_data["positions"]
    table = Table(
        title=_("Report by unit"),
        header=[
            _("Unit"),
            _("Code"),
            _("Kind"),
            *([_("Position")] if positions else []),
            _("Course"),
            _("Number of people"),
            _("Turns"),
            _("Completed"),
        ],
        rows=[
            [
                row.unit.name if row.unit else _("without a unit"),
                row.unit.code if row.unit else "",
                str(row.unit.kind) if row.unit else "",
                *([row.position.display_name if row.position else ""] if positions else []),
                titles[row.course_key],
                row.numbers.people,
                row.numbers.turns,
                row.numbers.completed,
            ]
            for row in report.rows
        ]
        + [
            [
                _("Total"),
                *[""] * (4 if positions else 3),
                report.total.people,
                report.total.turns,
                report.total.completed,
            ]
        ],
    )
    return as_csv(table) if kind == "csv" else as_xlsx(table)
