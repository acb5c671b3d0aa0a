"""What stays of an import when it has ended: counts and rows to mend, no file and no data."""

from __future__ import annotations

import datetime as dt
import os
from typing import Any

import pytest

from lms.people.importing import storing
from lms.people.importing.steps import discard
from lms.people.models import (
    PeopleImport,
    Position,
    Unit,
    User,
)
from lms.people.tests.factories import (
    CentreFactory,
    PositionFactory,
    RoleGrantFactory,
    UnitFactory,
    UserFactory,
)
from lms.people.tests.importing import (
    HEADINGS,
    checked,
    codes,
    committed,
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


def test_refused_and_undecided_rows_stay_out_and_are_listed_without_data(manager: User) -> None:
    content = people(
        ("Vi A", "31/2/1980", None, "Bí thư", "Xã Suối Vân"),
        ("Vi B", "1/1/1980", None, "Bí thư", "Xã Suối Vân"),
        ("Vi B", "1/1/1980", None, "Bí thư", "Xã Suối Vân"),
    )
    done = committed(checked(manager, content, on=ON))
    assert done.counts == {"refused": 1, "new": 1, "unsure": 1}
    left = list(done.rows.values_list("number", "data", "changes", "pairs"))
    assert left == [(2, {}, [], []), (4, {}, [], [])]
    assert codes(row(done, 2).faults) == ["date-bad"]


def test_discarding_removes_file_and_rows(
    manager: User, django_capture_on_commit_callbacks: Any
) -> None:
    found = checked(manager, people(("Vi A", None, None, "Bí thư", "Xã Suối Vân")), on=ON)
    path = storing.path_of(found)
    assert path.exists()
    assert path.stat().st_mode & 0o777 == 0o600
    with django_capture_on_commit_callbacks(execute=True):
        discard(people_import=found)
    found.refresh_from_db()
    assert (found.state, found.rows.count(), path.exists()) == ("discarded", 0, False)


def test_old_imports_are_forgotten(manager: User, django_capture_on_commit_callbacks: Any) -> None:
    content = people(("Vi A", "31/2/1980", None, "Bí thư", "Xã Suối Vân"))
    old, done, fresh = (checked(manager, content, on=ON) for _ in range(3))
    committed(done)
    now = old.at + dt.timedelta(days=31)
    PeopleImport.objects.filter(pk=fresh.pk).update(at=now)
    strays = [storing.folder() / name for name in ("left-long-ago", "left-just-now")]
    for stray, day in zip(strays, (old.at, now), strict=True):
        stray.write_bytes(b"x")
        os.utime(stray, (day.timestamp(), day.timestamp()))
    with django_capture_on_commit_callbacks(execute=True):
        assert storing.forget_old_imports(now) == 2
    states = dict(PeopleImport.objects.values_list("pk", "state"))
    assert states == {old.pk: "discarded", done.pk: "committed", fresh.pk: "checked"}
    assert [each.rows.count() for each in (old, done, fresh)] == [0, 0, 1]
    assert [storing.path_of(each).exists() for each in (old, done, fresh)] == [False, False, True]
    assert [stray.exists() for stray in strays] == [False, True]
    assert storing.forget_old_imports(now) == 0
