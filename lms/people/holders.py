"""Accounts and persons as the rule of `entrusting` sees them, read for many at once."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import Group
from django.db.models import F
from django.utils import timezone

from lms.people.entrusting import Holder, may_entrust
from lms.people.models import Appointment, Person, RoleGrant, User
from lms.people.rights import EVERYTHING
from lms.people.roles import Role


@dataclass
class _Grants:
    roles: set[str] = field(default_factory=set)
    manages: set[str] = field(default_factory=set)
    looks_after: set[str] = field(default_factory=set)
    observes: set[str] = field(default_factory=set)


def giver(user: User, on: dt.date | None = None) -> Holder:
    """`user` as somebody who gives codes: by the roles held today (or on `on`). Two queries."""
    day = on or timezone.localdate()
    account = User.objects.get(pk=user.pk)
    grants = _grants([account.pk], day, later=False)[account.pk]
    return _holder(account, grants, ())


def holders(persons: Collection[Person], on: dt.date | None = None) -> dict[int, Holder]:
    """These persons and their accounts, by the id of the person; at most five queries.

    A person without an account is a learner to be. Roles that begin later count as held.
    """
    day = on or timezone.localdate()
    ids = [person.pk for person in persons]
    accounts = {user.person_id: user for user in User.objects.filter(person_id__in=ids)}
    account_ids = [user.pk for user in accounts.values()]
    grants = _grants(account_ids, day, later=True)
    special = _with_powers_of_their_own(account_ids)
    stands_in: dict[int, set[str]] = defaultdict(set)
    posts = Appointment.objects.at(day).filter(person_id__in=ids)
    for person_id, path in posts.order_by().values_list("person_id", "unit__path"):
        stands_in[person_id].add(path)
    found = {}
    for person_id in ids:
        user = accounts.get(person_id)
        paths = tuple(sorted(stands_in[person_id]))
        if user is None:
            found[person_id] = Holder(None, frozenset({Role.LEARNER}), stands_in=paths)
        else:
            found[person_id] = _holder(user, grants[user.pk], paths, user.pk in special)
    return found


def may_entrust_with(user: User, person: Person) -> bool:
    """Whether `user` may issue or show codes for the account that `person` has or will have."""
    return may_entrust(giver(user), holders([person])[person.pk])


def _holder(
    user: User, grants: _Grants, stands_in: tuple[str, ...], is_special: bool = False
) -> Holder:
    roles = grants.roles | ({Role.ADMINISTRATOR} if user.is_superuser else set())
    return Holder(
        user_id=user.pk,
        roles=frozenset(roles),
        manages=tuple(sorted(grants.manages)),
        looks_after=tuple(sorted(grants.looks_after)),
        observes=tuple(sorted(grants.observes)),
        stands_in=stands_in,
        is_special=is_special or user.is_staff,
    )


def _with_powers_of_their_own(user_ids: list[int]) -> set[int]:
    groups = Group.objects.exclude(name__in=Role.values).filter(user__in=user_ids)
    single = User.user_permissions.through.objects.filter(user_id__in=user_ids)
    return set(groups.values_list("user", flat=True)) | set(
        single.values_list("user_id", flat=True)
    )


def _grants(user_ids: list[int], day: dt.date, *, later: bool) -> dict[int, _Grants]:
    """By account. A centre counts by the units that it serves, today or (`later`) from some day."""

    def holds(begins: dt.date | None, ends: dt.date | None) -> bool:
        return (later or begins is None or begins <= day) and (ends is None or ends > day)

    found: dict[int, _Grants] = defaultdict(_Grants)
    rows: Any = RoleGrant.objects.filter(user_id__in=user_ids).order_by()
    for user_id, role, begins, ends, centre_id, unit_path, served, from_, to in rows.values_list(
        "user_id",
        "role",
        "valid_from",
        "valid_to",
        "centre_id",
        "unit__path",
        F("centre__services__unit__path"),
        F("centre__services__valid_from"),
        F("centre__services__valid_to"),
    ):
        if not holds(begins, ends):
            continue
        grants = found[user_id]
        grants.roles.add(role)
        if unit_path:
            reach = unit_path
        elif centre_id:
            reach = served if holds(from_, to) else None
        else:
            reach = EVERYTHING if role == Role.OBSERVER else None
        if reach is None:
            continue
        places = {
            Role.CENTRE_MANAGER.value: grants.manages,
            Role.UNIT_OFFICER.value: grants.looks_after,
            Role.OBSERVER.value: grants.observes,
        }
        if role in places:
            places[role].add(reach)
    return found
