"""Who may be the same person: equal names in one form, with a unit, a day or a phone in common."""

from __future__ import annotations

import datetime as dt
import unicodedata

import pytest

from lms.people.importing.duplicates import (
    CROWD,
    SAME_NAME_AND_BIRTH,
    SAME_NAME_AND_UNIT,
    SAME_PHONE,
    SIMILAR_NAME,
    Pair,
    Traits,
    duplicates_within,
    likely_duplicates,
    normal_name,
)

BORN, OTHER_DAY = dt.date(1975, 9, 2), dt.date(1980, 1, 1)
PHONE = "+84912345678"
HOA = "Nguyễn Thị Hòa"


def traits(
    key: str,
    name: str = HOA,
    unit: int = 1,
    born: dt.date | None = None,
    phone: str = "",
) -> Traits:
    return Traits(key, name, frozenset([unit]), born, phone)


def found(one: Traits, two: Traits) -> list[tuple[str, ...]]:
    return [pair.reasons for pair in likely_duplicates([one], [two])]


@pytest.mark.parametrize(
    "name",
    [
        unicodedata.normalize("NFD", HOA),
        "Nguyễn Thị Hoà",
        unicodedata.normalize("NFD", "NGUYỄN THỊ HOÀ"),
        "nguyễn  thị hòa",
    ],
)
def test_names_are_equal_in_any_composition_case_and_place_of_the_tone_mark(name: str) -> None:
    assert normal_name(name) == normal_name(HOA)
    assert found(traits("a", name), traits("b")) == [(SAME_NAME_AND_UNIT,)]


@pytest.mark.parametrize(
    ("one", "two", "reasons"),
    [
        (traits("a", born=BORN), traits("b", unit=2, born=BORN), (SAME_NAME_AND_BIRTH,)),
        (
            traits("a", born=BORN),
            traits("b", born=BORN),
            (SAME_NAME_AND_UNIT, SAME_NAME_AND_BIRTH),
        ),
        (traits("a", "Nguyen Thi Hoa", born=BORN), traits("b", born=BORN), (SIMILAR_NAME,)),
        (
            traits("a", "Vi Thị Én", 2, phone=PHONE),
            traits("b", phone=PHONE),
            (SAME_PHONE,),
        ),
        # A slip of the pen in a list is offered against what is recorded.
        (traits("a", born=OTHER_DAY), traits("b", born=BORN), (SAME_NAME_AND_UNIT,)),
    ],
)
def test_reasons(one: Traits, two: Traits, reasons: tuple[str, ...]) -> None:
    assert found(one, two) == [reasons]
    assert found(two, one) == [reasons]


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (traits("a"), traits("b", unit=2)),
        (traits("a"), traits("b", "Nguyễn Thị Hoa")),
        (traits("a", "Nguyen Thi Hoa"), traits("b")),
        (traits("a", "Nguyen Thi Hoa", born=BORN), traits("b", unit=2, born=BORN)),
        (traits("a", born=BORN, phone=PHONE), traits("b", born=OTHER_DAY, phone="+84900000000")),
        (traits("a"), traits("a")),
    ],
)
def test_others_are_no_pair(one: Traits, two: Traits) -> None:
    assert found(one, two) == []


def test_in_one_list_different_dates_of_birth_are_different_people() -> None:
    assert duplicates_within([traits("a", born=BORN), traits("b", born=OTHER_DAY)]) == []
    one, two = traits("a", born=BORN), traits("b")
    assert duplicates_within([one, two]) == [Pair(two, one, (SAME_NAME_AND_UNIT,))]


@pytest.mark.parametrize(
    ("one", "two", "certain"),
    [
        (traits("a", born=BORN), traits("b", born=BORN), True),
        (traits("a", phone=PHONE), traits("b", phone=PHONE), True),
        (traits("a", "Nguyễn Thị Hoà", born=BORN), traits("b", born=BORN), True),
        (traits("a"), traits("b"), False),
        (traits("a", born=BORN, phone=PHONE), traits("b", born=OTHER_DAY, phone=PHONE), False),
        (traits("a", born=BORN), traits("b", unit=2, born=BORN), False),
        (traits("a", "Nguyen Thi Hoa", born=BORN), traits("b", born=BORN), False),
    ],
)
def test_certain_only_where_name_unit_and_one_more_agree(
    one: Traits, two: Traits, certain: bool
) -> None:
    assert [pair.is_certain for pair in likely_duplicates([one], [two])] == [certain]


def test_a_phone_of_very_many_makes_a_bounded_number_of_pairs() -> None:
    crowd = [traits(str(n), f"Người {n}", n, phone=PHONE) for n in range(1000)]
    assert len(duplicates_within(crowd)) == CROWD * (CROWD - 1) // 2 + (1000 - CROWD) * CROWD
