"""An activity as a row: the platform's half of what a plugin's type describes."""

from __future__ import annotations

import uuid
from collections import defaultdict
from typing import Any, ClassVar

from django import forms
from django.contrib.contenttypes.fields import GenericRelation
from django.db import models
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalManyToManyField
from modelcluster.models import ClusterableModel
from wagtail.admin.panels import FieldPanel, Panel
from wagtail.models import (
    DraftStateMixin,
    LockableMixin,
    RevisionMixin,
    TranslatableMixin,
    WorkflowMixin,
)
from wagtail.search import index

from lms.plugins.config import registries
from lms.plugins.contracts import ActivityType, CompletionRule
from lms.plugins.vietnamese import fold, nfc


class ActivityQuerySet(models.QuerySet["Activity"]):
    """Activities of every type."""

    def live(self) -> ActivityQuerySet:
        """Those that learners may meet."""
        return self.filter(live=True)

    def specific(self) -> list[Activity]:
        """Each row as its plugin's model, in the same order: one query per type present.

        A row whose plugin is gone stays a plain Activity.
        """
        rows = list(self)
        by_type: dict[str, list[int]] = defaultdict(list)
        for row in rows:
            by_type[row.type_key].append(row.pk)
        found: dict[int, Activity] = {}
        for key, pks in by_type.items():
            activity_type = registries.activity_types.get(key)
            if activity_type is not None:
                found.update(activity_type.model._default_manager.in_bulk(pks))
        return [found.get(row.pk, row) for row in rows]


class Activity(
    WorkflowMixin,
    DraftStateMixin,
    LockableMixin,
    RevisionMixin,
    TranslatableMixin,
    index.Indexed,
    ClusterableModel,
):
    """A thing that a learner does and the platform can record. Plugins subclass it."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    type_key = models.CharField(max_length=80, editable=False)
    title = models.CharField(_("title"), max_length=200)
    completion_rule = models.CharField(_("counts as done when"), max_length=40, blank=True)
    references = ParentalManyToManyField(
        "content.LegalReference",
        blank=True,
        related_name="activities",
        verbose_name=_("legal references"),
    )
    _revisions = GenericRelation(
        "wagtailcore.Revision",
        content_type_field="base_content_type",
        object_id_field="object_id",
        related_query_name="activity",
        for_concrete_model=False,
    )
    _workflow_states = GenericRelation(
        "wagtailcore.WorkflowState",
        content_type_field="base_content_type",
        object_id_field="object_id",
        related_query_name="activity",
        for_concrete_model=False,
    )

    objects = ActivityQuerySet.as_manager()

    panels: ClassVar[list[Panel]] = [FieldPanel("title"), FieldPanel("completion_rule")]
    search_fields: ClassVar[list[Any]] = [
        index.SearchField("folded"),
        index.AutocompleteField("folded"),
        index.AutocompleteField("title"),
        index.FilterField("type_key"),
        index.FilterField("live"),
        index.FilterField("locale_id"),
    ]

    class Meta(TranslatableMixin.Meta):
        verbose_name = _("activity")
        verbose_name_plural = _("activities")
        ordering: ClassVar[list[str]] = ["-pk"]

    def __str__(self) -> str:
        return self.title

    @property
    def folded(self) -> str:
        """The words of the activity without diacritics, for search."""
        return fold(self.title)

    @property
    def activity_type(self) -> ActivityType | None:
        """What describes this kind of activity; None when its plugin is gone."""
        return registries.activity_types.get(self.type_key)

    @property
    def rule(self) -> CompletionRule | None:
        """When it counts as done: the author's choice, else the type's first rule."""
        activity_type = self.activity_type
        return None if activity_type is None else rule_of(activity_type, self.completion_rule)

    def copy_for_translation(self, locale: Any, exclude_fields: Any = None) -> Any:
        """A draft of it in another language: the same activity by key, a row of its own."""
        return super().copy_for_translation(locale, [*(exclude_fields or []), "uuid"])

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.title = nfc(self.title)
        if not self.type_key:
            self.type_key = type_of(type(self)).key
        super().save(*args, **kwargs)


def rule_of(activity_type: ActivityType, key: str) -> CompletionRule:
    """The rule of `activity_type` with this key; its first one where the key is not known."""
    rules = activity_type.completion_rules
    return next((rule for rule in rules if rule.key == key), rules[0])


def type_of(model: type[models.Model]) -> ActivityType:
    """The activity type that owns `model`. Raises LookupError when none does."""
    for activity_type in registries.activity_types:
        if activity_type.model is model:
            return activity_type
    raise LookupError(f"no activity type is registered for {model.__name__}")


def completion_rule_widget(activity_type: ActivityType) -> forms.Select:
    """A choice of the rules that the type offers, for its editing form."""
    return forms.Select(choices=[(rule.key, rule.label) for rule in activity_type.completion_rules])
