"""One numbered try at an activity."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from lms.plugins.contracts import Grade


class Attempt(models.Model):
    """open → submitted → graded. Names the content revision that was used."""

    class State(models.TextChoices):
        OPEN = "open", _("under way")
        SUBMITTED = "submitted", _("handed in")
        GRADED = "graded", _("marked")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    enrolment = models.ForeignKey("learning.Enrolment", models.PROTECT, related_name="attempts")
    activity = models.ForeignKey("content.Activity", models.PROTECT, related_name="attempts")
    activity_key = models.UUIDField()
    number = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    revision_id = models.BigIntegerField(null=True)
    response = models.JSONField(default=dict)
    started_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    graded_at = models.DateTimeField(null=True)
    raw = models.FloatField(null=True)
    maximum = models.FloatField(null=True)
    passed = models.BooleanField(null=True)
    grading_due = models.DateTimeField(
        null=True, help_text="when to try marking again: the type failed or a person must mark"
    )
    awaits_person = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar[list[str]] = ["enrolment", "activity_key", "number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["enrolment", "activity_key", "number"], name="attempt_number_once"
            ),
            models.UniqueConstraint(
                fields=["enrolment", "activity_key"],
                condition=Q(state="open"),
                name="one_open_attempt",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["grading_due"],
                condition=Q(grading_due__isnull=False),
                name="attempt_grading_due",
            )
        ]

    def __str__(self) -> str:
        return f"{self.uuid} ({self.state})"

    @property
    def is_open(self) -> bool:
        """Whether answers can still be given."""
        return self.state == self.State.OPEN

    @property
    def grade(self) -> Grade | None:
        """The mark, or None while there is none."""
        if self.raw is None or self.maximum is None:
            return None
        return Grade(self.raw, self.maximum, self.passed)

    @property
    def percent(self) -> int | None:
        """The mark in whole percent, rounded down; None while there is none."""
        return None if self.grade is None else self.grade.percent
