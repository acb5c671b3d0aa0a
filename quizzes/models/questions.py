"""The question bank: what authors edit, and the versions that learners meet."""

from __future__ import annotations

import secrets
import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.contenttypes.fields import GenericRelation
from django.db import models
from django.db.models import Q
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey, ParentalManyToManyField
from modelcluster.models import ClusterableModel
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel
from wagtail.fields import RichTextField
from wagtail.models import (
    DraftStateMixin,
    LockableMixin,
    Orderable,
    RevisionMixin,
    WorkflowMixin,
)
from wagtail.rich_text import expand_db_html
from wagtail.search import index

from lms.plugins.contracts import Json, Problem
from lms.plugins.richtext import Profile, clean
from lms.plugins.vietnamese import fold, nfc
from quizzes.contracts import question_types
from quizzes.forms import QuestionForm

TEXT = ["bold", "italic", "ol", "ul", "link"]
SHORT_TEXT = ["bold", "italic", "link"]


def new_code() -> str:
    """A code for a question to which its author gives none."""
    return f"q-{secrets.token_hex(4)}"


def new_key() -> str:
    """A key for an option. By chance: its place in the list must not give the right one away."""
    return secrets.token_hex(4)


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
    type_key = models.CharField(_("kind"), max_length=80, default="single_choice")
    name = models.CharField(
        _("name"), max_length=200, blank=True, help_text=_("For authors; learners never see it.")
    )
    prompt = RichTextField(_("question"), features=TEXT)
    explanation = RichTextField(
        _("explanation"),
        features=TEXT,
        blank=True,
        help_text=_("Shown after handing in, whatever was answered."),
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
                FieldRowPanel([FieldPanel("code"), FieldPanel("type_key")]),
                FieldPanel("name"),
            ],
            heading=_("For authors"),
        ),
        FieldPanel("prompt"),
        InlinePanel(
            "options",
            heading=_("Options"),
            label=_("Option"),
            panels=[FieldPanel("text"), FieldPanel("is_correct"), FieldPanel("feedback")],
        ),
        FieldPanel("explanation"),
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

    def content(self) -> Json:
        """What a version keeps: all that learners can meet, clean and ready to show."""
        return {
            "prompt": shown(self.prompt),
            "explanation": shown(self.explanation),
            "basis": sorted(reference.code for reference in self.references.all()),
            "options": [
                {
                    "key": option.key,
                    "text": nfc(option.text).strip(),
                    "correct": option.is_correct,
                    "feedback": shown(option.feedback),
                }
                for option in self.options.all()
            ],
        }

    def problems(self) -> list[Problem]:
        """What is wrong with the question as it stands. An error stops publication."""
        return content_problems(self.type_key, self.content())

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.code, self.name = nfc(self.code), nfc(self.name)
        self.prompt = clean(self.prompt, Profile.TEACHER)
        self.explanation = clean(self.explanation, Profile.TEACHER)
        super().save(*args, **kwargs)


class QuestionOption(Orderable):
    """One thing that can be chosen."""

    question = ParentalKey(Question, on_delete=models.CASCADE, related_name="options")
    key = models.CharField(max_length=16, default=new_key, editable=False)
    text = models.TextField(_("text"))
    is_correct = models.BooleanField(_("is a right answer"), default=False)
    feedback = RichTextField(
        _("feedback"),
        features=SHORT_TEXT,
        blank=True,
        help_text=_("The rule, the consequence or the reference; never just “wrong”."),
    )

    class Meta(Orderable.Meta):
        verbose_name = _("option")
        verbose_name_plural = _("options")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["question", "key"], name="option_key_once")
        ]

    def __str__(self) -> str:
        return self.text

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.text = nfc(self.text)
        self.feedback = clean(self.feedback, Profile.TEACHER)
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


def shown(html: str) -> str:
    """Rich text as it goes to a page: clean, its links resolved."""
    return clean(expand_db_html(clean(html, Profile.TEACHER)), Profile.TEACHER).strip()


def content_problems(type_key: str, data: Json) -> list[Problem]:
    """What is wrong with such content. An error stops publication."""
    found = question_types.get(type_key)
    if found is None:
        return [
            Problem(
                _("The kind of question “%(key)s” is not installed.") % {"key": type_key},
                field="type_key",
            )
        ]
    return list(found.problems(data))
