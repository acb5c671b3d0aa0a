"""Somebody found a fault in a lesson or an activity: where, what, and what became of it."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page
from wagtail.permissions import policy_registry

from lms.learning.models import CourseInstructor
from lms.people.rights import rights_of
from lms.people.roles import Role

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from lms.people.models import User

#: See the reports on everything.
OVERSEERS = frozenset({Role.REVIEWER, Role.CENTRE_MANAGER, Role.ADMINISTRATOR})


class ContentReportQuerySet(models.QuerySet["ContentReport"]):
    """Reports, by state and by who asks."""

    def waiting(self) -> ContentReportQuerySet:
        """Those that nobody answered yet, and those that were put off."""
        return self.filter(state__in=WAITING)

    def answered(self) -> ContentReportQuerySet:
        """Those that are done with."""
        return self.exclude(state__in=WAITING)

    def visible_to(self, user: User | AnonymousUser) -> ContentReportQuerySet:
        """Those on the desk of `user`: of instructors the courses that they teach, and the pages
        that they may edit; reviewers, managers and administrators see all.
        """
        if not user.is_authenticated:
            return self.none()
        roles = rights_of(user).roles
        if roles & OVERSEERS:
            return self.all()
        if Role.INSTRUCTOR not in roles:
            return self.none()
        taught = CourseInstructor.objects.filter(person__account=user).values("course_key")
        pages = policy_registry.get_by_type(Page).instances_user_has_permission_for(user, "change")
        editable = pages.order_by().values("translation_key")
        return self.filter(
            Q(course_key__in=taught) | Q(course_key__in=editable) | Q(key__in=editable)
        )

    def new_answers_for(self, user: User | int) -> ContentReportQuerySet:
        """The answers that `user` (or whose id it is) has not read yet, newest first."""
        return self.filter(reporter=user, answered_at__isnull=False, read_at=None).order_by(
            "-answered_at"
        )


class ContentReport(models.Model):
    """A fault in the text of a lesson or an activity, as somebody who reads it sees it.

    Who it was is shown to the authors only when the reporter wanted that (`show_name`), and to
    nobody else. A second report of the same person on the same place, while the first is open,
    becomes part of it.
    """

    class Where(models.TextChoices):
        LESSON = "lesson", _("lesson")
        ACTIVITY = "activity", _("activity")

    class Kind(models.TextChoices):
        WRONG = "wrong", _("Something is wrong")
        OUTDATED = "outdated", _("The law has changed")
        TYPO = "typo", _("Misspelt")
        BROKEN = "broken", _("Something does not work")
        OTHER = "other", _("Something else")

    class State(models.TextChoices):
        OPEN = "open", _("open")
        LATER = "later", _("will be mended later")
        MENDED = "mended", _("mended")
        NO_FAULT = "no_fault", _("not a fault")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    where = models.CharField(max_length=8, choices=Where.choices)
    key = models.UUIDField(help_text="translation_key of the lesson or the activity")
    course_key = models.UUIDField(help_text="translation_key of the course page")
    title = models.CharField(max_length=255)
    language = models.CharField(max_length=12)
    place = models.CharField(max_length=80, blank=True)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    text = models.TextField()
    reporter = models.ForeignKey("people.User", models.SET_NULL, null=True, related_name="+")
    show_name = models.BooleanField(default=False)
    at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    answer = models.TextField(blank=True)
    answered_by = models.ForeignKey("people.User", models.SET_NULL, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True, help_text="when the reporter saw the answer")

    objects = ContentReportQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["-at", "-pk"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["state", "at"], name="report_by_state"),
            models.Index(fields=["reporter", "answered_at"], name="report_by_reporter"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["reporter", "where", "key", "place"],
                condition=Q(state="open"),
                name="one_open_report_on_a_place",
            ),
            models.CheckConstraint(
                condition=Q(state="open") | Q(answered_at__isnull=False),
                name="answered_report_has_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title}: {self.get_kind_display()}"

    @property
    def is_waiting(self) -> bool:
        """Whether it can still be answered."""
        return self.state in WAITING

    @property
    def name_for_authors(self) -> str:
        """Who reported it, when the reporter wanted that said; else empty."""
        if not self.show_name or self.reporter is None:
            return ""
        person = self.reporter.person
        return person.full_name if person else self.reporter.get_username()


WAITING = (ContentReport.State.OPEN, ContentReport.State.LATER)
