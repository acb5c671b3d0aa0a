"""The spine: facts about learning, appended once, and their deliveries to sinks."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any, ClassVar, NoReturn

from django.db import models


class AppendOnly(Exception):
    """Somebody tried to change or delete a learning event. Append a correction instead."""


class LearningEventQuerySet(models.QuerySet["LearningEvent"]):
    """Events can be read and added, never changed."""

    def update(self, **kwargs: Any) -> NoReturn:
        raise AppendOnly("learning events are never changed; append one that supersedes")

    def bulk_update(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnly("learning events are never changed; append one that supersedes")

    def delete(self) -> NoReturn:
        raise AppendOnly("learning events are never deleted")


class LearningEvent(models.Model):
    """One fact that happened. `data` is the payload of `name` (lms.learning.payloads)."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=60)
    version = models.PositiveSmallIntegerField(default=1)
    person = models.ForeignKey("people.Person", models.PROTECT, related_name="learning_events")
    enrolment = models.ForeignKey(
        "learning.Enrolment", models.PROTECT, null=True, related_name="events"
    )
    activity = models.ForeignKey("content.Activity", models.PROTECT, null=True, related_name="+")
    attempt = models.ForeignKey("learning.Attempt", models.PROTECT, null=True, related_name="+")
    subject_key = models.UUIDField(
        null=True, help_text="translation_key of the activity, lesson, module or course"
    )
    actor = models.ForeignKey("people.Person", models.PROTECT, null=True, related_name="+")
    source = models.CharField(max_length=80, default="web")
    data = models.JSONField(default=dict)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField(auto_now_add=True)
    supersedes = models.ForeignKey("self", models.PROTECT, null=True, related_name="superseded_by")

    objects = LearningEventQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]
        base_manager_name = "objects"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["enrolment", "id"], name="event_by_enrolment"),
            models.Index(fields=["person", "occurred_at"], name="event_by_person"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.uuid}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnly("learning events are never changed; append one that supersedes")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnly("learning events are never deleted")


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    """Deliveries, by what is to be done with them."""

    def due(self, now: Any) -> DeliveryQuerySet:
        """Those to try at `now`, oldest first."""
        return self.filter(state=Delivery.State.WAITING, try_at__lte=now).order_by("id")

    def dead(self) -> DeliveryQuerySet:
        """Those given up; a person must look."""
        return self.filter(state=Delivery.State.DEAD)


class Delivery(models.Model):
    """One event on its way to one sink, kept with its last error until it arrived."""

    class State(models.TextChoices):
        WAITING = "waiting"
        DONE = "done"
        DEAD = "dead"

    event = models.ForeignKey(LearningEvent, models.CASCADE, related_name="deliveries")
    sink_key = models.CharField(max_length=80)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    try_at = models.DateTimeField()
    last_error = models.TextField(blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "deliveries"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["event", "sink_key"], name="one_delivery_per_sink")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["state", "try_at"], name="delivery_due")
        ]

    def __str__(self) -> str:
        return f"{self.event_id} → {self.sink_key}: {self.state}"


def events_of(enrolment_ids: Iterable[int]) -> models.QuerySet[LearningEvent]:
    """The events of these enrolments in the order in which they were recorded."""
    return LearningEvent.objects.filter(enrolment_id__in=list(enrolment_ids)).order_by("id")
