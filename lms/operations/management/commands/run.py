from __future__ import annotations

import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from lms.operations.together import run_together


class Command(BaseCommand):
    help = "Runs web and worker on one's own machine until Ctrl-C; a real site: docs/operate.md."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("address", nargs="?", default="127.0.0.1:8000")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.LMS_PRODUCTION:
            raise CommandError(
                "This folder holds a site for real people (.env), and this command is for trying"
                " things out. docs/operate.md says how web and worker of a real site are started."
            )
        manage = [sys.executable, str(settings.BASE_DIR / "manage.py")]
        code = run_together([[*manage, "runserver", options["address"]], [*manage, "work"]])
        if code:
            raise CommandError("Web or worker ended; the lines above say why.", returncode=code)
