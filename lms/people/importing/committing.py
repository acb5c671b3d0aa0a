"""The commit of a checked import: everything that the check announced, in one transaction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.text import slugify

from lms.people.importing import storing
from lms.people.importing.checking import (
    COMPARED,
    WRITTEN,
    Progress,
    as_rows,
    counts_of,
    judge_again,
    judge_of,
    sign_of,
    stored_rows,
)
from lms.people.importing.duplicates import plain_name
from lms.people.importing.existing import batches
from lms.people.importing.judging import DETAILS, Judge, Outcome, Verdict
from lms.people.importing.options import NEW
from lms.people.models import (
    Appointment,
    DifferentPersons,
    ImportRow,
    PeopleImport,
    Person,
    Position,
    RecordAccess,
    Role,
)
from lms.people.services.accounts import create_accounts
from lms.plugins.vietnamese import fold

MANY = 1000


def commit(people_import: PeopleImport) -> Iterator[Progress]:
    """Take over what was checked, as a generator like `check`; twice is the same as once.

    The rows are judged again inside of the transaction. Where anybody's data changed since the
    check, so that a row would become something else, nothing is taken over: the new verdicts are
    kept, `result["stale"]` lists the rows, and the person looks again.
    """
    try:
        with transaction.atomic():
            yield from _commit(people_import)
    except IntegrityError:
        # Somebody wrote the same at the same instant, past the lock: by hand, or in the admin.
        yield from judge_again(people_import)
        PeopleImport.objects.filter(pk=people_import.pk).update(result={"stale": []})
    people_import.refresh_from_db()


def _commit(people_import: PeopleImport) -> Iterator[Progress]:
    # One import at a time: two of the same list would not see each other's people.
    Group.objects.select_for_update().get(name=Role.LEARNER)
    locked = PeopleImport.objects.select_for_update().get(pk=people_import.pk)
    if locked.state != PeopleImport.State.CHECKED:
        return
    rows = stored_rows(locked)
    judge = judge_of(locked, rows, timezone.localdate())
    for done in judge.run():
        yield Progress(COMPARED, done, len(rows))
    before = {row.number: sign_of(row) for row in locked.rows.all()}
    now = as_rows(locked, judge.verdicts)
    stale = [row.number for row in now if sign_of(row) != before.get(row.number)]
    if stale:
        locked.rows.all().delete()
        ImportRow.objects.bulk_create(now, batch_size=MANY)
        locked.counts, locked.result = counts_of(judge.verdicts), {"stale": stale}
        locked.save(update_fields=["counts", "result"])
        return
    yield from _Taking(locked, judge).run()


class _Taking:
    """Writes the verdicts of one import."""

    def __init__(self, people_import: PeopleImport, judge: Judge) -> None:
        self.people_import, self.judge = people_import, judge
        self.now = timezone.now()
        self.on = judge.options.on
        self.new = [each for each in judge.verdicts if each.outcome == Outcome.NEW]
        self.changed = [each for each in judge.verdicts if each.outcome == Outcome.CHANGED]
        self.persons: dict[int, Person] = {}  # by the number of the row

    def run(self) -> Iterator[Progress]:
        """Everything, in the order in which one thing needs the other."""
        of = max(1, len(self.new) + len(self.changed))
        done = 0
        self._make_positions()
        for some in batches(self.new, MANY):
            self._make_persons(some)
            done += len(some)
            yield Progress(WRITTEN, done, of)
        for some in batches(self.changed, MANY):
            self._change_persons(some)
            done += len(some)
            yield Progress(WRITTEN, done, of)
        self._make_accounts()
        yield Progress(WRITTEN, of, of)
        self._tell_apart()
        self._end()

    def _make_positions(self) -> None:
        wanted = {
            plain_name(each.row.position): each.row.position
            for each in [*self.new, *self.changed]
            if each.position == NEW
        }
        made = {plain: _new_position(name) for plain, name in wanted.items()}
        for each in [*self.new, *self.changed]:
            if each.position == NEW:
                each.position = made[plain_name(each.row.position)].pk

    def _make_persons(self, verdicts: list[Verdict]) -> None:
        persons = []
        for each in verdicts:
            row = each.row
            person = Person(
                full_name=row.full_name, birth_date=row.birth_date, sex=row.sex, phone=row.phone
            )
            person.tidy()
            persons.append(person)
        Person.objects.bulk_create(persons)
        Appointment.objects.bulk_create(
            _post(each, person.pk, self.on) for each, person in zip(verdicts, persons, strict=True)
        )
        for each, person in zip(verdicts, persons, strict=True):
            self.persons[each.row.number] = person

    def _change_persons(self, verdicts: list[Verdict]) -> None:
        persons = Person.objects.in_bulk([each.person for each in verdicts])
        touched, moved = [], []
        for each in verdicts:
            person = self.persons[each.row.number] = persons[each.person]
            fields = {change["field"] for change in each.changes}
            for name in fields & DETAILS:
                setattr(person, name, getattr(each.row, name))
            if fields & DETAILS:
                person.tidy()
                touched.append(person)
            if "post" in fields:
                moved.append(each)
        Person.objects.bulk_update(
            touched, ["birth_date", "sex", "phone", "full_name", "sort_key", "search_text"],
            batch_size=200,
        )  # fmt: skip
        self._appoint(moved)
        RecordAccess.objects.bulk_create(
            RecordAccess(
                person_id=self.persons[each.row.number].pk,
                by=self.people_import.by,
                act=RecordAccess.Act.CHANGED,
                subject=subject,
                at=self.now,
            )
            for each in verdicts
            for subject in _subjects(each)
        )

    def _appoint(self, verdicts: list[Verdict]) -> None:
        """As `appoint` does for one: the main post before ends where the new one begins."""
        ids = [self.persons[each.row.number].pk for each in verdicts]
        # Judged: no main post has begun on that day or later.
        Appointment.objects.filter(
            person_id__in=ids, is_main=True, valid_to=None, valid_from__lt=self.on
        ).update(valid_to=self.on)
        there = {
            (row.person_id, row.position_id, row.unit_id): row
            for row in Appointment.objects.filter(person_id__in=ids, valid_from=self.on)
        }
        made, again = [], []
        for each in verdicts:
            post = _post(each, self.persons[each.row.number].pk, self.on)
            row = there.get((post.person_id, post.position_id, post.unit_id))
            if row is None:
                made.append(post)
            else:  # it was taken back
                row.valid_to, row.is_main = None, True
                again.append(row)
        Appointment.objects.bulk_create(made)
        Appointment.objects.bulk_update(again, ["valid_to", "is_main"], batch_size=200)

    def _make_accounts(self) -> None:
        wanting = [each for each in [*self.new, *self.changed] if each.account]
        create_accounts(
            persons=[self.persons[each.row.number] for each in wanting],
            usernames={
                self.persons[each.row.number].pk: each.row.username
                for each in wanting
                if each.row.username
            },
        )

    def _tell_apart(self) -> None:
        """Whoever was said to be somebody else is not offered as a duplicate again."""
        pairs = set()
        for each in self.new:
            own = self.persons[each.row.number].pk
            for pair in each.pairs:
                other = pair.get("person") or getattr(
                    self.persons.get(pair.get("row", 0)), "pk", None
                )
                if other and other != own:
                    pairs.add((min(own, other), max(own, other)))
        DifferentPersons.objects.bulk_create(
            (
                DifferentPersons(
                    first_id=first, second_id=second, by=self.people_import.by, at=self.now
                )
                for first, second in sorted(pairs)
            ),
            ignore_conflicts=True,
        )

    def _end(self) -> None:
        verdicts = self.judge.verdicts
        rows: dict[str, int] = {}
        for each in verdicts:
            if each.row.number in self.persons:
                rows[str(each.row.number)] = self.persons[each.row.number].pk
            elif each.person and each.outcome in (Outcome.UNCHANGED, Outcome.LEFT_OUT):
                rows[str(each.row.number)] = each.person
        done = self.people_import
        done.state, done.ended_at = PeopleImport.State.COMMITTED, self.now
        done.counts = counts_of(verdicts)
        done.result = {
            "rows": rows,
            "person_ids": sorted(set(rows.values())),
            "new_ids": sorted(self.persons[each.row.number].pk for each in self.new),
            "left_out": [
                each.row.number
                for each in verdicts
                if each.outcome == Outcome.LEFT_OUT and not each.person
            ],
        }
        done.decisions = {}
        done.save(update_fields=["state", "ended_at", "counts", "result", "decisions"])
        # What stays is the list of rows to mend; what others said about people goes.
        done.rows.exclude(outcome__in=[Outcome.REFUSED, Outcome.UNSURE]).delete()
        done.rows.update(data={}, changes=[], pairs=[])
        storing.remove(done)


def _subjects(verdict: Verdict) -> list[str]:
    """What of a person was changed, as the list of accesses to a record names it."""
    fields = {each["field"] for each in verdict.changes}
    return sorted({"details" if name in DETAILS else name for name in fields})


def _post(verdict: Verdict, person_id: int, on: dt.date) -> Appointment:
    position, unit = verdict.position, verdict.unit
    if not isinstance(position, int) or unit is None:
        raise TypeError("a row that is taken over has a post")
    return Appointment(
        person_id=person_id,
        position_id=position,
        unit_id=unit,
        valid_from=on,
        is_main=True,
    )


def _new_position(name: str) -> Position:
    code = base = slugify(fold(name))[:32] or "chuc-danh"
    number = 1
    while Position.objects.filter(code=code).exists():
        number += 1
        code = f"{base}-{number}"
    return Position.objects.create(code=code, name=name)
