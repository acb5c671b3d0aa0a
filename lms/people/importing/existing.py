"""Those who are recorded already and may be in a file, read in a few queries."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final, TypeVar

from django.db.models import Q

from lms.people.importing.duplicates import Traits, plain_name
from lms.people.importing.places import Reach
from lms.people.importing.rows import Row
from lms.people.models import Appointment, Person, User
from lms.people.models.units import below

T = TypeVar("T")
AT_ONCE: Final = 500  # values in one query


@dataclass(frozen=True)
class Post:
    """An appointment that holds on the day or begins later, or that has no end."""

    pk: int
    unit: int
    position: int
    begins: dt.date
    ends: dt.date | None
    is_main: bool


@dataclass
class Known:
    """Somebody who is recorded, as far as a file can say something about them."""

    pk: int
    name: str
    birth_date: dt.date | None
    sex: str
    phone: str
    posts: list[Post] = field(default_factory=list)
    username: str = ""

    def traits(self) -> Traits:
        """For comparison."""
        units = frozenset(post.unit for post in self.posts)
        return Traits(("person", self.pk), self.name, units, self.birth_date, self.phone)


@dataclass
class Database:
    """What the check of a file needs to know."""

    known: dict[int, Known]
    elsewhere: set[str]  # phones of persons outside of the reach
    signing_in: dict[str, int | None]  # phone: the person of the account
    usernames: dict[str, int | None]  # those of the file that are taken: the person


def batches(values: Iterable[T], size: int = AT_ONCE) -> Iterator[list[T]]:
    """The values in lists of at most `size`."""
    rest = iter(values)
    while batch := list(islice(rest, size)):
        yield batch


def read_database(
    rows: Sequence[Row], reach: Reach, *, own_person: int | None, today: dt.date
) -> Database:
    """Everybody in the reach whose name, marks aside, or whose phone is in the rows."""
    names = {plain_name(row.full_name) for row in rows}
    phones = {row.phone for row in rows} - {""}
    known = {
        pk: Known(pk, name, birth_date, sex, phone)
        for pk, name, search, birth_date, sex, phone in _persons(reach, own_person, today)
        if (phone and phone in phones) or search.removesuffix(phone).rstrip() in names
    }
    for ids in batches(known):
        _add_posts(known, ids, today)
        for person, username in User.objects.filter(person_id__in=ids).values_list(
            "person_id", "username"
        ):
            known[person].username = username
    here = {each.phone for each in known.values()}
    elsewhere: set[str] = set()
    signing_in: dict[str, int | None] = {}
    for some in batches(sorted(phones)):
        persons = Person.objects.filter(phone__in=some, merged_into=None)
        elsewhere.update(persons.exclude(pk__in=_of(known, some)).values_list("phone", flat=True))
        accounts = User.objects.filter(phone__in=some).values_list("phone", "person_id")
        signing_in.update((phone or "", holder) for phone, holder in accounts)
    for phone, holder in signing_in.items():
        if holder not in known and phone not in here:
            elsewhere.add(phone)
    wanted = {User.normalize_username(row.username) for row in rows} - {""}
    usernames: dict[str, int | None] = {}
    for some in batches(sorted(wanted)):
        usernames.update(
            User.objects.filter(username__in=some).values_list("username", "person_id")
        )
    return Database(known, elsewhere, signing_in, usernames)


def _of(known: dict[int, Known], phones: Sequence[str]) -> list[int]:
    wanted = set(phones)
    return [each.pk for each in known.values() if each.phone in wanted]


def _persons(reach: Reach, own_person: int | None, today: dt.date) -> Iterator[Any]:
    persons = Person.objects.filter(merged_into=None)
    if not reach.is_administrator:
        # Who holds a post there, or will: an earlier import may have said a later day.
        posts = Appointment.objects.filter(
            Q(valid_to=None) | Q(valid_to__gt=today), below(reach.paths, "unit__path")
        )
        persons = persons.filter(Q(pk__in=posts.values("person_id")) | Q(pk=own_person))
    columns = ("pk", "full_name", "search_text", "birth_date", "sex", "phone")
    return persons.order_by("pk").values_list(*columns).iterator(chunk_size=5000)


def _add_posts(known: dict[int, Known], ids: list[int], today: dt.date) -> None:
    rows = (
        Appointment.objects.filter(Q(valid_to=None) | Q(valid_to__gt=today), person_id__in=ids)
        .order_by("pk")
        .values_list(
            "person_id", "pk", "unit_id", "position_id", "valid_from", "valid_to", "is_main"
        )
    )
    posts: dict[int, list[Post]] = defaultdict(list)
    for person, pk, unit, position, begins, ends, is_main in rows:
        posts[person].append(Post(pk, unit, position, begins, ends, is_main))
    for person, own in posts.items():
        known[person].posts = own
