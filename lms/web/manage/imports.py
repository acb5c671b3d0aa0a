"""Import of people: send a file, name its columns, look at what would happen, take it over."""

from __future__ import annotations

import uuid
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lms.people.importing import checking, columns, texts
from lms.people.importing.columns import Head
from lms.people.importing.committing import commit
from lms.people.importing.options import Options
from lms.people.importing.places import Positions, Reach, Units
from lms.people.importing.reading import Sheet, chosen_sheet
from lms.people.importing.steps import choose_places, decide, discard, name_columns, send
from lms.people.importing.texts import FileRefused
from lms.people.models import ImportRow, PeopleImport
from lms.people.rights import rights_of
from lms.plugins.errors import DomainError
from lms.web.exporting import Table, as_xlsx
from lms.web.manage.access import STAFF, for_roles
from lms.web.manage.import_forms import ColumnsForm, PlacesForm, UploadForm
from lms.web.manage.import_pages import OUTCOMES, place_of, shown_rows, unknown_places
from lms.web.manage.import_progress import answer, section_context
from lms.web.requests import SignedInRequest

PER_PAGE = 50
QUESTIONS = 20  # rows to decide on one page
State = PeopleImport.State
Outcome = ImportRow.Outcome


@require_http_methods(["GET", "POST"])
@for_roles(*STAFF)
def imports(request: SignedInRequest) -> HttpResponse:
    """All imports, newest first; a file that is sent here begins another one."""
    is_sent = request.method == "POST"
    form = UploadForm(request.POST, request.FILES) if is_sent else UploadForm()
    if is_sent and form.is_valid():
        try:
            begun = send(by=request.user, upload=form.cleaned_data["file"])
            return redirect("web:manage-import", begun.uuid)
        except FileRefused as error:
            form.add_error("file", str(error))
    rows = PeopleImport.objects.visible_to(request.user).select_related("by__person")
    page = Paginator(rows.defer("decisions", "result"), PER_PAGE).get_page(request.GET.get("page"))
    page.object_list = list(page.object_list)
    context = section_context(
        form=form,
        imports=[
            {
                "uuid": each.uuid,
                "file_name": each.file_name,
                "at": each.at,
                "by": each.by.get_full_name(),
                "state": each.state,
                "label": each.get_state_display(),
                "counts": _counts(each),
            }
            for each in page.object_list
        ],
        page_obj=page,
    )
    return render(request, "web/manage/imports.html", context, status=422 if form.errors else 200)


def _counts(people_import: PeopleImport) -> list[dict[str, Any]]:
    return [
        {"value": outcome.value, "label": outcome.label, "rows": rows}
        for outcome in OUTCOMES
        if (rows := people_import.counts.get(outcome.value, 0))
    ]


def _visible(request: SignedInRequest, import_uuid: uuid.UUID) -> PeopleImport:
    rows = PeopleImport.objects.visible_to(request.user).select_related("by__person")
    return get_object_or_404(rows, uuid=import_uuid)


@require_GET
@for_roles(*STAFF)
def one(request: SignedInRequest, import_uuid: uuid.UUID) -> HttpResponse:
    """An import as it stands: its columns, what was checked, or what became of it."""
    people_import = _visible(request, import_uuid)
    if people_import.state == State.SENT:
        return redirect("web:manage-import-columns", import_uuid)
    if people_import.state == State.CHECKED:
        return _checked(request, people_import)
    return _ended(request, people_import)


# --- columns -------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@for_roles(*STAFF)
def columns_page(request: SignedInRequest, import_uuid: uuid.UUID) -> HttpResponseBase:
    """What each column means. ?sheet= and ?header= look at another place of the file."""
    people_import = _visible(request, import_uuid)
    if people_import.state not in (State.SENT, State.CHECKED):
        return redirect("web:manage-import", import_uuid)
    try:
        page = _Columns(request, people_import)
    except FileRefused as error:
        return _lost(request, people_import, error)
    if request.method == "GET" or not page.form.is_valid():
        return page.render(200 if request.method == "GET" else 422)
    try:
        people_import = name_columns(
            people_import=people_import,
            sheet=page.sheet.name,
            head=page.head,
            mapping=page.form.cleaned_data["mapping"],
            options=page.form.options(page.options),
        )
    except DomainError as error:
        return page.refused(error)
    return answer(
        request,
        checking.check(people_import),
        rows=page.sheet.filled,
        title=_("Checking “%(file)s”") % {"file": people_import.file_name},
        then=reverse("web:manage-import", args=[import_uuid]),
        refused=page.refused,
    )


class _Columns:
    """The page on which columns are named."""

    def __init__(self, request: SignedInRequest, people_import: PeopleImport) -> None:
        self.request, self.people_import = request, people_import
        given = request.POST if request.method == "POST" else request.GET
        self.table = checking.opened(people_import)
        sheet = chosen_sheet(self.table, given.get("sheet", people_import.sheet))
        if sheet is None:
            raise FileRefused("no-sheet")
        self.sheet: Sheet = sheet
        grid = self.table.grid(sheet)
        is_same = sheet.name == people_import.sheet
        said = given.get("header", "")
        row = int(said) if said.isdigit() and len(said) < 6 else 0
        if not row and is_same:
            row = people_import.header_row
        self.head: Head = columns.find_head(grid, min(row, columns.HEADINGS_WITHIN))
        is_same &= self.head.first == people_import.header_row
        mapping = people_import.mapping if is_same else columns.guess(self.head.columns)
        self.grid = grid
        self.options = Options.from_json(people_import.options, timezone.localdate())
        reach = Reach.of(rights_of(people_import.by))
        self.form = ColumnsForm(
            request.POST if request.method == "POST" else None,
            head=self.head,
            mapping=columns.tidy_mapping(mapping, self.head.columns),
            options=self.options,
            units=Units(reach, self.options),
            positions=Positions(self.options, may_make=False),
        )

    def render(self, status: int, refusal: str = "") -> HttpResponse:
        """The page, with what was typed."""
        sheets = self.table.sheets()
        context = section_context(
            people_import=self.people_import,
            form=self.form,
            columns=self.form.columns(),
            sheets=sheets if len(sheets) > 1 else [],
            hidden=[each for each in sheets if each.is_hidden and each.filled],
            sheet=self.sheet,
            head=self.head,
            hidden_rows=self.grid.hidden_rows,
            refusal=refusal,
        )
        return render(self.request, "web/manage/import_columns.html", context, status=status)

    def refused(self, error: DomainError) -> HttpResponse:
        """The page with the reason why the check cannot begin."""
        return self.render(422, str(error))


def _lost(request: HttpRequest, people_import: PeopleImport, error: DomainError) -> HttpResponse:
    """A file that cannot be read any more: only discarding is left."""
    context = section_context(people_import=people_import, refusal=str(error))
    return render(request, "web/manage/import_ended.html", context, status=422)


# --- what was checked ----------------------------------------------------------------------------


def _checked(
    request: SignedInRequest,
    people_import: PeopleImport,
    *,
    status: int = 200,
    refusal: str = "",
    places: PlacesForm | None = None,
) -> HttpResponse:
    counts = _counts(people_import)
    by_value = {each["value"]: each["rows"] for each in counts}
    shown = request.GET.get("show", "")
    if shown not in by_value:
        shown = next(iter(by_value), Outcome.NEW.value)
    rows = people_import.rows.filter(outcome=shown)
    per_page = QUESTIONS if shown == Outcome.UNSURE else PER_PAGE
    page = Paginator(rows, per_page).get_page(request.GET.get("page"))
    page.object_list = list(page.object_list)
    today = timezone.localdate()
    if places is None:
        places = _places_form(people_import, None)
    table = shown_rows(people_import, page.object_list, today)
    taken = sum(by_value.get(each, 0) for each in (Outcome.NEW, Outcome.CHANGED))
    context = section_context(
        people_import=people_import,
        options=Options.from_json(people_import.options, today),
        counts=counts,
        total=sum(by_value.values()),
        shown=shown,
        shown_label=Outcome(shown).label,
        rows=table,
        has_choices=any(each["choices"] for each in table),
        page_obj=page,
        places=places,
        stale=people_import.result.get("stale"),
        taken=taken,
        is_known=by_value.get(Outcome.UNCHANGED, 0) and not taken,
        unsure=by_value.get(Outcome.UNSURE, 0),
        refused=by_value.get(Outcome.REFUSED, 0),
        refusal=refusal,
    )
    return render(request, "web/manage/import_checked.html", context, status=status)


def _places_form(people_import: PeopleImport, data: Any) -> PlacesForm:
    options = Options.from_json(people_import.options, timezone.localdate())
    reach = Reach.of(rights_of(people_import.by))
    units = Units(reach, options)
    positions = Positions(options, may_make=reach.is_administrator)
    unknown_units, unknown_positions, more = unknown_places(people_import, units, positions)
    return PlacesForm(
        data,
        unknown_units=unknown_units,
        unknown_positions=unknown_positions,
        units=units,
        positions=positions,
        may_make=reach.is_administrator,
        more=more,
    )


@require_POST
@for_roles(*STAFF)
def places(request: SignedInRequest, import_uuid: uuid.UUID) -> HttpResponseBase:
    """The units and positions that are meant, once for all rows; then all rows are judged anew."""
    people_import = _visible(request, import_uuid)
    form = _places_form(people_import, request.POST)
    if not form.is_valid():
        return _checked(request, people_import, status=422, places=form)
    units, positions = form.chosen()
    try:
        people_import = choose_places(people_import=people_import, units=units, positions=positions)
    except DomainError as error:
        return _checked(request, people_import, status=422, refusal=str(error))
    return _judge_again(request, people_import)


@require_POST
@for_roles(*STAFF)
def decisions(request: SignedInRequest, import_uuid: uuid.UUID) -> HttpResponseBase:
    """What a person said about rows that may be somebody known; `rest` is for those left open."""
    people_import = _visible(request, import_uuid)
    rest = request.POST.get("rest", "")
    answers = {
        int(number): request.POST.get(f"row_{number}", "") or rest
        for number in request.POST.getlist("row")[:PER_PAGE]
        if number.isdigit() and len(number) < 10
    }
    try:
        people_import = decide(people_import=people_import, answers=answers)
    except DomainError as error:
        return _refused(request, people_import, error)
    return _judge_again(request, people_import)


@require_POST
@for_roles(*STAFF)
def check_again(request: SignedInRequest, import_uuid: uuid.UUID) -> HttpResponseBase:
    """Judge the rows anew, because what is recorded may have changed."""
    people_import = _visible(request, import_uuid)
    if people_import.state != State.CHECKED:
        return redirect("web:manage-import", import_uuid)
    return _judge_again(request, people_import)


def _judge_again(request: SignedInRequest, people_import: PeopleImport) -> HttpResponseBase:
    return answer(
        request,
        checking.judge_again(people_import),
        rows=sum(people_import.counts.values()),
        title=_("Checking “%(file)s”") % {"file": people_import.file_name},
        then=reverse("web:manage-import", args=[people_import.uuid]),
        refused=lambda error: _refused(request, people_import, error),
    )


def _refused(
    request: SignedInRequest, people_import: PeopleImport, error: DomainError
) -> HttpResponse:
    people_import.refresh_from_db()
    if people_import.state == State.CHECKED:
        return _checked(request, people_import, status=422, refusal=str(error))
    return _ended(request, people_import, status=422, refusal=str(error))


# --- the end -------------------------------------------------------------------------------------


@require_POST
@for_roles(*STAFF)
def take_over(request: SignedInRequest, import_uuid: uuid.UUID) -> HttpResponseBase:
    """Everything that was announced, in one transaction."""
    people_import = _visible(request, import_uuid)
    return answer(
        request,
        commit(people_import),
        rows=sum(people_import.counts.values()),
        title=_("Taking over “%(file)s”") % {"file": people_import.file_name},
        then=reverse("web:manage-import", args=[import_uuid]),
        refused=lambda error: _refused(request, people_import, error),
    )


@require_POST
@for_roles(*STAFF)
def throw_away(request: SignedInRequest, import_uuid: uuid.UUID) -> HttpResponse:
    """Nothing is taken over; the file is removed."""
    people_import = _visible(request, import_uuid)
    try:
        discard(people_import=people_import)
    except DomainError as error:
        return _refused(request, people_import, error)
    return redirect("web:manage-imports")


def _ended(
    request: SignedInRequest, people_import: PeopleImport, *, status: int = 200, refusal: str = ""
) -> HttpResponse:
    page = Paginator(people_import.rows.all(), PER_PAGE).get_page(request.GET.get("page"))
    page.object_list = list(page.object_list)
    context = section_context(
        people_import=people_import,
        counts=_counts(people_import),
        has_people=bool(people_import.result.get("person_ids")),
        rows=shown_rows(people_import, page.object_list, timezone.localdate()),
        page_obj=page,
        refusal=refusal,
    )
    return render(request, "web/manage/import_ended.html", context, status=status)


@require_GET
@for_roles(*STAFF)
def faults(request: SignedInRequest, import_uuid: uuid.UUID) -> HttpResponse:
    """The refused rows as a workbook: where, what, why, and what to do."""
    people_import = _visible(request, import_uuid)
    rows: list[list[Any]] = []
    refused = people_import.rows.filter(outcome=Outcome.REFUSED).only("number", "data", "faults")
    for row in refused.iterator(chunk_size=1000):
        name = row.data.get("values", {}).get("full_name", "")
        for fault in row.faults:
            what, remedy = texts.about_fault(fault)
            rows.append([row.number, place_of(people_import, fault), name, what, remedy])
    table = Table(
        title=_("Rows to mend"),
        header=[_("Row"), _("Column"), _("Name"), _("What is wrong"), _("What to do about it")],
        rows=rows,
    )
    return as_xlsx(table)
