"""How much there is of what, from the database; a dozen short queries."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Count, Min
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from lms.learning.models import Attempt, Delivery, Enrolment, LearningEvent
from lms.operations.heartbeat import TICK, WORKER, last_beat
from lms.people.models import Person, User


@dataclass(frozen=True)
class Gauge:
    """One number, or one for each set of labels."""

    name: str
    help: str
    values: list[tuple[str, float]]


def read() -> Iterator[Gauge]:
    """The gauges as they stand now."""
    now = timezone.now()
    yield _one("lms_people", "Persons, without those merged into others.", _people())
    yield _one("lms_accounts", "Accounts that may sign in.", _accounts())
    yield _one("lms_enrolments", "Enrolments in courses.", Enrolment.objects.count())
    yield _one("lms_events", "Facts in the learner record.", LearningEvent.objects.count())
    states = DBTaskResult.objects.order_by().values_list("status").annotate(n=Count("pk"))
    yield Gauge(
        "lms_jobs",
        "Jobs of the queue by state.",
        [(f'{{state="{state.lower()}"}}', count) for state, count in sorted(states)],
    )
    open_ones = Delivery.objects.exclude(state=Delivery.State.DONE).order_by()
    deliveries = open_ones.values_list("state").annotate(n=Count("pk"))
    yield Gauge(
        "lms_deliveries",
        "Deliveries to sinks that wait or were given up.",
        [(f'{{state="{state}"}}', count) for state, count in sorted(deliveries)],
    )
    oldest = Delivery.objects.due(now).order_by().aggregate(at=Min("try_at"))["at"]
    late = (now - oldest).total_seconds() if oldest else 0.0
    yield _one("lms_delivery_late_seconds", "How late the oldest delivery is.", late)
    unmarked = Attempt.objects.exclude(grading_due=None).count()
    yield _one("lms_attempts_unmarked", "Attempts that wait to be marked.", unmarked)
    for name in (WORKER, TICK):
        beat = last_beat(name)
        if beat is not None:
            age = (now - beat).total_seconds()
            yield _one(f"lms_{name}_age_seconds", f"Since the last sign of the {name}.", age)


def _one(name: str, words: str, value: float) -> Gauge:
    return Gauge(name, words, [("", value)])


def _people() -> int:
    return Person.objects.filter(merged_into=None).count()


def _accounts() -> int:
    return User.objects.filter(is_active=True).count()
