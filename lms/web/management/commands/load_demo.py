from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse
from django.utils import translation

from lms.people.models import Role
from lms.web.demo import PASSWORD, NotADemo, load_demo


class Command(BaseCommand):
    help = "Puts invented units, people and enrolments into a site that is no real one."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            accounts = load_demo()
        except NotADemo as error:
            raise CommandError(f"The demo was not loaded: {error}.") from error
        base = settings.WAGTAILADMIN_BASE_URL.rstrip("/")
        with translation.override(None):
            lines = [
                "",
                f"  {base}/          the site (English: {base}/en/)",
                f"  {base}{reverse('wagtailadmin_home')}    where lessons are written and reviewed",
                "",
                f"  Password of every demo account: {PASSWORD}",
                *(
                    f"  {each.username:<12} {Role(each.role).label!s:<16} {each.name}"
                    for each in accounts
                ),
                "",
            ]
        self.stdout.write("\n".join(lines))
