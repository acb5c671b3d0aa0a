from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from lms.operations import asking, site
from lms.plugins.errors import DomainError


class Command(BaseCommand):
    help = "Makes an administrator: the first of a site, or another when none can get in any more."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--name", default="", help="full name of the person")
        parser.add_argument("--username", default="", help="user name, such as quantri")
        parser.add_argument(
            "--password-stdin", action="store_true", help="read the password from standard input"
        )
        parser.add_argument(
            "--another", action="store_true", help="although there is an administrator already"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if site.has_administrator() and not options["another"]:
            raise CommandError(
                "This site has an administrator, who can make others. If nobody can get in any"
                " more, add --another."
            )
        try:
            name = options["name"] or asking.ask("Full name of the administrator", "--name")
            username = options["username"] or asking.ask("User name", "--username")
            password = asking.password(from_stdin=options["password_stdin"])
            user = site.make_administrator(full_name=name, username=username, password=password)
        except DomainError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{user.username} is an administrator of this site.")
