"""Legal references are data with dates, never words sunk in a lesson."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.search import index

from lms.plugins.vietnamese import fold, nfc


class Certainty(models.TextChoices):
    """How we know what the reference says (domain.md, marks of its heading)."""

    READ = "read", _("Read in a source")
    REMEMBERED = "remembered", _("From memory, source not seen")
    INFERRED = "inferred", _("Inferred")


class ReferenceState(models.TextChoices):
    """What a reader should know about a reference today."""

    CHECKED = "checked", _("checked against the original")
    UNCHECKED = "unchecked", _("not yet checked against the original")
    UNDER_REVIEW = "under_review", _("under review")


class LegalReferenceQuerySet(models.QuerySet["LegalReference"]):
    """References, by their standing on a date."""

    def in_force(self, on: dt.date) -> LegalReferenceQuerySet:
        """Those that apply on `on`."""
        return self.filter(
            Q(valid_from__isnull=True) | Q(valid_from__lte=on),
            Q(valid_to__isnull=True) | Q(valid_to__gt=on),
            superseded_by__isnull=True,
        )

    def out_of_force(self, on: dt.date) -> LegalReferenceQuerySet:
        """Those that ended on `on` or before, or that another has taken the place of."""
        return self.filter(Q(valid_to__lte=on) | Q(superseded_by__isnull=False))


class LegalReference(index.Indexed, models.Model):  # type: ignore[django-manager-missing]  # Orderable
    """A document, or an article of one, that lessons and activities rest on."""

    code = models.SlugField(
        _("code"), max_length=80, unique=True, help_text=_("Short, such as luat-10-2022-d11")
    )
    number = models.CharField(_("number"), max_length=80)
    article = models.CharField(_("article"), max_length=120, blank=True)
    title = models.CharField(_("subject"), max_length=300)
    issuer = models.CharField(_("issued by"), max_length=160, blank=True)
    url = models.URLField(_("address"), blank=True, max_length=500)
    valid_from = models.DateField(_("in force from"), null=True, blank=True)
    valid_to = models.DateField(
        _("no longer in force from"),
        null=True,
        blank=True,
        help_text=_("The first day on which it does not apply."),
    )
    superseded_by = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="supersedes",
        verbose_name=_("superseded by"),
    )
    certainty = models.CharField(
        _("certainty"), max_length=12, choices=Certainty.choices, default=Certainty.READ
    )
    doubtful = models.BooleanField(
        _("must be checked before use"),
        default=False,
        help_text=_("No answer key and no best option may rest on it."),
    )
    source = models.CharField(_("where we read it"), max_length=300, blank=True)
    note = models.TextField(_("note for authors"), blank=True)
    last_checked = models.DateField(_("last checked on"), null=True, blank=True)
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("checked by"),
    )

    objects = LegalReferenceQuerySet.as_manager()

    panels: ClassVar[list[Any]] = [
        FieldPanel("code"),
        FieldRowPanel([FieldPanel("number"), FieldPanel("article")]),
        FieldPanel("title"),
        FieldRowPanel([FieldPanel("issuer"), FieldPanel("url")]),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("valid_from"), FieldPanel("valid_to")]),
                FieldPanel("superseded_by"),
            ],
            heading=_("Validity"),
        ),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("certainty"), FieldPanel("doubtful")]),
                FieldPanel("source"),
                FieldRowPanel([FieldPanel("last_checked"), FieldPanel("checked_by")]),
                FieldPanel("note"),
            ],
            heading=_("Certainty"),
        ),
    ]
    search_fields: ClassVar[list[Any]] = [
        index.SearchField("folded"),
        index.AutocompleteField("folded"),
        index.AutocompleteField("number"),
    ]

    class Meta:
        verbose_name = _("legal reference")
        verbose_name_plural = _("legal references")
        ordering: ClassVar[list[str]] = ["number", "article"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True)
                | Q(valid_from__isnull=True)
                | Q(valid_to__gte=models.F("valid_from")),
                name="reference_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=Q(last_checked__isnull=True, checked_by__isnull=True)
                | Q(last_checked__isnull=False, checked_by__isnull=False),
                name="reference_checked_by_a_named_person",
                violation_error_message=_("Say both when it was checked and by whom."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.article} {self.number}".strip()

    def save(self, *args: Any, **kwargs: Any) -> None:
        for name in ("number", "article", "title", "issuer", "source", "note"):
            setattr(self, name, nfc(getattr(self, name)))
        super().save(*args, **kwargs)

    @property
    def folded(self) -> str:
        """Number, article and subject without diacritics, for search."""
        return fold(f"{self.number} {self.article} {self.title} {self.issuer}")

    @property
    def is_certain(self) -> bool:
        """Whether an answer key may rest on it: read in a source and not marked for checking."""
        return self.certainty == Certainty.READ and not self.doubtful

    def is_out_of_force(self, on: dt.date) -> bool:
        """Whether it ended on `on` or before, or another has taken its place."""
        return self.superseded_by_id is not None or (
            self.valid_to is not None and self.valid_to <= on
        )

    def state(self, on: dt.date) -> ReferenceState:
        """What readers are told on `on`."""
        if self.is_out_of_force(on):
            return ReferenceState.UNDER_REVIEW
        return ReferenceState.CHECKED if self.last_checked else ReferenceState.UNCHECKED
