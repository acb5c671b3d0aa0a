"""One attempt at a quiz: what was fixed at its start, and the answers, as rows."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from quizzes.contracts import default_behaviour
from quizzes.models.questions import QuestionVersion


class Sitting(models.Model):
    """The quiz's half of an attempt. Whether it is open, the attempt knows."""

    attempt = models.OneToOneField("learning.Attempt", models.CASCADE, related_name="quiz_sitting")
    pass_mark = models.PositiveSmallIntegerField()
    behaviour = models.CharField(max_length=80, default=default_behaviour)
    tries = models.PositiveSmallIntegerField(default=3)
    penalty = models.PositiveSmallIntegerField(default=33, help_text="percent")

    class Meta:
        verbose_name = _("sitting")
        verbose_name_plural = _("sittings")

    def __str__(self) -> str:
        return f"sitting of attempt {self.attempt_id}"


class SittingSlot(models.Model):
    """A question as this attempt asks it: version, worth and arrangement never change."""

    sitting = models.ForeignKey(Sitting, models.CASCADE, related_name="slots")
    position = models.PositiveSmallIntegerField()
    version = models.ForeignKey(QuestionVersion, models.PROTECT, related_name="sitting_slots")
    points = models.DecimalField(max_digits=6, decimal_places=2)
    arrangement = models.JSONField(default=dict, help_text="what the kind fixed, such as an order")

    class Meta:
        verbose_name = _("question of a sitting")
        verbose_name_plural = _("questions of sittings")
        ordering: ClassVar[list[str]] = ["sitting", "position"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["sitting", "position"], name="sitting_position_once"),
            models.CheckConstraint(condition=Q(position__gte=1), name="sitting_position_from_1"),
            models.CheckConstraint(condition=Q(points__gt=0), name="sitting_points_above_0"),
        ]

    def __str__(self) -> str:
        return f"{self.sitting_id}#{self.position}"


class Response(models.Model):
    """The answer to one question of one attempt; the last one given."""

    slot = models.OneToOneField(SittingSlot, models.CASCADE, related_name="response")
    answer = models.JSONField(null=True, help_text="null: taken back, or never given")
    extra = models.JSONField(default=dict, help_text="what the behaviour asked beside the answer")
    tries = models.JSONField(
        default=list,
        help_text="answers that were checked: {answer, fraction, extra, at}; only grows",
    )
    fraction = models.FloatField(
        null=True, help_text="what it earns of the question's points, once marked; at most 1"
    )
    sequence = models.PositiveIntegerField(default=1, help_text="how often it was written")
    save_key = models.UUIDField(null=True, help_text="of the last save; a repeat changes nothing")
    saved_at = models.DateTimeField()

    class Meta:
        verbose_name = _("response")
        verbose_name_plural = _("responses")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(fraction__isnull=True) | Q(fraction__lte=1),
                name="response_fraction_at_most_1",
            )
        ]

    def __str__(self) -> str:
        return f"response to {self.slot_id}"
