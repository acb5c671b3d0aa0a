"""What an account may see and do, read in one query and kept for the request."""

from __future__ import annotations

import datetime as dt
import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import F, Q
from django.utils import timezone

if TYPE_CHECKING:
    from lms.people.models import User


class RoleKey(enum.StrEnum):
    """The roles of the platform (domain.md 5.5)."""

    LEARNER = "learner"
    INSTRUCTOR = "instructor"
    REVIEWER = "reviewer"
    CENTRE_MANAGER = "centre_manager"
    UNIT_OFFICER = "unit_officer"
    OBSERVER = "observer"
    ADMINISTRATOR = "administrator"


@dataclass(frozen=True)
class Rights:
    """The roles held on a day and how far they reach. `unit_paths`: prefixes of Unit.path."""

    on: dt.date
    roles: frozenset[str] = frozenset()
    centre_ids: frozenset[int] = frozenset()
    unit_paths: tuple[str, ...] = ()

    @property
    def is_administrator(self) -> bool:
        """Sees everything of the site; changes no marks."""
        return RoleKey.ADMINISTRATOR in self.roles

    @property
    def is_instructor(self) -> bool:
        """Teaches: sees learners of own courses."""
        return RoleKey.INSTRUCTOR in self.roles

    @property
    def sees_learners(self) -> bool:
        """Has learners of others to look after."""
        return bool(
            self.roles
            & {
                RoleKey.INSTRUCTOR,
                RoleKey.CENTRE_MANAGER,
                RoleKey.UNIT_OFFICER,
                RoleKey.ADMINISTRATOR,
            }
        )

    @property
    def may_author(self) -> bool:
        """Has work in the Wagtail admin."""
        return bool(
            self.roles
            & {
                RoleKey.INSTRUCTOR,
                RoleKey.REVIEWER,
                RoleKey.CENTRE_MANAGER,
                RoleKey.ADMINISTRATOR,
            }
        )

    @property
    def may_see_unpublished_courses(self) -> bool:
        """May read courses that are open to invited people only: authors and managers."""
        return self.may_author


def rights_of(user: User | Any, on: dt.date | None = None) -> Rights:
    """The rights of `user` today (or on `on`): one query, then kept on the user object."""
    day = on or timezone.localdate()
    if not user.is_authenticated:
        return Rights(day)
    kept: Rights | None = getattr(user, "_rights", None)
    if kept is not None and kept.on == day:
        return kept
    rights = _read(user, day)
    user._rights = rights
    return rights


def _read(user: Any, day: dt.date) -> Rights:
    def holds(prefix: str) -> Q:
        begins, ends = f"{prefix}valid_from", f"{prefix}valid_to"
        return (Q(**{f"{begins}__isnull": True}) | Q(**{f"{begins}__lte": day})) & (
            Q(**{f"{ends}__isnull": True}) | Q(**{f"{ends}__gt": day})
        )

    rows = (
        user.role_grants.filter(holds(""))
        .filter(Q(centre__services__isnull=True) | holds("centre__services__"))
        .values_list("role", "centre_id", "unit__path", served=F("centre__services__unit__path"))
    )
    roles, centres, paths = set(), set(), set()
    for role, centre_id, unit_path, served in rows:
        roles.add(role)
        if centre_id:
            centres.add(centre_id)
        if role == RoleKey.CENTRE_MANAGER and served:
            paths.add(served)
        if role == RoleKey.UNIT_OFFICER and unit_path:
            paths.add(unit_path)
    if user.is_superuser:
        roles.add(RoleKey.ADMINISTRATOR)
    return Rights(day, frozenset(roles), frozenset(centres), tuple(sorted(paths)))
