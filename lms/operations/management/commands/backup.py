from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import translation
from django.utils.translation import gettext as _

from lms.operations.backup import making
from lms.operations.backup.progress import MEGABYTE, Progress
from lms.operations.errors import OperationsError


class Command(BaseCommand):
    help = "Writes database and media to one file, while the site goes on running."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "file", nargs="?", type=Path, help="default: a new one in LMS_BACKUP_DIR"
        )
        parser.add_argument("--no-media", action="store_true", help="only the database")
        parser.add_argument(
            "--keep", type=int, metavar="N", help="afterwards delete all but the newest N there"
        )
        parser.add_argument("--lang", choices=("vi", "en"), default=settings.LANGUAGE_CODE)

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override(options["lang"]):
            try:
                self._make(options["file"], not options["no_media"], options["keep"])
            except OperationsError as error:
                raise CommandError(str(error)) from error

    def _make(self, file: Path | None, with_media: bool, keep: int | None) -> None:
        folder = settings.LMS_BACKUP_DIR
        if file is None and not folder:
            raise CommandError(_("Name a file, or set LMS_BACKUP_DIR."))
        if keep is not None and (file is not None or keep < 1):
            raise CommandError(_("--keep goes with LMS_BACKUP_DIR and keeps at least one."))
        began = time.monotonic()
        made = making.make_backup(
            file or making.usual_path(Path(folder)),
            Progress(sys.stderr),
            with_media=with_media,
        )
        self.stdout.write(
            _(
                "%(path)s: %(rows)d rows, %(files)d files, %(size).1f MB, in %(seconds)d seconds."
                " It holds personal data and secrets: keep it where only you can read it, and a"
                " copy on another machine."
            )
            % {
                "path": made.path,
                "rows": made.rows,
                "files": made.media_files,
                "size": made.size / MEGABYTE,
                "seconds": time.monotonic() - began,
            }
        )
        for path in making.forget_old(Path(folder), keep) if keep else []:
            self.stdout.write(_("Deleted: %(path)s") % {"path": path})
