from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from lms.learning.services.rebuilding import find_drift, rebuild_all


class Command(BaseCommand):
    help = "Derives all progress from the learning events anew, or checks that it agrees."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="change nothing; fail where progress has drifted"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["check"]:
            self.stdout.write(f"rebuilt {rebuild_all()} enrolments")
            return
        drifted = [drift.enrolment_id for drift in find_drift()]
        if drifted:
            raise CommandError(
                f"{len(drifted)} enrolments differ from their events: "
                + ", ".join(map(str, drifted[:20]))
            )
        self.stdout.write("progress agrees with the events")
