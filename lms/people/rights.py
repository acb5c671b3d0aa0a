"""What an account may see and do, read in one query and kept for the request."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import F
from django.utils import timezone

from lms.people.roles import Role
from lms.plugins.prepared import Prepared

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from lms.people.models import RoleGrant, User

EVERYTHING = ""
"""The beginning of every path: no unit is outside it."""


@dataclass(frozen=True)
class Rights:
    """The roles held on a day and how far they reach. Paths are prefixes of Unit.path.

    `unit_paths`: where the account sees persons (units served by its centres, or its own unit).
    `observed_paths`: where it sees numbers only. `centre_ids`: the centres that it works for.
    `lapsed`: roles that it was granted and that do not hold on this day.
    """

    on: dt.date
    roles: frozenset[str] = frozenset()
    centre_ids: frozenset[int] = frozenset()
    unit_paths: tuple[str, ...] = ()
    observed_paths: tuple[str, ...] = ()
    lapsed: frozenset[str] = frozenset()

    @property
    def is_administrator(self) -> bool:
        """Sees everything of the site; changes no marks."""
        return Role.ADMINISTRATOR in self.roles

    @property
    def is_instructor(self) -> bool:
        """Teaches: sees learners of own courses."""
        return Role.INSTRUCTOR in self.roles

    @property
    def sees_learners(self) -> bool:
        """Has learners of others to look after."""
        return bool(
            self.roles
            & {Role.INSTRUCTOR, Role.CENTRE_MANAGER, Role.UNIT_OFFICER, Role.ADMINISTRATOR}
        )

    @property
    def may_author(self) -> bool:
        """Has work in the Wagtail admin."""
        return bool(
            self.roles & {Role.INSTRUCTOR, Role.REVIEWER, Role.CENTRE_MANAGER, Role.ADMINISTRATOR}
        )

    @property
    def may_see_unpublished_courses(self) -> bool:
        """May read courses that are open to invited people only: authors and managers."""
        return self.may_author


def rights_of(user: Any, on: dt.date | None = None) -> Rights:
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


def forget_rights(user: User) -> None:
    """Have them read anew: a grant changed since `rights_of` kept them."""
    user.__dict__.pop("_rights", None)


def _holds(day: dt.date, begins: dt.date | None, ends: dt.date | None) -> bool:
    return (begins is None or begins <= day) and (ends is None or ends > day)


def _grants(user_id: int) -> QuerySet[RoleGrant, Any]:
    from lms.people.models import RoleGrant  # noqa: PLC0415 -- the models import this module

    return (
        RoleGrant.objects.filter(user_id=user_id)
        .order_by()
        .values_list(
            "role",
            "centre_id",
            "valid_from",
            "valid_to",
            "unit__path",
            F("centre__services__unit__path"),
            F("centre__services__valid_from"),
            F("centre__services__valid_to"),
        )
    )


_GRANTS: Prepared[tuple[Any, ...]] = Prepared(_grants, int)


def _read(user: Any, day: dt.date) -> Rights:
    # Dates are compared here and not in the query: a grant whose centre serves nobody today must
    # still give its role, and one that lapsed must be known to have been granted.
    grants = _GRANTS(user.pk)
    granted, roles, centres = set(), set(), set()
    persons_in, numbers_of = set(), set()
    for role, centre_id, begins, ends, unit_path, served, serves_from, serves_to in grants:
        granted.add(role)
        if not _holds(day, begins, ends):
            continue
        roles.add(role)
        if centre_id:
            centres.add(centre_id)
        if unit_path:
            reach = unit_path
        elif centre_id:
            reach = served if _holds(day, serves_from, serves_to) else None
        else:
            reach = EVERYTHING if role == Role.OBSERVER else None
        if reach is None:
            continue
        if role in (Role.CENTRE_MANAGER, Role.UNIT_OFFICER):
            persons_in.add(reach)
        elif role == Role.OBSERVER:
            numbers_of.add(reach)
    if user.is_superuser:
        roles.add(Role.ADMINISTRATOR)
    return Rights(
        on=day,
        roles=frozenset(roles),
        centre_ids=frozenset(centres),
        unit_paths=tuple(sorted(persons_in)),
        observed_paths=tuple(sorted(numbers_of)),
        lapsed=frozenset(granted - roles),
    )
