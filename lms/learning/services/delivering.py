"""Takes events to their sinks: at least once, later again when a sink is down."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict

from django.utils import timezone

from lms.learning.models import Attempt, Delivery
from lms.learning.services.attempting import grade_later
from lms.plugins.config import registries
from lms.plugins.contracts import EventSink
from lms.plugins.guard import PluginFailure, guard

BATCH = 200
TRIES = 12  # with the waits below, a sink may be down for about five days


def wait_after(attempts: int) -> dt.timedelta:
    """How long to wait after so many failed tries: 1, 2, 4 … minutes, at most a day."""
    return dt.timedelta(minutes=min(2 ** max(0, attempts - 1), 24 * 60))


def deliver_pending(now: dt.datetime | None = None) -> int:
    """Try every delivery that is due; how many arrived. One sink's fault stops no other."""
    now = now or timezone.now()
    by_sink: dict[str, list[Delivery]] = defaultdict(list)
    for delivery in Delivery.objects.due(now).select_related("event")[:BATCH]:
        by_sink[delivery.sink_key].append(delivery)
    return sum(_deliver(key, deliveries, now) for key, deliveries in by_sink.items())


def retry_dead(*, sink_key: str = "") -> int:
    """Have what was given up tried again, for one sink or for all; how many there are."""
    dead = Delivery.objects.dead()
    if sink_key:
        dead = dead.filter(sink_key=sink_key)
    return dead.update(state=Delivery.State.WAITING, attempts=0, try_at=timezone.now())


def _deliver(sink_key: str, deliveries: list[Delivery], now: dt.datetime) -> int:
    sink = registries.event_sinks.get(sink_key)
    error = "its plugin is not installed" if sink is None else _send(sink, deliveries)
    for delivery in deliveries:
        delivery.attempts += 1
        delivery.last_error = error
        if not error:
            delivery.state = Delivery.State.DONE
        elif delivery.attempts >= TRIES:
            delivery.state = Delivery.State.DEAD
        else:
            delivery.try_at = now + wait_after(delivery.attempts)
    Delivery.objects.bulk_update(deliveries, ["state", "attempts", "try_at", "last_error"])
    return 0 if error else len(deliveries)


def _send(sink: EventSink, deliveries: list[Delivery]) -> str:
    """Deliver to `sink`; the error as text, empty when it arrived."""
    try:
        with guard(sink.key, "deliver"):
            sink.deliver([delivery.event for delivery in deliveries])
    except PluginFailure as failure:
        return repr(failure.__cause__)[:500]
    except Exception as error:  # noqa: BLE001 -- strict mode raises the sink's own error
        return repr(error)[:500]
    return ""


def grade_pending(now: dt.datetime | None = None) -> int:
    """Ask types once more to mark what they failed to mark; how many are marked now."""
    now = now or timezone.now()
    due = Attempt.objects.filter(grading_due__lte=now).order_by("grading_due")
    due = due.select_related("enrolment")[:BATCH]
    return sum(grade_later(attempt=attempt).state == Attempt.State.GRADED for attempt in due)
