"""Courses given to people: give one, see who is how far, take it back."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lms.learning.assigned import (
    STATES,
    begun_among,
    in_care_of,
    in_state,
    state_of,
    with_numbers,
)
from lms.learning.errors import CannotAssign
from lms.learning.models import AssignedPerson, Assignment
from lms.learning.queries import done_by, outlines
from lms.learning.services.assigning import assign, end_assignment, holders_of, paths_of
from lms.people.models import RecordAccess, Unit
from lms.people.rights import rights_of
from lms.people.services.accesses import note_access
from lms.plugins.vietnamese import fold
from lms.web.exporting import Table, as_csv, as_xlsx
from lms.web.manage.access import CARERS, STAFF, for_roles
from lms.web.manage.assignment_forms import AssignmentForm
from lms.web.manage.selecting import Selection
from lms.web.presenting import language
from lms.web.requests import SignedInRequest

PER_PAGE = 50
NAMED_AT_MOST = 2000
TONES = {"behind": "bad", "completed": "ok", "started": "", "new": "warn", "waiting": "warn"}


@require_GET
@for_roles(*CARERS)
def assignments(request: SignedInRequest) -> HttpResponse:
    """What runs, newest first, with the numbers of the people in care."""
    today = timezone.localdate()
    rows = with_numbers(Assignment.objects.running(), request.user, today).order_by("-at", "-pk")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    page.object_list = shown = list(page.object_list)
    found = outlines(each.course_key for each in shown)
    may_give = bool(rights_of(request.user).roles.intersection(STAFF))
    context = {
        "nav": "manage",
        "section": "assignments",
        "may_give": may_give,
        "assignments": [
            {
                "uuid": each.uuid,
                "title": title_of(each, found),
                "due_on": each.due_on,
                "is_overdue": each.due_on is not None and each.due_on < today,
                "reached": each.reached,  # type: ignore[attr-defined]  # annotated
                "completed": each.completed,  # type: ignore[attr-defined]  # annotated
                "behind": each.behind,  # type: ignore[attr-defined]  # annotated
            }
            for each in shown
        ],
        "page_obj": page,
    }
    return render(request, "web/manage/assignments.html", context)


def title_of(assignment: Assignment, found: dict[uuid.UUID, Any]) -> str:
    """The title of the course as it is now, else as it was when it was given."""
    outline = found.get(assignment.course_key)
    return str(outline.page(language()).title) if outline else assignment.course_title


@require_http_methods(["GET", "POST"])
@for_roles(*STAFF)
def new(request: SignedInRequest) -> HttpResponse:
    """Give a course: the form, then who gets it, then it is done. The middle step writes nothing.

    With the query of a list of people (see `selecting`), to these people by name.
    """
    selection = Selection(request.user, request.GET)
    people = tuple(selection.persons[: NAMED_AT_MOST + 1]) if selection.given else ()
    if selection.given and not people:
        messages.info(request, _("There is nobody in that list. Choose units or positions."))
        return redirect("web:manage-assign")
    if len(people) > NAMED_AT_MOST:
        messages.error(
            request,
            _("These are more than %(n)s people. Give the course to units or positions instead.")
            % {"n": NAMED_AT_MOST},
        )
        return redirect("web:manage-assign")
    form = AssignmentForm(request.user, people, data=request.POST or None)
    status = 200
    # "edit" comes back from the preview: what was chosen stays.
    if request.method == "POST" and request.POST.get("step") != "edit":
        if form.is_valid():
            return _preview_or_give(request, form, selection)
        status = 422
    context = {
        "nav": "manage",
        "section": "assignments",
        "form": form,
        "plain": [form[name] for name in form.plain],
        "people": people,
        "link": selection.link(),
    }
    return render(request, "web/manage/assign.html", context, status=status)


def _preview_or_give(
    request: SignedInRequest, form: AssignmentForm, selection: Selection
) -> HttpResponse:
    visible: Any = Unit.objects.visible_to(request.user)
    target = form.target(visible)
    today, centre = timezone.localdate(), form.cleaned_data["centre"]
    refusal = ""
    if request.POST.get("step") == "give":
        try:
            done = assign(
                course_key=form.course_key,
                target=target,
                by=request.user,
                centre=centre,
                due_on=form.cleaned_data["due_on"],
                note=form.cleaned_data["note"],
            )
        except CannotAssign as problem:
            refusal = str(problem)
        else:
            _tell(request, done)
            return redirect("web:manage-assignment", done.assignment.uuid)
    holders = holders_of(
        target, paths=paths_of(centre, today), course_key=form.course_key, on=today
    )
    context = {
        "nav": "manage",
        "section": "assignments",
        "sent": [
            (name, value)
            for name in request.POST
            if name not in {"csrfmiddlewaretoken", "step"}
            for value in request.POST.getlist(name)
        ],
        "title": dict(form["course"].field.choices).get(form.cleaned_data["course"], ""),  # type: ignore[attr-defined]  # a ChoiceField
        "due_on": form.cleaned_data["due_on"],
        "note": form.cleaned_data["note"],
        "has_rule": target.has_rule,
        "holders": holders,
        "counts": {
            state: sum(each.state == state for each in holders)
            for state in ("new", "enrolled", "completed")
        },
        "refusal": refusal,
        "link": selection.link(),
    }
    return render(
        request, "web/manage/assign_preview.html", context, status=422 if refusal else 200
    )


def _tell(request: HttpRequest, done: Any) -> None:
    if done.was_there:
        text = ngettext(
            "This course was given to them already. %(n)s person was added; date and note are "
            "renewed.",
            "This course was given to them already. %(n)s people were added; date and note are "
            "renewed.",
            done.added,
        )
    else:
        text = ngettext(
            "The course was given to %(n)s person.",
            "The course was given to %(n)s people.",
            done.added,
        )
    messages.success(request, text % {"n": done.added})
    if done.waiting:
        messages.warning(
            request,
            ngettext(
                "%(n)s person must complete another course first and is enrolled after that.",
                "%(n)s people must complete another course first and are enrolled after that.",
                len(done.waiting),
            )
            % {"n": len(done.waiting)},
        )


def _narrowed(request: HttpRequest, rows: QuerySet[AssignedPerson]) -> QuerySet[AssignedPerson]:
    """`rows` as ?state= and ?q= say, by given name, with all that a line shows."""
    state = request.GET.get("state", "")
    if state in STATES:
        rows = in_state(rows, state, timezone.localdate())
    for word in fold(request.GET.get("q", "")[:200]).split():
        rows = rows.filter(person__search_text__contains=word)
    return rows.select_related(
        "person", "unit", "position", "assignment", "enrolment__progress"
    ).order_by("person__sort_key", "assignment__due_on", "pk")


def _lines(
    request: SignedInRequest, rows: list[AssignedPerson], act: RecordAccess.Act
) -> list[dict[str, Any]]:
    note_access(
        person_ids=[row.person_id for row in rows], by=request.user, act=act, subject="progress"
    )
    today = timezone.localdate()
    found = outlines({row.assignment.course_key for row in rows})
    ids = [row.enrolment_id for row in rows if row.enrolment_id]
    done = done_by(ids) if ids else {}
    begun = begun_among(rows)
    lines = []
    for row in rows:
        outline = found.get(row.assignment.course_key)
        state = state_of(row, today, begun=row.enrolment_id in begun)
        percent = 100 if state == "completed" else 0
        if state != "completed" and outline is not None and row.enrolment_id is not None:
            percent = done[row.enrolment_id].standing(outline).percent
        progress = getattr(row.enrolment, "progress", None) if row.enrolment else None
        lines.append(
            {
                "uuid": row.person.uuid,
                "name": row.person.full_name,
                "position": row.position.display_name if row.position else "",
                "unit": row.unit.name if row.unit else "",
                "course": title_of(row.assignment, found),
                "assignment": row.assignment.uuid,
                "due_on": row.assignment.due_on,
                "state": STATES[state],
                "tone": TONES.get(state, ""),
                "percent": percent,
                "completed_at": progress.completed_at if progress else None,
            }
        )
    return lines


def visible_assignment(request: SignedInRequest, assignment_uuid: uuid.UUID) -> Assignment:
    """The assignment with its numbers, or 404: also for one that reaches nobody in care."""
    rows = with_numbers(
        Assignment.objects.select_related("by__person", "centre"),
        request.user,
        timezone.localdate(),
    )
    return get_object_or_404(rows, uuid=assignment_uuid)


def _of(assignment: Assignment, request: SignedInRequest) -> QuerySet[AssignedPerson]:
    if assignment.ended_at is not None:
        return AssignedPerson.objects.none()
    return in_care_of(request.user).filter(assignment=assignment)


@require_GET
@for_roles(*CARERS)
def assignment(request: SignedInRequest, assignment_uuid: uuid.UUID) -> HttpResponse:
    """One assignment: its people and how far each is."""
    shown = visible_assignment(request, assignment_uuid)
    page = Paginator(_narrowed(request, _of(shown, request)), PER_PAGE).get_page(
        request.GET.get("page")
    )
    page.object_list = list(page.object_list)
    query = f"?{request.GET.urlencode()}" if request.GET else ""
    may_end = bool(rights_of(request.user).roles.intersection(STAFF))
    context = {
        "nav": "manage",
        "section": "assignments",
        "assignment": shown,
        "title": title_of(shown, outlines([shown.course_key])),
        "units": list(shown.units.all()),
        "positions": list(shown.positions.all()),
        "lines": _lines(request, list(page.object_list), RecordAccess.Act.VIEWED),
        "states": STATES.items(),
        "state": request.GET.get("state", ""),
        "q": request.GET.get("q", "")[:200],
        "may_end": may_end and shown.ended_at is None,
        "query": query,
        "page_obj": page,
    }
    return render(request, "web/manage/assignment.html", context)


@require_POST
@for_roles(*STAFF)
def end(request: SignedInRequest, assignment_uuid: uuid.UUID) -> HttpResponse:
    """Take an assignment back."""
    found = visible_assignment(request, assignment_uuid)
    rights = rights_of(request.user)
    if not (rights.is_administrator or found.centre_id in rights.centre_ids):
        raise Http404
    end_assignment(assignment=found)
    messages.success(request, _("Taken back. Nobody is enrolled by it any more; results stay."))
    return redirect("web:manage-assignments")


@require_GET
@for_roles(*CARERS)
def behind(request: SignedInRequest) -> HttpResponse:
    """Everybody in care whose day has passed, over all that was given."""
    rows = in_state(in_care_of(request.user), "behind", timezone.localdate())
    page = Paginator(_narrowed(request, rows), PER_PAGE).get_page(request.GET.get("page"))
    page.object_list = list(page.object_list)
    context = {
        "nav": "manage",
        "section": "behind",
        "lines": _lines(request, list(page.object_list), RecordAccess.Act.VIEWED),
        "q": request.GET.get("q", "")[:200],
        "query": f"?{request.GET.urlencode()}" if request.GET else "",
        "page_obj": page,
    }
    return render(request, "web/manage/behind.html", context)


def _table(request: SignedInRequest, title: str, rows: QuerySet[AssignedPerson]) -> Table:
    return Table(
        title=title,
        header=[
            _("Learner"),
            _("Position"),
            _("Unit"),
            _("Course"),
            _("To be completed by"),
            _("State"),
            _("Progress in percent"),
            _("Completed on"),
        ],
        rows=[
            [
                line["name"],
                line["position"],
                line["unit"],
                line["course"],
                line["due_on"],
                str(line["state"]),
                line["percent"],
                timezone.localtime(line["completed_at"]).date() if line["completed_at"] else None,
            ]
            for line in _lines(request, list(rows), RecordAccess.Act.EXPORTED)
        ],
    )


def _file(table: Table, kind: str) -> HttpResponseBase:
    if kind not in {"csv", "xlsx"}:
        raise Http404
    return as_csv(table) if kind == "csv" else as_xlsx(table)


@require_GET
@for_roles(*CARERS)
def export(request: SignedInRequest, assignment_uuid: uuid.UUID, kind: str) -> HttpResponseBase:
    """The people of one assignment as a file; `kind` is csv or xlsx."""
    found = visible_assignment(request, assignment_uuid)
    title = title_of(found, outlines([found.course_key]))
    return _file(_table(request, title, _narrowed(request, _of(found, request))), kind)


@require_GET
@for_roles(*CARERS)
def export_behind(request: SignedInRequest, kind: str) -> HttpResponseBase:
    """Everybody who is behind, as a file; `kind` is csv or xlsx."""
    rows = in_state(in_care_of(request.user), "behind", timezone.localdate())
    return _file(_table(request, _("Behind with what was given"), _narrowed(request, rows)), kind)
