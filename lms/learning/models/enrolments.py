"""A person takes a course."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from lms.people.models.persons import Appointment
from lms.people.models.units import below
from lms.people.rights import rights_of

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from lms.people.models import User


class EnrolmentQuerySet(models.QuerySet["Enrolment"]):
    """Enrolments, by state and by who asks."""

    def active(self) -> EnrolmentQuerySet:
        """Those not withdrawn."""
        return self.filter(withdrawn_at__isnull=True)

    def visible_to(self, user: User | AnonymousUser) -> EnrolmentQuerySet:
        """Those whose progress `user` may see (domain.md 5.5): never answers, only progress.

        Administrators: all. Centre managers: people enrolled from the units that their centres
        serve, and those who hold a post there today: what somebody learned goes along when a unit
        gets a successor and when they change post. Unit officers: the same for their unit and
        below. Instructors: in the courses that they teach. Everybody: their own.
        """
        if user.is_anonymous:
            return self.none()
        rights = rights_of(user)
        if rights.is_administrator:
            return self.all()
        allowed = Q(person_id=user.person_id) if user.person_id else Q(pk__in=[])
        for prefix in rights.unit_paths:
            allowed |= Q(unit__path__startswith=prefix)
        if rights.unit_paths:
            posts = Appointment.objects.at(rights.on).filter(below(rights.unit_paths, "unit__path"))
            allowed |= Q(person__in=posts.values("person_id"))
        if rights.is_instructor and user.person_id:
            taught = CourseInstructor.objects.filter(person_id=user.person_id)
            allowed |= Q(course_key__in=taught.values("course_key"))
        return self.filter(allowed)

    def read_by(self, user: User | AnonymousUser) -> EnrolmentQuerySet:
        """Those of which `user` may read what was handed in: in the courses that they teach.

        Nobody else may, whatever progress they see (domain.md 5.5).
        """
        if user.is_anonymous or not user.person_id or not rights_of(user).is_instructor:
            return self.none()
        taught = CourseInstructor.objects.filter(person_id=user.person_id)
        return self.filter(course_key__in=taught.values("course_key"))


class Enrolment(models.Model):
    """A person takes a course, for the n-th time, in the post and unit that they had then."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey("people.Person", models.PROTECT, related_name="enrolments")
    course_key = models.UUIDField(help_text="translation_key of the course page")
    course_title = models.CharField(max_length=255, help_text="as it was when the person enrolled")
    cycle = models.PositiveSmallIntegerField(default=1)
    position = models.ForeignKey("people.Position", models.PROTECT, null=True, related_name="+")
    unit = models.ForeignKey("people.Unit", models.PROTECT, null=True, related_name="+")
    enrolled_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    corrected_at = models.DateTimeField(
        null=True, blank=True, help_text="when an event of it was last superseded"
    )

    objects = EnrolmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("enrolment")
        verbose_name_plural = _("enrolments")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["person", "course_key", "cycle"], name="enrolment_once_per_cycle"
            ),
            models.UniqueConstraint(
                fields=["person", "course_key"],
                condition=Q(withdrawn_at__isnull=True),
                name="one_active_enrolment",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["course_key", "withdrawn_at"], name="enrolment_by_course")
        ]

    def __str__(self) -> str:
        return f"{self.person_id} · {self.course_title} · {self.cycle}"

    @property
    def is_active(self) -> bool:
        """Whether the person is still taking the course, or has completed it."""
        return self.withdrawn_at is None


class CourseInstructor(models.Model):
    """A person teaches a course: may see who is where in it."""

    course_key = models.UUIDField()
    person = models.ForeignKey("people.Person", models.CASCADE, related_name="taught_courses")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["course_key", "person"], name="instructor_once")
        ]

    def __str__(self) -> str:
        return f"{self.person_id} teaches {self.course_key}"


class ResumePoint(models.Model):
    """Where the learner stopped. Behaviour, not record: one row, overwritten, never an event."""

    enrolment = models.OneToOneField(Enrolment, models.CASCADE, related_name="resume_point")
    lesson_key = models.UUIDField()
    anchor = models.CharField(max_length=80, blank=True)
    saved_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.enrolment_id} at {self.lesson_key}#{self.anchor}"
