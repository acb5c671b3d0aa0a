from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from lms.learning.services.delivering import deliver_pending, grade_pending


class Command(BaseCommand):
    help = "Does what is due now: delivers events to sinks, marks what could not be marked."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"delivered {deliver_pending()}, marked {grade_pending()}")
