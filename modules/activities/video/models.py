"""The video that authors put up, and how much of it each attempt has played."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel, Panel
from wagtail.fields import RichTextField

from lms.plugins.richtext import Profile, clean
from modules.activities.video.files import stored_name
from modules.activities.video.forms import VideoForm
from modules.activities.video.intervals import LONGEST
from modules.activities.video.rules import rule_choice
from modules.content.models import Activity, ActivityQuerySet

Rows = models.Manager.from_queryset(ActivityQuerySet)


class VideoManager(Rows):  # type: ignore[type-arg]  # no argument at run time
    """Loads the language of each video with it: pages say it where it is not their own."""

    def get_queryset(self) -> models.QuerySet[Any]:
        """Videos with their locale."""
        return super().get_queryset().select_related("locale")


class Video(Activity):
    """A video file of one's own. Nothing of it comes from another site."""

    introduction = RichTextField(
        _("introduction"), features=["bold", "italic", "ol", "ul", "link"], blank=True
    )
    file = models.FileField(
        _("video file"),
        upload_to=stored_name,
        max_length=200,
        help_text=_("MP4 (H.264) or WebM. Small files help learners with weak connections."),
    )
    duration = models.PositiveIntegerField(
        _("duration in seconds"),
        default=0,
        validators=[MaxValueValidator(LONGEST)],
        help_text=_("Read from the file where it says so; else give it here."),
    )
    captions = models.FileField(
        _("captions"),
        upload_to=stored_name,
        max_length=200,
        blank=True,
        help_text=_("A WebVTT file (.vtt) in UTF-8."),
    )
    captions_language = models.CharField(
        _("language of the captions"),
        max_length=10,
        choices=settings.LANGUAGES,
        default=settings.LANGUAGE_CODE,
    )
    poster = models.FileField(
        _("picture before it plays"),
        upload_to=stored_name,
        max_length=200,
        blank=True,
        help_text=_("JPEG, PNG or WebP."),
    )
    transcript = RichTextField(
        _("transcript"),
        features=["h3", "bold", "italic", "ol", "ul", "link"],
        blank=True,
        help_text=_("What is said and shown, to read. Needed unless there are captions."),
    )

    objects = VideoManager()  # type: ignore[assignment]  # the same, with the locale

    base_form_class = VideoForm
    panels: ClassVar[list[Panel]] = [
        FieldPanel("title"),
        FieldPanel("introduction"),
        MultiFieldPanel(
            [FieldPanel("file"), FieldPanel("duration"), FieldPanel("poster")],
            heading=_("Video"),
        ),
        MultiFieldPanel(
            [FieldPanel("captions"), FieldPanel("captions_language"), FieldPanel("transcript")],
            heading=_("For those who cannot hear or watch it"),
        ),
        FieldPanel("completion_rule", widget=rule_choice()),
        FieldPanel("references"),
    ]

    class Meta:
        verbose_name = _("video")
        verbose_name_plural = _("videos")

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.introduction = clean(self.introduction, Profile.TEACHER)
        self.transcript = clean(self.transcript, Profile.TEACHER)
        super().save(*args, **kwargs)


class Playback(models.Model):
    """How much of its video one attempt has played. Behaviour: one row, overwritten."""

    attempt = models.OneToOneField("learning.Attempt", models.CASCADE, related_name="playback")
    intervals = models.JSONField(default=list, help_text="[[from, to], …] in whole seconds, merged")
    seconds = models.PositiveIntegerField(default=0)
    position = models.PositiveIntegerField(default=0, help_text="where it stopped, in seconds")
    spare = models.FloatField(default=0.0, help_text="seconds that the next report may add at once")
    reported_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.seconds} s of attempt {self.attempt_id}"
