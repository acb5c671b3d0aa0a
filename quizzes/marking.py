"""Pages on which instructors mark the answers that wait for a person."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from lms.learning import api
from lms.plugins.contracts import Json
from lms.plugins.errors import DomainError
from quizzes import delivery
from quizzes.models import Mark, SittingSlot
from quizzes.question_types import rubric
from quizzes.services.marking_by_person import Given, give_marks
from quizzes.tries import is_for_person, waits_for_person

TYPE_KEY = "quizzes.quiz"
PER_PAGE = 50
LONGEST_COMMENT = 4000


@dataclass
class Row:
    """One answer to mark, with what the marker typed or gave before."""

    shown: delivery.ShownQuestion
    slot: SittingSlot
    guidance: str
    criteria: list[Json]
    points: str = ""
    comment: str = ""
    levels: dict[str, str] = field(default_factory=dict)
    error: str = ""

    @property
    def position(self) -> int:
        """The place of the question in the attempt."""
        return self.slot.position

    @property
    def maximum(self) -> str:
        """What the question is worth, as people write it."""
        return number_format(self.slot.points.normalize(), use_l10n=True)

    @property
    def choices(self) -> list[Json]:
        """The criteria, each level with whether it was chosen."""
        return [
            {
                **criterion,
                "levels": [
                    {**level, "is_chosen": self.levels.get(criterion["key"]) == level["key"]}
                    for level in criterion["levels"]
                ],
            }
            for criterion in self.criteria
        ]

    @property
    def waits(self) -> bool:
        """Whether nobody has marked it yet."""
        return waits_for_person(self.slot)


@require_GET
def queue(request: HttpRequest) -> HttpResponse:
    """The attempts that wait for this person, the oldest first."""
    attempts = api.attempts_to_mark(request.user, TYPE_KEY)
    page = Paginator(attempts, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "quizzes/marking_queue.html", {"nav": "teaching", "page_obj": page})


@require_http_methods(["GET", "POST"])
def attempt(request: HttpRequest, attempt_uuid: uuid.UUID) -> HttpResponse:
    """The answers of one attempt that a person marks; a POST gives marks, as many as are filled."""
    if not request.user.is_authenticated:  # the site has asked before
        raise Http404
    found = api.attempt_for_marker(request.user, attempt_uuid)
    if found is None or found.activity.type_key != TYPE_KEY:
        raise Http404
    rows = _rows(found.pk)
    status = 200
    if request.method == "POST":
        marks = _read(rows, request.POST)
        if not any(row.error for row in rows):
            try:
                done = give_marks(
                    attempt=found,
                    marks=marks,
                    by=request.user,
                    at=timezone.now(),
                )
            except DomainError as error:
                messages.error(request, str(error))
            else:
                _tell(request, len(marks), done)
                return redirect("plugins:quizzes:marking" if done else request.path)
        status = 422
    context = {"nav": "teaching", "attempt": found, "rows": rows}
    return render(request, "quizzes/marking.html", context, status=status)


def _tell(request: HttpRequest, count: int, done: bool) -> None:
    if done:
        messages.success(request, _("Marked. The learner sees the result now."))
    elif count:
        messages.success(request, _("Kept. The result is shown when every answer has its mark."))
    else:
        messages.info(request, _("No mark was given yet."))


def _rows(attempt_id: int) -> list[Row]:
    questions = {each.position: each for each in delivery.reviewed(attempt_id)[0]}
    slots = [slot for slot in delivery.slots_of(attempt_id) if is_for_person(slot)]
    before: dict[int, Mark] = {
        mark.response_id: mark
        for mark in Mark.objects.filter(response__slot__in=slots).order_by("at", "pk")
    }
    rows = []
    for slot in slots:
        data = slot.version.data
        row = Row(
            questions[slot.position],
            slot,
            guidance=data.get("guidance") or "",
            criteria=data.get("rubric") or [],
        )
        if mark := before.get(slot.response.pk):
            earned = slot.points * Decimal(str(round(mark.fraction, 6)))
            row.points = number_format(round(earned, 2).normalize(), use_l10n=True)
            row.comment, row.levels = mark.comment, mark.levels
        rows.append(row)
    return rows


def _read(rows: list[Row], sent: Any) -> dict[int, Given]:
    """What the form gives for each answer; what is wrong stands in the row. Blank ones are left."""
    marks = {}
    for row in rows:
        row.comment = sent.get(f"comment-{row.position}", "")[:LONGEST_COMMENT]
        row.points = sent.get(f"points-{row.position}", "").strip()
        row.levels = {
            each["key"]: chosen
            for each in row.criteria
            if (chosen := sent.get(f"level-{row.position}-{each['key']}", ""))
        }
        fraction = _fraction(row)
        if fraction is not None and not row.error:
            marks[row.position] = Given(fraction, row.levels, row.comment)
        elif row.comment.strip() and not row.error:
            row.error = _("There is a comment but no mark.")
    return marks


def _fraction(row: Row) -> float | None:
    if row.criteria:
        lacking = rubric.missing(row.criteria, row.levels)
        if row.levels and lacking:
            row.error = _("Choose a level for each criterion.")
        return rubric.fraction(row.criteria, row.levels)
    if not row.points:
        return None
    try:
        points = Decimal(row.points.replace(" ", "").replace(",", "."))
    except InvalidOperation:
        points = Decimal(-1)
    if not points.is_finite() or not 0 <= points <= row.slot.points:
        row.error = _("Give points from 0 to %(most)s.") % {"most": row.maximum}
        return None
    return float(points / row.slot.points)
