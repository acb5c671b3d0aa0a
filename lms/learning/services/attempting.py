"""Trying an activity: start, hand in, report progress, grade."""

from __future__ import annotations

import datetime as dt
import math
import uuid
from functools import cache
from typing import Any

from django.apps import apps
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from lms.learning.errors import AttemptClosed, CannotGrade, CannotOpen
from lms.learning.models import Attempt, Enrolment, LearningEvent
from lms.learning.services.recording import NewFact, lock, record
from lms.plugins.contracts import ActivityType, Grade, Pending
from lms.plugins.errors import DomainError, Refused
from lms.plugins.guard import PluginFailure, guard
from lms.plugins.prepared import Prepared
from modules.content.models import Activity

RETRY_AFTER = dt.timedelta(minutes=5)
HANDED_IN = (
    *("state", "response", "submitted_at", "graded_at", "raw", "maximum", "passed"),
    *("grading_due", "awaits_person"),
)


@transaction.atomic
def start(*, enrolment: Enrolment, activity: Activity, source: str = "web") -> Attempt:
    """The open attempt: the one there is, else a new one. `activity` is the specific one.

    Raises CannotOpen when no attempt is left, or its plugin is out of service.
    """
    return _start(enrolment, activity, source)[0]


def _start(enrolment: Enrolment, activity: Activity, source: str) -> tuple[Attempt, bool]:
    """The open attempt, and whether it was begun just now."""
    lock(enrolment)
    attempts = list(
        Attempt.objects.filter(enrolment=enrolment, activity_key=activity.translation_key)
    )
    for attempt in attempts:
        if attempt.is_open:
            return attempt, False
    activity_type = _type_of(activity)
    try:
        with guard(activity_type.key, "attempts_allowed", writes=False):
            allowed = int(activity_type.attempts_allowed(activity))
    except PluginFailure as failure:
        raise CannotOpen(_("This activity is not available right now. Try later.")) from failure
    if allowed and len(attempts) >= allowed:
        raise CannotOpen(
            _("All %(count)d attempts have been used; the best one counts.") % {"count": allowed}
        )
    attempt = Attempt.objects.create(
        enrolment=enrolment,
        activity_id=activity.pk,
        activity_key=activity.translation_key,
        number=max((each.number for each in attempts), default=0) + 1,
        revision_id=activity.live_revision_id,
        started_at=timezone.now(),
    )
    try:
        with guard(activity_type.key, "start"):
            activity_type.start(activity, attempt)
    except PluginFailure as failure:
        raise CannotOpen(_("This activity is not available right now. Try later.")) from failure
    _record(attempt, activity, "attempt.started", {"number": attempt.number}, source)
    return attempt, True


def hand_in(
    *, enrolment: Enrolment, activity: Activity, response: dict[str, Any], source: str = "web"
) -> Attempt:
    """As `submit`, for the open attempt; one is begun when there is none.

    When the type refuses what was handed in, no attempt is left that was begun for it.
    """
    attempt = Attempt.objects.filter(
        enrolment=enrolment, activity_key=activity.translation_key, state=Attempt.State.OPEN
    ).first()
    if attempt is None:
        with transaction.atomic():
            attempt, is_new = _start(enrolment, activity, source)
            if is_new:
                return _submit(attempt, activity, response, source)
    # Not inside that transaction: who holds the enrolment must not wait for the attempt.
    return submit(attempt=attempt, activity=activity, response=response, source=source)


@transaction.atomic
def submit(
    *, attempt: Attempt, activity: Activity, response: dict[str, Any], source: str = "web"
) -> Attempt:
    """Hand in. Marks at once where the type can; gives the attempt as it stands afterwards.

    When the type fails, what was handed in is kept and marked later. Raises AttemptClosed when
    it was handed in before, Refused when the type cannot take it as it stands (nothing changes
    then).
    """
    held = _HELD.first(attempt.pk)
    if held is None or not held.is_open:
        raise AttemptClosed
    attempt.state = held.state
    return _submit(held, activity, response, source)


@transaction.atomic
def submit_named(
    *, person_id: int, attempt_uuid: uuid.UUID, response: dict[str, Any], source: str = "web"
) -> Attempt:
    """As `submit`, for an attempt of this person known by its uuid: fewer queries.

    Raises AttemptClosed when there is no such attempt, or it was handed in before, and Refused.
    """
    attempt = _HELD_BY_NAME.first(attempt_uuid, person_id)
    if attempt is None or not attempt.is_open:
        raise AttemptClosed
    activity_type = _type_of(attempt.activity)
    activity = _by_id(activity_type.model._meta.label).first(attempt.activity_id)
    if activity is None:
        raise CannotOpen(_("This activity is not available right now. Try later."))
    return _submit(attempt, activity, response, source)


@cache
def _by_id(label: str) -> Prepared[Activity]:
    model = apps.get_model(label)
    return Prepared(lambda pk: model._default_manager.filter(pk=pk), int)


def _held(attempts: QuerySet[Attempt]) -> QuerySet[Attempt]:
    """The attempt with its enrolment, both rows held until the transaction ends: one query."""
    # no_key: who holds the enrolment and appends an event about the attempt must not wait for us
    # (its foreign key takes a look at the attempt), for we may be waiting for that enrolment.
    return attempts.select_for_update(of=("self", "enrolment"), no_key=True).select_related(
        "enrolment", "activity"
    )


_HELD: Prepared[Attempt] = Prepared(lambda pk: _held(Attempt.objects.filter(pk=pk)), int)
_HELD_BY_NAME: Prepared[Attempt] = Prepared(
    lambda attempt_uuid, person_id: _held(
        Attempt.objects.filter(uuid=attempt_uuid, enrolment__person_id=person_id)
    ),
    uuid.UUID,
    int,
)


def _submit(attempt: Attempt, activity: Activity, response: dict[str, Any], source: str) -> Attempt:
    _ask_to_accept(attempt, activity, response)
    now = timezone.now()
    attempt.state = Attempt.State.SUBMITTED
    attempt.submitted_at = now
    attempt.response = response
    grade, pending = _ask_for_grade(attempt, activity, now)
    facts = [_fact(attempt, activity, "attempt.submitted", {})]
    if grade is not None:
        _set_grade(attempt, grade, now)
        facts.append(_fact(attempt, activity, "attempt.graded", graded(grade)))
    for fact in facts:
        fact.is_new = True  # the attempt was open, and its row is held
    attempt.awaits_person = pending
    attempt.save(update_fields=HANDED_IN)
    record(enrolment=attempt.enrolment, facts=facts, source=source, locked=True)
    return attempt


def _ask_to_accept(attempt: Attempt, activity: Activity, response: dict[str, Any]) -> None:
    """Raises Refused where the type refuses. A type that fails here must not keep people out."""
    activity_type = _type_of(activity)
    if type(activity_type).accept is ActivityType.accept:
        return
    refused: Refused | None = None
    try:
        # The savepoint: a query that fails must not take the whole transaction with it.
        with transaction.atomic(), guard(activity_type.key, "accept", writes=False):
            try:
                activity_type.accept(activity, attempt, response)
            except Refused as error:
                refused = error
            except DomainError as error:
                refused = Refused(error.message)
    except PluginFailure:
        return
    if refused is not None:
        raise refused


def _ask_for_grade(
    attempt: Attempt, activity: Activity, now: dt.datetime
) -> tuple[Grade | None, bool]:
    activity_type = _type_of(activity)
    attempt.grading_due = None
    try:
        with guard(activity_type.key, "grade"):
            result = _sound(activity_type.grade(activity, attempt, attempt.response))
    except PluginFailure:
        attempt.grading_due = now + RETRY_AFTER
        return None, False
    if isinstance(result, Pending):
        return None, True
    return result, False


def _sound(result: Any) -> Grade | Pending | None:
    """`result` if it is what `grade` may give; anything else is the type's fault, in its guard."""
    if result is None or isinstance(result, Pending):
        return result
    if isinstance(result, Grade) and math.isfinite(result.raw) and math.isfinite(result.maximum):
        return result
    raise TypeError(f"grade() gave {result!r}, not a Grade of finite numbers, Pending or None")


@transaction.atomic
def grade_later(*, attempt: Attempt) -> Attempt:
    """Ask the type once more to mark an attempt whose marking failed."""
    lock(attempt.enrolment)
    attempt.refresh_from_db()
    if attempt.state != Attempt.State.SUBMITTED or attempt.grading_due is None:
        return attempt
    now = timezone.now()
    activity = Activity.objects.filter(pk=attempt.activity_id).specific()[0]
    if activity.activity_type is None:  # its plugin is gone; it may come back
        attempt.grading_due = now + RETRY_AFTER
        attempt.save(update_fields=["grading_due"])
        return attempt
    result, pending = _ask_for_grade(attempt, activity, now)
    attempt.awaits_person = pending
    if result is not None:
        _set_grade(attempt, result, now)
    attempt.save()
    if result is not None:
        _record(attempt, activity, "attempt.graded", graded(result), "web", locked=True)
    return attempt


@transaction.atomic
def grade(
    *, attempt: Attempt, grade: Grade, by_id: int, supersedes: LearningEvent | None = None
) -> Attempt:
    """Enter a mark that the person `by_id` gave. A second one supersedes the first.

    Raises CannotGrade while the attempt is open.
    """
    lock(attempt.enrolment)
    attempt.refresh_from_db()
    if attempt.is_open:
        raise CannotGrade(_("This attempt is still under way; it can be marked once handed in."))
    previous = supersedes or (
        LearningEvent.objects.filter(attempt=attempt, name="attempt.graded").order_by("id").last()
    )
    _set_grade(attempt, grade, timezone.now())
    attempt.awaits_person = False
    attempt.grading_due = None
    attempt.save()
    fact = _fact(attempt, attempt.activity, "attempt.graded", graded(grade))
    fact.supersedes = previous
    record(enrolment=attempt.enrolment, facts=[fact], actor_id=by_id, locked=True)
    return attempt


@transaction.atomic
def progressed(*, attempt: Attempt, activity: Activity, fraction: float) -> None:
    """The type reports how far an open attempt has come. Steps under a twentieth add no event."""
    fraction = max(0.0, min(1.0, fraction))
    step = int(fraction * 20)
    if step <= 0:
        return
    fact = _fact(attempt, activity, "activity.progressed", {"fraction": step / 20})
    # The same step of the same attempt is the same fact, however often a phone repeats it.
    fact.uuid = uuid.uuid5(attempt.uuid, f"progressed:{step}")
    record(enrolment=attempt.enrolment, facts=[fact])


def graded(grade: Grade) -> dict[str, Any]:
    """The payload of attempt.graded for `grade`."""
    return {
        "raw": float(grade.raw),
        "maximum": float(grade.maximum),
        "scaled": grade.scaled,
        "passed": grade.passed,
    }


def _set_grade(attempt: Attempt, grade: Grade, now: dt.datetime) -> None:
    attempt.state = Attempt.State.GRADED
    attempt.graded_at = now
    attempt.raw, attempt.maximum, attempt.passed = grade.raw, grade.maximum, grade.passed


def _type_of(activity: Activity) -> ActivityType:
    found = activity.activity_type
    if found is None:
        raise CannotOpen(_("This activity is not available right now. Try later."))
    return found


def _fact(attempt: Attempt, activity: Activity, name: str, data: dict[str, Any]) -> NewFact:
    return NewFact(
        name,
        subject_key=activity.translation_key,
        data=data,
        activity_id=activity.pk,
        attempt=attempt,
        uuid=uuid.uuid5(attempt.uuid, name) if name != "attempt.graded" else uuid.uuid4(),
    )


def _record(
    attempt: Attempt,
    activity: Activity,
    name: str,
    data: dict[str, Any],
    source: str,
    *,
    locked: bool = True,
) -> None:
    facts = [_fact(attempt, activity, name, data)]
    record(enrolment=attempt.enrolment, facts=facts, source=source, locked=locked)
