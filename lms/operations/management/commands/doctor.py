from __future__ import annotations

import json
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.utils import translation

from lms.operations.checks.registry import ERROR, run
from lms.operations.checks.telling import as_lines, as_objects


class Command(BaseCommand):
    help = "Says what is wrong with the site and what to do; ends with 1 where something is."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--deep", action="store_true", help="also what takes minutes")
        parser.add_argument("--json", action="store_true", help="for programs")
        parser.add_argument("--lang", choices=("vi", "en"), default=settings.LANGUAGE_CODE)

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override(options["lang"]):
            findings = run(deep=options["deep"])
            if options["json"]:
                text = json.dumps(as_objects(findings), ensure_ascii=False, indent=1)
                self.stdout.write(text)
            else:
                for line in as_lines(findings):
                    self.stdout.write(line)
        if any(finding.level == ERROR for finding in findings):
            sys.exit(1)
