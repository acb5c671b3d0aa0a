"""A course is given to people: by the posts that they hold, or by name.

An assignment by posts is a rule: `sync_assignments` gives the course to whoever holds such a post
by now. What somebody was given stays with them when they leave the post.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from lms.learning.errors import CannotAssign, CannotEnrol
from lms.learning.models import AssignedPerson, Assignment, Enrolment
from lms.learning.services.enrolling import enrol, enrol_many, refuse_unless_prepared
from lms.learning.services.recording import current_outline
from lms.people.models import Appointment, CentreService, Person, TrainingCentre, Unit
from lms.people.models.units import below, standing_at
from lms.people.queries import current_posts, successors_of
from modules.content.models import CourseOutline

if TYPE_CHECKING:
    from lms.people.models import Position, User

NOTE_LENGTH = 300


@dataclass(frozen=True)
class Target:
    """To whom a course is given.

    `units` reach what is below them; without units every unit in reach is meant. Without
    `positions` every post is. `people` are named one by one, whatever they hold.
    """

    units: tuple[Unit, ...] = ()
    positions: tuple[Position, ...] = ()
    people: tuple[Person, ...] = ()

    @property
    def has_rule(self) -> bool:
        """Whether new holders of a post will get the course too."""
        return bool(self.units or self.positions)


@dataclass(frozen=True)
class Holder:
    """Somebody whom a target reaches: the post that brought them, and how they stand today."""

    person: Person
    post: Appointment | None
    source: str
    enrolment: Enrolment | None = None

    @property
    def state(self) -> str:
        """new | enrolled | completed: what the assignment will mean to this person."""
        if self.enrolment is None:
            return "new"
        progress = getattr(self.enrolment, "progress", None)
        return "completed" if progress and progress.completed_at else "enrolled"


@dataclass
class Assigned:
    """What `assign` did: `assignment`, how many hold it anew, and who cannot begin yet and why."""

    assignment: Assignment
    added: int = 0
    enrolled: int = 0
    waiting: list[tuple[Person, str]] = field(default_factory=list)
    was_there: bool = False


def paths_of(centre: TrainingCentre | None, on: dt.date) -> tuple[str, ...]:
    """The beginnings of the paths of the units that `centre` serves on `on`; all without one."""
    if centre is None:
        return ("",)
    served = CentreService.objects.filter(standing_at(on), centre=centre)
    return tuple(served.values_list("unit__path", flat=True))


def holders_of(
    target: Target,
    *,
    paths: Sequence[str],
    course_key: uuid.UUID,
    on: dt.date,
    beside: Collection[int] = (),
) -> list[Holder]:
    """Whom `target` reaches on `on` within `paths`, by given name; never the same person twice.

    Leaves out the persons with the ids `beside`. Four queries however many people.
    """
    posts: dict[int, Appointment] = {}
    if target.has_rule:
        rows = Appointment.objects.at(on).filter(
            below(paths, "unit__path"), person__merged_into=None
        )
        if target.units:
            rows = rows.filter(below(_paths_today(target.units, on), "unit__path"))
        if target.positions:
            rows = rows.filter(position__in=target.positions)
        # The last one of a person stays: the main post.
        rows = rows.select_related("person", "unit", "position").order_by("is_main", "pk")
        posts = {row.person_id: row for row in rows}
    people = {row.person_id: row.person for row in posts.values()}
    named = {person.pk: person for person in target.people if person.pk not in people}
    main = current_posts(named, on) if named else {}
    people |= named
    for pk in beside:
        people.pop(pk, None)
    enrolments = {
        row.person_id: row
        for row in Enrolment.objects.active()
        .filter(course_key=course_key, person__in=people)
        .select_related("progress")
    }
    holders = [
        Holder(
            person=person,
            post=posts.get(pk) or main.get(pk),
            source=AssignedPerson.Source.RULE if pk in posts else AssignedPerson.Source.LIST,
            enrolment=enrolments.get(pk),
        )
        for pk, person in people.items()
    ]
    return sorted(holders, key=lambda holder: (holder.person.sort_key, holder.person.pk))


def _paths_today(units: Sequence[Unit], on: dt.date) -> list[str]:
    """Where these units are in the tree; of one that ended, its successors.

    A rule goes on when the unit that it names is renamed, merged or divided.
    """
    ended = [unit.pk for unit in units if not unit.is_standing(on)]
    later = Unit.objects.filter(pk__in=successors_of(ended)) if ended else ()
    return [unit.path for unit in (*units, *later)]


@transaction.atomic
def assign(
    *,
    course_key: uuid.UUID,
    target: Target,
    by: User,
    centre: TrainingCentre | None,
    due_on: dt.date | None = None,
    note: str = "",
    now: dt.datetime | None = None,
) -> Assigned:
    """Give the course to everybody whom `target` reaches within the units of `centre`.

    The same course to the same target is the assignment that runs already: its date and note are
    renewed, and who is missing gets it. People who have the course already keep their enrolment,
    and what they did in it counts. Raises CannotAssign when nobody is reached, the course is not
    open, somebody named is outside the reach, or the date has passed.
    """
    now = now or timezone.now()
    today = timezone.localdate(now)
    # Of two at once the second waits here, and then finds the assignment of the first.
    CourseOutline.objects.select_for_update().filter(course_key=course_key).first()
    outline = current_outline(course_key)
    if outline is None:
        raise CannotAssign(_("This course is not open at the moment."))
    if due_on is not None and due_on < today:
        raise CannotAssign(_("The date has passed. Choose today or a later day."))
    if not (target.has_rule or target.people):
        raise CannotAssign(_("Choose units, positions or people first."))
    paths = paths_of(centre, today)
    _refuse_people_out_of_reach(target.people, paths, today)
    running = _running_like(course_key, target, centre)
    held = set(running.people.values_list("person_id", flat=True)) if running else set()
    holders = holders_of(target, paths=paths, course_key=course_key, on=today, beside=held)
    if running is None and not holders:
        raise CannotAssign(
            _("Nobody holds such a post today. Choose other units or positions, or name people.")
        )
    title = outline.page(translation.get_language() or "").title
    if running is None:
        assignment = Assignment.objects.create(
            course_key=course_key,
            course_title=title,
            due_on=due_on,
            note=note.strip()[:NOTE_LENGTH],
            by=by,
            centre=centre,
            at=now,
        )
        assignment.units.set(target.units)
        assignment.positions.set(target.positions)
    else:
        assignment = running
        assignment.due_on, assignment.note = due_on, note.strip()[:NOTE_LENGTH]
        assignment.save(update_fields=["due_on", "note"])
    done = _give(assignment, holders, now)
    done.was_there = running is not None
    return done


def _refuse_people_out_of_reach(
    people: Iterable[Person], paths: Sequence[str], on: dt.date
) -> None:
    named = {person.pk: person for person in people}
    if not named or "" in paths:
        return
    inside = (
        Appointment.objects.at(on)
        .filter(below(paths, "unit__path"), person__in=named)
        .values_list("person_id", flat=True)
    )
    outside = [person.full_name for pk, person in named.items() if pk not in set(inside)]
    if outside:
        raise CannotAssign(
            _("Outside the units that the centre serves: %(names)s.")
            % {"names": ", ".join(sorted(outside)[:5])}
        )


def _running_like(
    course_key: uuid.UUID, target: Target, centre: TrainingCentre | None
) -> Assignment | None:
    """The assignment of the course to the same target that runs already."""
    wanted = (
        {unit.pk for unit in target.units},
        {position.pk for position in target.positions},
    )
    named = {person.pk for person in target.people}
    rows = (
        Assignment.objects.running()
        .filter(course_key=course_key, centre=centre)
        .prefetch_related("units", "positions")
    )
    for row in rows:
        has = (
            {unit.pk for unit in row.units.all()},
            {position.pk for position in row.positions.all()},
        )
        if has != wanted:
            continue
        listed = set(
            row.people.filter(source=AssignedPerson.Source.LIST).values_list("person_id", flat=True)
        )
        # Somebody who was named and also holds such a post stands there by the post.
        if target.has_rule or listed == named:
            return row
    return None


def _give(assignment: Assignment, holders: Sequence[Holder], now: dt.datetime) -> Assigned:
    AssignedPerson.objects.bulk_create(
        [
            AssignedPerson(
                assignment=assignment,
                person=holder.person,
                unit_id=holder.post.unit_id if holder.post else None,
                position_id=holder.post.position_id if holder.post else None,
                enrolment=holder.enrolment,
                source=holder.source,
                at=now,
            )
            for holder in holders
        ],
        ignore_conflicts=True,
        batch_size=500,
    )
    done = Assigned(assignment, added=len(holders))
    _enrol_waiting(assignment, done, now)
    return done


def _enrol_waiting(assignment: Assignment, done: Assigned, now: dt.datetime) -> None:
    """Enrol those who hold the course and do not take it yet."""
    rows = list(assignment.people.filter(enrolment=None).select_related("person"))
    if not rows:
        return
    outline = current_outline(assignment.course_key)
    if outline is None:
        return  # taken off the site for now: they are enrolled when it is back
    ready = []
    for row in rows:
        try:
            if outline.prerequisites:
                refuse_unless_prepared(row.person, outline)
            ready.append(row)
        except CannotEnrol as refusal:
            done.waiting.append((row.person, str(refusal)))
    actor_id = assignment.by.person_id
    taken = enrol_many(
        people=[row.person for row in ready],
        outline=outline,
        source="web",
        actor_id=actor_id,
        at=now,
    )
    for row in ready:
        row.enrolment = taken.get(row.person_id) or enrol(
            person=row.person,
            course_key=assignment.course_key,
            actor_id=actor_id,
            invited=True,
            at=now,
        )
    AssignedPerson.objects.bulk_update(ready, ["enrolment"], batch_size=500)
    done.enrolled += len(ready)


@transaction.atomic
def end_assignment(*, assignment: Assignment, now: dt.datetime | None = None) -> None:
    """Take it back: nobody gets it any more and nobody is behind by it. Enrolments stay."""
    if assignment.ended_at is None:
        assignment.ended_at = now or timezone.now()
        assignment.save(update_fields=["ended_at"])


def sync_assignments(*, now: dt.datetime | None = None) -> int:
    """Give what runs to those who came to hold a post since; how many people that were.

    Also enrols those who could not begin before, because a course had to come first.
    """
    now = now or timezone.now()
    today = timezone.localdate(now)
    added = 0
    for pk in Assignment.objects.running().values_list("pk", flat=True):
        with transaction.atomic():
            row = (
                Assignment.objects.select_for_update(of=("self",))
                .select_related("by", "centre")
                .get(pk=pk)
            )
            target = Target(units=tuple(row.units.all()), positions=tuple(row.positions.all()))
            holders: list[Holder] = []
            if target.has_rule and current_outline(row.course_key) is not None:
                holders = holders_of(
                    target,
                    paths=paths_of(row.centre, today),
                    course_key=row.course_key,
                    on=today,
                    beside=set(row.people.values_list("person_id", flat=True)),
                )
            added += _give(row, holders, now).added
    return added
