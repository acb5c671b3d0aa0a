from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from lms.operations.ticking import tick


class Command(BaseCommand):
    help = (
        "Does what is due now, once: delivers events to sinks, marks what could not be marked,"
        " gives assigned courses to new holders of posts; with the first tick of a day it also"
        " removes what has had its time. `manage.py work` does this every minute."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--daily", action="store_true", help="do the daily steps as well")

    def handle(self, *args: Any, **options: Any) -> None:
        ticked = tick(daily=True if options["daily"] else None)
        if not ticked.ran:
            self.stdout.write("another process is ticking at this moment: nothing to do")
            return
        self.stdout.write(", ".join(f"{name} {count}" for name, count in ticked.done.items()))
        if ticked.failed:
            raise CommandError(f"These steps failed, the log says why: {', '.join(ticked.failed)}")
