"""Numbers by unit through time. Golden test 2 of domain.md."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest

from lms.learning.errors import CannotEnrol
from lms.learning.models import Enrolment
from lms.learning.services.merging import merge_persons
from lms.learning.services.past import enter_past_course
from lms.learning.services.rebuilding import find_drift
from lms.learning.unit_reports import SUCCESSOR, THEN, Filters, UnitReport, reach_of, unit_report
from lms.people.models import Person, Position, Unit, User
from lms.people.rights import rights_of
from lms.people.services.posts import appoint
from lms.people.services.roles import grant_role
from lms.people.services.unit_changes import NewUnit, merge_units, split_unit
from lms.people.services.units import create_unit
from lms.people.tests.factories import (
    CentreFactory,
    PersonFactory,
    PositionFactory,
    UnitFactory,
    UnitKindFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

OLD, NEW = uuid.uuid4(), uuid.uuid4()
TITLES = {OLD: "Lớp năm 2024", NEW: "Lớp năm 2026"}
REFORM = dt.date(2025, 7, 1)
BEFORE = dt.datetime(2024, 9, 16, 8, tzinfo=dt.UTC)
AFTER = dt.datetime(2026, 3, 2, 8, tzinfo=dt.UTC)
ALL = ("",)


@pytest.fixture
def admin() -> User:
    user = UserFactory()
    grant_role(user=user, role="administrator")
    return user


@pytest.fixture
def province() -> Unit:
    return UnitFactory(name="Tỉnh Lam Sơn Hạ")


@pytest.fixture
def old(province: Unit) -> list[Unit]:
    kind = UnitKindFactory()
    return [create_unit(name=f"Xã {name}", kind=kind, parent=province) for name in ("Đông", "Tây")]


@pytest.fixture
def deputy() -> Position:
    return PositionFactory(code="deputy", name="Phó bí thư")


@pytest.fixture
def secretary() -> Position:
    return PositionFactory()


def take(
    person: Person, course: uuid.UUID, at: dt.datetime, *, completed: bool = True
) -> Enrolment:
    return enter_past_course(
        person=person,
        course_key=course,
        course_title=TITLES[course],
        began=at,
        completed=at + dt.timedelta(days=2) if completed else None,
    )


@pytest.fixture
def changed(admin: User, old: list[Unit], deputy: Position, secretary: Position) -> Person:
    """Deputy secretary in a commune that is merged, secretary of the new one; a course in each."""
    person = PersonFactory(full_name="Lường Thị Hoài Thương")
    appoint(person=person, position=deputy, unit=old[0], valid_from=dt.date(2020, 6, 1))
    take(person, OLD, BEFORE)
    new = NewUnit("Xã Lớn", old[0].kind)
    after = merge_units(units=old, into=new, on=REFORM, by=admin)
    appoint(person=person, position=secretary, unit=after, valid_from=dt.date(2025, 7, 15))
    take(person, NEW, AFTER)
    return person


def lines(report: UnitReport) -> list[tuple[Any, ...]]:
    return [
        (
            row.unit.name if row.unit else "",
            row.course_title,
            row.position.code if row.position else "",
            row.numbers.people,
            row.numbers.turns,
            row.numbers.completed,
        )
        for row in report.rows
    ]


def totals(report: UnitReport) -> tuple[int, int, int]:
    return report.total.people, report.total.turns, report.total.completed


def ask(reach: tuple[str, ...] = ALL, **filters: Any) -> UnitReport:
    return unit_report(reach=reach, filters=Filters(**filters))


# --- golden test 2 -------------------------------------------------------------------------------


def test_golden_2_two_turns_are_one_person(changed: Person) -> None:
    for by in (THEN, SUCCESSOR):
        assert totals(ask(by=by)) == (1, 2, 2)


def test_golden_2_the_old_course_keeps_the_old_post_and_unit(changed: Person) -> None:
    assert lines(ask(by=THEN, with_positions=True)) == [
        ("Xã Đông", "Lớp năm 2024", "deputy", 1, 1, 1),
        ("Xã Lớn", "Lớp năm 2026", "secretary", 1, 1, 1),
    ]


def test_golden_2_the_successor_gathers_all(changed: Person) -> None:
    after = Unit.objects.get(name="Xã Lớn")
    assert lines(ask(by=SUCCESSOR, unit=after)) == [
        ("Xã Lớn", "Lớp năm 2024", "", 1, 1, 1),
        ("Xã Lớn", "Lớp năm 2026", "", 1, 1, 1),
    ]
    assert ask(by=SUCCESSOR, unit=after).by_unit[after.pk].people == 1
    assert totals(ask(by=THEN, unit=after)) == (1, 1, 1)


def test_golden_2_the_manager_of_the_successor_sees_both(changed: Person) -> None:
    after = Unit.objects.get(name="Xã Lớn")
    manager = UserFactory()
    grant_role(user=manager, role="centre_manager", centre=CentreFactory(serves=[after]))
    reach = reach_of(rights_of(manager))
    assert totals(ask(reach, by=THEN)) == totals(ask(reach, by=SUCCESSOR)) == (1, 2, 2)
    assert set(Enrolment.objects.visible_to(manager)) == set(changed.enrolments.all())


# --- the rest ------------------------------------------------------------------------------------


def test_sums_of_groups_are_the_total(changed: Person, old: list[Unit]) -> None:
    for number in range(3):
        person = PersonFactory(full_name=f"Người {number}")
        take(person, OLD, BEFORE, completed=number > 0)
    for by in (THEN, SUCCESSOR):
        report = ask(by=by)
        assert totals(report) == (4, 5, 4)
        assert sum(row.numbers.turns for row in report.rows) == 5
        assert sum(numbers.turns for numbers in report.by_unit.values()) == 5
        assert report.by_unit[None].people == 3


def test_days_are_those_of_enrolling_both_included(changed: Person) -> None:
    day = dt.date(2024, 9, 16)
    assert totals(ask(first=day, last=day)) == (1, 1, 1)
    assert totals(ask(first=day + dt.timedelta(days=1))) == (1, 1, 1)
    assert totals(ask(last=day - dt.timedelta(days=1))) == (0, 0, 0)
    assert totals(ask(course_key=NEW)) == (1, 1, 1)


def test_days_begin_at_midnight_here() -> None:
    take(PersonFactory(), OLD, dt.datetime(2024, 9, 15, 17, 30, tzinfo=dt.UTC))
    assert totals(ask(first=dt.date(2024, 9, 16), last=dt.date(2024, 9, 16)))[1] == 1


def test_given_up_is_no_turn_unless_completed(province: Unit) -> None:
    person = PersonFactory()
    for number, completed in enumerate((True, False)):
        enrolment = take(person, OLD, BEFORE + dt.timedelta(days=number), completed=completed)
        Enrolment.objects.filter(pk=enrolment.pk).update(withdrawn_at=AFTER)
    assert totals(ask()) == (1, 1, 1)


def test_two_rows_merged_into_one_person_count_once(admin: User, province: Unit) -> None:
    one, two = PersonFactory(), PersonFactory()
    take(one, OLD, BEFORE, completed=False)
    take(two, OLD, BEFORE)
    assert totals(ask()) == (2, 2, 1)
    merge_persons(kept=one, merged=two, by=admin)
    assert totals(ask()) == (1, 1, 1)


def test_divided_unit_counts_where_people_went(
    admin: User, old: list[Unit], deputy: Position
) -> None:
    people = [PersonFactory() for _ in range(3)]
    posts = [
        appoint(person=each, position=deputy, unit=old[0], valid_from=dt.date(2020, 6, 1))
        for each in people[:2]
    ]
    for each in people[:2]:
        take(each, OLD, BEFORE)
    left = take(people[2], OLD, BEFORE)
    Enrolment.objects.filter(pk=left.pk).update(unit=old[0])  # held a post there then, no more
    parts = [NewUnit("Xã Đông Một", old[0].kind), NewUnit("Xã Đông Hai", old[0].kind)]
    split_unit(unit=old[0], parts=parts, on=REFORM, by=admin, posts={posts[1].pk: 1})
    assert [line[:1] + line[3:] for line in lines(ask(by=SUCCESSOR))] == [
        ("Xã Đông Một", 2, 2, 2),
        ("Xã Đông Hai", 1, 1, 1),
    ]
    two = Unit.objects.get(name="Xã Đông Hai")
    assert totals(ask((two.path,), by=THEN)) == (1, 1, 1)


@pytest.mark.parametrize(
    ("role", "seen"),
    [
        ("administrator", 3),
        ("observer", 2),
        ("unit_officer", 2),
        ("centre_manager", 2),
        ("instructor", 0),
        ("learner", 0),
    ],
)
def test_reach_of_roles(
    changed: Person, province: Unit, secretary: Position, role: str, seen: int
) -> None:
    other = PersonFactory()
    far = create_unit(name="Xã Xa", kind=province.kind, parent=province)
    appoint(person=other, position=secretary, unit=far, valid_from=dt.date(2020, 1, 1))
    take(other, OLD, BEFORE)
    after = Unit.objects.get(name="Xã Lớn")
    user, reach = UserFactory(), {}
    if role == "centre_manager":
        reach["centre"] = CentreFactory(serves=[after])
    if role in ("unit_officer", "observer"):
        reach["unit"] = after
    grant_role(user=user, role=role, **reach)
    assert totals(ask(reach_of(rights_of(user))))[1] == seen


def test_queries_do_not_grow(changed: Person, django_assert_max_num_queries: Any) -> None:
    after = Unit.objects.get(name="Xã Lớn")
    for _ in range(2):
        for reach in (ALL, (after.path,)):
            with django_assert_max_num_queries(5):
                ask(reach, by=SUCCESSOR, with_positions=True)
        for _number in range(5):
            take(PersonFactory(), OLD, BEFORE)


# --- courses of the past -------------------------------------------------------------------------


def test_past_course_is_entered_once_and_folds(changed: Person) -> None:
    again = take(changed, OLD, BEFORE)
    assert changed.enrolments.count() == 2
    assert again.progress.completed_at == BEFORE + dt.timedelta(days=2)
    assert list(find_drift()) == []


def test_past_course_of_the_future_or_backwards_is_refused() -> None:
    person = PersonFactory()
    future = dt.datetime(2999, 1, 1, tzinfo=dt.UTC)
    for began, completed in ((future, None), (AFTER, BEFORE)):
        with pytest.raises(CannotEnrol):
            enter_past_course(
                person=person, course_key=OLD, course_title="Lớp", began=began, completed=completed
            )
    take(person, OLD, BEFORE)
    with pytest.raises(CannotEnrol):
        take(person, OLD, AFTER)
    assert Enrolment.objects.count() == 1
