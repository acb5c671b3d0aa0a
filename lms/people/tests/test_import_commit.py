"""A list of people from the file to the database: all of it, once, and only as announced."""

from __future__ import annotations

import datetime as dt
import unicodedata
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lms.people.importing import storing
from lms.people.importing.committing import commit
from lms.people.importing.options import NEW
from lms.people.importing.steps import choose_places, decide
from lms.people.models import (
    Appointment,
    DifferentPersons,
    PeopleImport,
    Person,
    Position,
    RecordAccess,
    RoleGrant,
    Unit,
    User,
)
from lms.people.services.posts import appoint
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
    committed,
    outcomes,
    row,
    workbook,
)

pytestmark = pytest.mark.django_db
ON = dt.date(2026, 11, 1)


@pytest.fixture
def communes() -> list[Unit]:
    return [UnitFactory(name="Xã Suối Vân"), UnitFactory(name="Xã Đầm Sậy")]


@pytest.fixture
def positions() -> list[Position]:
    return [
        PositionFactory(),
        PositionFactory(code="deputy", name="Phó Bí thư", name_en="Deputy secretary"),
    ]


@pytest.fixture
def manager(communes: list[Unit], positions: list[Position]) -> User:
    user: User = UserFactory()
    RoleGrantFactory(user=user, role="centre_manager", centre=CentreFactory(serves=communes))
    return user


def people(*rows: tuple[Any, ...]) -> bytes:
    return workbook(HEADINGS, *rows)


def test_golden_11_old_tone_mark_and_decomposed_letters_are_offered_and_a_person_decides(
    manager: User,
) -> None:
    decomposed = unicodedata.normalize("NFD", "Nguyễn Thị Hòa")
    assert decomposed != "Nguyễn Thị Hòa"
    content = people(
        (decomposed, "02/09/1975", None, "Bí thư", "Xã Suối Vân"),
        ("Nguyễn Thị Hoà", "02/09/1975", None, "Bí thư", "Xã Suối Vân"),
    )
    found = checked(manager, content, on=ON)
    assert outcomes(found) == {2: "new", 3: "unsure"}
    assert row(found, 3).pairs == [
        {"row": 2, "reasons": ["same-name-and-unit", "same-name-and-birth"]}
    ]
    # Undecided, the second row stays out.
    before = Person.objects.count()
    decided = again(decide(people_import=found, answers={3: "row:2"}))
    assert outcomes(decided) == {2: "new", 3: "left_out"}
    committed(decided)
    made = Person.objects.get(full_name="Nguyễn Thị Hòa")
    assert Person.objects.count() == before + 1
    assert made.birth_date == dt.date(1975, 9, 2)
    # One in the database and one in a file are offered to each other as well.
    other = people(("Nguyễn Thị Hoà", "02/09/1975", None, "Bí thư", "Xã Đầm Sậy"))
    moved = checked(manager, other, on=ON)
    assert outcomes(moved) == {2: "unsure"}
    assert [pair["person"] for pair in row(moved, 2).pairs] == [made.pk]


def test_the_same_file_a_second_time_changes_nothing(manager: User) -> None:
    content = people(
        ("Nguyễn Thị Hòa", "02/09/1975", "0912 345 678", "Bí thư", "Xã Suối Vân"),
        ("Nguyễn Thị Hoà", "02/09/1975", None, "Bí thư", "Xã Suối Vân"),
        ("Lò Văn Ơn", None, None, "Phó Bí thư", "Xã Suối Vân"),
        ("Lò Văn Ơn", None, None, "Phó Bí thư", "Xã Suối Vân"),
        ("Vi Thị Én", None, "0912 345 678", "Phó Bí thư", "Xã Đầm Sậy"),
        ("Hà Văn Út", None, None, "Phó Bí thư", "Xã Đầm Sậy"),
        ("Hà Văn Út", None, None, "Phó Bí thư", "Xã Đầm Sậy"),
    )
    first = checked(manager, content, on=ON)
    assert outcomes(first) == {
        2: "new", 3: "unsure", 4: "new", 5: "unsure", 6: "unsure", 7: "new", 8: "unsure",
    }  # fmt: skip
    answers = {3: "other", 5: "other", 6: "other", 8: "out"}
    first = committed(again(decide(people_import=first, answers=answers)))
    assert first.state == PeopleImport.State.COMMITTED
    assert first.counts == {"new": 6, "left_out": 1}
    before = list(Person.objects.values()), list(Appointment.objects.values())
    accounts = list(User.objects.values())
    second = checked(manager, content, on=ON)
    assert second.counts == {"unchanged": 6, "left_out": 1}
    committed(second)
    assert second.state == PeopleImport.State.COMMITTED
    assert (list(Person.objects.values()), list(Appointment.objects.values())) == before
    assert list(User.objects.values()) == accounts
    assert second.person_ids() == first.person_ids()
    # The two of one phone, and those of one name, were told apart for good.
    assert DifferentPersons.objects.count() == 3


def test_committing_twice_is_the_same_as_once(manager: User) -> None:
    found = checked(manager, people(("Lò Văn Ơn", None, None, "Bí thư", "Xã Suối Vân")), on=ON)
    committed(found)
    before = Person.objects.count()
    committed(found)
    assert Person.objects.count() == before


def test_what_a_new_person_gets(
    manager: User, communes: list[Unit], django_capture_on_commit_callbacks: Any
) -> None:
    content = workbook(
        ("Họ và tên", "Ngày sinh", "Giới tính", "SĐT", "Chức vụ", "Đơn vị", "Tên đăng nhập"),
        ("NGUYỄN THỊ HOÀ", "2/9/1975", "Nữ", 912345678, "Bí thư", "Xã Suối Vân", "Hoa.Xa"),
        ("Lò Văn Ơn", None, None, None, "Bí thư", "Xã Suối Vân", None),
    )
    with django_capture_on_commit_callbacks(execute=True):
        done = committed(checked(manager, content, on=ON))
    hoa = Person.objects.get(full_name="Nguyễn Thị Hoà")
    assert (hoa.birth_date, hoa.sex, hoa.phone) == (dt.date(1975, 9, 2), "female", "+84912345678")
    one_by_one: Person = PersonFactory(full_name="Nguyễn Thị Hoà", phone="0912345678")
    assert (hoa.sort_key, hoa.search_text) == (one_by_one.sort_key, one_by_one.search_text)
    post = hoa.appointments.get()
    assert (post.unit, post.valid_from, post.valid_to, post.is_main) == (
        communes[0], ON, None, True,
    )  # fmt: skip
    account = User.objects.get(person=hoa)
    assert (account.username, account.phone) == ("hoa.xa", "+84912345678")
    assert not account.has_usable_password()
    assert [grant.role for grant in account.role_grants.all()] == ["learner"]
    assert [group.name for group in account.groups.all()] == ["learner"]
    assert User.objects.get(person__full_name="Lò Văn Ơn").username == "on.lv"
    assert done.result["new_ids"] == done.result["person_ids"] == done.person_ids()
    assert done.rows.count() == 0
    assert not storing.path_of(done).exists()


def test_without_accounts_nobody_gets_one_and_a_later_import_makes_them(manager: User) -> None:
    content = people(("Lò Văn Ơn", None, None, "Bí thư", "Xã Suối Vân"))
    committed(checked(manager, content, on=ON, accounts=False))
    person = Person.objects.get(full_name="Lò Văn Ơn")
    assert not User.objects.filter(person=person).exists()
    later = checked(manager, content, on=ON, accounts=True)
    assert row(later, 2).changes == [{"field": "account", "old": None, "new": None}]
    committed(later)
    assert User.objects.filter(person=person).count() == 1


def test_no_role_is_granted_by_an_import(manager: User) -> None:
    before = set(RoleGrant.objects.values_list("pk", flat=True))
    content = workbook(
        ("Họ và tên", "Chức vụ", "Đơn vị", "Vai trò", "role"),
        ("Lò Văn Ơn", "Bí thư", "Xã Suối Vân", "administrator", "administrator"),
    )
    committed(checked(manager, content, on=ON))
    made = RoleGrant.objects.exclude(pk__in=before)
    assert [grant.role for grant in made] == ["learner"]


def test_a_changed_post_ends_the_old_one_on_that_day_as_appoint_does(
    manager: User, communes: list[Unit], positions: list[Position]
) -> None:
    twins = [
        PersonFactory(full_name=name, birth_date=dt.date(1975, 9, 2)) for name in ("Vi A", "Vi B")
    ]
    for person in twins:
        AppointmentFactory(person=person, unit=communes[0], position=positions[0])
    content = people(("Vi A", "2/9/1975", None, "Phó Bí thư", "Xã Suối Vân"))
    committed(checked(manager, content, on=ON, accounts=False))
    appoint(person=twins[1], position=positions[1], unit=communes[0], valid_from=ON)
    posts = [
        list(each.appointments.order_by("valid_from").values_list(
            "position", "unit", "valid_from", "valid_to", "is_main"
        ))
        for each in twins
    ]  # fmt: skip
    assert posts[0] == posts[1]
    assert posts[0][0][3] == ON
    noted = RecordAccess.objects.filter(person=twins[0]).values_list("act", "subject")
    assert list(noted) == [("changed", "post")]


def test_a_post_that_was_taken_back_is_held_again(
    manager: User, communes: list[Unit], positions: list[Position]
) -> None:
    person = PersonFactory(full_name="Vi A", birth_date=dt.date(1975, 9, 2))
    AppointmentFactory(
        person=person, unit=communes[0], position=positions[1], valid_from=ON, valid_to=ON
    )
    AppointmentFactory(person=person, unit=communes[0], position=positions[0])
    content = people(("Vi A", "2/9/1975", None, "Phó Bí thư", "Xã Suối Vân"))
    committed(checked(manager, content, on=ON, accounts=False))
    held = Appointment.objects.get(person=person, valid_to=None)
    assert (held.position, held.valid_from) == (positions[1], ON)


def test_positions_are_made_once_for_all_rows(communes: list[Unit]) -> None:
    user: User = UserFactory()
    RoleGrantFactory(user=user, role="administrator")
    content = people(
        ("Vi A", None, None, "Trưởng thôn", "Xã Suối Vân"),
        ("Vi B", None, None, "TRƯỞNG THÔN", "Xã Suối Vân"),
    )
    found = checked(user, content, on=ON)
    again(choose_places(people_import=found, units={}, positions={"truong thon": NEW}))
    committed(found)
    made = Position.objects.get(code="truong-thon")
    assert made.appointments.count() == 2
    assert checked(user, content, on=ON).counts == {"unchanged": 2}


NAMES = st.sampled_from(
    ["Nguyễn Thị Hòa", "Nguyễn Thị Hoà", "NGUYỄN THỊ HÒA", "Nguyen Thi Hoa", "Lò Văn Ơn"]
)
BIRTHS = st.sampled_from([None, "2/9/1975", "02-09-1975", "1975", "3/9/1975"])
PHONES = st.sampled_from([None, "0912345678", 912345678, "0987654321"])
POSITIONS = st.sampled_from(["Bí thư", "Phó Bí thư"])
UNITS = st.sampled_from(["Xã Suối Vân", "Xã Đầm Sậy"])
ROWS = st.lists(st.tuples(NAMES, BIRTHS, PHONES, POSITIONS, UNITS), min_size=1, max_size=8)


class _Undo(Exception):
    """Ends an example: what it wrote is rolled back."""


def _contents() -> list[list[dict[str, Any]]]:
    return [list(each.objects.order_by("pk").values()) for each in (Person, Appointment, User)]


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows=ROWS, data=st.data())
def test_importing_any_list_twice_is_the_same_as_once(
    manager: User,
    communes: list[Unit],
    positions: list[Position],
    rows: list[tuple[Any, ...]],
    data: st.DataObject,
) -> None:
    content = people(*rows)
    try:
        with transaction.atomic():
            there = PersonFactory(full_name="Nguyễn Thị Hòa", birth_date=dt.date(1975, 9, 2))
            AppointmentFactory(person=there, unit=communes[0], position=positions[0])
            first = checked(manager, content, on=ON)
            for _round in range(len(rows)):  # an answer may make another row a question
                asked = first.rows.filter(outcome="unsure").order_by("number").first()
                if asked is None:
                    break
                offered = [f"person:{p['person']}" for p in asked.pairs if p.get("person")]
                offered += [f"row:{p['row']}" for p in asked.pairs if p.get("row")]
                answer = data.draw(st.sampled_from(["other", "out", *offered]))
                again(decide(people_import=first, answers={asked.number: answer}))
            committed(first)
            assert first.state == PeopleImport.State.COMMITTED
            assert Person.objects.count() == 2 + first.counts.get("new", 0)
            before = _contents()
            second = checked(manager, content, on=ON)
            assert set(second.counts) <= {"unchanged", "left_out", "refused"}
            committed(second)
            assert _contents() == before
            raise _Undo
    except _Undo:
        pass


# --- what changed in between ---------------------------------------------------------------------


def test_nothing_is_taken_over_when_what_is_recorded_changed_since_the_check(
    manager: User, communes: list[Unit], positions: list[Position]
) -> None:
    content = people(
        ("Vi A", "2/9/1975", None, "Bí thư", "Xã Suối Vân"),
        ("Vi B", None, None, "Bí thư", "Xã Suối Vân"),
    )
    found = checked(manager, content, on=ON)
    person = PersonFactory(full_name="Vi A", birth_date=dt.date(1975, 9, 2))
    AppointmentFactory(person=person, unit=communes[0], position=positions[0])
    before = Person.objects.count()
    committed(found)
    assert (found.state, found.result) == (PeopleImport.State.CHECKED, {"stale": [2]})
    assert Person.objects.count() == before
    assert outcomes(found) == {2: "changed", 3: "new"}  # the account
    committed(found)
    assert found.state == PeopleImport.State.COMMITTED
    assert Person.objects.count() == before + 1


def test_a_decision_about_somebody_who_is_gone_does_not_hold(
    manager: User, communes: list[Unit], positions: list[Position]
) -> None:
    person = PersonFactory(full_name="Vi A")
    AppointmentFactory(person=person, unit=communes[0], position=positions[0])
    content = people(("Vi A", "2/9/1975", None, "Bí thư", "Xã Suối Vân"))
    found = checked(manager, content, on=ON, accounts=False)
    again(decide(people_import=found, answers={2: f"person:{person.pk}"}))
    assert outcomes(found) == {2: "changed"}
    person.appointments.update(valid_to=dt.date(2026, 1, 1))
    committed(found)
    assert (found.state, outcomes(found)) == (PeopleImport.State.CHECKED, {2: "new"})


def test_all_or_nothing_when_writing_fails_half_way(
    manager: User,
) -> None:
    found = checked(
        manager,
        people(
            ("Vi A", None, "0912345678", "Bí thư", "Xã Suối Vân"),
            ("Vi B", None, None, "Bí thư", "Xã Suối Vân"),
        ),
        on=ON,
    )
    steps = commit(found)
    next(steps)
    before = Person.objects.count()
    with pytest.raises(RuntimeError):
        steps.throw(RuntimeError("power cut"))
    found.refresh_from_db()
    assert found.state == PeopleImport.State.CHECKED
    assert Person.objects.count() == before - 2
    assert storing.path_of(found).exists()
    committed(found)
    assert found.counts == {"new": 2}
