"""`manage.py messages`: keep the Vietnamese catalogues complete, checked and compiled."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from lms.web.catalogues import checks, files, packages, sources
from lms.web.catalogues.extraction import Message


class Command(BaseCommand):
    """extract, check and compile need no gettext programs; overlay serves package upgrades."""

    help = "Collect, check and compile the messages that people see."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Take the one word that says what to do."""
        parser.add_argument(
            "action",
            choices=["extract", "check", "compile", "overlay"],
            help=(
                "extract: put new messages of our apps into their catalogues; "
                "check: fail on any that is missing or wrong; compile: write the .mo files; "
                "overlay: put messages that packages lack in Vietnamese into lms/locale"
            ),
        )

    def handle(self, *args: Any, action: str, **options: Any) -> None:
        """Do what the word says."""
        getattr(self, f"_{action}")()

    def _extract(self) -> None:
        for source in sources.app_sources():
            messages = [item for item in source.read() if isinstance(item, Message)]
            if not messages and not source.catalogue.exists():
                continue
            catalog = files.updated(files.load(source.catalogue), messages)
            self._tell(files.save(source.catalogue, catalog), source.catalogue)
        self._overlay()

    def _overlay(self) -> None:
        ours = [
            item.key
            for source in sources.project_sources()
            for item in source.read()
            if isinstance(item, Message)
        ]
        for domain, keys in (("django", ours), ("djangojs", [])):
            path = sources.overlay_path(domain)
            catalog = packages.overlay(files.load(path), domain, keys)
            self._tell(files.save(path, catalog), path)

    def _check(self) -> None:
        problems = checks.all_problems()
        for problem in problems:
            self.stderr.write(str(problem).replace(f"{settings.BASE_DIR}/", ""))
        if problems:
            raise CommandError(f"{len(problems)} messages need work")
        self.stdout.write("Every message has its Vietnamese.")

    def _compile(self) -> None:
        for path in sources.catalogue_paths():
            self._tell(files.compile_catalogue(path), path.with_suffix(".mo"))

    def _tell(self, written: bool, path: Path) -> None:
        if written:
            self.stdout.write(f"written: {path.relative_to(settings.BASE_DIR)}")
