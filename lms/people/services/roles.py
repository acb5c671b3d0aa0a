"""Grants roles and takes them back, and keeps the Django groups of roles in step."""

from __future__ import annotations

import datetime as dt

from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from lms.people.errors import CannotGrant
from lms.people.models import Role, RoleGrant, TrainingCentre, Unit, User
from lms.people.rights import forget_rights, rights_of


@transaction.atomic
def grant_role(
    *,
    user: User,
    role: str,
    centre: TrainingCentre | None = None,
    unit: Unit | None = None,
    granted_by: User | None = None,
    valid_from: dt.date | None = None,
    valid_to: dt.date | None = None,
) -> RoleGrant:
    """Give `user` a role from `valid_from` (today) on; granting twice is the same as once.

    `granted_by` None is the system itself (set-up, commands). Otherwise only administrators
    grant, and nobody grants themselves anything. Raises CannotGrant.
    """
    _check_hand(granted_by, user)
    begins = valid_from or timezone.localdate()
    same = RoleGrant.objects.select_for_update().filter(
        user=user, role=role, centre=centre, unit=unit
    )
    running = same.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=begins)).first()
    if running is None:
        grant = RoleGrant(user=user, role=role, centre=centre, unit=unit, valid_from=begins)
    else:
        grant = running
        if grant.valid_from is not None:
            grant.valid_from = min(grant.valid_from, begins)
    grant.valid_to, grant.granted_by = valid_to, granted_by
    try:
        grant.validate_constraints()
    except ValidationError as error:
        raise CannotGrant(" ".join(error.messages)) from error
    grant.save()
    sync_role_groups(user=user)
    return grant


@transaction.atomic
def revoke_role(
    *, grant: RoleGrant, on: dt.date | None = None, revoked_by: User | None = None
) -> RoleGrant:
    """End a grant: from `on` (today) the account has not the role. The row stays as a trace."""
    _check_hand(revoked_by, grant.user)
    ends = on or timezone.localdate()
    if grant.valid_from is not None:
        ends = max(ends, grant.valid_from)  # one that has not begun never will
    if grant.valid_to is None or grant.valid_to > ends:
        grant.valid_to = ends
        grant.save(update_fields=["valid_to"])
    sync_role_groups(user=grant.user)
    return grant


def _check_hand(hand: User | None, user: User) -> None:
    if hand is None:
        return
    if hand.pk == user.pk:
        raise CannotGrant(_("Nobody changes their own roles. Ask another administrator."))
    if not rights_of(hand).is_administrator:
        raise CannotGrant(_("Only administrators grant roles."))


@transaction.atomic
def sync_role_groups(*, user: User, on: dt.date | None = None) -> None:
    """Make the role groups of `user` those of the grants that hold on `on` (today).

    Called with every grant and at every sign-in. Between two of them a role that lapsed gives no
    permission all the same: the sign-in backend looks at the dates.
    """
    held = set(
        RoleGrant.objects.at(on or timezone.localdate())
        .filter(user=user)
        .values_list("role", flat=True)
    )
    joined = set(user.groups.filter(name__in=Role.values).values_list("name", flat=True))
    if gone := joined - held:
        user.groups.remove(*Group.objects.filter(name__in=gone))
    if new := held - joined:
        user.groups.add(*[Group.objects.get_or_create(name=name)[0] for name in sorted(new)])
    forget_rights(user)
