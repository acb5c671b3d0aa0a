from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from lms.environment import env_file
from lms.operations import asking, site


class Command(BaseCommand):
    help = (
        "Makes an empty site for real people: writes .env, prepares the database and the files, and"
        " makes the first administrator. Asks for what no flag says; never overwrites."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--hosts", default="", help="addresses, with commas between them")
        parser.add_argument(
            "--database", default=None, help="postgres://user:password@host:5432/name, or sqlite"
        )
        parser.add_argument("--data", type=Path, help="folder for database, media and backups")
        parser.add_argument("--no-tls", action="store_true", help="for a trial without TLS only")
        parser.add_argument("--no-course", action="store_true", help="leave the course out")
        parser.add_argument("--name", default="", help="full name of the administrator")
        parser.add_argument("--username", default="", help="user name of the administrator")
        parser.add_argument(
            "--password-stdin", action="store_true", help="read the password from standard input"
        )
        parser.add_argument(
            "--continue",
            dest="go_on",
            action="store_true",
            help="go on with a site whose .env is written already",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path = env_file()
        if path is None:
            raise CommandError("LMS_ENV_FILE is empty: there is no place for .env.")
        try:
            if not options["go_on"]:
                site.write_env(path, self._answers(path, options))
                self.stdout.write(f"Written: {path} (only you can read it)")
            elif not path.is_file():
                raise site.CannotMakeSite(f"There is no {path} to go on with.")
            password = asking.password(from_stdin=options["password_stdin"])
            name = options["name"] or asking.ask("Full name of the administrator", "--name")
            username = options["username"] or asking.ask("User name", "--username")
        except site.CannotMakeSite as error:
            raise CommandError(str(error)) from error
        steps: list[tuple[str, list[str], str]] = [
            ("Compiling the translations", ["messages", "compile"], ""),
            ("Preparing the database", ["migrate", "--noinput", "-v0"], ""),
            ("Collecting style sheets and scripts", ["collectstatic", "--noinput", "-v0"], ""),
        ]
        if not options["no_course"]:
            steps.append(("Loading the course", ["load_curriculum"], ""))
        else:
            steps.append(("Loading the help pages", ["load_curriculum", "--help-only"], ""))
        administrator = ["make_administrator", "--password-stdin"]
        administrator += ["--name", name, "--username", username]
        steps.append(("Making the administrator", administrator, f"{password}\n"))
        for words, command, told in steps:
            self._run(words, command, told)
        self.stdout.write(
            f"The site is ready; {username} signs in at its address followed by /account/login/."
            " Start web and worker: docs/operate.md."
        )

    def _answers(self, path: Path, options: dict[str, Any]) -> site.Answers:
        if path.exists():
            # Before any question is asked.
            site.write_env(path, site.Answers(("localhost",), Path("/")))
        hosts = options["hosts"] or asking.ask("Address of the site (hoc.example.vn)", "--hosts")
        database = options["database"]
        if database is None:
            database = asking.ask("Database: sqlite, or postgres://…", "--database", "sqlite")
        data = options["data"] or Path(
            asking.ask("Folder for its data", "--data", str(settings.BASE_DIR / "data"))
        )
        return site.Answers(
            hosts=tuple(part.strip().lower() for part in hosts.split(",") if part.strip()),
            data=data,
            database="" if database == "sqlite" else database,
            tls=not options["no_tls"],
        )

    def _run(self, words: str, command: list[str], told: str) -> None:
        """One step in a process of its own, because this one may have other settings."""
        self.stdout.write(f"{words} …")
        self.stdout.flush()
        environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "lms.settings.production"}
        done = subprocess.run(  # noqa: S603 -- our own commands
            [sys.executable, str(settings.BASE_DIR / "manage.py"), *command],
            env=environment, input=told, text=True, capture_output=True, check=False,
        )  # fmt: skip
        if done.returncode:
            why = (done.stderr or done.stdout).strip()[-1500:]
            raise CommandError(
                f"{words} failed:\n{why}\n\nPut that right, then go on with"
                " `manage.py make_site --continue`."
            )
