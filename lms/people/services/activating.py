"""Gives out codes with which people set their password, and takes them in."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from lms.people.codes import digests_of, is_among, new_digest, normalise_code
from lms.people.entrusting import Holder, may_entrust
from lms.people.errors import CannotEnter, CannotIssueCode, CannotSetPassword, UnknownCode
from lms.people.holders import giver, holders
from lms.people.models import ActivationCode, Person, RecordAccess, Role, User
from lms.people.models.accounts import AccountState
from lms.people.services.accesses import note_access
from lms.people.services.accounts import create_accounts
from lms.plugins.vietnamese import nfc

Purpose = ActivationCode.Purpose
AT_ONCE = 500  # slips in one print


@dataclass(frozen=True)
class Slips:
    """What became of a list of people for whom slips were asked, in numbers of people."""

    batch: uuid.UUID
    made: int = 0  # got a new code
    kept: int = 0  # have one on paper already that is still good: printed again as it is
    active: int = 0  # have set their password
    closed: int = 0
    refused: int = 0  # are for somebody with more rights to help

    @property
    def printed(self) -> int:
        """How many slips the print holds."""
        return self.made + self.kept


@transaction.atomic
def issue_slips(*, persons: Collection[Person], by: User, now: dt.datetime | None = None) -> Slips:
    """Codes for those of `persons` who have not set a password yet; accounts where they lack one.

    A slip that was given out and is still good stays good. Raises CannotIssueCode for more than
    AT_ONCE people.
    """
    if len(persons) > AT_ONCE:
        raise CannotIssueCode(
            _("Slips are printed for %(limit)d people at once. Choose fewer, by unit for instance.")
            % {"limit": AT_ONCE}
        )
    at = now or timezone.now()
    batch = uuid.uuid4()
    hand, known = giver(by), holders(persons)
    entrusted = [person for person in persons if may_entrust(hand, known[person.pk])]
    create_accounts(persons=entrusted)
    users = User.objects.select_for_update().filter(person__in=entrusted).order_by("pk")
    states = {user: user.state for user in users}
    waiting = [user for user, state in states.items() if state == AccountState.WAITING]
    good = ActivationCode.objects.open(at).filter(user__in=waiting)
    kept = set(good.values_list("user_id", flat=True))
    good.update(batch=batch)
    new = [user for user in waiting if user.pk not in kept]
    _replace(new, Purpose.FIRST, by, at, batch)
    return Slips(
        batch=batch,
        made=len(new),
        kept=len(kept),
        active=sum(state == AccountState.ACTIVE for state in states.values()),
        closed=sum(state == AccountState.CLOSED for state in states.values()),
        refused=len(persons) - len(entrusted),
    )


@transaction.atomic
def issue_code(*, person: Person, by: User, now: dt.datetime | None = None) -> ActivationCode:
    """A new code for one person, in the place of any other: a slip, or one for a lost password.

    Makes the account where there is none. Raises CannotIssueCode when `by` may not, or the
    account is closed.
    """
    if not may_entrust(giver(by), holders([person])[person.pk]):
        raise CannotIssueCode(
            _("Codes for this account are given out by somebody with more rights than yours.")
        )
    create_accounts(persons=[person])
    user = User.objects.select_for_update().get(person=person)
    state = user.state
    if state == AccountState.CLOSED:
        raise CannotIssueCode(_("This account is closed. Open it first."))
    purpose = Purpose.FIRST if state == AccountState.WAITING else Purpose.RESET
    at = now or timezone.now()
    return _replace([user], purpose, by, at, uuid.uuid4())[0]


def _replace(
    users: Collection[User], purpose: str, by: User, at: dt.datetime, batch: uuid.UUID
) -> list[ActivationCode]:
    take_back(users=users, at=at)
    lasts = (
        dt.timedelta(days=settings.LMS_SLIP_DAYS)
        if purpose == Purpose.FIRST
        else dt.timedelta(hours=settings.LMS_LOST_PASSWORD_HOURS)
    )
    codes = []
    for user in users:
        number = uuid.uuid4()
        codes.append(
            ActivationCode(
                uuid=number,
                user=user,
                purpose=purpose,
                digest=new_digest(number),
                batch=batch,
                issued_at=at,
                issued_by=by,
                expires_at=at + lasts,
            )
        )
    note_access(
        person_ids=[user.person_id for user in users if user.person_id is not None],
        by=by,
        act=RecordAccess.Act.CHANGED,
        subject="code",
        now=at,
    )
    return ActivationCode.objects.bulk_create(codes)


def take_back(*, users: Collection[User], at: dt.datetime) -> None:
    """Their codes open nothing any more."""
    codes = ActivationCode.objects.filter(user__in=users, used_at=None, revoked_at=None)
    codes.update(revoked_at=at)


def find_code(text: str, now: dt.datetime | None = None) -> ActivationCode:
    """The code that somebody typed or scanned, if it opens an account now; account and person
    loaded. Raises UnknownCode for what was never given out, CannotEnter with the reason for what
    was: only somebody who holds the paper hears that.
    """
    typed = normalise_code(text)
    digests = digests_of(typed) if typed else []
    rows = ActivationCode.objects.select_related("user__person", "issued_by")
    code = rows.filter(digest__in=digests).first()
    if code is None or not is_among(code.digest, digests):
        raise UnknownCode(
            _(
                "There is no such code. Compare it with the paper and type it again. If it still "
                "is not taken, ask whoever gave it for a new one."
            )
        )
    _check_open(code, now or timezone.now())
    return code


def redeem(*, code: str, password: str, now: dt.datetime | None = None) -> User:
    """Set the password of the account that `code` opens, and use the code up.

    Of two at once one is taken. All sessions of the account end; its second factor stays. Raises
    UnknownCode, CannotEnter, or CannotSetPassword with what is wrong about the password.
    """
    at = now or timezone.now()
    found = find_code(code, at)
    typed = nfc(password)
    try:
        validate_password(typed, found.user)
    except ValidationError as error:
        raise CannotSetPassword(" ".join(error.messages)) from error
    hashed = make_password(typed)  # takes long on purpose: not while others wait for the database
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=found.user_id)
        again = ActivationCode.objects.select_related("user__person", "issued_by").get(pk=found.pk)
        _check_open(again, at)
        ActivationCode.objects.filter(pk=found.pk).update(used_at=at)
        user.password = hashed
        user.save(update_fields=["password"])
    return user


def _check_open(code: ActivationCode, at: dt.datetime) -> None:
    if code.used_at is not None:
        raise CannotEnter(
            _(
                "This code has been used. Sign in with the user name and the password that was "
                "set with it. If the password is lost, ask for a new code."
            )
        )
    if code.revoked_at is not None or not _still_entrusted(code):
        raise CannotEnter(
            _("This code does not count any more. Use the newest one, or ask for another.")
        )
    if code.expires_at <= at:
        raise CannotEnter(
            _("This code was good until %(when)s. Ask for a new one.")
            % {"when": date_format(timezone.localtime(code.expires_at), "SHORT_DATETIME_FORMAT")}
        )
    if not code.user.is_active:
        raise CannotEnter(_("This account is closed. Ask the training centre to open it."))


def _still_entrusted(code: ActivationCode) -> bool:
    """Whether the account has not risen above whoever gave the code since.

    A learner's code stays good when the giver moves on to other work.
    """
    person = code.user.person
    if person is None:
        return False
    account: Holder = holders([person])[person.pk]
    if account.roles <= {Role.LEARNER} and not account.is_special:
        return True
    return code.issued_by is not None and may_entrust(giver(code.issued_by), account)
