"""What is done every minute, and what is done every day: each step for itself."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import connection
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from lms.learning.services.assigning import sync_assignments
from lms.learning.services.delivering import deliver_pending, grade_pending
from lms.operations.heartbeat import TICK, beat
from lms.operations.turns import turn
from lms.people.importing.storing import forget_old_imports
from lms.plugins.config import registries
from lms.plugins.contracts import Chore
from lms.plugins.guard import guard

logger = logging.getLogger(__name__)
RESULTS_KEPT: Final = dt.timedelta(days=14)
Step = Callable[[dt.datetime], int]


def _sync(now: dt.datetime) -> int:
    return sync_assignments(now=now)


def _prune_results(now: dt.datetime) -> int:
    old = DBTaskResult.objects.finished().filter(finished_at__lte=now - RESULTS_KEPT)
    return old.delete()[0]


def _prune_sessions(now: dt.datetime) -> int:
    return Session.objects.filter(expire_date__lt=now).delete()[0]


EVERY_MINUTE: Final[dict[str, Step]] = {
    "delivered": deliver_pending,
    "marked": grade_pending,
    "assigned": _sync,
}
EVERY_DAY: Final[dict[str, Step]] = {
    "imports forgotten": forget_old_imports,
    "job results removed": _prune_results,
    "sessions removed": _prune_sessions,
}


@dataclass(frozen=True)
class Ticked:
    """What one tick did. `ran` False: another worker was at it."""

    ran: bool
    done: dict[str, int] = field(default_factory=dict)
    failed: tuple[str, ...] = ()


def tick(*, now: dt.datetime | None = None, daily: bool | None = None) -> Ticked:
    """Do what is due at `now`, unless another process is doing it at this moment.

    A step that fails is logged and holds up no other; the next tick tries again. `daily`: whether
    to do the daily steps too; None: if this is the first tick of the day.
    """
    now = now or timezone.now()
    done: dict[str, int] = {}
    failed: list[str] = []
    left: list[tuple[str, Step]] | None = None
    while left is None or left:
        with turn("tick") as mine:
            if not mine:
                # After a lost connection somebody else may have gone on with the rest.
                return Ticked(ran=left is not None, done=done, failed=tuple(failed))
            if left is None:
                left = _due(now, daily=daily)
            _do(left, now, done, failed)
        leave_sign(TICK)
    return Ticked(ran=True, done=done, failed=tuple(failed))


def _guarded(chore: Chore) -> Step:
    def run(now: dt.datetime) -> int:
        with guard(chore.key, "run"):
            return chore.run(now)

    return run


def _due(now: dt.datetime, *, daily: bool | None) -> list[tuple[str, Step]]:
    steps = dict(EVERY_MINUTE)
    if daily or (daily is None and _first_of_the_day(now)):
        steps |= EVERY_DAY | {chore.key: _guarded(chore) for chore in registries.chores}
    return list(steps.items())


def _do(
    left: list[tuple[str, Step]], now: dt.datetime, done: dict[str, int], failed: list[str]
) -> None:
    """Take steps off the list and do them, until it is empty or the connection had to be closed."""
    while left:
        name, step = left.pop(0)
        try:
            done[name] = step(now)
        except Exception:
            logger.exception("A step of the tick failed: %s", name)
            failed.append(name)
            if connection.errors_occurred and not connection.in_atomic_block:
                # It may be broken. The next query opens another, and whose turn it is must be
                # asked there again: on PostgreSQL the turn ends with the connection.
                connection.close()
                return


def leave_sign(name: str) -> None:
    """Say that `name` is alive; a full disk is no reason to stop working."""
    try:
        beat(name)
    except OSError as error:
        logger.error("No sign of life could be left: %s", type(error).__name__)


def _first_of_the_day(now: dt.datetime) -> bool:
    day = timezone.localdate(now)
    return bool(cache.add(f"lms:daily:{day}", value=True, timeout=2 * 86_400))
