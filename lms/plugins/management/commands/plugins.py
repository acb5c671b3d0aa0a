from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from lms.plugins import API_VERSION
from lms.plugins.listing import Listed, list_plugins
from lms.plugins.verifying import NotAPlugin, verify


class Command(BaseCommand):
    """`list` says what is installed and in which state; `verify` tries a plugin before it is."""

    help = "Lists the plugins of this site, or verifies one before it is installed."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """`list [--json]` or `verify <path>`."""
        actions = parser.add_subparsers(dest="action", required=True)
        listing = actions.add_parser("list", help="plugins with version, state and what they add")
        listing.add_argument("--json", action="store_true", help="for programs")
        verifying = actions.add_parser(
            "verify",
            help="check the plugin in a folder with a pyproject.toml, in a process of its own",
        )
        verifying.add_argument("path", type=Path)
        verifying.add_argument(
            "--database",
            type=Path,
            help="an SQLite file: try the migrations on a copy of it, not on an empty database",
        )

    def handle(self, *args: Any, action: str, **options: Any) -> None:
        """Do what the first word says."""
        if action == "list":
            self._list(as_json=options["json"])
        else:
            self._verify(options["path"], options["database"])

    def _list(self, *, as_json: bool) -> None:
        listed = list_plugins()
        if as_json:
            content = {"api": API_VERSION, "plugins": [each.as_json() for each in listed]}
            self.stdout.write(json.dumps(content, ensure_ascii=False, indent=2))
            return
        for each in listed:
            self.stdout.write(self._line(each))
            if each.reason:
                self.stdout.write(f"    {each.stage}: {each.reason}")
            for kind, keys in each.registers.items():
                self.stdout.write(f"    {kind}: {', '.join(keys)}")

    @staticmethod
    def _line(each: Listed) -> str:
        state = {"installed": "in service", "failed": "out of service"}.get(each.state, each.state)
        facts = [each.version, f"api {each.requires_api}" if each.requires_api else "", state]
        return f"{each.name:<32} " + "  ".join(fact for fact in facts if fact)

    def _verify(self, path: Path, database: Path | None) -> None:
        try:
            for step in verify(path, database=database):
                self.stdout.write(f"{'ok' if step.passed else 'FAILED':<8}{step.name}")
                if not step.passed:
                    self.stdout.write("\n".join(f"    {line}" for line in step.output.splitlines()))
                    raise CommandError(f"do not install {path}: it fails at “{step.name}”")
        except NotAPlugin as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{path} may be installed")
