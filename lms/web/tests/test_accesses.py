"""Who viewed, exported or changed another's record is noted, and shown to that person alone."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from lms.learning import api
from lms.learning.services.merging import merge_persons
from lms.people.models import Appointment, RecordAccess, User
from lms.people.services.accesses import SUBJECTS, note_access
from lms.people.services.accounts import create_account
from lms.people.tests.factories import (
    AppointmentFactory,
    PersonFactory,
    RoleGrantFactory,
    UnitFactory,
    UserFactory,
)
from modules.content.tests.factories import make_course

pytestmark = pytest.mark.django_db

VIEWED, EXPORTED, CHANGED = RecordAccess.Act
MINE = reverse("web:accesses")


@pytest.fixture
def place() -> SimpleNamespace:
    """An officer of a unit with two learners of a course."""
    unit = UnitFactory(name="Xã Suối Vân")
    people = [PersonFactory(full_name=name) for name in ("Hà Văn An", "Lò Thị Ban")]
    course = make_course()
    for person in people:
        AppointmentFactory(person=person, unit=unit)
        api.enrol(person=person, course_key=course.translation_key)
    officer = UserFactory(person=PersonFactory(full_name="Cầm Văn Thuyết"))
    RoleGrantFactory(user=officer, role="unit_officer", unit=unit)
    return SimpleNamespace(unit=unit, people=people, course=course, officer=officer)


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def notes() -> list[tuple[str, str, str]]:
    rows = RecordAccess.objects.order_by("person__full_name", "pk")
    return [(row.person.full_name, row.act, row.subject) for row in rows]


def test_opening_a_persons_page_is_noted_once_a_day(place: SimpleNamespace) -> None:
    client = client_of(place.officer)
    url = reverse("web:manage-person", args=[place.people[0].uuid])
    assert (client.get(url).status_code, client.get(url).status_code) == (200, 200)
    assert notes() == [("Hà Văn An", "viewed", "person")]
    RecordAccess.objects.update(at=timezone.now() - dt.timedelta(days=1))
    client.get(url)
    assert len(notes()) == 2


def test_a_list_of_progress_and_its_file_are_noted_for_everybody_on_it(
    place: SimpleNamespace,
) -> None:
    client = client_of(place.officer)
    page = reverse("web:teaching-course", args=[place.course.translation_key])
    client.get(page)
    client.get(page + "export.csv")
    assert notes() == [
        ("Hà Văn An", "viewed", "progress"),
        ("Hà Văn An", "exported", "progress"),
        ("Lò Thị Ban", "viewed", "progress"),
        ("Lò Thị Ban", "exported", "progress"),
    ]


def test_ending_a_post_is_noted_as_a_change(place: SimpleNamespace) -> None:
    administrator = RoleGrantFactory(role="administrator").user
    post = Appointment.objects.get(person=place.people[0])
    url = reverse("web:manage-appoint-end", args=[place.people[0].uuid, post.pk])
    client_of(administrator).post(url, {"on": timezone.localdate().strftime("%d/%m/%Y")})
    assert ("Hà Văn An", "changed", "post") in notes()


def test_ones_own_data_is_not_noted(place: SimpleNamespace) -> None:
    note = {"by": place.officer, "act": CHANGED, "subject": "details"}
    assert note_access(person_ids=[place.officer.person_id], **note) == 0
    assert notes() == []


def test_changes_are_noted_each_time(place: SimpleNamespace) -> None:
    for _each in range(2):
        note_access(
            person_ids=[place.people[0].pk], by=place.officer, act=CHANGED, subject="details"
        )
    assert len(notes()) == 2


def test_a_subject_without_words_is_refused(place: SimpleNamespace) -> None:
    with pytest.raises(ValueError, match="secret"):
        note_access(person_ids=[1], by=place.officer, act=VIEWED, subject="secret")


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_person_reads_who_what_and_when_in_words(place: SimpleNamespace, language: str) -> None:
    person = place.people[0]
    for subject in SUBJECTS:
        note_access(person_ids=[person.pk], by=place.officer, act=EXPORTED, subject=subject)
    url = MINE if language == "vi" else f"/en{MINE}"
    page = client_of(create_account(person=person)).get(url)
    assert [row["who"] for row in page.context["accesses"]] == ["Cầm Văn Thuyết"] * len(SUBJECTS)
    assert {str(row["subject"]) for row in page.context["accesses"]} == {
        str(words) for words in SUBJECTS.values()
    }
    assert timezone.localdate().strftime("%d/%m/%Y") in page.content.decode()


def test_nobody_reads_the_accesses_of_somebody_else(place: SimpleNamespace) -> None:
    note_access(person_ids=[place.people[0].pk], by=place.officer, act=VIEWED, subject="person")
    other = create_account(person=place.people[1])
    assert client_of(other).get(MINE).context["accesses"] == []
    assert Client().get(MINE).status_code == 302


def test_the_trace_stays_with_the_person_after_a_merge(place: SimpleNamespace) -> None:
    kept, merged = place.people
    note_access(person_ids=[merged.pk], by=place.officer, act=VIEWED, subject="person")
    administrator = RoleGrantFactory(role="administrator").user
    merge_persons(kept=kept, merged=merged, by=administrator)
    page = client_of(create_account(person=kept)).get(MINE)
    assert "Cầm Văn Thuyết" in [row["who"] for row in page.context["accesses"]]
