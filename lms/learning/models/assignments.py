"""A centre or a unit gives a course to people: who, until when, and who holds it by that."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from lms.people.rights import rights_of

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from lms.people.models import User


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    """Assignments, by state and by who asks."""

    def running(self) -> AssignmentQuerySet:
        """Those not taken back."""
        return self.filter(ended_at__isnull=True)

    def visible_to(self, user: User | AnonymousUser) -> AssignmentQuerySet:
        """Those that reach somebody whose progress `user` may see; administrators see all."""
        if not user.is_authenticated:
            return self.none()
        rights = rights_of(user)
        if rights.is_administrator:
            return self.all()
        allowed = Q(by=user)
        for prefix in rights.unit_paths:
            held = AssignedPerson.objects.filter(unit__path__startswith=prefix)
            allowed |= Q(pk__in=held.values("assignment"))
        return self.filter(allowed)


class Assignment(models.Model):
    """A course given to the holders of posts in units, or to a list of people.

    With units or positions it is a rule: whoever comes to hold such a post gets the course as
    well. Units reach what is below them. Without either, only the listed people have it.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    course_key = models.UUIDField(help_text="translation_key of the course page")
    course_title = models.CharField(max_length=255)
    units = models.ManyToManyField("people.Unit", related_name="+", verbose_name=_("units"))
    positions = models.ManyToManyField(
        "people.Position", related_name="+", verbose_name=_("positions")
    )
    due_on = models.DateField(_("to be completed by"), null=True, blank=True)
    note = models.CharField(_("note to the learners"), max_length=300, blank=True)
    by = models.ForeignKey("people.User", models.PROTECT, related_name="+")
    centre = models.ForeignKey("people.TrainingCentre", models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(_("assigned at"))
    ended_at = models.DateTimeField(_("taken back at"), null=True, blank=True)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")
        ordering: ClassVar[list[str]] = ["-at", "-pk"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["course_key", "ended_at"], name="assignment_by_course")
        ]

    def __str__(self) -> str:
        return self.course_title


class AssignedPerson(models.Model):
    """Somebody holds a course by an assignment, in the post that brought it to them."""

    class Source(models.TextChoices):
        RULE = "rule", _("by post")
        LIST = "list", _("by name")

    assignment = models.ForeignKey(Assignment, models.CASCADE, related_name="people")
    person = models.ForeignKey("people.Person", models.PROTECT, related_name="assignments")
    unit = models.ForeignKey("people.Unit", models.PROTECT, null=True, related_name="+")
    position = models.ForeignKey("people.Position", models.PROTECT, null=True, related_name="+")
    enrolment = models.ForeignKey(
        "learning.Enrolment", models.SET_NULL, null=True, related_name="assigned"
    )
    source = models.CharField(max_length=4, choices=Source.choices)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["assignment", "person"], name="assigned_once")
        ]

    def __str__(self) -> str:
        return f"{self.person_id} · {self.assignment_id}"
