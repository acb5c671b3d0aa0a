"""What the check says of each row: new, changed, unchanged, refused, or for a person to decide."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from lms.people.errors import CannotImport
from lms.people.importing import texts
from lms.people.importing.steps import choose_places, decide
from lms.people.models import Person, Position, RememberedColumns, Unit, User
from lms.people.tests.factories import (
    AppointmentFactory,
    CentreFactory,
    PersonFactory,
    PositionFactory,
    RoleGrantFactory,
    UnitFactory,
    UserFactory,
)
from lms.people.tests.importing import (
    HEADINGS,
    again,
    checked,
    codes,
    outcomes,
    row,
    sent,
    workbook,
)

pytestmark = pytest.mark.django_db
ON = dt.date(2026, 11, 1)
BORN = dt.date(1975, 9, 2)
HOA = "Nguyễn Thị Hòa"
PHONE = "+84912345678"


@pytest.fixture
def communes() -> list[Unit]:
    return [UnitFactory(name="Xã Suối Vân"), UnitFactory(name="Xã Đầm Sậy", code="DS")]


@pytest.fixture
def outside() -> Unit:
    return UnitFactory(name="Xã Vực Sim")


@pytest.fixture
def secretary() -> Position:
    return PositionFactory()


@pytest.fixture
def deputy() -> Position:
    return PositionFactory(code="deputy", name="Phó Bí thư", name_en="Deputy secretary")


@pytest.fixture
def manager(communes: list[Unit], secretary: Position, deputy: Position) -> User:
    user: User = UserFactory()
    RoleGrantFactory(user=user, role="centre_manager", centre=CentreFactory(serves=communes))
    return user


@pytest.fixture
def administrator(manager: User) -> User:
    user: User = UserFactory()
    RoleGrantFactory(user=user, role="administrator")
    return user


def people(*rows: tuple[Any, ...]) -> bytes:
    return workbook(HEADINGS, *rows)


def holder(unit: Unit, position: Position, name: str = HOA, **values: Any) -> Person:
    person: Person = PersonFactory(full_name=name, **values)
    AppointmentFactory(person=person, unit=unit, position=position)
    return person


# --- who it is -----------------------------------------------------------------------------------


def test_same_name_unit_and_birth_date_is_the_person_and_the_changes_are_shown(
    manager: User, communes: list[Unit], secretary: Position, deputy: Position
) -> None:
    person = holder(communes[0], secretary, birth_date=BORN)
    found = checked(
        manager,
        people(("Nguyễn Thị Hoà", "2/9/1975", "0912 345 678", "Phó bí thư", "xa suoi van")),
        on=ON,
        accounts=False,
    )
    verdict = row(found, 2)
    assert (verdict.outcome, verdict.person_key) == ("changed", person.pk)
    assert verdict.changes == [
        {"field": "phone", "old": "", "new": PHONE},
        {
            "field": "post",
            "old": [secretary.pk, communes[0].pk],
            "new": [deputy.pk, communes[0].pk],
        },
    ]
    assert verdict.pairs == []


def test_what_is_recorded_already_is_unchanged_and_empty_cells_take_nothing_away(
    manager: User, communes: list[Unit], secretary: Position
) -> None:
    holder(communes[0], secretary, birth_date=BORN, phone=PHONE, sex="female")
    holder(communes[0], secretary, "Lò Văn Ơn", phone="+84900000001")
    found = checked(
        manager,
        people(
            (HOA, "02/09/1975", None, "Bí thư", "Xã Suối Vân"),
            ("Lò Văn Ơn", None, None, "Bí thư", "Xã Suối Vân"),
        ),
        on=ON,
        accounts=False,
    )
    assert outcomes(found) == {2: "unchanged", 3: "unchanged"}


@pytest.mark.parametrize(
    ("name", "born", "phone", "unit", "reasons"),
    [
        ("Nguyễn Thị Hoà", None, "0912345678", 0, ["same-name-and-unit"]),
        (HOA, "3/9/1975", None, 0, ["same-name-and-unit"]),
        (HOA, "2/9/1975", None, 1, ["same-name-and-birth"]),
        ("Nguyen Thi Hoa", "2/9/1975", None, 0, ["similar-name"]),
    ],
)
def test_likely_duplicates_are_offered_and_left_open(
    manager: User,
    communes: list[Unit],
    secretary: Position,
    name: str,
    born: str | None,
    phone: str | None,
    unit: int,
    reasons: list[str],
) -> None:
    person = holder(communes[0], secretary, birth_date=BORN)
    found = checked(
        manager, people((name, born, phone, "Bí thư", communes[unit].name)), on=ON, accounts=False
    )
    verdict = row(found, 2)
    assert verdict.outcome == "unsure"
    assert [(pair["person"], pair["reasons"]) for pair in verdict.pairs] == [(person.pk, reasons)]
    same = again(decide(people_import=found, answers={2: f"person:{person.pk}"}))
    assert row(same, 2).person_key == person.pk
    other = again(decide(people_import=found, answers={2: "other"}))
    assert outcomes(other) == {2: "new"}
    out = again(decide(people_import=found, answers={2: "out"}))
    assert outcomes(out) == {2: "left_out"}
    open_again = again(decide(people_import=found, answers={2: ""}))
    assert outcomes(open_again) == {2: "unsure"}


def test_name_without_marks_does_not_replace_the_recorded_one(
    manager: User, communes: list[Unit], secretary: Position
) -> None:
    person = holder(communes[0], secretary, birth_date=BORN)
    found = checked(
        manager,
        people(("Nguyen Thi Hoa", "2/9/1975", None, "Bí thư", "Xã Suối Vân")),
        on=ON,
        accounts=False,
    )
    again(decide(people_import=found, answers={2: f"person:{person.pk}"}))
    verdict = row(found, 2)
    assert (verdict.outcome, codes(verdict.notes)) == ("unchanged", ["name-stays"])


def test_two_people_on_one_phone_can_both_come_and_sign_in_with_user_names(
    manager: User,
) -> None:
    found = checked(
        manager,
        people(
            (HOA, None, "0912345678", "Bí thư", "Xã Suối Vân"),
            ("Lò Văn Ơn", None, "0912345678", "Bí thư", "Xã Suối Vân"),
        ),
        on=ON,
    )
    assert outcomes(found) == {2: "new", 3: "unsure"}
    assert row(found, 3).pairs == [{"row": 2, "reasons": ["same-phone"]}]
    again(decide(people_import=found, answers={3: "other"}))
    assert outcomes(found) == {2: "new", 3: "new"}
    assert [codes(row(found, number).notes) for number in (2, 3)] == [["phone-shared"]] * 2


def test_an_answer_that_was_not_offered_is_passed_over(
    manager: User, communes: list[Unit], secretary: Position
) -> None:
    holder(communes[0], secretary, birth_date=BORN)
    stranger: Person = PersonFactory()
    found = checked(
        manager, people((HOA, None, None, "Phó Bí thư", "Xã Suối Vân")), on=ON, accounts=False
    )
    again(decide(people_import=found, answers={2: f"person:{stranger.pk}", 9: "other"}))
    assert (outcomes(found), found.decisions) == ({2: "unsure"}, {})


# --- beyond the reach ----------------------------------------------------------------------------


def test_people_outside_of_the_reach_are_not_disclosed(
    manager: User, administrator: User, outside: Unit, secretary: Position
) -> None:
    hidden = holder(outside, secretary, birth_date=BORN, phone=PHONE)
    content = people(
        (HOA, "2/9/1975", None, "Bí thư", "Xã Suối Vân"),
        ("Lò Văn Ơn", None, "0912 345 678", "Bí thư", "Xã Suối Vân"),
        ("Vi Thị Én", None, None, "Bí thư", "Xã Vực Sim"),
    )
    found = checked(manager, content, on=ON)
    assert outcomes(found) == {2: "new", 3: "unsure", 4: "refused"}
    assert row(found, 3).pairs == [{"elsewhere": True, "reasons": ["same-phone"]}]
    assert codes(row(found, 4).faults) == ["unit-unknown"]
    told = repr(list(found.rows.filter(number__lt=4).values()))
    assert str(hidden.full_name) not in told.replace(f"'full_name': '{HOA}'", "")
    assert f"'person': {hidden.pk}" not in told
    again(decide(people_import=found, answers={3: "other"}))
    assert (outcomes(found)[3], codes(row(found, 3).notes)) == ("new", ["phone-shared"])
    # Administrators see who it is.
    whole = checked(administrator, content, on=ON)
    assert outcomes(whole) == {2: "unsure", 3: "unsure", 4: "new"}
    assert [pair["person"] for pair in row(whole, 3).pairs] == [hidden.pk]


def test_a_unit_of_others_cannot_be_chosen(manager: User, outside: Unit) -> None:
    found = checked(manager, people((HOA, None, None, "Bí thư", "X")), on=ON)
    with pytest.raises(CannotImport):
        choose_places(people_import=found, units={"x": outside.pk}, positions={})
    with pytest.raises(CannotImport):
        checked(manager, people((HOA, None, None, "Bí thư", "X")), on=ON, unit=outside.pk)


def test_whoever_lost_the_role_reaches_nothing(manager: User) -> None:
    found = checked(manager, people((HOA, None, None, "Bí thư", "Xã Suối Vân")), on=ON)
    assert outcomes(found) == {2: "new"}
    manager.role_grants.all().delete()
    assert outcomes(again(found)) == {2: "refused"}


def test_data_of_people_with_rights_of_their_own_are_changed_by_administrators(
    manager: User, administrator: User, communes: list[Unit], secretary: Position
) -> None:
    person = holder(communes[0], secretary, birth_date=BORN)
    RoleGrantFactory(user=UserFactory(person=person), role="reviewer")
    content = people((HOA, "2/9/1975", "0912345678", "Bí thư", "Xã Suối Vân"))
    assert codes(row(checked(manager, content, on=ON), 2).faults) == ["beyond"]
    assert outcomes(checked(administrator, content, on=ON)) == {2: "changed"}


def test_a_main_post_outside_of_the_reach_is_not_ended(
    manager: User, communes: list[Unit], outside: Unit, secretary: Position, deputy: Position
) -> None:
    person = holder(outside, secretary, birth_date=BORN)
    AppointmentFactory(person=person, unit=communes[0], position=deputy, is_main=False)
    found = checked(
        manager, people((HOA, "2/9/1975", None, "Bí thư", "Xã Suối Vân")), on=ON, accounts=False
    )
    assert (outcomes(found), codes(row(found, 2).faults)) == ({2: "refused"}, ["main-elsewhere"])


def test_a_main_post_that_began_later_stands_against_the_row(
    manager: User, communes: list[Unit], secretary: Position
) -> None:
    person: Person = PersonFactory(full_name=HOA, birth_date=BORN)
    AppointmentFactory(
        person=person, unit=communes[0], position=secretary, valid_from=dt.date(2026, 11, 15)
    )
    content = people((HOA, "2/9/1975", None, "Phó Bí thư", "Xã Suối Vân"))
    found = checked(manager, content, on=ON, accounts=False)
    assert codes(row(found, 2).faults) == ["post-later"]
    same = people((HOA, "2/9/1975", None, "Bí thư", "Xã Suối Vân"))
    held = checked(manager, same, on=ON, accounts=False)
    assert (outcomes(held), codes(row(held, 2).notes)) == ({2: "unchanged"}, ["post-since"])


# --- accounts ------------------------------------------------------------------------------------


def test_user_names_that_cannot_be_are_refused(manager: User) -> None:
    UserFactory(username="co.roi")
    names = ["co.roi", "0912 345 678", "a b", "lo.vo", "LO.VO", ""]
    content = workbook(
        ("Họ và tên", "Chức vụ", "Đơn vị", "Tên đăng nhập"),
        *((f"Nguyễn Văn {'ABCDEF'[n]}", "Bí thư", "Xã Suối Vân", x) for n, x in enumerate(names)),
    )
    found = checked(manager, content, on=ON)
    assert [codes(each.faults) for each in found.rows.order_by("number")] == [
        ["username-taken"], ["username-phone"], ["username-bad"], [], ["username-twice"], [],
    ]  # fmt: skip


# --- columns -------------------------------------------------------------------------------------


def test_columns_are_remembered_for_the_same_headings(manager: User) -> None:
    content = workbook(
        ("Ai", "Ở đâu", "Làm gì"), (HOA, "Xã Suối Vân", "Bí thư"), ("Lò Văn Ơn", "DS", "Bí thư")
    )
    first = sent(manager, content)
    assert first.mapping == {}
    named = {"full_name": 1, "unit": 2, "position": 3}
    assert outcomes(checked_with(first, named)) == {2: "new", 3: "new"}
    assert sent(manager, content).mapping == named
    stranger: User = UserFactory()
    assert sent(stranger, content).mapping == {}
    assert RememberedColumns.objects.count() == 1


def checked_with(people_import: Any, mapping: dict[str, int]) -> Any:
    from lms.people.tests.importing import renamed  # noqa: PLC0415 -- used here only

    return renamed(people_import, mapping, on=ON)


def test_every_code_has_words_and_every_word_fits_its_values() -> None:
    problem = {"code": "", "field": "", "column": "", "value": "x"}
    for code in texts.FAULTS:
        assert all(texts.about_fault({**problem, "code": code}))
    for code in texts.NOTES:
        assert texts.about_note({**problem, "code": code})
    params = {"most": 1, "megabytes": 1, "row": 1, "rule": "damaged", "entry": ""}
    for code in texts.FILES:
        assert texts.about_file(code, params)
