"""What each role finds on its desk: three numbers, and the three things to do first.

A learner's desk is the home page. Every function here costs a fixed, small number of queries.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.models import TaskState

from lms.learning.assigned import in_care_of, in_state
from lms.learning.models import Attempt, CourseInstructor, Delivery, Enrolment
from lms.learning.unit_reports import reach_of
from lms.people.directory import WITH_ACCOUNT
from lms.people.models import PeopleImport, Person, RoleGrant, User
from lms.people.models.accounts import AccountState
from lms.people.rights import Rights, rights_of
from lms.people.roles import Role
from lms.web.manage.figures import Sums, figures, page_permissions, sums
from lms.web.manage.reviews import reviews_waiting
from modules.content.attention import REPORT, lessons_for

QUIET = dt.timedelta(days=14)
RECENT = dt.timedelta(days=30)


@dataclass(frozen=True)
class Number:
    """A figure and what it counts."""

    value: int
    label: str


@dataclass(frozen=True)
class Task:
    """Something to do: what, why it matters now, where. `count`: how many wait; None: no queue."""

    title: str
    text: str
    url: str
    icon: str
    count: int | None = None


@dataclass(frozen=True)
class Desk:
    """The desk of one role of one account."""

    role: Role
    numbers: tuple[Number, ...]
    tasks: tuple[Task, ...]

    @property
    def title(self) -> str:
        """The role in words."""
        return str(self.role.label)


@dataclass(frozen=True)
class _Care:
    """The people in reach beside oneself; of these those without an account, waiting with one."""

    people: int
    without: int
    waiting: int

    @property
    def using(self) -> int:
        """How many use their account."""
        return self.people - self.without - self.waiting


def _people_in_care(user: User) -> Sums:
    others = Person.objects.visible_to(user).exclude(pk=user.person_id or 0)
    return sums(
        others,
        people=Count("pk"),
        without=Count("pk", filter=WITH_ACCOUNT[AccountState.NONE]),
        waiting=Count("pk", filter=WITH_ACCOUNT[AccountState.WAITING]),
    )


def _behind(user: User) -> Sums:
    return sums(in_state(in_care_of(user), "behind", rights_of(user).on), rows=Count("pk"))


def _care(user: User, rights: Rights) -> tuple[_Care, int]:
    """The people in care, and how often one of them is behind: two queries."""
    (behind,) = figures(_behind, user, rights)
    return _Care(*figures(_people_in_care, user, rights)), behind


def _cannot_sign_in(numbers: _Care) -> Task:
    return Task(
        _("Give people their way in"),
        _("Print slips for those who cannot sign in yet."),
        reverse("web:manage-slips"),
        "print",
        numbers.without + numbers.waiting,
    )


def _who_is_behind(behind: int) -> Task:
    return Task(
        _("See who is behind"),
        _("Their day has passed and the course is not completed."),
        reverse("web:manage-behind"),
        "clock",
        behind,
    )


def _under_way(user: User) -> Sums:
    return sums(PeopleImport.objects.filter(by=user, ended_at=None), rows=Count("pk"))


def manager(user: User, rights: Rights) -> Desk:
    """People in, work out: the centre's own."""
    numbers, behind = _care(user, rights)
    (under_way,) = figures(_under_way, user, rights)
    return Desk(
        Role.CENTRE_MANAGER,
        (
            Number(numbers.people, _("people in the units of the centre")),
            Number(numbers.using, _("of them use their account")),
            Number(behind, _("behind with an assigned course")),
        ),
        (
            Task(
                _("Import people"),
                _("From a spreadsheet: first it is checked, then taken over."),
                reverse("web:manage-imports"),
                "file",
                under_way or None,
            ),
            _cannot_sign_in(numbers),
            Task(
                _("Assign a course"),
                _("To units, positions or a list of people, with a date."),
                reverse("web:manage-assign"),
                "book",
            ),
        ),
    )


def unit_officer(user: User, rights: Rights) -> Desk:
    """The people of one's own unit."""
    numbers, behind = _care(user, rights)
    return Desk(
        Role.UNIT_OFFICER,
        (
            Number(numbers.people, _("people in the unit")),
            Number(numbers.using, _("of them use their account")),
            Number(behind, _("behind with an assigned course")),
        ),
        (
            _who_is_behind(behind),
            _cannot_sign_in(numbers),
            Task(
                _("Look at progress"),
                _("Course by course: who is where. Answers are not shown."),
                reverse("web:teaching"),
                "people",
            ),
        ),
    )


def _taught(user: User, since: dt.datetime) -> Sums:
    mine = CourseInstructor.objects.filter(person_id=user.person_id or 0).values("course_key")
    quiet = Q(progress__completed_at=None) & Q(progress__last_event_at__lt=since)
    return sums(
        Enrolment.objects.active().filter(course_key__in=mine),
        learners=Count("pk"),
        completed=Count("pk", filter=Q(progress__completed_at__isnull=False)),
        quiet=Count("pk", filter=quiet),
    )


def _handed_in(user: User, since: dt.datetime) -> Sums:
    tasks = Attempt.objects.filter(
        enrolment__in=Enrolment.objects.active().read_by(user),
        submitted_at__gte=since,
        activity__type_key="task.task",
    )
    return sums(tasks, rows=Count("pk"))


def _needing_attention(user: User) -> Sums:
    return sums(lessons_for(user, rights_of(user).on), rows=Count("pk"))


def _attention(user: User, rights: Rights) -> int:
    """How many lessons wait for `user` to bring them up to date: two queries."""
    return figures(_needing_attention, user, rights, pages=page_permissions(user))[0]


def instructor(user: User, rights: Rights) -> Desk:
    """Those whom one teaches, and the lessons that one writes."""
    since = timezone.now() - QUIET
    learners, completed, quiet = figures(_taught, user, rights, since)
    (handed_in,) = figures(_handed_in, user, rights, since)
    return Desk(
        Role.INSTRUCTOR,
        (
            Number(learners, _("learners in your courses")),
            Number(completed, _("have completed")),
            Number(quiet, _("without activity for 14 days")),
        ),
        (
            Task(
                _("Read what was handed in"),
                _("Workplace tasks of the last 14 days."),
                reverse("web:teaching"),
                "task",
                handed_in,
            ),
            Task(
                _("Bring lessons up to date"),
                _("Their legal basis changed, or their review is due."),
                reverse(REPORT),
                "law",
                _attention(user, rights),
            ),
            Task(
                _("Write"),
                _("Lessons, questions and tasks; drafts and what came back from review."),
                reverse("wagtailadmin_home"),
                "edit",
            ),
        ),
    )


def _decided(user: User, since: dt.datetime) -> Sums:
    mine = TaskState.objects.filter(finished_by=user, finished_at__gte=since)
    return sums(
        mine,
        approved=Count("pk", filter=Q(status=TaskState.STATUS_APPROVED)),
        returned=Count("pk", filter=Q(status=TaskState.STATUS_REJECTED)),
    )


def reviewer(user: User, rights: Rights) -> Desk:
    """What waits for a second pair of eyes."""
    waiting = reviews_waiting(user, rights)
    approved, returned = figures(_decided, user, rights, timezone.now() - RECENT)
    queue = reverse("wagtailadmin_reports:workflow_tasks")
    return Desk(
        Role.REVIEWER,
        (
            Number(waiting, _("wait for a review")),
            Number(approved, _("approved by you in 30 days")),
            Number(returned, _("sent back by you in 30 days")),
        ),
        (
            Task(
                _("Review"),
                _("Read what was sent in; approve it or send it back with a note."),
                reverse("wagtailadmin_home"),
                "check",
                waiting,
            ),
            Task(
                _("Look at lessons that need attention"),
                _("Their legal basis changed, or their review is due."),
                reverse(REPORT),
                "law",
                _attention(user, rights),
            ),
            Task(
                _("See how reviews went"),
                _("Everything that was sent in, and what became of it."),
                queue,
                "list",
            ),
        ),
    )


def observer(user: User, rights: Rights) -> Desk:
    """Numbers, never people."""
    seen = Q(pk__in=[])
    for prefix in reach_of(rights):
        seen |= Q(unit__path__startswith=prefix) if prefix else Q(pk__isnull=False)
    counts = (
        Enrolment.objects.active()
        .filter(seen)
        .aggregate(
            people=Count("person", distinct=True),
            turns=Count("pk"),
            completed=Count("pk", filter=Q(progress__completed_at__isnull=False)),
        )
    )
    report = reverse("web:manage-unit-report")
    begin = rights.on.replace(month=1, day=1).strftime("%d/%m/%Y")
    return Desk(
        Role.OBSERVER,
        (
            Number(counts["people"], _("people trained")),
            Number(counts["turns"], _("trainee-turns")),
            Number(counts["completed"], _("turns completed")),
        ),
        (
            Task(
                _("Report by unit, as it was then"),
                _("People, turns and completions under the unit of that time."),
                report,
                "record",
            ),
            Task(
                _("Report by unit of today"),
                _("Units that merged or were renamed count under their successor."),
                f"{report}?by=successor",
                "record",
            ),
            Task(
                _("This year"),
                _("Who enrolled since 1 January."),
                f"{report}?first={begin}",
                "clock",
            ),
        ),
    )


def administrator(user: User, rights: Rights) -> Desk:
    """The site itself."""
    accounts = User.objects.aggregate(
        # An account may hold several roles: joined with them it stands there as often.
        active=Count("pk", filter=Q(is_active=True), distinct=True),
        without_role=Count("pk", filter=Q(is_active=True, role_grants=None), distinct=True),
    )
    grants = RoleGrant.objects.at(rights.on).exclude(role=Role.LEARNER).count()
    stuck = Delivery.objects.filter(state=Delivery.State.DEAD).count()
    return Desk(
        Role.ADMINISTRATOR,
        (
            Number(accounts["active"], _("open accounts")),
            Number(grants, _("roles granted beyond learning")),
            Number(stuck, _("deliveries that failed for good")),
        ),
        (
            Task(
                _("Look at the health of the site"),
                _("Plugins, deliveries, what is missing."),
                reverse("web_health"),
                "shield",
                stuck or None,
            ),
            Task(
                _("Grant and end roles"),
                _("Who manages, teaches, reviews, looks after a unit."),
                reverse("rolegrant:index"),
                "key",
            ),
            Task(
                _("Keep the units up to date"),
                _("Rename, merge, divide, with the day from which it holds."),
                reverse("web:manage-units"),
                "home",
            ),
        ),
    )


DESKS: dict[Role, Callable[[User, Rights], Desk]] = {
    Role.CENTRE_MANAGER: manager,
    Role.UNIT_OFFICER: unit_officer,
    Role.INSTRUCTOR: instructor,
    Role.REVIEWER: reviewer,
    Role.OBSERVER: observer,
    Role.ADMINISTRATOR: administrator,
}


def desks_of(user: User, rights: Rights) -> list[Desk]:
    """The desks of all roles that the account holds today, in the order of DESKS."""
    return [make(user, rights) for role, make in DESKS.items() if role in rights.roles]
