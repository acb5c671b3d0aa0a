"""What a site holds that a restore would delete."""

from __future__ import annotations

from pathlib import Path

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lms.operations.backup import media

# Migrations put no row into these.
TELLING = {
    "people_person": gettext_lazy("%(count)d people"),
    "people_user": gettext_lazy("%(count)d accounts"),
    "people_unit": gettext_lazy("%(count)d units"),
    "learning_learningevent": gettext_lazy("%(count)d learning events"),
    "wagtailcore_revision": gettext_lazy("%(count)d versions of pages"),
}


def by(folder: Path | None) -> list[str]:
    """What is here, in words; nothing for a site as migrations leave it."""
    found = []
    there = set(connection.introspection.table_names())
    for name, words in TELLING.items():
        if name in there:
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT COUNT(*) FROM {name}")  # noqa: S608 -- a constant
                number = cursor.fetchone()[0]
            if number:
                found.append(str(words) % {"count": number})
    if folder is not None and not media.is_empty(folder):
        found.append(_("files in %(folder)s") % {"folder": folder})
    return found
