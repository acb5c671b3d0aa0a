"""Jobs whose worker was killed in the middle: done again, or marked as failed after some tries.

A worker holds a turn of its own for as long as it lives (lms/operations/turns.py), so whether the
worker of a job is gone is known at once and without guessing from clocks. The queue takes each job
at least once: a job must bear being begun a second time.
"""

from __future__ import annotations

import logging
import time
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Final

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from lms.operations.turns import turn

logger = logging.getLogger(__name__)
TRIES: Final = 3
LOOK_AFTER: Final = 60.0  # seconds after which it is asked whether the turn still holds


class WorkerEnded(Exception):
    """The worker was killed, or the machine was switched off, while it did this job."""


def name_of(worker_id: str) -> str:
    """The turn that a worker holds."""
    return f"worker-{worker_id}"


class Presence:
    """Shows that a worker lives, by its turn; ends with the process, however that ends."""

    def __init__(self, worker_id: str) -> None:
        self._name = name_of(worker_id)
        self._held: ExitStack | None = None
        self._on: BaseDatabaseWrapper | None = None
        self._looked = 0.0

    def show(self) -> None:
        """Take the turn, or take it again where the database was restarted meanwhile."""
        if self._held and time.monotonic() - self._looked > LOOK_AFTER and not self._holds():
            self.leave()
        if self._held is None:
            # A connection of its own: jobs and faults close the usual one.
            on = connection.copy()
            held = ExitStack()
            if not held.enter_context(turn(self._name, on=on, once=True)):
                on.close()
                raise RuntimeError("another worker has the id of this one")
            self._held, self._on = held, on
        self._looked = time.monotonic()

    def _holds(self) -> bool:
        on = self._on
        return on is None or on.vendor != "postgresql" or bool(on.is_usable())

    def leave(self) -> None:
        """Give the turn up."""
        held, on = self._held, self._on
        self._held = self._on = None
        if held is not None:
            held.close()
        if on is not None:
            on.close()


@dataclass(frozen=True)
class TakenBack:
    """How many jobs wait again, and how many were given up."""

    again: int = 0
    failed: int = 0


def take_back(backend: str, *, own: str = "") -> TakenBack:
    """Look after the jobs that are marked as running and are not.

    `own`: the id of the worker that calls this between two jobs, so none of its own is running.
    """
    again = failed = 0
    for job in DBTaskResult.objects.running().filter(backend_name=backend):
        worker = job.worker_ids[-1] if job.worker_ids else ""
        if worker and worker != own and not _is_gone(worker):
            continue
        # Only in the state in which it was found: another worker may have been faster.
        found = DBTaskResult.objects.running().filter(pk=job.pk, started_at=job.started_at)
        if len(job.worker_ids) < TRIES:
            changed = found.update(status="READY", started_at=None)
            again += changed
            words = "A job whose worker was ended in the middle is begun again: %s"
        else:
            changed = found.update(
                status="FAILED",
                finished_at=timezone.now(),
                exception_class_path=f"{WorkerEnded.__module__}.{WorkerEnded.__qualname__}",
                traceback=f"The worker was ended {TRIES} times while it did this job. The system's"
                " log says why: often there was too little memory.",
            )
            failed += changed
            words = "A job was given up, its worker was ended too often: %s"
        if changed:
            logger.error(words, job.task_path)
    return TakenBack(again, failed)


def _is_gone(worker_id: str) -> bool:
    with turn(name_of(worker_id), once=True) as mine:
        return mine
