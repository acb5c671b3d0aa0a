"""Two rows of one person become one, and two again: nothing learned is lost or doubled."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.utils import timezone, translation

from lms.learning.models import (
    AssignedPerson,
    LearningEvent,
)
from lms.learning.services.merging import plan_merge, undo_merge
from lms.learning.services.rebuilding import find_drift, rebuild_all
from lms.learning.tests.two_rows import (
    AUGUST,
    JULY,
    JUNE,
    everything,
    learn,
    merge,
    person,
    progress,
    rows,
)
from lms.people.api import identities_of
from lms.people.errors import CannotMerge
from lms.people.models import ActivationCode, Appointment, Person, PersonMerge, Unit, User
from lms.people.services.accounts import create_account
from lms.people.services.roles import grant_role
from lms.people.tests.factories import (
    AppointmentFactory,
    UnitFactory,
    UserFactory,
)
from modules.content.models import CoursePage

pytestmark = pytest.mark.django_db

# --- what a merge does ---------------------------------------------------------------------------


def test_merge_leaves_one_person_with_everything(
    manager: User, course: CoursePage, kept: Person, merged: Person
) -> None:
    everything(manager, course, kept, merged)
    stays = User.objects.get(username="hoa.cu")
    merge(kept, merged, manager, account=stays)
    assert list(Person.objects.visible_to(manager).exclude(pk=manager.person_id)) == [kept]
    kept.refresh_from_db()
    assert (kept.phone, kept.birth_date) == ("+84912345678", dt.date(1980, 1, 2))
    assert kept.search_text == "nguyen thi hoa +84912345678"
    assert list(kept.appointments.values_list("valid_from", "valid_to")) == [(JULY, None)]
    closed = User.objects.get(username="hoa.moi")
    assert (closed.person, closed.is_active, kept.account) == (None, False, stays)
    assert ActivationCode.objects.open(timezone.now()).count() == 0
    assert kept.taught_courses.count() == 2
    assert kept.enrolments.count() == 3
    assigned = AssignedPerson.objects.get()
    assert assigned.person == kept
    assert assigned.enrolment == kept.enrolments.active().get(course_key=course.translation_key)
    assert identities_of(kept.pk) == {kept.pk, merged.pk}
    for relation in (merged.appointments, merged.enrolments, merged.taught_courses):
        assert relation.count() == 0


@pytest.mark.parametrize(
    ("done_by_kept", "done_by_merged", "active"),
    [
        (1, 2, "merged"),
        (2, 1, "kept"),
        (1, 1, "merged"),
        (3, 2, "kept"),
    ],
)
def test_merge_enrolment_with_more_progress_stays_active(
    manager: User,
    course: CoursePage,
    kept: Person,
    merged: Person,
    done_by_kept: int,
    done_by_merged: int,
    active: str,
) -> None:
    first, second = learn(kept, course, done_by_kept), learn(merged, course, done_by_merged)
    at = timezone.now()
    merge(kept, merged, manager, now=at)
    first.refresh_from_db()
    second.refresh_from_db()
    assert [(first.person, first.cycle), (second.person, second.cycle)] == [(kept, 1), (kept, 2)]
    stays, aside = (first, second) if active == "kept" else (second, first)
    assert (stays.withdrawn_at, aside.withdrawn_at) == (None, at)


def test_merge_account_of_the_merged_only_moves(
    manager: User, kept: Person, merged: Person
) -> None:
    user = create_account(person=merged)
    merge(kept, merged, manager)
    kept.refresh_from_db()
    assert kept.account == user
    assert User.objects.get(pk=user.pk).is_active is True


def test_merge_posts_overlap_becomes_one_and_another_post_is_not_main(
    manager: User, unit: Unit, kept: Person, merged: Person
) -> None:
    other = UnitFactory(name="Chi bộ Suối Vân 1", parent=unit)
    Appointment.objects.filter(person=merged).update(valid_to=dt.date(2026, 1, 1))
    AppointmentFactory(person=merged, unit=other, valid_from=dt.date(2026, 1, 1))
    merge(kept, merged, manager)
    assert list(
        kept.appointments.order_by("valid_from").values_list("unit", "valid_from", "is_main")
    ) == [(unit.pk, JULY, True), (other.pk, dt.date(2026, 1, 1), False)]


def test_merge_earlier_time_in_the_same_post_widens_it(
    admin: User, kept: Person, merged: Person
) -> None:
    Appointment.objects.filter(person=merged).update(valid_from=JUNE, valid_to=AUGUST)
    merge(kept, merged, admin)
    assert list(kept.appointments.values_list("valid_from", "valid_to", "is_main")) == [
        (JUNE, None, True)
    ]


def test_merge_writes_no_event_and_rebuilding_changes_nothing(
    manager: User, course: CoursePage, kept: Person, merged: Person
) -> None:
    everything(manager, course, kept, merged)
    events, before = rows()["LearningEvent"], progress()
    done = merge(kept, merged, manager, account=kept.account)
    assert (rows()["LearningEvent"], list(find_drift()), progress()) == (events, [], before)
    rebuild_all()
    assert progress() == before
    undo_merge(merge=done, by=manager)
    assert (rows()["LearningEvent"], list(find_drift()), progress()) == (events, [], before)
    rebuild_all()
    assert progress() == before


def test_learning_goes_on_after_a_merge(
    manager: User, course: CoursePage, kept: Person, merged: Person
) -> None:
    learn(kept, course, 1)
    learn(merged, course, 2)
    merge(kept, merged, manager)
    learn(kept, course, 3)
    assert list(find_drift()) == []
    active = kept.enrolments.active().get()
    assert active.lessons.filter(completed_at__isnull=False).count() == 3
    assert set(active.events.values_list("person", flat=True)) == {kept.pk, merged.pk}


def test_every_relation_to_a_person_is_decided() -> None:
    """A new table that names persons must say here what a merge does with it."""
    moved = {
        "people.Appointment.person",
        "people.User.person",
        "learning.Enrolment.person",
        "learning.CourseInstructor.person",
        "learning.AssignedPerson.person",
    }
    read_by_all_identities = {
        "learning.LearningEvent.person",
        "learning.LearningEvent.actor",
        "people.RecordAccess.person",
    }
    about_merging = {
        "people.Person.merged_into",
        "people.PersonMerge.kept",
        "people.PersonMerge.merged",
        "people.DifferentPersons.first",
        "people.DifferentPersons.second",
    }
    found = {
        f"{field.related_model._meta.label}.{field.field.name}"
        for field in Person._meta.get_fields(include_hidden=True)
        if field.auto_created and not field.concrete
    }
    assert found == moved | read_by_all_identities | about_merging


# --- what is refused -----------------------------------------------------------------------------


def refuse(kept: Person, merged: Person, by: User, **choice: object) -> str:
    before = rows()
    with translation.override("en"), pytest.raises(CannotMerge) as caught:
        merge(kept, merged, by, **choice)
    assert (rows(), PersonMerge.objects.filter(kept=kept).count()) == (before, 0)
    return str(caught.value)


def test_merge_with_oneself_is_refused(manager: User, kept: Person) -> None:
    assert "itself" in refuse(kept, kept, manager)


def test_merge_of_one_already_merged_is_refused(
    manager: User, unit: Unit, kept: Person, merged: Person
) -> None:
    other = person(unit, "Nguyễn Hòa")
    merge(other, merged, manager)
    assert "Nguyễn Thị Hoà was merged already" in refuse(kept, merged, manager)
    assert "Nguyễn Thị Hoà was merged already" in refuse(merged, kept, manager)


def test_merge_across_reach_is_refused_and_administrators_may(
    manager: User, admin: User, kept: Person
) -> None:
    far = person(UnitFactory(), "Nguyễn Thị Hoà")
    assert "outside the units" in refuse(kept, far, manager)
    assert merge(kept, far, admin).kept == kept


@pytest.mark.parametrize("role", ["learner", "instructor", "unit_officer", "observer"])
def test_merge_by_other_roles_is_refused(
    unit: Unit, kept: Person, merged: Person, role: str
) -> None:
    user = UserFactory()
    grant_role(user=user, role=role, unit=unit if role in ("unit_officer", "observer") else None)
    assert "Only centre managers" in refuse(kept, merged, user)


def test_merge_of_two_accounts_without_a_choice_is_refused(
    manager: User, kept: Person, merged: Person
) -> None:
    create_account(person=kept)
    create_account(person=merged)
    assert "Choose the one" in refuse(kept, merged, manager)
    assert "Choose the one" in refuse(kept, merged, manager, account=manager)


def test_merge_that_closes_an_account_with_roles_needs_an_administrator(
    manager: User, admin: User, kept: Person, merged: Person
) -> None:
    stays, closes = create_account(person=kept), create_account(person=merged)
    grant_role(user=closes, role="instructor")
    assert "Nguyễn Thị Hoà has duties" in refuse(kept, merged, manager, account=stays)
    assert merge(kept, merged, admin, account=stays).kept == kept


def test_merge_never_closes_an_administrator(admin: User, kept: Person, merged: Person) -> None:
    stays, closes = create_account(person=kept), create_account(person=merged)
    grant_role(user=closes, role="administrator")
    assert "cannot be closed from here" in refuse(kept, merged, admin, account=stays)
    assert merge(kept, merged, admin, account=closes).kept == kept


def test_merge_that_closes_the_account_in_use_is_refused(
    unit: Unit, manager: User, kept: Person
) -> None:
    AppointmentFactory(person=manager.person, unit=unit)
    other = create_account(person=kept)
    assert "in use here" in refuse(kept, manager.person, manager, account=other)


# --- plan ----------------------------------------------------------------------------------------


def test_plan_says_what_a_merge_does_and_writes_nothing(
    manager: User,
    course: CoursePage,
    kept: Person,
    merged: Person,
    django_assert_max_num_queries: object,
) -> None:
    everything(manager, course, kept, merged)
    before = rows()
    with django_assert_max_num_queries(8):  # type: ignore[operator]  # a pytest-django fixture
        plan = plan_merge(kept=kept, merged=merged)
    assert rows() == before
    assert sorted(
        (step.enrolment.course_title == course.title, step.cycle, step.set_aside)
        for step in plan.enrolments
    ) == [(False, 1, False), (True, 1, True), (True, 2, False)]
    assert (len(plan.posts), plan.taught, plan.assignments) == (1, 2, 1)


@pytest.mark.postgresql
def test_merge_passes_the_trigger_of_events(
    manager: User, course: CoursePage, kept: Person, merged: Person
) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("only PostgreSQL has the trigger")
    learn(merged, course, 1)
    undo_merge(merge=merge(kept, merged, manager), by=manager)
    assert LearningEvent.objects.filter(person=merged).exists()
