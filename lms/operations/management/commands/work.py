from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from lms.operations.working import EVERY, PAUSE, SiteWorker


class Command(BaseCommand):
    help = (
        "Does the jobs of the queue and, every minute, what is due; until Ctrl-C or SIGTERM."
        " Several may run at once."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--pause", type=float, default=PAUSE, help="seconds between looks into an empty queue"
        )
        parser.add_argument("--every", type=float, default=EVERY, help="seconds between two ticks")

    def handle(self, *args: Any, **options: Any) -> None:
        worker = SiteWorker(pause=options["pause"], every=options["every"])
        worker.listen()
        worker.run()
