"""Lists taken over at one instant: nobody comes in twice, nothing is half done. On both engines."""

from __future__ import annotations

import datetime as dt
import threading
from collections import Counter

import pytest
from django.db import connections

from lms.people.importing.committing import commit
from lms.people.models import PeopleImport, Person, Unit, User
from lms.people.services.roles import grant_role
from lms.people.tests.factories import CentreFactory, PositionFactory, UnitFactory, UserFactory
from lms.people.tests.importing import HEADINGS, checked, workbook

pytestmark = pytest.mark.django_db(transaction=True)
ON = dt.date(2026, 11, 1)
ROWS = [(f"Vi Thị {letter}", "2/9/1975", None, "Bí thư", "Xã Suối Vân") for letter in "ABCDE"]


@pytest.fixture
def managers() -> list[User]:
    PositionFactory()
    unit: Unit = UnitFactory(name="Xã Suối Vân")
    centre = CentreFactory(serves=[unit])
    made = [UserFactory() for _ in range(3)]
    for user in made:
        grant_role(user=user, role="centre_manager", centre=centre)
    return made


def commit_at_once(imports: list[PeopleImport]) -> list[Exception]:
    """Commit all in threads that begin at the same instant; gives what was raised."""
    barrier, raised = threading.Barrier(len(imports)), list[Exception]()

    def run(people_import: PeopleImport) -> None:
        mine = PeopleImport.objects.get(pk=people_import.pk)
        barrier.wait()
        try:
            list(commit(mine))
        except Exception as error:  # noqa: BLE001 -- the test looks at what came back
            raised.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(each,)) for each in imports]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


def test_one_list_sent_by_several_brings_everybody_in_once(managers: list[User]) -> None:
    content = workbook(HEADINGS, *ROWS)
    imports = [checked(user, content, on=ON) for user in managers]
    assert commit_at_once(imports) == []
    names = Counter(Person.objects.values_list("full_name", flat=True))
    assert [names[row[0]] for row in ROWS] == [1] * len(ROWS)
    after = list(PeopleImport.objects.order_by("state").values_list("state", "counts"))
    assert after == [
        ("checked", {"unchanged": 5}), ("checked", {"unchanged": 5}), ("committed", {"new": 5}),
    ]  # fmt: skip


def test_one_import_committed_in_two_windows_is_taken_over_once(managers: list[User]) -> None:
    found = checked(managers[0], workbook(HEADINGS, *ROWS), on=ON)
    assert commit_at_once([found, found]) == []
    assert Person.objects.filter(full_name__startswith="Vi Thị").count() == len(ROWS)
    assert User.objects.filter(person__full_name__startswith="Vi Thị").count() == len(ROWS)
