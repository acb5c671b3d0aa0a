"""Who may be trusted with the way into somebody else's account. One rule, without a database.

Whoever holds a code for an account can become it. So a code is given only by somebody who may do
all that the account may do, and more: nobody rises by it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from lms.people.roles import Role


@dataclass(frozen=True)
class Holder:
    """An account as the rule sees it. Paths are prefixes of Unit.path.

    `roles` of somebody who gives a code are those held today; of the account that it opens also
    those that begin later. `manages`, `looks_after` and `observes` are where it is a centre
    manager, a unit officer and an observer. `stands_in` are the units of the person's posts.
    `is_special`: may do what no role gives (all of it, or groups and permissions of its own).
    `user_id` is None for a person without an account.
    """

    user_id: int | None
    roles: frozenset[str] = frozenset()
    manages: tuple[str, ...] = ()
    looks_after: tuple[str, ...] = ()
    observes: tuple[str, ...] = ()
    stands_in: tuple[str, ...] = ()
    is_special: bool = False

    @property
    def is_administrator(self) -> bool:
        """Runs the site."""
        return Role.ADMINISTRATOR in self.roles


# What an account may be that a centre manager hands out; its reach must lie inside the manager's.
# Instructors see learners of their courses wherever these are, reviewers approve what managers
# write, and managers are equals: those codes come from an administrator.
BELOW_A_MANAGER: Final = frozenset({Role.LEARNER, Role.UNIT_OFFICER, Role.OBSERVER})
BELOW_AN_OFFICER: Final = frozenset({Role.LEARNER})


def may_entrust(giver: Holder, account: Holder) -> bool:
    """Whether `giver` may issue or show a code for `account`, close it and open it again.

    - Nobody for themselves, and nobody at all for an administrator: that is done on the server.
    - Administrators for everybody else.
    - Centre managers for people with a post where they manage, who are learners or have a role
      below a manager's that reaches nowhere else.
    - Unit officers for people with a post where they look after people, who are learners only.
    """
    if giver.user_id is None or giver.user_id == account.user_id:
        return False
    if account.is_administrator:
        return False
    if giver.is_administrator:
        return True
    if account.is_special:
        return False
    as_manager = (
        Role.CENTRE_MANAGER in giver.roles
        and account.roles <= BELOW_A_MANAGER
        and _any_inside(account.stands_in, giver.manages)
        and _all_inside((*account.looks_after, *account.observes), giver.manages)
    )
    as_officer = (
        Role.UNIT_OFFICER in giver.roles
        and account.roles <= BELOW_AN_OFFICER
        and _any_inside(account.stands_in, giver.looks_after)
    )
    return as_manager or as_officer


def may_close(giver: Holder, account: Holder) -> bool:
    """Whether `giver` may close the account and open it again: as for codes, without officers."""
    return may_entrust(replace(giver, looks_after=()), account)


def may_change(giver: Holder, account: Holder) -> bool:
    """Whether `giver` may change the name, phone and date of birth of the person.

    Administrators everybody's; centre managers their own and those of people with a post where
    they manage, unless these have an account that is not theirs to hand out.
    """
    if giver.is_administrator:
        return True
    own = giver.user_id is not None and giver.user_id == account.user_id
    return (
        Role.CENTRE_MANAGER in giver.roles
        and _any_inside(account.stands_in, giver.manages)
        and (own or may_close(giver, account))
    )


def _inside(path: str, reach: Iterable[str]) -> bool:
    return any(path.startswith(prefix) for prefix in reach)


def _any_inside(paths: Iterable[str], reach: Iterable[str]) -> bool:
    return any(_inside(path, reach) for path in paths)


def _all_inside(paths: Iterable[str], reach: Iterable[str]) -> bool:
    return all(_inside(path, reach) for path in paths)
