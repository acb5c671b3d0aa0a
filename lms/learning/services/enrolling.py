"""Taking up a course and leaving it."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Max
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from lms.learning.errors import CannotEnrol
from lms.learning.models import CourseProgress, Enrolment, ResumePoint
from lms.learning.progress.completion import course_is_complete
from lms.learning.services.recording import (
    NewFact,
    begin,
    beginning_of,
    current_outline,
    lock,
    record,
)
from lms.people.api import current_post, current_posts, serves_person
from modules.content.models import Access
from modules.content.outline import Outline

if TYPE_CHECKING:
    from lms.people.models import Person


@transaction.atomic
def enrol(
    *,
    person: Person,
    course_key: uuid.UUID,
    source: str = "web",
    actor_id: int | None = None,
    invited: bool = False,
    at: dt.datetime | None = None,
) -> Enrolment:
    """The active enrolment of `person` in the course: the one there is, else a new one.

    Post and unit are kept as they are on that day. `invited`: somebody who may do so enrols the
    person; then the course's `access` does not matter, its prerequisites still do. Raises
    CannotEnrol with the reason. Eight calls at once make one enrolment.
    """
    found = Enrolment.objects.active().filter(person=person, course_key=course_key).first()
    if found is not None:
        return found
    outline = current_outline(course_key)
    if outline is None:
        raise CannotEnrol(_("This course is not open at the moment."))
    if not invited:
        refuse_unless_admitted(person, outline)
    refuse_unless_prepared(person, outline)
    now = at or timezone.now()
    post = current_post(person, timezone.localdate(now))
    # Not their number: a merge of two persons that was undone can leave one out.
    before = Enrolment.objects.filter(person=person, course_key=course_key)
    cycle = (before.aggregate(last=Max("cycle"))["last"] or 0) + 1
    # One row however many ask at once: the second insert does nothing and finds the first's row.
    Enrolment.objects.bulk_create(
        [
            Enrolment(
                person=person,
                course_key=course_key,
                course_title=outline.page(translation.get_language() or "").title,
                cycle=cycle,
                position_id=post.position_id if post else None,
                unit_id=post.unit_id if post else None,
                enrolled_at=now,
            )
        ],
        ignore_conflicts=True,
    )
    enrolment = Enrolment.objects.select_for_update(of=("self",)).get(
        person=person, course_key=course_key, withdrawn_at__isnull=True
    )
    record(
        enrolment=enrolment,
        facts=[beginning_of(enrolment)],
        source=source,
        actor_id=actor_id,
        locked=True,
    )
    return enrolment


def enrol_many(
    *,
    people: Sequence[Person],
    outline: Outline,
    actor_id: int | None,
    source: str = "web",
    at: dt.datetime | None = None,
) -> dict[int, Enrolment]:
    """The new enrolments of those of `people` who never took the course, by the id of the person.

    For many at once: the same rows and events as `enrol` makes for somebody invited, in a fixed
    number of queries for each 500. Who took the course before, in whatever way it ended, is left
    to `enrol`, and so is everybody when the course asks for nothing and is complete on enrolling.
    Prerequisites are for the caller to check. Call inside a transaction.
    """
    now = at or timezone.now()
    if course_is_complete(outline, ()):
        return {}
    before = set(
        Enrolment.objects.filter(
            course_key=outline.course_key, person__in=[person.pk for person in people]
        ).values_list("person_id", flat=True)
    )
    fresh = [person for person in people if person.pk not in before]
    posts = current_posts([person.pk for person in fresh], timezone.localdate(now))
    title = outline.page(translation.get_language() or "").title
    made = []
    for person in fresh:
        post = posts.get(person.pk)
        made.append(
            Enrolment(
                person=person,
                course_key=outline.course_key,
                course_title=title,
                cycle=1,
                position_id=post.position_id if post else None,
                unit_id=post.unit_id if post else None,
                enrolled_at=now,
            )
        )
    Enrolment.objects.bulk_create(made, batch_size=500)
    begin(made, source=source, actor_id=actor_id)
    return {enrolment.person_id: enrolment for enrolment in made}


def refuse_unless_admitted(person: Person, outline: Outline) -> None:
    """Raise CannotEnrol unless the course is open to `person`."""
    if outline.access == Access.INVITED:
        raise CannotEnrol(
            _("This course is for people who were enrolled by the training centre. Ask there.")
        )
    if outline.access == Access.CENTRE and not (
        outline.centre_id and serves_person(outline.centre_id, person, timezone.localdate())
    ):
        raise CannotEnrol(
            _("This course is for people of the units that its training centre serves.")
        )


def refuse_unless_prepared(person: Person, outline: Outline) -> None:
    """Raise CannotEnrol while a course that must come first is not completed."""
    if not outline.prerequisites:
        return
    done = set(
        CourseProgress.objects.filter(
            enrolment__person=person,
            enrolment__course_key__in=outline.prerequisites,
            completed_at__isnull=False,
        ).values_list("enrolment__course_key", flat=True)
    )
    missing = [current_outline(key) for key in outline.prerequisites if key not in done]
    titles = [
        each.page(translation.get_language() or "").title for each in missing if each is not None
    ]
    if titles:
        raise CannotEnrol(_("Complete first: %(courses)s.") % {"courses": "; ".join(titles)})


@transaction.atomic
def withdraw(*, enrolment: Enrolment, source: str = "web", actor_id: int | None = None) -> None:
    """Leave the course. What was done stays on the record; enrolling again is a new cycle."""
    lock(enrolment)
    enrolment.refresh_from_db()
    if enrolment.withdrawn_at is not None:
        return
    fact = NewFact(
        "enrolment.withdrawn",
        subject_key=enrolment.course_key,
        uuid=uuid.uuid5(enrolment.uuid, "enrolment.withdrawn"),
    )
    record(enrolment=enrolment, facts=[fact], source=source, actor_id=actor_id, locked=True)
    enrolment.withdrawn_at = timezone.now()
    enrolment.save(update_fields=["withdrawn_at"])


def save_position(*, enrolment: Enrolment, lesson_key: uuid.UUID, anchor: str = "") -> None:
    """Remember where the learner stopped: one upsert, no event."""
    ResumePoint.objects.bulk_create(
        [
            ResumePoint(
                enrolment=enrolment,
                lesson_key=lesson_key,
                anchor=anchor[:80],
                saved_at=timezone.now(),
            )
        ],
        update_conflicts=True,
        unique_fields=["enrolment"],
        update_fields=["lesson_key", "anchor", "saved_at"],
    )


@transaction.atomic
def finish_lesson(*, enrolment: Enrolment, lesson_key: uuid.UUID, source: str = "web") -> None:
    """The learner pressed "finished" in a lesson. Pressing again changes nothing."""
    fact = NewFact(
        "lesson.viewed",
        subject_key=lesson_key,
        uuid=uuid.uuid5(enrolment.uuid, f"lesson.viewed:{lesson_key}"),
    )
    record(enrolment=enrolment, facts=[fact], source=source)
