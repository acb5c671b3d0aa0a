from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from modules.content.services.outlines import derive_all_outlines


class Command(BaseCommand):
    help = "Derives outlines, addresses and placements of all courses from their published pages."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"derived {derive_all_outlines()} courses")
