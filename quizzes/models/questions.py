"""The question bank: what authors edit, and the versions that learners meet."""

from __future__ import annotations

import json
import secrets
import uuid
from collections.abc import Mapping
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.contenttypes.fields import GenericRelation
from django.db import models
from django.db.models import Q
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalManyToManyField
from modelcluster.models import ClusterableModel
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.fields import RichTextField, StreamField
from wagtail.models import (
    DraftStateMixin,
    LockableMixin,
    RevisionMixin,
    WorkflowMixin,
)
from wagtail.search import index

from lms.plugins.contracts import Json, Problem
from lms.plugins.richtext import Profile, clean
from lms.plugins.vietnamese import fold, nfc
from quizzes.blocks import HintBlock
from quizzes.bodies import data_of, raw_of, shown, written_of
from quizzes.contracts import question_type, question_types
from quizzes.faults import content_problems
from quizzes.fields import QuestionBodyField
from quizzes.forms import QuestionForm

TEXT = ["bold", "italic", "ol", "ul", "link", "image"]


def new_code() -> str:
    """A code for a question to which its author gives none."""
    return f"q-{secrets.token_hex(4)}"


class Question(
    WorkflowMixin,
    DraftStateMixin,
    LockableMixin,
    RevisionMixin,
    index.Indexed,
    ClusterableModel,
):
    """A question as its authors edit it. Learners meet its current version."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.CharField(
        _("code"),
        max_length=80,
        unique=True,
        default=new_code,
        help_text=_("Short and lasting; exports and imports know the question by it."),
    )
    type_key = models.CharField(_("kind"), max_length=80, blank=True, editable=False)
    name = models.CharField(
        _("name"), max_length=200, blank=True, help_text=_("For authors; learners never see it.")
    )
    prompt = RichTextField(_("question"), features=TEXT)
    body: Any = QuestionBodyField(
        verbose_name=_("answers"),
        blank=True,
        help_text=_("Choose the kind of question first; then fill in its answers and key."),
    )
    explanation = RichTextField(
        _("explanation"),
        features=TEXT,
        blank=True,
        help_text=_("Shown after handing in, whatever was answered."),
    )
    hints = StreamField(
        [("hint", HintBlock())],
        verbose_name=_("hints"),
        blank=True,
        help_text=_(
            "Shown one by one after tries that were not right, where the quiz allows several."
        ),
    )
    references = ParentalManyToManyField(
        "content.LegalReference",
        blank=True,
        related_name="questions",
        verbose_name=_("legal basis"),
    )
    _revisions = GenericRelation(
        "wagtailcore.Revision",
        content_type_field="base_content_type",
        object_id_field="object_id",
        related_query_name="question",
        for_concrete_model=False,
    )
    _workflow_states = GenericRelation(
        "wagtailcore.WorkflowState",
        content_type_field="base_content_type",
        object_id_field="object_id",
        related_query_name="question",
        for_concrete_model=False,
    )

    base_form_class = QuestionForm
    panels: ClassVar[list[Any]] = [
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("code"), FieldPanel("name")]),
            ],
            heading=_("For authors"),
        ),
        FieldPanel("prompt"),
        FieldPanel("body"),
        FieldPanel("explanation"),
        FieldPanel("hints"),
        FieldPanel("references"),
    ]
    search_fields: ClassVar[list[Any]] = [
        index.SearchField("folded"),
        index.AutocompleteField("folded"),
        index.AutocompleteField("code"),
        index.FilterField("type_key"),
        index.FilterField("live"),
    ]

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        ordering: ClassVar[list[str]] = ["code"]

    def __str__(self) -> str:
        return f"{self.code} · {self.name or Truncator(self.words).words(16)}"

    @property
    def revisions(self) -> Any:
        """All revisions of this question."""
        return self._revisions

    @property
    def workflow_states(self) -> Any:
        """All workflow states of this question."""
        return self._workflow_states

    @property
    def words(self) -> str:
        """The question without markup, on one line."""
        return " ".join(clean(self.prompt, Profile.PLAIN).split())

    @property
    def folded(self) -> str:
        """Code, name and words without diacritics, for search."""
        return fold(f"{self.code} {self.name} {self.words}")

    @property
    def kind(self) -> str:
        """The name of its kind for people; the key when the app that has it is gone."""
        found = question_types.get(self.type_key)
        return str(found.label) if found else self.type_key

    @property
    def current_version(self) -> QuestionVersion | None:
        """The version that new attempts use."""
        return QuestionVersion.objects.current().filter(question=self.pk).first()

    @property
    def own(self) -> Json:
        """The part of its kind, as a version keeps it; empty while there is none."""
        return data_of(self.body[0].block, self.body[0].value) if self.body else {}

    @property
    def written(self) -> Json:
        """The part of its kind as one would write it down."""
        return written_of(self.body[0].block, self.body[0].value) if self.body else {}

    def write(self, type_key: str, written: Mapping[str, Any]) -> None:
        """Take kind and own part as people or other systems wrote them. Raises UnreadableBody.

        Rows that were there keep their keys.
        """
        found = question_type(type_key)
        block = self._meta.get_field("body").stream_block.child_blocks[type_key]
        before = self.own if self.type_key == type_key else None
        raw = raw_of(block, found.complete(written), before=before)
        identity = self.body[0].id if self.body else str(uuid.uuid4())
        self.type_key = type_key
        self.body = json.dumps([{"type": type_key, "value": raw, "id": identity}])

    def content(self) -> Json:
        """What a version keeps: all that learners can meet, clean and ready to show."""
        return {
            "prompt": shown(self.prompt),
            "explanation": shown(self.explanation),
            "hints": [shown(each.value.source) for each in self.hints],
            "basis": sorted(reference.code for reference in self.references.all()),
            **self.own,
        }

    def problems(self) -> list[Problem]:
        """What is wrong with the question as it stands. An error stops publication."""
        return content_problems(self.type_key, self.content())

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.code, self.name = nfc(self.code), nfc(self.name)
        self.prompt = clean(self.prompt, Profile.TEACHER)
        self.explanation = clean(self.explanation, Profile.TEACHER)
        if self.body:
            self.type_key = self.body[0].block_type
        elif self.type_key and self.type_key not in question_types and self.pk:
            # The app of its kind is gone: what it wrote cannot be read now and must stay.
            names = {each.name for each in self._meta.concrete_fields if not each.primary_key}
            kwargs["update_fields"] = (set(kwargs.get("update_fields") or names)) - {"body"}
        super().save(*args, **kwargs)


class VersionQuerySet(models.QuerySet["QuestionVersion"]):
    """Versions of questions."""

    def current(self) -> VersionQuerySet:
        """Those that new attempts use."""
        return self.filter(superseded_at=None)


class QuestionVersion(models.Model):
    """A question as it was published once. Attempts keep the version that they met."""

    question = models.ForeignKey(Question, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    type_key = models.CharField(max_length=80)
    data = models.JSONField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField()
    superseded_at = models.DateTimeField(
        null=True, help_text="no longer used for new attempts; the only thing that ever changes"
    )

    objects = VersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("version of a question")
        verbose_name_plural = _("versions of questions")
        ordering: ClassVar[list[str]] = ["question", "number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["question", "number"], name="version_number_once"),
            models.UniqueConstraint(
                fields=["question"],
                condition=Q(superseded_at__isnull=True),
                name="one_current_version",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.question_id} v{self.number}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("a version never changes; publish the question again")
        super().save(*args, **kwargs)
