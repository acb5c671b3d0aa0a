from django.db import models
from wagtail.admin.panels import FieldPanel

from modules.content.models import Activity


class Note(Activity):
    """The learner writes a few words in answer to a question."""

    question = models.CharField(max_length=200)
    words_wanted = models.PositiveIntegerField(default=1)

    panels = [*Activity.panels, FieldPanel("question"), FieldPanel("words_wanted")]


class WrittenNote(models.Model):
    """What a learner wrote in one attempt."""

    attempt = models.OneToOneField("learning.Attempt", models.CASCADE, related_name="+")
    text = models.TextField()


class LedgerEntry(models.Model):
    """An event that arrived at the sink."""

    event_uuid = models.UUIDField(unique=True)
    name = models.CharField(max_length=60)
