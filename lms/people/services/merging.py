"""Two rows that are one person: what becomes of their posts and accounts, and telling two apart.

What they learned is moved by `lms.learning.services.merging`, which calls this.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from lms.people.entrusting import may_change, may_close
from lms.people.errors import CannotMerge
from lms.people.holders import giver, holders
from lms.people.models import (
    ActivationCode,
    Appointment,
    DifferentPersons,
    Person,
    Role,
    User,
)
from lms.people.rights import rights_of
from lms.people.services.traces import Trace

#: What the person that stays takes over from the other one where it has nothing of its own.
FILLED = ("birth_date", "sex", "phone")
MERGERS = (Role.CENTRE_MANAGER, Role.ADMINISTRATOR)


# --- may it be -----------------------------------------------------------------------------------


def check_merge(*, kept: Person, merged: Person, by: User) -> None:
    """Raise CannotMerge unless `by` may make these two rows one."""
    if kept.pk == merged.pk:
        raise CannotMerge(_("Choose two different rows: a person cannot be merged with itself."))
    for person in (kept, merged):
        if person.merged_into_id is not None:
            raise CannotMerge(
                _("%(person)s was merged already. Open the list of merges.") % {"person": person}
            )
    check_reach([kept, merged], by)


def check_reach(persons: Sequence[Person], by: User) -> None:
    """Raise CannotMerge unless `by` looks after all of `persons` and may change what is held."""
    if not rights_of(by).roles.intersection(MERGERS):
        raise CannotMerge(_("Only centre managers and administrators merge persons."))
    keys = {person.pk for person in persons}
    if Person.objects.visible_to(by).filter(pk__in=keys).count() != len(keys):
        raise CannotMerge(
            _("One of the two is outside the units of the centre. Ask an administrator.")
        )
    hand, found = giver(by), holders(persons)
    for person in persons:
        if not may_change(hand, found[person.pk]):
            raise CannotMerge(
                _("%(person)s has duties beyond this centre. Ask an administrator.")
                % {"person": person}
            )


# --- posts ---------------------------------------------------------------------------------------


@dataclass
class PostStep:
    """What becomes of a post of the merged person.

    `into`: the same post of the person that stays, which then holds for both times; else the post
    moves. `changes` are the new values of whichever of the two stays.
    """

    post: Appointment
    into: Appointment | None = None
    changes: dict[str, Any] = field(default_factory=dict)


def plan_posts(
    kept: Person, own: Iterable[Appointment], others: Iterable[Appointment]
) -> list[PostStep]:
    """What becomes of the posts of the merged person (`others`); changes nothing.

    Nobody holds two main posts at a time: that of the person that stays is the main one.
    """
    held = {post.pk: post for post in own}
    begins = {pk: post.valid_from for pk, post in held.items()}
    ends = {pk: post.valid_to for pk, post in held.items()}
    main = {pk for pk, post in held.items() if post.is_main}
    steps = []
    for post in sorted(others, key=lambda each: (each.valid_from, each.pk)):
        twin = _twin(post, held, begins, ends)
        pk = post.pk if twin is None else twin
        since, until = post.valid_from, post.valid_to
        if twin is not None:
            since = min(since, begins[twin])
            until = max(until, ends[twin]) if until and ends[twin] else None  # type: ignore[type-var]
        is_main = post.is_main or pk in main
        if until is None and any(ends[each] is None for each in main - {pk}):
            is_main = False
        new: dict[str, Any] = {"valid_from": since, "valid_to": until, "is_main": is_main}
        stays = held.setdefault(pk, post)
        changes = {name: value for name, value in new.items() if getattr(stays, name) != value}
        steps.append(
            PostStep(post, None, {"person": kept, **changes})
            if twin is None
            else PostStep(post, stays, changes)
        )
        begins[pk], ends[pk] = since, until
        (main.add if is_main else main.discard)(pk)
    return steps


def _twin(
    post: Appointment,
    held: dict[int, Appointment],
    begins: dict[int, dt.date],
    ends: dict[int, dt.date | None],
) -> int | None:
    """The post held that is the same as `post`, at a time that overlaps, and may be widened."""
    same = [pk for pk, each in held.items() if _same_post(each, post)]
    twins = [pk for pk in same if begins[pk] == post.valid_from] or [
        pk for pk in same if _overlap(begins[pk], ends[pk], post.valid_from, post.valid_to)
    ]
    if len(twins) != 1:
        return None
    since = min(begins[twins[0]], post.valid_from)
    taken = any(begins[pk] == since for pk in same if pk != twins[0])
    return None if taken else twins[0]


def _same_post(one: Appointment, other: Appointment) -> bool:
    return (one.position_id, one.unit_id) == (other.position_id, other.unit_id)


def _overlap(
    begin: dt.date, end: dt.date | None, other: dt.date, other_end: dt.date | None
) -> bool:
    return (end is None or other < end) and (other_end is None or begin < other_end)


# --- the account ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Accounts:
    """The accounts of two persons: `stays` opens the record afterwards, `closes` no more.

    Both are None where neither has one.
    """

    stays: User | None = None
    closes: User | None = None


def account_of(person: Person) -> User | None:
    """The account of `person`, or None: one query."""
    return User.objects.filter(person_id=person.pk).first()


def choose_account(*, kept: Person, merged: Person, choice: User | None, by: User) -> Accounts:
    """Which account stays open and which is closed. Where both have one, `choice` says it.

    Raises CannotMerge without that choice, and where `by` may not close the other one.
    """
    found = [user for user in (account_of(kept), account_of(merged)) if user is not None]
    if len(found) < 2:
        return Accounts(found[0] if found else None)
    if choice is None or choice.pk not in {user.pk for user in found}:
        raise CannotMerge(_("Both have an account. Choose the one that stays open."))
    stays, closes = sorted(found, key=lambda user: user.pk != choice.pk)
    if closes.pk == by.pk:
        raise CannotMerge(_("That would close the account in use here. Keep this one."))
    owner = kept if closes.person_id == kept.pk else merged
    if not may_close(giver(by), holders([owner])[owner.pk]):
        raise CannotMerge(
            _("The account %(account)s cannot be closed from here. Keep it and close the other.")
            % {"account": closes.username}
        )
    return Accounts(stays, closes)


# --- doing it ------------------------------------------------------------------------------------


def merge_identity(
    *, trace: Trace, kept: Person, merged: Person, accounts: Accounts, now: dt.datetime
) -> dict[str, str]:
    """Give `kept` the posts, the account and missing details of `merged`, all in `trace`.

    Gives the details that were filled, by field. Call inside a transaction.
    """
    own = list(Appointment.objects.select_for_update().filter(person=kept))
    others = list(Appointment.objects.select_for_update().filter(person=merged))
    for step in plan_posts(kept, own, others):
        if step.into is None:
            trace.change(step.post, **step.changes)
        else:
            trace.remove(step.post)
            trace.change(step.into, **step.changes)
    if accounts.closes is not None:
        _close(trace, accounts.closes, now)
    if accounts.stays is not None and accounts.stays.person_id != kept.pk:
        trace.change(accounts.stays, person=kept)
    return _fill(kept, merged)


def _close(trace: Trace, user: User, now: dt.datetime) -> None:
    trace.change(user, person=None, is_active=False)
    for code in ActivationCode.objects.filter(user=user, used_at=None, revoked_at=None):
        trace.change(code, revoked_at=now)


def _fill(kept: Person, merged: Person) -> dict[str, str]:
    filled = {}
    for name in FILLED:
        value = getattr(merged, name)
        if value and not getattr(kept, name):
            setattr(kept, name, value)
            filled[name] = str(getattr(kept, name))
    if filled:
        kept.save()
        filled = {name: str(getattr(kept, name)) for name in filled}
    return filled


def unfill(kept: Person, filled: dict[str, str]) -> None:
    """Empty again the details that were filled, unless somebody has changed them since."""
    changed = False
    for name, value in filled.items():
        if str(getattr(kept, name)) == value:
            setattr(kept, name, None if name == "birth_date" else "")
            changed = True
    if changed:
        kept.save()


@transaction.atomic
def tell_apart(*, first: Person, second: Person, by: User, now: dt.datetime) -> DifferentPersons:
    """Remember that these two are two people; they are not offered again. Twice is once."""
    if first.pk == second.pk:
        raise CannotMerge(_("Choose two different rows: a person cannot be merged with itself."))
    check_reach([first, second], by)
    low, high = sorted((first, second), key=lambda person: person.pk)
    return DifferentPersons.objects.get_or_create(
        first=low, second=high, defaults={"by": by, "at": now}
    )[0]
