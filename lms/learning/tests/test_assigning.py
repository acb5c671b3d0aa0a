"""A course is given by posts or by name: once, in reach, and to those who come later."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from lms.learning import api
from lms.learning.errors import CannotAssign
from lms.learning.models import AssignedPerson, Assignment, CourseProgress, Enrolment, LearningEvent
from lms.learning.progress.store import load_state
from lms.learning.services.assigning import (
    Target,
    assign,
    end_assignment,
    holders_of,
    sync_assignments,
)
from lms.learning.services.rebuilding import find_drift
from lms.people.models import (
    Appointment,
    Person,
    Position,
    TrainingCentre,
    Unit,
    UnitSuccession,
    User,
)
from lms.people.services.posts import appoint
from lms.people.services.units import create_unit, succeed
from lms.people.tests.factories import (
    AppointmentFactory,
    CentreFactory,
    PersonFactory,
    PositionFactory,
    UnitFactory,
    UserFactory,
)
from modules.content.models import CoursePage
from modules.content.tests.factories import make_course

pytestmark = pytest.mark.django_db


@pytest.fixture
def course() -> CoursePage:
    return make_course(modules=1, lessons=2)


@pytest.fixture
def unit() -> Unit:
    return UnitFactory()


@pytest.fixture
def centre(unit: Unit) -> TrainingCentre:
    return CentreFactory(serves=[unit])


@pytest.fixture
def manager() -> User:
    return UserFactory()


@pytest.fixture
def secretary() -> Position:
    return PositionFactory()


def holder(unit: Unit, position: Position, **fields: object) -> Person:
    post: Appointment = AppointmentFactory(unit=unit, position=position, **fields)
    return post.person


def give(course: CoursePage, target: Target, manager: User, centre: TrainingCentre | None, **more):
    return assign(
        course_key=course.translation_key, target=target, by=manager, centre=centre, **more
    )


def test_assign_to_a_unit_reaches_holders_below_it(course, unit, centre, manager, secretary):
    below = UnitFactory(parent=unit)
    first, second = holder(unit, secretary), holder(below, secretary)
    holder(UnitFactory(), secretary)
    done = give(course, Target(units=(unit,)), manager, centre)
    assert (done.added, done.enrolled, done.was_there) == (2, 2, False)
    assert set(Enrolment.objects.values_list("person_id", flat=True)) == {first.pk, second.pk}


def test_assign_to_a_position_stays_within_the_centres_units(
    course, unit, centre, manager, secretary
):
    inside = holder(unit, secretary)
    holder(unit, PositionFactory(code="deputy"))
    holder(UnitFactory(), secretary)
    give(course, Target(positions=(secretary,)), manager, centre)
    assert list(AssignedPerson.objects.values_list("person_id", flat=True)) == [inside.pk]


def test_assign_to_units_and_positions_means_both(course, unit, centre, manager, secretary):
    wanted = holder(unit, secretary)
    holder(unit, PositionFactory(code="deputy"))
    give(course, Target(units=(unit,), positions=(secretary,)), manager, centre)
    assert list(AssignedPerson.objects.values_list("person_id", flat=True)) == [wanted.pk]


def test_assign_twice_is_the_same_as_once(course, unit, centre, manager, secretary):
    holder(unit, secretary)
    due = timezone.localdate() + dt.timedelta(days=30)
    once = give(course, Target(units=(unit,)), manager, centre)
    twice = give(course, Target(units=(unit,)), manager, centre, due_on=due, note="Học sớm")
    assert twice.assignment == once.assignment
    assert (twice.added, twice.enrolled, twice.was_there) == (0, 0, True)
    assert Assignment.objects.get().due_on == due
    assert (Enrolment.objects.count(), LearningEvent.objects.count()) == (1, 1)


def test_assign_to_a_list_twice_is_the_same_as_once(course, unit, centre, manager, secretary):
    people = (holder(unit, secretary), holder(unit, secretary))
    give(course, Target(people=people), manager, centre)
    give(course, Target(people=people[::-1]), manager, centre)
    assert (Assignment.objects.count(), AssignedPerson.objects.count()) == (1, 2)


def test_assign_keeps_an_enrolment_and_what_was_done_in_it(
    course, unit, centre, manager, secretary
):
    person = holder(unit, secretary)
    enrolment = api.enrol(person=person, course_key=course.translation_key)
    give(course, Target(units=(unit,)), manager, centre)
    assert AssignedPerson.objects.get().enrolment == enrolment
    assert Enrolment.objects.count() == 1


def test_assign_enrols_again_who_had_withdrawn(course, unit, centre, manager, secretary):
    person = holder(unit, secretary)
    api.withdraw(enrolment=api.enrol(person=person, course_key=course.translation_key))
    give(course, Target(units=(unit,)), manager, centre)
    row = AssignedPerson.objects.get()
    assert row.enrolment is not None
    assert (row.enrolment.cycle, row.enrolment.is_active) == (2, True)


def test_assign_reaches_people_without_an_account(course, unit, centre, manager, secretary):
    person = holder(unit, secretary)
    assert not User.objects.filter(person=person).exists()
    assert give(course, Target(people=(person,)), manager, centre).enrolled == 1


def test_assign_refuses_people_outside_the_reach_and_leaves_nothing(
    course, unit, centre, manager, secretary
):
    inside, outside = holder(unit, secretary), holder(UnitFactory(), secretary)
    with pytest.raises(CannotAssign, match=outside.full_name):
        give(course, Target(people=(inside, outside)), manager, centre)
    assert (Assignment.objects.count(), Enrolment.objects.count()) == (0, 0)


@pytest.mark.parametrize("target", [Target(), Target(units=())])
def test_assign_refuses_an_empty_target(course, centre, manager, target):
    with pytest.raises(CannotAssign):
        give(course, target, manager, centre)


def test_assign_refuses_when_nobody_is_reached(course, unit, centre, manager):
    with pytest.raises(CannotAssign):
        give(course, Target(units=(unit,)), manager, centre)
    assert Assignment.objects.count() == 0


def test_assign_refuses_a_day_that_has_passed(course, unit, centre, manager, secretary):
    holder(unit, secretary)
    yesterday = timezone.localdate() - dt.timedelta(days=1)
    with pytest.raises(CannotAssign):
        give(course, Target(units=(unit,)), manager, centre, due_on=yesterday)


def test_assign_refuses_a_course_that_is_not_published(unit, centre, manager, secretary):
    holder(unit, secretary)
    with pytest.raises(CannotAssign):
        assign(course_key=uuid.uuid4(), target=Target(units=(unit,)), by=manager, centre=centre)


def test_assign_keeps_waiting_who_must_complete_another_course_first(
    unit, centre, manager, secretary
):
    first = make_course(modules=1, lessons=1)
    course = make_course(modules=1, lessons=1, prerequisites=[first])
    person = holder(unit, secretary)
    done = give(course, Target(units=(unit,)), manager, centre)
    assert ([each.pk for each, _why in done.waiting], done.enrolled) == ([person.pk], 0)
    assert first.title in done.waiting[0][1]
    enrolment = api.enrol(person=person, course_key=first.translation_key)
    lesson = first.get_descendants().last().specific
    api.finish_lesson(enrolment=enrolment, lesson_key=lesson.translation_key)
    sync_assignments()
    assert AssignedPerson.objects.get().enrolment is not None


def test_sync_gives_the_course_to_a_new_holder_once(course, unit, centre, manager, secretary):
    holder(unit, secretary)
    give(course, Target(positions=(secretary,)), manager, centre)
    late = PersonFactory()
    appoint(person=late, position=secretary, unit=unit, valid_from=timezone.localdate())
    assert (sync_assignments(), sync_assignments()) == (1, 0)
    row = AssignedPerson.objects.get(person=late)
    assert (row.source, row.enrolment is not None) == ("rule", True)


def test_sync_follows_a_unit_to_its_successor(course, unit, centre, manager, secretary):
    holder(unit, secretary)
    give(course, Target(units=(unit,)), manager, centre)
    today = timezone.localdate()
    merged = create_unit(name="Xã Mới", kind=unit.kind, valid_from=today)
    succeed(
        predecessors=[unit],
        successors=[merged],
        on=today,
        kind=UnitSuccession.Kind.MERGE,
    )
    late = holder(merged, secretary, valid_from=today)
    assert sync_assignments() == 1
    assert AssignedPerson.objects.filter(person=late).exists()


def test_sync_leaves_the_course_with_who_left_the_post(course, unit, centre, manager, secretary):
    person = holder(unit, secretary)
    give(course, Target(positions=(secretary,)), manager, centre)
    Appointment.objects.filter(person=person).update(valid_to=timezone.localdate())
    sync_assignments()
    assert AssignedPerson.objects.get().person == person


def test_sync_does_not_widen_a_list_or_an_ended_assignment(
    course, unit, centre, manager, secretary
):
    listed = give(course, Target(people=(holder(unit, secretary),)), manager, centre)
    ruled = give(course, Target(units=(unit,)), manager, centre)
    end_assignment(assignment=ruled.assignment)
    holder(unit, secretary)
    assert sync_assignments() == 0
    assert listed.assignment.people.count() == 1


def test_sync_leaves_alone_who_withdrew(course, unit, centre, manager, secretary):
    holder(unit, secretary)
    give(course, Target(units=(unit,)), manager, centre)
    api.withdraw(enrolment=Enrolment.objects.get())
    sync_assignments()
    assert Enrolment.objects.get().withdrawn_at is not None


def test_end_keeps_enrolments_and_the_same_target_can_be_given_anew(
    course, unit, centre, manager, secretary
):
    holder(unit, secretary)
    first = give(course, Target(units=(unit,)), manager, centre).assignment
    end_assignment(assignment=first)
    second = give(course, Target(units=(unit,)), manager, centre).assignment
    assert first != second
    assert Enrolment.objects.get().is_active


def test_holders_say_how_they_stand(course, unit, centre, secretary):
    new, enrolled = holder(unit, secretary), holder(unit, secretary)
    completed = holder(unit, secretary)
    api.enrol(person=enrolled, course_key=course.translation_key)
    CourseProgress.objects.filter(
        enrolment=api.enrol(person=completed, course_key=course.translation_key)
    ).update(completed_at=timezone.now())
    holders = holders_of(
        Target(units=(unit,)),
        paths=(unit.path,),
        course_key=course.translation_key,
        on=timezone.localdate(),
    )
    assert {each.person.pk: each.state for each in holders} == {
        new.pk: "new",
        enrolled.pk: "enrolled",
        completed.pk: "completed",
    }


def test_many_are_enrolled_as_one_is_and_in_few_queries(course, unit, centre, manager, secretary):
    AppointmentFactory.create_batch(60, unit=unit, position=secretary)
    with CaptureQueriesContext(connection) as queries:
        give(course, Target(units=(unit,)), manager, centre)
    assert len(queries) <= 40
    single = api.enrol(person=PersonFactory(), course_key=course.translation_key)
    bulk = Enrolment.objects.exclude(pk=single.pk).first()
    assert bulk is not None
    for each in (single, bulk):
        state = load_state(each.pk)
        assert state.last_event_at == each.enrolled_at
        assert not (state.activities or state.lessons or state.modules or state.completed_at)
    events = [
        LearningEvent.objects.filter(enrolment=each).values_list("name", "data", "source").get()
        for each in (single, bulk)
    ]
    assert events[0] == events[1]
    assert not list(find_drift())
