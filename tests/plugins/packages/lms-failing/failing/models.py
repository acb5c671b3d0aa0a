from django.db import models
from wagtail.admin.panels import FieldPanel

from modules.content.models import Activity


class Trouble(Activity):
    """`kind` says where it fails."""

    kind = models.CharField(max_length=20, default="nowhere")

    panels = [*Activity.panels, FieldPanel("kind")]


class TroublePage(Activity):
    kind = models.CharField(max_length=20, default="nowhere")


class Trace(models.Model):
    """What the plugin wrote before it failed; must be gone again."""

    what = models.CharField(max_length=40)
