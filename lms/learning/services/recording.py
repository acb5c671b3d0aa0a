"""`record`: the one way by which a fact enters the spine.

One transaction: append the facts, fold them into progress, append what follows from them, and
note a delivery per sink. Everything for one enrolment happens under a lock on its row, so eight
tabs of one learner queue up instead of colliding.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone

from lms.learning.models import (
    ActivityProgress,
    Attempt,
    CourseProgress,
    Delivery,
    Enrolment,
    LearningEvent,
    LessonProgress,
    ModuleProgress,
)
from lms.learning.payloads import checked
from lms.learning.progress.completion import (
    course_is_complete,
    lesson_is_complete,
    module_is_complete,
    rule_is_met,
)
from lms.learning.progress.fold import Fact, State, fold
from lms.learning.progress.store import load_state, save_state
from lms.plugins.config import registries
from lms.plugins.contracts import EventSink
from lms.plugins.guard import PluginFailure, guard
from lms.plugins.prepared import Prepared
from modules.content.models import CourseOutline
from modules.content.models.activity import rule_of
from modules.content.outline import ActivityRef, LessonRef, Outline, outline_of

NAMESPACE = uuid.UUID("6f6d1c2e-5d3f-4a39-9f6e-0c6f2d7c1a11")


@dataclass
class NewFact:
    """A fact to be recorded. `subject_key`: what it is about; see LearningEvent."""

    name: str
    subject_key: uuid.UUID | None = None
    data: dict[str, Any] = field(default_factory=dict)
    activity_id: int | None = None
    attempt: Attempt | None = None
    uuid: uuid.UUID = field(default_factory=uuid.uuid4)
    occurred_at: dt.datetime | None = None
    supersedes: LearningEvent | None = None
    is_new: bool = False  # the caller knows, under the lock, that this uuid was never recorded


def lock(enrolment: Enrolment) -> None:
    """Hold the enrolment's row until the transaction ends. Call inside one."""
    Enrolment.objects.select_for_update(of=("self",)).only("pk").get(pk=enrolment.pk)


_OUTLINE: Prepared[CourseOutline] = Prepared(
    lambda course_key: CourseOutline.objects.filter(course_key=course_key).defer("data"), uuid.UUID
)


def current_outline(course_key: uuid.UUID) -> Outline | None:
    """The course as published now, or None."""
    row = _OUTLINE.first(course_key)
    return outline_of(row) if row is not None else None


def record(
    *,
    enrolment: Enrolment,
    facts: Sequence[NewFact],
    source: str = "web",
    actor_id: int | None = None,
    locked: bool = False,
) -> list[LearningEvent]:
    """Append `facts` and all that follows from them; gives the events that are new.

    A fact whose uuid is already known is passed over. Raises BadPayload for a payload that does
    not fit its name. `locked`: the caller is in a transaction and holds the enrolment's row.
    """
    if locked:
        return _record(enrolment, facts, source, actor_id)
    with transaction.atomic():
        lock(enrolment)
        return _record(enrolment, facts, source, actor_id)


def _record(
    enrolment: Enrolment, facts: Sequence[NewFact], source: str, actor_id: int | None
) -> list[LearningEvent]:
    now = timezone.now()
    known = _known([fact.uuid for fact in facts if not fact.is_new])
    events = [
        _event(enrolment, fact, source, actor_id, now) for fact in facts if fact.uuid not in known
    ]
    if not events:
        return []
    if any(event.supersedes_id for event in events):
        return _append_correction(enrolment, events)
    outline = current_outline(enrolment.course_key)
    before = load_state(enrolment.pk)
    state = before.copy()
    for event in events:
        fold(state, fact_of(event))
    derived = derive(enrolment, outline, state, events[-1].occurred_at, source) if outline else []
    if enrolment.corrected_at is not None:
        _renew_taken_uuids(derived, events[-1].uuid)
    events += derived
    LearningEvent.objects.bulk_create(events)
    save_state(enrolment.pk, before, state)
    note_deliveries(events, now)
    return events


def beginning_of(enrolment: Enrolment) -> NewFact:
    """The fact that a person took up a course."""
    return NewFact(
        "enrolment.created",
        subject_key=enrolment.course_key,
        uuid=uuid.uuid5(enrolment.uuid, "enrolment.created"),
        occurred_at=enrolment.enrolled_at,
    )


def begin(enrolments: Sequence[Enrolment], *, source: str, actor_id: int | None) -> None:
    """Record the beginning of enrolments that nobody else has seen yet, in this transaction.

    The same events and progress as `record` makes one by one. Nothing can be known of enrolments
    that were made a moment ago, so nothing is read. The caller has seen that the course is not
    complete on enrolling: a beginning then has no consequences.
    """
    now = timezone.now()
    events, rows = [], []
    for enrolment in enrolments:
        event = _event(enrolment, beginning_of(enrolment), source, actor_id, now)
        state = State()
        fold(state, fact_of(event))
        events.append(event)
        last = state.last_event_at or event.occurred_at
        rows.append(CourseProgress(enrolment=enrolment, last_event_at=last))
    LearningEvent.objects.bulk_create(events, batch_size=500)
    CourseProgress.objects.bulk_create(rows, batch_size=500)
    note_deliveries(events, now)


def _known(uuids: Sequence[uuid.UUID]) -> set[uuid.UUID]:
    if not uuids:
        return set()
    found = LearningEvent.objects.filter(uuid__in=uuids).values_list("uuid", flat=True)
    return set(found)


def _event(
    enrolment: Enrolment, fact: NewFact, source: str, actor_id: int | None, now: dt.datetime
) -> LearningEvent:
    return LearningEvent(
        uuid=fact.uuid,
        name=fact.name,
        person_id=enrolment.person_id,
        enrolment=enrolment,
        activity_id=fact.activity_id,
        attempt=fact.attempt,
        subject_key=fact.subject_key,
        actor_id=actor_id or enrolment.person_id,
        source=source,
        data=checked(fact.name, fact.data),
        occurred_at=fact.occurred_at or now,
        recorded_at=now,
        supersedes=fact.supersedes,
    )


def fact_of(event: LearningEvent) -> Fact:
    """`event` as the fold sees it. Needs `supersedes` loaded only where it is set."""
    return Fact(
        uuid=event.uuid,
        name=event.name,
        subject=event.subject_key,
        occurred_at=event.occurred_at,
        data=event.data,
        attempt_id=event.attempt_id,
        supersedes=event.supersedes.uuid if event.supersedes_id and event.supersedes else None,
    )


def derive(
    enrolment: Enrolment, outline: Outline, state: State, at: dt.datetime, source: str
) -> list[LearningEvent]:
    """The events that follow from `state` and are not in it yet, folded into it as they come."""
    found: list[LearningEvent] = []

    def add(name: str, key: uuid.UUID, data: dict[str, Any], activity: int | None = None) -> None:
        event = LearningEvent(
            uuid=uuid.uuid5(NAMESPACE, f"{name}:{enrolment.pk}:{key}"),
            name=name,
            person_id=enrolment.person_id,
            enrolment=enrolment,
            activity_id=activity,
            subject_key=key,
            actor_id=enrolment.person_id,
            source=source,
            data=checked(name, data),
            occurred_at=at,
        )
        found.append(event)
        fold(state, fact_of(event))

    for lesson in _with_something_new(outline, state):
        seen = state.lessons.get(lesson.key)
        viewed = seen is not None and seen.viewed_at is not None
        for ref in {ref.key: ref for refs in lesson.activities.values() for ref in refs}.values():
            activity = state.activities.get(ref.key)
            if (activity is None or activity.completed_at is None) and _activity_is_done(
                ref, state, viewed=viewed
            ):
                add("activity.completed", ref.key, {"rule": ref.rule}, ref.activity_id)
        if (seen is None or seen.completed_at is None) and lesson_is_complete(lesson, state):
            add("lesson.completed", lesson.key, {})
    done = {key for key, lesson in state.lessons.items() if lesson.completed_at is not None}
    for module in outline.modules:
        if module.key not in state.modules and module_is_complete(module, done):
            add("module.completed", module.key, {})
    if state.completed_at is None and course_is_complete(outline, state.modules):
        add("course.completed", outline.course_key, {})
    return found


def _renew_taken_uuids(derived: list[LearningEvent], trigger: uuid.UUID) -> None:
    # The uuid of a derived event is taken only when that event was superseded since: what follows
    # anew needs a uuid of its own, still the same for the same trigger.
    taken = _known([event.uuid for event in derived])
    for event in derived:
        if event.uuid in taken:
            event.uuid = uuid.uuid5(NAMESPACE, f"{event.uuid}:{trigger}")


def _with_something_new(outline: Outline, state: State) -> list[LessonRef]:
    """The lessons in which something was done, in order.

    Complete ones too: an activity that is not required may be completed later.
    """
    found = {key: lesson for key in state.lessons if (lesson := outline.lesson(key)) is not None}
    for key in state.activities:
        found |= {lesson.key: lesson for lesson in outline.lessons_with(key)}
    return sorted(found.values(), key=lambda lesson: outline.position(lesson.key) or 0)


def _activity_is_done(ref: ActivityRef, state: State, *, viewed: bool) -> bool:
    activity_type = registries.activity_types.get(ref.type_key)
    if activity_type is None:
        return False  # its plugin is gone: nothing new can be decided about it
    return rule_is_met(rule_of(activity_type, ref.rule), state, ref.key, viewed=viewed)


def note_deliveries(events: Iterable[LearningEvent], now: dt.datetime) -> None:
    """A Delivery row for each event and each sink that accepts it, in this transaction."""
    events = list(events)
    rows = []
    for sink in registries.event_sinks:
        for event in _wanted(sink, events):
            rows.append(Delivery(event=event, sink_key=sink.key, try_at=now))
    if rows:
        Delivery.objects.bulk_create(rows, ignore_conflicts=True)


def _wanted(sink: EventSink, events: list[LearningEvent]) -> list[LearningEvent]:
    if type(sink).accepts is EventSink.accepts:
        return events  # it takes everything: nothing of the plugin's to run
    try:
        # A savepoint: a query that fails in there would break the whole recording on PostgreSQL.
        with guard(sink.key, "accepts"):
            return [event for event in events if sink.accepts(event)]
    except PluginFailure:
        return events  # better delivered once too often than lost


def _append_correction(enrolment: Enrolment, events: list[LearningEvent]) -> list[LearningEvent]:
    # What is superseded must leave the fold, and a fold cannot forget: build this one anew.
    from lms.learning.services.rebuilding import rebuild  # noqa: PLC0415 -- circular import

    LearningEvent.objects.bulk_create(events)
    enrolment.corrected_at = timezone.now()
    enrolment.save(update_fields=["corrected_at"])
    note_deliveries(events, enrolment.corrected_at)
    rebuild([enrolment.pk])
    return events


def reset_progress(enrolment_ids: Sequence[int]) -> None:
    """Throw the folded state of these enrolments away; the events stay."""
    for model in (ActivityProgress, LessonProgress, ModuleProgress, CourseProgress):
        model._default_manager.filter(enrolment_id__in=enrolment_ids).delete()
