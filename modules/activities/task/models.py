"""The task that authors write, and what learners keep while they carry it out."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel, InlinePanel, Panel
from wagtail.fields import RichTextField
from wagtail.models import Orderable

from lms.plugins.richtext import Profile, clean
from lms.plugins.vietnamese import nfc
from modules.activities.task.rules import rule_choice
from modules.content.models import Activity, ActivityQuerySet

STEP_LIMIT = 500
NOTE_LIMIT = 2000
LONGEST = 366  # days


Rows = models.Manager.from_queryset(ActivityQuerySet)


class TaskManager(Rows):  # type: ignore[type-arg]  # no argument at run time
    """Loads the language of each task with it: pages say it where it is not their own."""

    def get_queryset(self) -> models.QuerySet[Any]:
        """Tasks with their locale."""
        return super().get_queryset().select_related("locale")


class WorkplaceTask(Activity):
    """Steps to carry out at one's own office, and a note of what came of it."""

    introduction = RichTextField(
        _("introduction"), features=["bold", "italic", "ol", "ul", "link"], blank=True
    )
    due_days = models.PositiveSmallIntegerField(
        _("days to do it"),
        default=14,
        validators=[MaxValueValidator(LONGEST)],
        help_text=_("From the day on which the learner begins; 0 for no date. Late is allowed."),
    )
    evidence_hint = models.TextField(
        _("what to write as evidence"),
        blank=True,
        help_text=_("Shown above the note. Never ask for classified papers or personal data."),
    )

    objects = TaskManager()  # type: ignore[assignment]  # the same, with the locale

    panels: ClassVar[list[Panel]] = [
        FieldPanel("title"),
        FieldPanel("introduction"),
        FieldPanel("due_days"),
        InlinePanel("steps", heading=_("Steps"), label=_("Step"), min_num=1),
        FieldPanel("evidence_hint"),
        FieldPanel("completion_rule", widget=rule_choice()),
        FieldPanel("references"),
    ]

    class Meta:
        verbose_name = _("workplace task")
        verbose_name_plural = _("workplace tasks")

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.introduction = clean(self.introduction, Profile.TEACHER)
        self.evidence_hint = nfc(self.evidence_hint)
        super().save(*args, **kwargs)


class TaskStep(Orderable):
    """One thing to do. Its key stays when the text is edited, and is the same in translations."""

    task = ParentalKey(WorkplaceTask, on_delete=models.CASCADE, related_name="steps")
    key = models.UUIDField(default=uuid.uuid4, editable=False)
    text = models.CharField(_("what to do"), max_length=STEP_LIMIT)

    panels: ClassVar[list[Panel]] = [FieldPanel("text")]

    class Meta(Orderable.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["task", "key"], name="task_step_key_once")
        ]

    def __str__(self) -> str:
        return self.text


class TaskWork(models.Model):
    """What one attempt at a task has come to so far. Personal: see `TaskType.forget`."""

    attempt = models.OneToOneField("learning.Attempt", models.CASCADE, related_name="task_work")
    due_on = models.DateField(null=True, help_text="fixed when the learner began")
    note = models.TextField(blank=True)
    saved_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"work of attempt {self.attempt_id}"


class StepDone(models.Model):
    """A step was done on a date. Holds the step's text as it was: authors may change it later."""

    work = models.ForeignKey(TaskWork, models.CASCADE, related_name="done")
    step_key = models.UUIDField()
    text = models.CharField(max_length=STEP_LIMIT)
    done_on = models.DateField()
    saved_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["done_on", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["work", "step_key"], name="task_step_done_once")
        ]

    def __str__(self) -> str:
        return f"{self.done_on}: {self.text}"
