"""What people gave for answers. Rows are only added: a second mark stands beside the first."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from quizzes.models.sittings import Response


class Mark(models.Model):
    """A mark for one answer; the newest counts."""

    response = models.ForeignKey(Response, models.CASCADE, related_name="marks")
    fraction = models.FloatField(help_text="of the question's points, 0 to 1")
    levels = models.JSONField(default=dict, help_text="{key of a criterion: key of the level}")
    comment = models.TextField(blank=True, help_text="for the learner, plain text")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("mark of an answer")
        verbose_name_plural = _("marks of answers")
        ordering: ClassVar[list[str]] = ["at", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(fraction__gte=0, fraction__lte=1), name="mark_fraction_0_to_1"
            )
        ]

    def __str__(self) -> str:
        return f"{self.fraction:.2f} for {self.response_id}"

    def save(self, *args: object, **kwargs: object) -> None:
        if not self._state.adding:
            raise TypeError("a mark never changes; give another one")
        super().save(*args, **kwargs)  # type: ignore[arg-type]
