from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from modules.content.curriculum.frontmatter import TextError, TextErrors
from modules.content.curriculum.loader import Change, load_curriculum, load_help


class Command(BaseCommand):
    help = (
        "Loads the courses that are kept as text. A second run changes nothing; an edited text"
        " becomes a new, published revision."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="only tell what would change")
        parser.add_argument(
            "--restore", action="store_true", help="bring back what was deleted in the admin"
        )
        parser.add_argument(
            "--help-only", action="store_true", help="only the help and contact pages"
        )
        parser.add_argument(
            "--root",
            type=Path,
            default=Path(settings.BASE_DIR) / "modules" / "curriculum",
            help="the folder with references.yaml and a folder for each course",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["help_only"] and (options["check"] or options["restore"]):
            raise CommandError("--help-only goes with neither --check nor --restore.")
        try:
            if options["help_only"]:
                self._tell(load_help(root=options["root"]), check=False)
                return
            changes = load_curriculum(
                root=options["root"], check=options["check"], restore=options["restore"]
            )
        except (TextError, TextErrors) as error:
            raise CommandError(f"Nothing was loaded. What must be put right:\n{error}") from error
        self._tell(changes, check=options["check"])

    def _tell(self, changes: list[Change], *, check: bool) -> None:
        for change in changes:
            self.stdout.write(str(change))
        made = [change for change in changes if change.action != "left"]
        if check:
            self.stdout.write(f"{len(made)} changes to be made; nothing was changed")
        else:
            self.stdout.write(f"curriculum up to date, {len(made)} changes")
