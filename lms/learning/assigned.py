"""How people stand with what they were given: numbers, and who is behind. Progress, never answers.

Whoever looks after somebody today sees how they stand, wherever the person was when the course was
given to them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lms.learning.models import AssignedPerson, Assignment, LessonProgress
from lms.people.models import Person
from lms.plugins.prepared import Prepared

if TYPE_CHECKING:
    from lms.people.models import User

SOON = dt.timedelta(days=7)

_COMPLETED = Q(enrolment__progress__completed_at__isnull=False)
_WITHDRAWN = Q(enrolment__withdrawn_at__isnull=False)
_GOING_ON = ~_COMPLETED & ~_WITHDRAWN
_BEGUN = Exists(LessonProgress.objects.filter(enrolment=OuterRef("enrolment")))

STATES: dict[str, Promise | str] = {
    "behind": _("behind"),
    "new": _("not begun"),
    "started": _("under way"),
    "waiting": _("not enrolled yet"),
    "completed": _("completed"),
    "withdrawn": _("left the course"),
}


def _overdue(today: dt.date) -> Q:
    return Q(assignment__due_on__lt=today) & _GOING_ON


def in_care_of(user: User) -> QuerySet[AssignedPerson]:
    """What people were given whom `user` looks after today, in assignments that run."""
    return AssignedPerson.objects.filter(
        assignment__ended_at=None, person__in=Person.objects.visible_to(user).values("pk")
    )


def in_state(
    rows: QuerySet[AssignedPerson], state: str, today: dt.date
) -> QuerySet[AssignedPerson]:
    """Those of `rows` in a state of STATES; every row is in one only, what is overdue is behind."""
    if state == "behind":
        return rows.filter(_overdue(today))
    if state == "completed":
        return rows.filter(_COMPLETED)
    if state == "withdrawn":
        return rows.filter(_WITHDRAWN & ~_COMPLETED)
    rows = rows.filter(_GOING_ON).exclude(assignment__due_on__lt=today)
    if state == "waiting":
        return rows.filter(enrolment=None)
    begun = rows.filter(enrolment__isnull=False).annotate(begun=_BEGUN)
    return begun.filter(begun=state == "started")


def state_of(row: AssignedPerson, today: dt.date, *, begun: bool) -> str:
    """The state of one row; its assignment, enrolment and course progress are loaded."""
    enrolment = row.enrolment
    progress = getattr(enrolment, "progress", None) if enrolment else None
    if progress is not None and progress.completed_at is not None:
        return "completed"
    if enrolment is not None and not enrolment.is_active:
        return "withdrawn"
    if row.assignment.due_on is not None and row.assignment.due_on < today:
        return "behind"
    if enrolment is None:
        return "waiting"
    return "started" if begun else "new"


def with_numbers(
    assignments: QuerySet[Assignment], user: User, today: dt.date
) -> QuerySet[Assignment]:
    """Each with `reached`, `completed` and `behind`: of the people whom `user` looks after.

    Those that reach nobody of theirs are left out, unless they gave them themselves.
    """
    seen = Q(people__person__in=Person.objects.visible_to(user).values("pk"))
    completed = Q(people__enrolment__progress__completed_at__isnull=False)
    left = Q(people__enrolment__withdrawn_at__isnull=False)
    return assignments.annotate(
        reached=Count("people", filter=seen, distinct=True),
        completed=Count("people", filter=seen & completed, distinct=True),
        behind=Count(
            "people",
            filter=seen & Q(due_on__lt=today) & ~completed & ~left,
            distinct=True,
        ),
    ).filter(Q(reached__gt=0) | Q(by=user))


_DUE: Prepared[AssignedPerson] = Prepared(
    lambda person_id: (
        AssignedPerson.objects.filter(person_id=person_id, assignment__ended_at=None)
        .select_related("assignment")
        .order_by("assignment__due_on", "pk")
    ),
    int,
)


def due_of(person_id: int) -> dict[object, AssignedPerson]:
    """What somebody was given, by course key, the earliest day of several: one query.

    Also what they have completed: the page that asks knows that by itself.
    """
    found: dict[object, AssignedPerson] = {}
    for row in _DUE(person_id):
        kept = found.get(row.assignment.course_key)
        if kept is None or kept.assignment.due_on is None:
            found[row.assignment.course_key] = row
    return found


def due_state(due_on: dt.date | None, today: dt.date) -> str:
    """overdue | soon | later | open: how near the day is by which something is to be completed."""
    if due_on is None:
        return "open"
    if due_on < today:
        return "overdue"
    return "soon" if due_on - today <= SOON else "later"


def begun_among(rows: Iterable[AssignedPerson]) -> set[int]:
    """The ids of the enrolments of `rows` in which something was done: one query."""
    ids = [row.enrolment_id for row in rows if row.enrolment_id]
    return set(
        LessonProgress.objects.filter(enrolment_id__in=ids).values_list("enrolment", flat=True)
    )
