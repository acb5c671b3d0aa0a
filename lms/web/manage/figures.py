"""Figures for a desk, with SQL that is built once per account and day and kept in the process.

Which rows somebody sees follows from their roles, units and page permissions; Django spends far
more time on making SQL of that than the database on counting.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

from django.core.exceptions import EmptyResultSet
from django.db.models import Count, QuerySet, Value
from wagtail.models import GroupPagePermission, Page
from wagtail.permissions import policy_registry

from lms.people.rights import Rights
from lms.plugins.prepared import Prepared

if TYPE_CHECKING:
    from lms.people.models import User

Sums = QuerySet[Any, tuple[int, ...]]
#: (permission, path of the page from which on it holds).
Permissions = tuple[tuple[str, str], ...]

_PAGE_PERMISSIONS: Prepared[GroupPagePermission] = Prepared(
    lambda user_id: GroupPagePermission.objects.filter(group__user=user_id).select_related(
        "page", "permission"
    ),
    int,
)


def sums(rows: QuerySet[Any, Any], /, **named: Count) -> Sums:
    """What `rows.aggregate(**named)` asks for, counts, as a queryset of one row."""
    whole = rows.order_by().annotate(whole_=Value(1)).values("whole_")
    row: Sums = whole.annotate(**named).values_list(*named)
    return row


def figures(
    build: Callable[..., Sums],
    user: User,
    rights: Rights,
    *since: dt.datetime,
    pages: Permissions = (),
) -> tuple[int, ...]:
    """The row of `build(user, *since)`: one query.

    What `build` asks may follow from nothing but the account, `rights` and, where it looks at page
    permissions, from `pages`: another set of these makes other SQL.
    """
    try:
        return _kept(build, user, user.person_id, rights, pages, len(since))(*since)[0]
    except EmptyResultSet:  # known without asking: nothing is in reach
        return (0,) * len(build(user, *since).query.annotation_select)


@lru_cache(maxsize=1024)
def _kept(
    build: Callable[..., Sums],
    user: User,
    _person_id: int | None,
    _rights: Rights,
    _pages: Permissions,
    moments: int,
) -> Prepared[tuple[int, ...]]:
    return Prepared(partial(build, user), *[dt.datetime] * moments)


def page_permissions(user: User) -> Permissions:
    """What the groups of `user` may do with pages: one query, kept on the user for Wagtail too."""
    policy = policy_registry.get_by_type(Page)
    kept = policy.permission_cache_name
    if not hasattr(user, kept) and user.is_active and not user.is_superuser:
        setattr(user, kept, _PAGE_PERMISSIONS(user.pk))
    held = policy.get_cached_permissions_for_user(user)
    return tuple(sorted((each.permission.codename, each.page.path) for each in held))
