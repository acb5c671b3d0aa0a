"""The worker: jobs of the queue, and the tick every minute, one after the other in one process."""

from __future__ import annotations

import logging
import signal
import sys
import threading
import time
import uuid
from types import FrameType

from django.db import DatabaseError, close_old_connections, connection
from django_tasks_db.management.commands.db_worker import Worker

from lms.operations.abandoned import Presence, take_back
from lms.operations.heartbeat import WORKER
from lms.operations.ticking import leave_sign, tick

logger = logging.getLogger(__name__)
BACKEND = "lms"
PAUSE = 1.0  # seconds between two looks into an empty queue
EVERY = 60.0  # seconds between two ticks
AFTER_FAULT = 5.0


class SiteWorker:
    """Runs until it is asked to stop; what it is doing then is finished first."""

    def __init__(self, *, pause: float = PAUSE, every: float = EVERY) -> None:
        self.pause = pause
        self.every = every
        self.stopping = threading.Event()
        self.worker_id = uuid.uuid4().hex
        self.presence = Presence(self.worker_id)
        self._next_tick = time.monotonic()

    def listen(self) -> None:
        """Stop on SIGTERM and SIGINT; at once when asked a second time."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.stop)

    def stop(self, number: int | None = None, frame: FrameType | None = None) -> None:
        """End after the present job."""
        if self.stopping.is_set() and number is not None:
            sys.exit(1)
        self.stopping.set()

    def run(self) -> None:
        """Work until `stop`."""
        logger.info("The worker runs.")
        try:
            self._work()
        finally:
            self.presence.leave()
        logger.info("The worker has stopped.")

    def _work(self) -> None:
        while not self.stopping.is_set():
            busy = False
            try:
                close_old_connections()
                leave_sign(WORKER)
                self.presence.show()
                if time.monotonic() >= self._next_tick:
                    self._tick()
                busy = not self.stopping.is_set() and self.one_job()
            except DatabaseError as error:
                # Restarted, upgraded, out of reach: the worker stays and tries again.
                logger.error("The database does not answer (%s).", type(error).__name__)
                connection.close()
                self.stopping.wait(AFTER_FAULT)
            except Exception:
                logger.exception("The worker met a fault and goes on.")
                self.stopping.wait(AFTER_FAULT)
            if not busy:
                self.stopping.wait(self.pause)

    def one_job(self) -> bool:
        """Do the next job of the queue, if there is one; a job that fails is marked as failed."""
        worker = Worker(
            queue_names=["*"],
            excluded_queue_names=[],
            interval=0,
            batch=True,
            backend_name=BACKEND,
            startup_delay=False,
            max_tasks=1,
            worker_id=self.worker_id,
        )
        worker.run()
        return bool(worker._run_tasks)

    def _tick(self) -> None:
        self._next_tick = time.monotonic() + self.every
        ticked = tick()
        done = ", ".join(f"{name} {count}" for name, count in ticked.done.items() if count)
        if done:
            logger.info("Tick: %s", done)
        take_back(BACKEND, own=self.worker_id)
