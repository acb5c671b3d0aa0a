"""What publication derives: the outline of a course, where each page is, what it holds.

All of it can be thrown away and derived again (`manage.py rebuild_outlines`).
"""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models


def new_version() -> str:
    """A version that was never used before, so that no cache can mistake it for another."""
    return uuid.uuid4().hex


class CourseOutline(models.Model):
    """The published structure of one course in all its languages. `data`: see outline.py."""

    course_key = models.UUIDField(unique=True)
    version = models.CharField(max_length=32, default=new_version)
    data = models.JSONField(default=dict)
    derived_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"{self.course_key} v{self.version}"


class Address(models.Model):
    """A published course, module or lesson page by its address: one indexed look-up to find it."""

    class Kind(models.TextChoices):
        COURSE = "course"
        MODULE = "module"
        LESSON = "lesson"

    url_path = models.CharField(max_length=500, unique=True)
    page = models.OneToOneField("wagtailcore.Page", models.CASCADE, related_name="address")
    outline = models.ForeignKey(CourseOutline, models.CASCADE, related_name="addresses")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    key = models.UUIDField()
    language = models.CharField(max_length=12)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["key", "language"], name="address_by_key")
        ]

    def __str__(self) -> str:
        return self.url_path


class Placement(models.Model):
    """Activity A is in published lesson L, required or not: the denominator of progress."""

    outline = models.ForeignKey(CourseOutline, models.CASCADE, related_name="placements")
    lesson_key = models.UUIDField(db_index=True)
    activity = models.ForeignKey("content.Activity", models.PROTECT, related_name="placements")
    activity_key = models.UUIDField(db_index=True)
    position = models.PositiveSmallIntegerField()
    required = models.BooleanField(default=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["outline", "lesson_key", "position"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["lesson_key", "activity"], name="activity_once_per_lesson"
            )
        ]

    def __str__(self) -> str:
        return f"{self.activity_id} in {self.lesson_key}"
