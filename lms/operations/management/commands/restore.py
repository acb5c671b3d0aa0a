from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.utils import translation
from django.utils.translation import gettext as _

from lms.operations.backup import restoring
from lms.operations.backup.manifest import Manifest
from lms.operations.backup.progress import MEGABYTE, Progress
from lms.operations.checks.registry import run
from lms.operations.checks.telling import as_lines
from lms.operations.errors import OperationsError


class Command(BaseCommand):
    help = "Puts a backup back into an empty site. Interrupted, it goes on when called again."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--check", action="store_true", help="only read the file and say whether it is whole"
        )
        parser.add_argument(
            "--replace",
            action="store_true",
            help="delete what the site holds; asks for the name of the database",
        )
        parser.add_argument("--no-media", action="store_true", help="only the database")
        parser.add_argument("--lang", choices=("vi", "en"), default=settings.LANGUAGE_CODE)

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override(options["lang"]):
            try:
                if options["check"]:
                    self._check(options["file"])
                else:
                    self._restore(options["file"], options["replace"], not options["no_media"])
            except OperationsError as error:
                raise CommandError(str(error)) from error

    def _check(self, file: Path) -> None:
        checked = restoring.check(file, Progress(sys.stderr))
        self.stdout.write(
            _("The backup is whole: %(time)s, %(rows)d rows, %(files)d files (%(size).1f MB).")
            % {
                "time": checked.manifest.made,
                "rows": checked.manifest.rows,
                "files": checked.totals.media_files,
                "size": checked.totals.media_bytes / MEGABYTE,
            }
        )

    def _restore(self, file: Path, replace: bool, with_media: bool) -> None:
        began = time.monotonic()
        done = restoring.restore(
            file,
            Progress(sys.stderr),
            replace=replace,
            confirm=self._confirm,
            with_media=with_media,
        )
        if done is None:
            raise CommandError(_("Nothing was changed."))
        self.stdout.write(
            _(
                "Restored: %(rows)d rows, %(files)d files, in %(seconds)d seconds. Start web and"
                " worker again now."
            )
            % {
                "rows": done.rows,
                "files": done.media_files,
                "seconds": time.monotonic() - began,
            }
        )
        if done.aside:
            self.stdout.write(
                _("The files that were here before are in %(folder)s.") % {"folder": done.aside}
            )
        for line in as_lines(run()):
            self.stdout.write(line)

    def _confirm(self, manifest: Manifest, here: list[str]) -> bool:
        name = Path(str(connection.settings_dict["NAME"])).name
        self.stdout.write(
            _(
                "This deletes what the site holds now: %(what)s. In its place comes the backup of"
                " %(time)s, %(rows)d rows. Stop web and worker first."
            )
            % {"what": ", ".join(here), "time": manifest.made, "rows": manifest.rows}
        )
        prompt = _("To go on, type the name of the database, %(name)s: ") % {"name": name}
        try:
            return input(prompt).strip() == name
        except EOFError:
            return False
