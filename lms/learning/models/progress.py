"""Folded state. Every row may be thrown away and rebuilt from the events."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class ActivityProgress(models.Model):
    """How far one enrolment has come with one activity."""

    enrolment = models.ForeignKey("learning.Enrolment", models.CASCADE, related_name="activities")
    activity_key = models.UUIDField()
    fraction = models.FloatField(default=0.0)
    best_scaled = models.FloatField(null=True)
    passed = models.BooleanField(default=False)
    attempts = models.PositiveSmallIntegerField(default=0)
    submitted_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["enrolment", "activity_key"], name="activity_progress_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.enrolment_id}/{self.activity_key}: {self.fraction:.2f}"


class LessonProgress(models.Model):
    """What one enrolment has done of one lesson."""

    enrolment = models.ForeignKey("learning.Enrolment", models.CASCADE, related_name="lessons")
    lesson_key = models.UUIDField(db_index=True)
    viewed_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["enrolment", "lesson_key"], name="lesson_progress_once")
        ]

    def __str__(self) -> str:
        return f"{self.enrolment_id}/{self.lesson_key}"


class ModuleProgress(models.Model):
    """A module that one enrolment has completed."""

    enrolment = models.ForeignKey("learning.Enrolment", models.CASCADE, related_name="modules")
    module_key = models.UUIDField()
    completed_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["enrolment", "module_key"], name="module_progress_once")
        ]

    def __str__(self) -> str:
        return f"{self.enrolment_id}/{self.module_key}"


class CourseProgress(models.Model):
    """Whether and when one enrolment completed the course, and when it last did something."""

    enrolment = models.OneToOneField("learning.Enrolment", models.CASCADE, related_name="progress")
    completed_at = models.DateTimeField(null=True)
    last_event_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.enrolment_id}: {self.completed_at or 'open'}"
