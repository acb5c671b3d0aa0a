"""What the management area offers, entry by entry. A page without an entry is reached from one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lms.people.roles import Role
from lms.web.manage.access import AUTHORS, CARERS, STAFF, WORKERS


@dataclass(frozen=True)
class Entry:
    """A link of the menu: its page, its icon of web/icons.svg, and the roles that see it."""

    key: str
    title: Promise | str
    icon: str
    url_name: str
    roles: tuple[Role, ...]


#: See numbers, whether or not they see persons.
NUMBERS = (Role.OBSERVER, *CARERS)

#: Have learners of others to look at, course by course.
TEACHERS = (Role.INSTRUCTOR, *CARERS)

ENTRIES: tuple[Entry, ...] = (
    Entry("desk", _("Desk"), "clipboard-list", "web:manage-desk", WORKERS),
    Entry("teaching", _("Learners by course"), "people", "web:teaching", TEACHERS),
    Entry(
        "content-reports",
        _("Reports on content"),
        "flag",
        "web:manage-content-reports",
        AUTHORS,
    ),
    Entry("people", _("People"), "user", "web:manage-people", CARERS),
    Entry("assignments", _("Assigned courses"), "book", "web:manage-assignments", CARERS),
    Entry("behind", _("Who is behind"), "clock", "web:manage-behind", CARERS),
    Entry("imports", _("Import of people"), "file", "web:manage-imports", STAFF),
    Entry("duplicates", _("Likely duplicates"), "flag", "web:manage-duplicates", STAFF),
    Entry("units", _("Units"), "home", "web:manage-units", STAFF),
    Entry("unit-report", _("Report by unit"), "record", "web:manage-unit-report", NUMBERS),
)


def entries_for(roles: Iterable[str]) -> list[Entry]:
    """The entries that somebody with these roles sees, in order."""
    held = set(roles)
    return [entry for entry in ENTRIES if held.intersection(entry.roles)]
