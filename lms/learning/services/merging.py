"""Makes two persons one, with a trace by which they can be made two again.

Learning events are never touched: each keeps the person under whom it was recorded. What somebody
learned is read by enrolment, and enrolments move; so progress folds to the same before, between
and after. Whoever reads events by person asks for `lms.people.api.identities_of`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models, transaction
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from lms.learning.models import (
    AssignedPerson,
    CourseInstructor,
    Enrolment,
    LearningEvent,
)
from lms.people.errors import CannotMerge
from lms.people.models import Appointment, Person, PersonMerge, RecordAccess, User
from lms.people.services.accesses import note_access
from lms.people.services.merging import (
    PostStep,
    account_of,
    check_merge,
    check_reach,
    choose_account,
    merge_identity,
    plan_posts,
    unfill,
)
from lms.people.services.traces import CannotTakeBack, Trace, take_back, touched


@dataclass(frozen=True)
class EnrolmentStep:
    """What becomes of an enrolment: its number as a cycle, and whether it is set aside.

    Set aside: the other one of the same course stays active, because more was done in it.
    """

    enrolment: Enrolment
    cycle: int
    set_aside: bool


@dataclass(frozen=True)
class MergePlan:
    """All that a merge would do, for whoever decides about it."""

    posts: list[PostStep]
    enrolments: list[EnrolmentStep]
    kept_account: User | None
    merged_account: User | None
    taught: int
    assignments: int


def plan_merge(*, kept: Person, merged: Person) -> MergePlan:
    """What merging would do. Reads only: seven queries however much there is."""
    return MergePlan(
        posts=plan_posts(
            kept,
            Appointment.objects.filter(person=kept),
            Appointment.objects.filter(person=merged).select_related("position", "unit"),
        ),
        enrolments=_plan_enrolments(kept, merged),
        kept_account=account_of(kept),
        merged_account=account_of(merged),
        taught=CourseInstructor.objects.filter(person=merged).count(),
        assignments=AssignedPerson.objects.filter(person=merged).count(),
    )


@transaction.atomic
def merge_persons(
    *,
    kept: Person,
    merged: Person,
    by: User,
    now: dt.datetime | None = None,
    account: User | None = None,
) -> PersonMerge:
    """Make `merged` one with `kept`: posts, account, courses and assignments go over.

    `account` says which one stays open where both have one; the other is closed. Of two active
    enrolments in one course the one with more progress stays active; both stay on the record.
    Raises CannotMerge, and then nothing was changed.
    """
    at = now or timezone.now()
    kept, merged = _locked(kept, merged)
    check_merge(kept=kept, merged=merged, by=by)
    accounts = choose_account(kept=kept, merged=merged, choice=account, by=by)
    came_over = accounts.stays is not None and accounts.stays.person_id == merged.pk
    trace = Trace()
    filled = merge_identity(trace=trace, kept=kept, merged=merged, accounts=accounts, now=at)
    _merge_learning(trace, kept, merged, at)
    Person.objects.filter(pk=merged.pk).update(merged_into=kept)
    _note(kept, by, at)
    return PersonMerge.objects.create(
        kept=kept,
        merged=merged,
        by=by,
        at=at,
        trace={
            "steps": trace.steps,
            "filled": filled,
            "account": accounts.stays.pk if came_over and accounts.stays else None,
        },
    )


def _locked(kept: Person, merged: Person) -> tuple[Person, Person]:
    rows = {
        person.pk: person
        for person in Person.objects.select_for_update()
        .filter(pk__in=(kept.pk, merged.pk))
        .order_by("pk")
    }
    return rows[kept.pk], rows[merged.pk]


# --- what was learned ----------------------------------------------------------------------------


def _plan_enrolments(kept: Person, merged: Person) -> list[EnrolmentStep]:
    rows = list(
        Enrolment.objects.filter(person__in=(kept, merged))
        .select_related("progress", "unit")
        .annotate(
            lessons_done=Count(
                "lessons", filter=Q(lessons__completed_at__isnull=False), distinct=True
            ),
            activities_done=Count(
                "activities", filter=Q(activities__completed_at__isnull=False), distinct=True
            ),
        )
        .order_by("course_key", "cycle", "pk")
    )
    own = [row for row in rows if row.person_id == kept.pk]
    others = [row for row in rows if row.person_id == merged.pk]
    last_cycle: dict[Any, int] = {}
    for row in own:
        last_cycle[row.course_key] = row.cycle
    active = {row.course_key: row for row in own if row.is_active}
    steps = []
    for row in others:
        cycle = last_cycle[row.course_key] = last_cycle.get(row.course_key, 0) + 1
        rival = active.get(row.course_key) if row.is_active else None
        loses = rival is not None and _done(rival) >= _done(row)
        if rival is not None and not loses:
            steps.append(EnrolmentStep(rival, rival.cycle, set_aside=True))
        steps.append(EnrolmentStep(row, cycle, set_aside=loses))
    return steps


def _done(enrolment: Any) -> tuple[Any, ...]:
    """How much was done, to be compared: completed, lessons, activities, when last at work."""
    progress = getattr(enrolment, "progress", None)
    last = progress.last_event_at if progress is not None else enrolment.enrolled_at
    return (
        progress is not None and progress.completed_at is not None,
        enrolment.lessons_done,
        enrolment.activities_done,
        last,
    )


def _merge_learning(trace: Trace, kept: Person, merged: Person, at: dt.datetime) -> None:
    # Whoever records something in one of them meanwhile waits, and then finds it moved.
    list(
        Enrolment.objects.select_for_update(of=("self",))
        .filter(person__in=(kept, merged))
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    for step in _plan_enrolments(kept, merged):
        values: dict[str, Any] = {"person": kept, "cycle": step.cycle}
        if step.set_aside:
            values["withdrawn_at"] = at
        trace.change(step.enrolment, **values)
    _merge_rows(trace, CourseInstructor.objects.all(), kept, merged, "course_key")
    _merge_rows(trace, AssignedPerson.objects.all(), kept, merged, "assignment_id")
    _point_at_active(trace, kept)


def _merge_rows(
    trace: Trace, rows: models.QuerySet[Any, Any], kept: Person, merged: Person, what: str
) -> None:
    """Move rows of which a person has one for each `what`; where both have it, one goes."""
    held = set(rows.filter(person=kept).values_list(what, flat=True))
    for row in rows.filter(person=merged):
        if getattr(row, what) in held:
            trace.remove(row)
        else:
            trace.change(row, person=kept)


def _point_at_active(trace: Trace, kept: Person) -> None:
    """Have what was assigned count in the enrolment that stayed active."""
    active = {row.course_key: row for row in Enrolment.objects.active().filter(person=kept)}
    for assigned in AssignedPerson.objects.filter(person=kept).select_related("assignment"):
        enrolment = active.get(assigned.assignment.course_key)
        if enrolment is not None and assigned.enrolment_id != enrolment.pk:
            trace.change(assigned, enrolment=enrolment)


# --- taking it back ------------------------------------------------------------------------------


@transaction.atomic
def undo_merge(*, merge: PersonMerge, by: User, now: dt.datetime | None = None) -> PersonMerge:
    """Make them two again, every row as it was before the merge.

    Raises CannotMerge with the reason when that cannot be done any more, and then nothing was
    changed: the merge was undone already, another merge came after it, or something was done
    since of which nobody can say to which of the two it belongs.
    """
    merge = PersonMerge.objects.select_for_update(of=("self",)).get(pk=merge.pk)
    kept, merged = _locked(merge.kept, merge.merged)
    steps = merge.trace["steps"]
    if merge.undone_at is not None:
        raise CannotMerge(_("This merge was undone already."))
    check_reach([kept] if kept.merged_into_id is None else [], by)
    _refuse_after_another_merge(merge, kept)
    _refuse_after_use(merge, kept, steps)
    Person.objects.filter(pk=merged.pk).update(merged_into=None)
    try:
        take_back(steps)
    except CannotTakeBack as error:
        raise CannotMerge(_what_changed(error)) from error
    unfill(kept, merge.trace["filled"])
    merge.undone_by, merge.undone_at = by, now or timezone.now()
    merge.save(update_fields=["undone_by", "undone_at"])
    for person in (kept, merged):
        _note(person, by, merge.undone_at)
    return merge


def _note(person: Person, by: User, at: dt.datetime) -> None:
    note_access(
        person_ids=[person.pk], by=by, act=RecordAccess.Act.CHANGED, subject="merge", now=at
    )


def _refuse_after_another_merge(merge: PersonMerge, kept: Person) -> None:
    if kept.merged_into_id is not None:
        raise CannotMerge(
            _("%(person)s was itself merged into another row since. Undo that merge first.")
            % {"person": kept}
        )
    later = PersonMerge.objects.filter(kept=kept, undone_at=None, pk__gt=merge.pk)
    if later.exists():
        raise CannotMerge(
            _("Another row was merged into %(person)s since. Undo that merge first.")
            % {"person": kept}
        )


def _refuse_after_use(merge: PersonMerge, kept: Person, steps: Sequence[dict[str, Any]]) -> None:
    moved = [
        step["pk"]
        for step in touched(list(steps), Enrolment._meta.label_lower)
        if "person_id" in step["after"]
    ]
    since = LearningEvent.objects.filter(recorded_at__gt=merge.at)
    if since.filter(enrolment_id__in=moved).exists():
        raise CannotMerge(
            _(
                "Something was learned since in a course that came over with the merge. Whose it "
                "is cannot be told, so the merge stays."
            )
        )
    account = User.objects.filter(pk=merge.trace["account"]).first()
    if account is None:
        return
    used = account.last_login is not None and account.last_login > merge.at
    if used or since.filter(person=kept).exists():
        raise CannotMerge(
            _(
                "The account %(account)s came over with the merge and was used since. Whose work "
                "that is cannot be told, so the merge stays."
            )
            % {"account": account.username}
        )


def _what_changed(error: CannotTakeBack) -> str:
    what = str(error.model._meta.verbose_name)
    if isinstance(error.row, Enrolment):
        what = f"{what} ({error.row.course_title})"
    elif error.row is not None and not isinstance(error.row, AssignedPerson):
        what = f"{what} ({error.row})"
    return _("This was changed since the merge, so it cannot be put back as it was: %(what)s.") % {
        "what": what
    }
