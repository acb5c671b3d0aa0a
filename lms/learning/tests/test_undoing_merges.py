"""A merge of two persons is taken back exactly, or refused with the reason."""

from __future__ import annotations

import json

import pytest
from django.utils import timezone, translation

from lms.learning.services.merging import undo_merge
from lms.learning.tests.two_rows import (
    AUGUST,
    JULY,
    everything,
    learn,
    merge,
    person,
    rows,
)
from lms.people.api import identities_of
from lms.people.errors import CannotMerge
from lms.people.models import Person, PersonMerge, Unit, User
from lms.people.services.accounts import create_account
from lms.people.services.roles import grant_role
from lms.people.tests.factories import (
    AppointmentFactory,
    CentreFactory,
    PositionFactory,
    UserFactory,
)
from modules.content.models import CoursePage
from modules.content.tests.factories import make_course

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("stays", ["hoa.cu", "hoa.moi"])
def test_undo_puts_every_row_back(
    manager: User, course: CoursePage, kept: Person, merged: Person, stays: str
) -> None:
    everything(manager, course, kept, merged)
    AppointmentFactory(
        person=merged, position=PositionFactory(code="deputy"), valid_from=JULY, is_main=False
    )
    before = rows()
    done = merge(kept, merged, manager, account=User.objects.get(username=stays))
    assert rows() != before
    json.dumps(done.trace)
    undo_merge(merge=done, by=manager)
    assert rows() == before
    done.refresh_from_db()
    assert (done.undone_by, done.undone_at is not None) == (manager, True)
    again = merge(kept, merged, manager, account=User.objects.get(username=stays))
    assert again.pk != done.pk


def test_undo_keeps_details_written_since(manager: User, kept: Person, merged: Person) -> None:
    Person.objects.filter(pk=merged.pk).update(phone="+84912345678", sex="female")
    done = merge(kept, merged, manager)
    kept.refresh_from_db()
    kept.full_name, kept.phone = "Nguyễn Thị Hòa An", "0987654321"
    kept.save()
    undo_merge(merge=done, by=manager)
    kept.refresh_from_db()
    assert (kept.full_name, kept.phone, kept.sex) == ("Nguyễn Thị Hòa An", "+84987654321", "")


def refused(done: PersonMerge, by: User) -> str:
    before = rows()
    with translation.override("en"), pytest.raises(CannotMerge) as caught:
        undo_merge(merge=done, by=by)
    assert rows() == before
    return str(caught.value)


def test_undo_after_learning_is_refused(
    manager: User, course: CoursePage, kept: Person, merged: Person
) -> None:
    learn(merged, course, 1)
    done = merge(kept, merged, manager)
    learn(kept, course, 2)
    assert "Something was learned since" in refused(done, manager)


def test_undo_after_own_learning_elsewhere_is_done(
    manager: User, course: CoursePage, kept: Person, merged: Person
) -> None:
    create_account(person=kept)
    learn(merged, course, 1)
    done = merge(kept, merged, manager)
    learn(kept, make_course(), 1)
    undo_merge(merge=done, by=manager)
    assert [kept.enrolments.count(), merged.enrolments.count()] == [1, 1]


def test_undo_after_the_account_was_used_is_refused(
    manager: User, kept: Person, merged: Person
) -> None:
    user = create_account(person=merged, username="hoa.moi")
    done = merge(kept, merged, manager)
    User.objects.filter(pk=user.pk).update(last_login=timezone.now())
    assert "hoa.moi" in refused(done, manager)


def test_undo_after_a_post_was_removed_is_refused(
    manager: User, unit: Unit, kept: Person, merged: Person
) -> None:
    deputy = PositionFactory(code="deputy")
    AppointmentFactory(person=merged, unit=unit, position=deputy, is_main=False)
    done = merge(kept, merged, manager)
    kept.appointments.filter(position=deputy).delete()
    assert refused(done, manager).endswith("cannot be put back as it was: appointment.")


def test_undo_keeps_what_changed_in_a_post_since(
    manager: User, unit: Unit, kept: Person, merged: Person
) -> None:
    deputy = PositionFactory(code="deputy")
    AppointmentFactory(person=merged, unit=unit, position=deputy, is_main=False)
    done = merge(kept, merged, manager)
    kept.appointments.filter(position=deputy).update(valid_to=AUGUST)
    undo_merge(merge=done, by=manager)
    assert merged.appointments.get(position=deputy).valid_to == AUGUST


def test_undo_after_an_enrolment_set_aside_was_changed_is_refused(
    manager: User, course: CoursePage, kept: Person, merged: Person
) -> None:
    learn(kept, course, 1)
    learn(merged, course, 2)
    done = merge(kept, merged, manager)
    kept.enrolments.filter(cycle=1).update(withdrawn_at=timezone.now())
    assert course.title in refused(done, manager)


def test_undo_in_a_chain_goes_from_the_last(
    manager: User, unit: Unit, kept: Person, merged: Person
) -> None:
    last = person(unit, "Nguyễn Hòa")
    first_merge = merge(kept, merged, manager)
    second_merge = merge(last, kept, manager)
    assert identities_of(last.pk) == {last.pk, kept.pk, merged.pk}
    assert "itself merged" in refused(first_merge, manager)
    undo_merge(merge=second_merge, by=manager)
    undo_merge(merge=first_merge, by=manager)
    assert (
        Person.objects.filter(merged_into=None, pk__in=[kept.pk, merged.pk, last.pk]).count() == 3
    )


def test_undo_below_a_later_merge_is_refused(
    manager: User, unit: Unit, kept: Person, merged: Person
) -> None:
    third = person(unit, "Nguyễn Hòa")
    first_merge = merge(kept, merged, manager)
    merge(kept, third, manager)
    assert "Another row was merged" in refused(first_merge, manager)


def test_undo_twice_is_refused(manager: User, kept: Person, merged: Person) -> None:
    done = undo_merge(merge=merge(kept, merged, manager), by=manager)
    assert "undone already" in refused(done, manager)


def test_undo_by_others_is_refused(manager: User, kept: Person, merged: Person) -> None:
    done = merge(kept, merged, manager)
    stranger = UserFactory()
    grant_role(user=stranger, role="centre_manager", centre=CentreFactory())
    assert "outside the units" in refused(done, stranger)
    assert "Only centre managers" in refused(done, UserFactory())
