"""Questions from the command line: `manage.py questions import FILE`, `… template FILE`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from quizzes.exchange.drafts import UnreadableFile
from quizzes.exchange.loading import Reading, load_questions, read_questions
from quizzes.exchange.table_template import template


class Command(BaseCommand):
    """Bring questions of a file into the bank, or show what the file would bring.

    Also writes the empty table for questions, to fill in.
    """

    help = "Import questions: GIFT, Moodle XML, Aiken, QTI, CSV, XLSX, Word."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        reader = actions.add_parser("import", help="read a file of questions into the bank")
        reader.add_argument("file", type=Path)
        reader.add_argument("--dry-run", action="store_true", help="only show what it would bring")
        reader.add_argument("--publish", action="store_true", help="publish them at once")
        reader.add_argument("--json", action="store_true", help="print the result as JSON")
        reader.add_argument(
            "--partly", action="store_true", help="import the sound ones where others have problems"
        )
        blank = actions.add_parser("template", help="write the table to fill in (XLSX)")
        blank.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        """Read, and unless told otherwise write."""
        path: Path = options["file"]
        if options["action"] == "template":
            self._write_template(path)
            return
        try:
            found = read_questions(path.name, path.read_bytes())
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}") from error
        except UnreadableFile as error:
            if not options["json"]:
                raise CommandError(f"{path.name}: {error}") from error
            problem = {"place": path.name, "message": str(error)}
            self.stdout.write(json.dumps({"counts": {}, "problems": [problem]}, ensure_ascii=False))
            return
        if options["json"]:
            self.stdout.write(json.dumps(found.as_json(), ensure_ascii=False))
        else:
            self._show(found)
        if options["dry_run"] or not found.drafts:
            return
        if found.faults and not options["partly"]:
            raise CommandError(
                _("Nothing was imported: mend the problems, or add --partly for the others.")
            )
        made = load_questions(found.drafts, publish=options["publish"])
        if not options["json"]:
            self.stdout.write(_("Imported: %(count)d.") % {"count": len(made)})

    def _write_template(self, path: Path) -> None:
        try:
            with path.open("xb") as file:  # never over a table that somebody has filled in
                file.write(template())
        except FileExistsError as error:
            raise CommandError(_("%(path)s is there already.") % {"path": path}) from error
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}") from error

    def _show(self, found: Reading) -> None:
        for kind, count in found.counts.items():
            self.stdout.write(f"{kind:<20} {count:>5}")
        for fault in found.faults:
            self.stdout.write(f"{fault.place}: {fault.message}")
