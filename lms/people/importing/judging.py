"""What each row of a file would do: new, changed, unchanged, refused, or for a person to decide.

Pure but for what it is given: `Judge` reads the database once, then goes through the rows in
their order. The same rows, options, decisions and data give the same verdicts, so a commit can
judge again and see whether anything changed in between.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, cast

from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError

from lms.people.entrusting import may_change
from lms.people.holders import giver, holders
from lms.people.importing import duplicates
from lms.people.importing.duplicates import Pair, Traits
from lms.people.importing.existing import Database, Known, batches, read_database
from lms.people.importing.options import Options
from lms.people.importing.places import Positions, Reach, Units
from lms.people.importing.rows import Problem, Row
from lms.people.models import ImportRow, Person, User
from lms.people.phones import normalise_phone, phone_as_dialled
from lms.people.rights import rights_of

Outcome = ImportRow.Outcome
Decision = dict[str, Any]
"""{"is": SAME, "person": id} | {"is": SAME, "row": number} | {"is": OTHER, "seen": keys} |
{"is": OUT}"""
SAME: Final = "same"
OTHER: Final = "other"
OUT: Final = "out"
ELSEWHERE: Final = "elsewhere"
STEP: Final = 200
DETAILS: Final = frozenset(["birth_date", "sex", "phone"])


@dataclass
class Verdict:
    """What would become of a row. `unit` and `position` are ids; `position` may be NEW."""

    row: Row
    outcome: str = Outcome.NEW
    unit: int | None = None
    position: int | str | None = None
    person: int | None = None
    account: bool = False
    faults: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)
    changes: list[dict[str, Any]] = field(default_factory=list)
    pairs: list[dict[str, Any]] = field(default_factory=list)

    def place(self) -> dict[str, Any]:
        """The post and the account, for a JSON column."""
        return {"unit": self.unit, "position": self.position, "account": self.account}


def pair_key(pair: Mapping[str, Any]) -> str:
    """What a decision remembers of a pair that was offered."""
    if pair.get("person"):
        return f"p{pair['person']}"
    return f"r{pair['row']}" if pair.get("row") else ELSEWHERE


class Judge:
    """Judges the rows of one file against the database as it is now."""

    def __init__(
        self,
        rows: Sequence[Row],
        *,
        sender: User,
        options: Options,
        decisions: Mapping[str, Decision],
        today: dt.date,
    ) -> None:
        self.rows, self.options, self.decisions, self.today = rows, options, decisions, today
        self.sender, self.reach = sender, Reach.of(rights_of(sender))
        reach, own_person = self.reach, sender.person_id
        self.units = Units(reach, options)
        self.positions = Positions(options, may_make=reach.is_administrator)
        self.data: Database = read_database(rows, reach, own_person=own_person, today=today)
        self._taken: dict[int, int] = {}  # person: the row that is about them
        self._usernames: set[str] = set()
        self._index = duplicates.Index(each.traits() for each in self.data.known.values())
        self._within = duplicates.Index(one_list=True)
        self.verdicts: list[Verdict] = []

    def run(self) -> Iterator[int]:
        """Go through the rows; gives how many are done, ever so often. Then `verdicts` is full."""
        for number, row in enumerate(self.rows, start=1):
            self.verdicts.append(self._judge(row))
            if number % STEP == 0:
                yield number
        self._note_shared_phones()

    # --- one row ---------------------------------------------------------------------------------

    def _judge(self, row: Row) -> Verdict:
        verdict = Verdict(row, faults=list(row.faults), notes=list(row.notes))
        self._find_place(verdict)
        if not verdict.faults:
            self._check_username(verdict)
        if verdict.faults:
            verdict.outcome = Outcome.REFUSED
            return verdict
        assert verdict.unit is not None  # noqa: S101 -- a row without one has a fault
        traits = Traits(
            ("row", row.number),
            row.full_name,
            frozenset([verdict.unit]),
            row.birth_date,
            row.phone,
        )
        self._decide(verdict, traits)
        if verdict.outcome not in (Outcome.REFUSED, Outcome.LEFT_OUT):
            self._within.add(traits)
        return verdict

    def _find_place(self, verdict: Verdict) -> None:
        row = verdict.row
        if row.full_name and self.units.is_name(row.full_name):
            verdict.faults.append(_problem("name-is-unit", "full_name", row.full_name))
            return
        if any(fault["code"] in ("heading-row", "not-a-person") for fault in verdict.faults):
            return
        unreadable = {fault.get("field") for fault in verdict.faults}
        if not unreadable & {"unit", "unit_code"}:
            unit = self.units.find(row.unit, row.unit_code)
            verdict.unit = unit.id if isinstance(unit.id, int) else None
            if unit.fault:
                verdict.faults.append(_problem(unit.fault, "unit", row.unit or row.unit_code))
        if "position" not in unreadable:
            position = self.positions.find(row.position)
            verdict.position = position.id
            if position.fault:
                verdict.faults.append(_problem(position.fault, "position", row.position))
            elif isinstance(position.id, str):
                verdict.notes.append(_problem("position-new", "position", row.position))

    def _check_username(self, verdict: Verdict) -> None:
        row = verdict.row
        if not row.username or not self.options.accounts:
            return
        username = User.normalize_username(row.username)
        code = ""
        if normalise_phone(username):
            code = "username-phone"
        elif username in self._usernames:
            code = "username-twice"
        else:
            try:
                UnicodeUsernameValidator()(username)
            except ValidationError:
                code = "username-bad"
        if code:
            verdict.faults.append(_problem(code, "username", row.username))

    # --- who it is -------------------------------------------------------------------------------

    def _decide(self, verdict: Verdict, traits: Traits) -> None:
        decision = self.decisions.get(str(verdict.row.number), {})
        if decision.get("earlier"):
            verdict.notes.append(_problem("as-before"))
        pairs = self._index.pairs(traits)
        own = self._within.pairs(traits)
        verdict.pairs = self._pairs(verdict, pairs, own)
        if decision.get("is") == OUT:
            verdict.outcome = Outcome.LEFT_OUT
            return
        person = decision.get("person")
        offered = {_id(pair) for pair in pairs}
        if decision.get("is") == SAME and (
            person in offered or (decision.get("earlier") and person in self.data.known)
        ):
            self._same_as(verdict, person)
            return
        seen = set(decision.get("seen", ()))
        if decision.get("is") == SAME and any(
            pair.get("row") == decision.get("row") for pair in verdict.pairs if pair.get("row")
        ):
            verdict.outcome = Outcome.LEFT_OUT
            verdict.notes.append(_problem("row-same", value=str(decision["row"])))
            return
        if decision.get("is") == OTHER and all(pair_key(each) in seen for each in verdict.pairs):
            self._new(verdict)
            return
        if (certain := self._certain(verdict, pairs)) is not None:
            verdict.pairs = []  # there is nothing to ask
            self._same_as(verdict, certain)
        elif verdict.pairs:
            verdict.outcome = Outcome.UNSURE
        else:
            self._new(verdict)

    def _pairs(
        self, verdict: Verdict, pairs: Sequence[Pair], own: Sequence[Pair]
    ) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for pair in pairs:
            known = self.data.known[_id(pair)]
            changes = self._changes(verdict, known)
            found.append({"person": known.pk, "reasons": list(pair.reasons), "changes": changes})
        for pair in own:
            found.append({"row": _id(pair), "reasons": list(pair.reasons)})
        if verdict.row.phone in self.data.elsewhere:
            found.append({"elsewhere": True, "reasons": [duplicates.SAME_PHONE]})
        return found

    def _certain(self, verdict: Verdict, pairs: Sequence[Pair]) -> int | None:
        """The person that the row is about without any doubt, if there is one.

        Either the data of both say so, or they hold the same post under the same name and the row
        has nothing to add: then nothing happens whoever is meant.
        """
        certain = []
        for pair in pairs:
            known = self.data.known[_id(pair)]
            if known.pk in self._taken:
                continue
            adds = any(each["field"] != "account" for each in self._changes(verdict, known))
            if duplicates.SAME_NAME_AND_UNIT in pair.reasons and not adds:
                return known.pk
            if pair.is_certain:
                certain.append(known.pk)
        return certain[0] if len(certain) == 1 else None

    def _same_as(self, verdict: Verdict, person: int) -> None:
        verdict.person = person
        if person in self._taken:
            verdict.outcome = Outcome.LEFT_OUT
            verdict.notes.append(_problem("row-same", value=str(self._taken[person])))
            return
        known = self.data.known[person]
        self._apply(verdict, known)
        if verdict.account:
            self._claim(verdict)
        if verdict.faults:
            verdict.outcome = Outcome.REFUSED
            return
        self._taken[person] = verdict.row.number
        verdict.outcome = Outcome.CHANGED if verdict.changes else Outcome.UNCHANGED
        if duplicates.normal_name(known.name) != duplicates.normal_name(verdict.row.full_name):
            verdict.notes.append(_problem("name-stays", value=known.name))

    def _new(self, verdict: Verdict) -> None:
        verdict.outcome, verdict.person = Outcome.NEW, None
        if self.options.accounts:
            verdict.account = True
            self._claim(verdict)
            if verdict.faults:
                verdict.outcome = Outcome.REFUSED

    # --- what changes ----------------------------------------------------------------------------

    def _apply(self, verdict: Verdict, known: Known) -> None:
        """Note what the row changes about `known`, and the fault that stands against it."""
        verdict.changes = self._changes(verdict, known)
        fields = {each["field"] for each in verdict.changes}
        if fields & DETAILS and known.pk in self._beyond:
            verdict.faults.append(_problem("beyond"))
        same_post = [
            post
            for post in known.posts
            if post.unit == verdict.unit
            and post.position == verdict.position
            and (post.ends is None or post.ends > self.options.on)
        ]
        if same_post:
            if same_post[0].begins > self.options.on:
                begins = f"{same_post[0].begins:%d/%m/%Y}"
                verdict.notes.append(_problem("post-since", "position", begins))
        elif any(
            post.is_main and post.ends is None and post.begins >= self.options.on
            for post in known.posts
        ):
            verdict.faults.append(_problem("post-later", "position"))
        elif any(
            post.is_main and post.ends is None and post.unit not in self._units_in_reach
            for post in known.posts
        ):
            verdict.faults.append(_problem("main-elsewhere", "unit"))
        verdict.account = self.options.accounts and not known.username

    @cached_property
    def _beyond(self) -> set[int]:
        """Those whose data the sender may not change: they have rights of their own."""
        hand = giver(self.sender)
        found: set[int] = set()
        for ids in batches(pk for pk, known in self.data.known.items() if known.username):
            held = holders([Person(pk=pk) for pk in ids])
            found.update(pk for pk in ids if not may_change(hand, held[pk]))
        return found

    @cached_property
    def _units_in_reach(self) -> set[int]:
        return set(self.reach.units().values_list("pk", flat=True))

    def _changes(self, verdict: Verdict, known: Known) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for name in sorted(DETAILS):
            old, new = getattr(known, name), getattr(verdict.row, name)
            if new and new != old:
                found.append({"field": name, "old": _plain(old), "new": _plain(new)})
        unit, position = verdict.unit, verdict.position
        posts = [post for post in known.posts if post.ends is None or post.ends > self.options.on]
        if not any(post.unit == unit and post.position == position for post in posts):
            mains = [post for post in posts if post.is_main and post.begins <= self.options.on]
            before = [mains[0].position, mains[0].unit] if mains else None
            found.append({"field": "post", "old": before, "new": [position, unit]})
        if self.options.accounts and not known.username:
            found.append({"field": "account", "old": None, "new": None})
        return found

    def _claim(self, verdict: Verdict) -> None:
        """The user name that the file gives to a new account is nobody else's."""
        row = verdict.row
        if row.username:
            username = User.normalize_username(row.username)
            if username in self.data.usernames:
                verdict.faults.append(_problem("username-taken", "username", row.username))
                return
            self._usernames.add(username)

    def _note_shared_phones(self) -> None:
        """Who shares a phone signs in with a user name: nobody takes another one's way in."""
        having: dict[str, set[Any]] = defaultdict(set)
        for known in self.data.known.values():
            having[known.phone].add(known.pk)
        for verdict in self.verdicts:
            if verdict.outcome in (Outcome.NEW, Outcome.CHANGED, Outcome.UNCHANGED):
                who = verdict.person or f"row {verdict.row.number}"
                having[verdict.row.phone].add(who)
        for verdict in self.verdicts:
            phone = verdict.row.phone
            comes = verdict.account and verdict.outcome in (Outcome.NEW, Outcome.CHANGED)
            taken = phone in self.data.elsewhere or phone in self.data.signing_in
            if comes and phone and (taken or len(having[phone]) > 1):
                shown = phone_as_dialled(phone)
                verdict.notes.append(_problem("phone-shared", "phone", shown))


def _id(pair: Pair) -> int:
    """The id of the person, or the number of the row, that a candidate was compared with."""
    key = cast("tuple[str, int]", pair.other.key)
    return key[1]


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.date) else value


def _problem(code: str, name: str = "", value: str = "") -> Problem:
    return {"code": code, "field": name, "column": "", "value": value[:80]}
