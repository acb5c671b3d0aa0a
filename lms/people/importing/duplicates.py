"""Who may be the same person: pure functions over names, units, dates of birth and phones.

    pairs = likely_duplicates(candidates, existing)   # every candidate against the existing ones
    pairs = duplicates_within(candidates)             # a list against itself

Both take `Traits` and give `Pair`s: the candidate, the other, and the reasons why they look alike:

- SAME_NAME_AND_UNIT, SAME_NAME_AND_BIRTH: the names are equal after NFC, whatever the case and
  the place of the tone mark ("Hòa", "Hoà"), and they share a unit or the date of birth;
- SIMILAR_NAME: equal only without marks ("Hoa", "Hòa"), and unit and date of birth are the same;
- SAME_PHONE.

Name and unit in common do not make a pair where more is known that differs: within one list, the
dates of birth; between a list and what is recorded, where one of them may be a slip of the pen,
the dates of birth and the phones. A pair is an offer to a person who decides; nothing here merges
anything.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from typing import Final

from lms.plugins.vietnamese import fold, modern_tones

SAME_NAME_AND_UNIT: Final = "same-name-and-unit"
SAME_NAME_AND_BIRTH: Final = "same-name-and-birth"
SIMILAR_NAME: Final = "similar-name"
SAME_PHONE: Final = "same-phone"

#: Of more than so many who have the same in common, each is compared with the first few only:
#: a switchboard's number on a whole list must not make every two of them a pair.
CROWD: Final = 20


def normal_name(name: str) -> str:
    """The name in the one form in which equal names are equal: NFC, tone marks, case, spaces."""
    return " ".join(modern_tones(name).casefold().split())


def plain_name(name: str) -> str:
    """The name without marks and capitals: "Nguyễn Thị Hoà" gives "nguyen thi hoa"."""
    return " ".join(fold(name).split())


@dataclass(frozen=True, slots=True)
class Traits:
    """What is compared of somebody. `key` is whatever the caller knows them by.

    Who has the same key is the same one, and is not compared: rows of a file and persons of the
    database, compared with each other, need keys that tell them apart: ("row", 5), ("person", 5).
    `units`: ids of the units in which they hold posts. `phone` as `normalise_phone` gives it.
    """

    key: Hashable
    name: str
    units: frozenset[int] = frozenset()
    birth_date: dt.date | None = None
    phone: str = ""
    normal: str = field(init=False)
    plain: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "normal", normal_name(self.name))
        object.__setattr__(self, "plain", plain_name(self.name))


@dataclass(frozen=True, slots=True)
class Pair:
    """Two that look alike, and why."""

    candidate: Traits
    other: Traits
    reasons: tuple[str, ...]

    @property
    def is_certain(self) -> bool:
        """The same name, unit, and date of birth or phone: whoever brings it is that person.

        Not where the date of birth says otherwise.
        """
        one, two = self.candidate, self.other
        if one.normal != two.normal or not one.units & two.units:
            return False
        if one.birth_date and two.birth_date:
            return one.birth_date == two.birth_date
        return bool(one.phone) and one.phone == two.phone


def likely_duplicates(candidates: Iterable[Traits], existing: Iterable[Traits]) -> list[Pair]:
    """Every pair of a candidate and an existing one that look alike, in the order of both."""
    index = Index(existing)
    return [pair for candidate in candidates for pair in index.pairs(candidate)]


def duplicates_within(candidates: Iterable[Traits]) -> list[Pair]:
    """Every two of a list that look alike: `candidate` is the later one of them."""
    index, found = Index(one_list=True), list[Pair]()
    for candidate in candidates:
        found += index.pairs(candidate)
        index.add(candidate)
    return found


def reasons(one: Traits, two: Traits, *, one_list: bool = False) -> tuple[str, ...]:
    """Why the two look alike; empty when they do not. `one_list`: both stand in the same one."""
    found = []
    same_unit = bool(one.units & two.units)
    same_birth = one.birth_date is not None and one.birth_date == two.birth_date
    if one.normal == two.normal:
        if same_unit and not _told_apart(one, two, one_list):
            found.append(SAME_NAME_AND_UNIT)
        if same_birth:
            found.append(SAME_NAME_AND_BIRTH)
    elif one.plain == two.plain and same_unit and same_birth:
        found.append(SIMILAR_NAME)
    if one.phone and one.phone == two.phone:
        found.append(SAME_PHONE)
    return tuple(found)


def _told_apart(one: Traits, two: Traits, one_list: bool) -> bool:
    births, phones = (one.birth_date, two.birth_date), (one.phone, two.phone)
    if not all(births) or births[0] == births[1]:
        return False
    return one_list or (all(phones) and phones[0] != phones[1])


class Index:
    """Those seen so far, by what two that look alike must have in common."""

    def __init__(self, ones: Iterable[Traits] = (), *, one_list: bool = False) -> None:
        self._blocks: dict[Hashable, list[Traits]] = {}
        self._one_list = one_list
        for one in ones:
            self.add(one)

    def add(self, one: Traits) -> None:
        """Compare with this one from now on."""
        for block in self._of(one):
            block_of = self._blocks.setdefault(block, [])
            if len(block_of) < CROWD:
                block_of.append(one)

    def pairs(self, one: Traits) -> list[Pair]:
        """`one` with each of those that look alike, in the order in which they were added."""
        others = {
            id(other): other
            for block in self._of(one)
            for other in self._blocks.get(block, ())
            if other.key != one.key
        }
        found = []
        for other in others.values():
            if why := reasons(one, other, one_list=self._one_list):
                found.append(Pair(one, other, why))
        return found

    def _of(self, one: Traits) -> list[Hashable]:
        blocks: list[Hashable] = [("unit", one.plain, unit) for unit in sorted(one.units)]
        if one.birth_date is not None:
            blocks.append(("birth", one.plain, one.birth_date))
        if one.phone:
            blocks.append(("phone", one.phone))
        return blocks
