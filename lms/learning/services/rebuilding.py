"""Throws folded state away and derives it again from the events. Records and delivers nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db import transaction

from lms.learning.models import Enrolment, LearningEvent
from lms.learning.progress.fold import Fact, State, project
from lms.learning.progress.store import load_states, save_states
from lms.learning.services.recording import reset_progress

CHUNK = 200


@dataclass(frozen=True)
class Drift:
    """An enrolment whose stored progress differs from what its events say."""

    enrolment_id: int


def states_from_events(enrolment_ids: Sequence[int]) -> dict[int, State]:
    """The states that the events of these enrolments fold to: one query."""
    facts: dict[int, list[Fact]] = defaultdict(list)
    rows = (
        LearningEvent.objects.filter(enrolment_id__in=enrolment_ids)
        .order_by("id")
        .values_list(
            "enrolment_id",
            "uuid",
            "name",
            "subject_key",
            "occurred_at",
            "data",
            "supersedes__uuid",
        )
    )
    for enrolment_id, uuid, name, subject, at, data, supersedes in rows.iterator(5000):
        facts[enrolment_id].append(Fact(uuid, name, subject, at, data, supersedes=supersedes))
    return {pk: project(facts[pk]) for pk in enrolment_ids}


@transaction.atomic
def rebuild(enrolment_ids: Sequence[int]) -> None:
    """Fold in memory, write in bulk, for these enrolments."""
    list(
        Enrolment.objects.select_for_update(of=("self",))
        .filter(pk__in=enrolment_ids)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    states = states_from_events(enrolment_ids)
    reset_progress(enrolment_ids)
    save_states({pk: (State(), state) for pk, state in states.items()})


def rebuild_all() -> int:
    """Rebuild every enrolment in chunks, with bounded memory; how many there were."""
    count = 0
    for ids in _chunks():
        rebuild(ids)
        count += len(ids)
    return count


def find_drift() -> Iterator[Drift]:
    """The enrolments whose stored progress is not what their events say. Changes nothing."""
    for ids in _chunks():
        stored = load_states(ids)
        folded = states_from_events(ids)
        for pk in ids:
            if comparable(stored[pk]) != comparable(folded[pk]):
                yield Drift(pk)


def comparable(state: State) -> tuple[object, ...]:
    """`state` as far as it is stored: of the attempts only how many were begun."""
    return (
        {
            key: (
                each.fraction,
                each.best_scaled,
                each.passed,
                max(each.attempts, default=0),
                each.submitted_at,
                each.completed_at,
            )
            for key, each in state.activities.items()
        },
        state.lessons,
        state.modules,
        state.completed_at,
        state.last_event_at,
    )


def _chunks() -> Iterator[list[int]]:
    last = 0
    while ids := list(
        Enrolment.objects.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:CHUNK]
    ):
        yield ids
        last = ids[-1]
