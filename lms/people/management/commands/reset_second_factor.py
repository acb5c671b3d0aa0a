"""`manage.py reset_second_factor USER`: for a person who lost the phone or the passkey."""

from __future__ import annotations

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Q

from lms.people.models import User
from lms.people.services.second_factors import remove_second_factor
from lms.people.sign_in import login_key


class Command(BaseCommand):
    """Says whose second step it removed; the removal stands in the person's record."""

    help = "Remove the second step at sign-in of an account. The password stays as it is."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Take the user name or the phone number."""
        parser.add_argument("user", help="user name or phone number")

    def handle(self, *args: Any, user: str, **options: Any) -> None:
        """Find the account and remove its factors."""
        key = login_key(user)
        account = User.objects.filter(Q(username=key) | Q(phone=key)).first()
        if account is None:
            raise CommandError(f"There is no account {user!r}.")
        removed = remove_second_factor(user=account, by=None)
        self.stdout.write(
            f"Removed from {account.username}: {removed} (app, passkeys, recovery codes)."
            if removed
            else f"{account.username} has no second step; nothing was changed."
        )
