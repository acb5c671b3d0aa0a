"""A quiz: an activity that asks questions of the bank."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel
from wagtail.fields import RichTextField
from wagtail.models import Orderable

from lms.plugins.richtext import Profile, clean
from modules.content.models import Activity
from quizzes.contracts import default_behaviour
from quizzes.models.questions import TEXT, Question
from quizzes.rules import BehaviourChoice, rule_choice


class Quiz(Activity):
    """Questions in slots, and the rules for trying them."""

    intro = RichTextField(_("introduction"), features=TEXT, blank=True)
    pass_mark = models.PositiveSmallIntegerField(
        _("pass mark in percent"), default=60, validators=[MaxValueValidator(100)]
    )
    max_attempts = models.PositiveSmallIntegerField(
        _("attempts allowed"), default=0, help_text=_("0 means no limit.")
    )
    shuffle_questions = models.BooleanField(_("shuffle the questions"), default=False)
    shuffle_options = models.BooleanField(_("shuffle the options"), default=True)
    behaviour = models.CharField(_("feedback and tries"), max_length=80, default=default_behaviour)
    tries = models.PositiveSmallIntegerField(
        _("tries per question"),
        default=3,
        validators=[MinValueValidator(1), MaxValueValidator(20)],
        help_text=_("Where the feedback allows several."),
    )
    penalty = models.PositiveSmallIntegerField(
        _("penalty for each further try, in percent"),
        default=33,
        validators=[MaxValueValidator(100)],
    )
    question_count = models.PositiveSmallIntegerField(default=0, editable=False)

    panels: ClassVar[list[Any]] = [
        FieldPanel("title"),
        FieldPanel("completion_rule", widget=rule_choice()),
        FieldPanel("intro"),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("pass_mark"), FieldPanel("max_attempts")]),
                FieldRowPanel([FieldPanel("shuffle_questions"), FieldPanel("shuffle_options")]),
                FieldPanel("behaviour", widget=BehaviourChoice),
                FieldRowPanel([FieldPanel("tries"), FieldPanel("penalty")]),
            ],
            heading=_("Rules"),
        ),
        InlinePanel(
            "slots",
            heading=_("Questions"),
            label=_("Question"),
            panels=[FieldPanel("question"), FieldPanel("points")],
        ),
        FieldPanel("references"),
    ]

    class Meta:
        verbose_name = _("quiz")
        verbose_name_plural = _("quizzes")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(pass_mark__lte=100), name="quiz_pass_mark_at_most_100"
            ),
            models.CheckConstraint(condition=Q(tries__gte=1), name="quiz_tries_from_1"),
            models.CheckConstraint(condition=Q(penalty__lte=100), name="quiz_penalty_at_most_100"),
        ]

    def goes_out_with(self) -> list[Question]:
        """Its questions that were never published: who approves the quiz approves them too."""
        asked = [slot.question_id for slot in self.slots.all()]
        new = Question.objects.filter(pk__in=asked, live=False, first_published_at=None)
        return list(new)

    def save(self, *args: Any, **kwargs: Any) -> None:
        # A save of a few fields, as when a revision is noted, leaves slots and text as they are.
        if kwargs.get("update_fields") is None:
            self.intro = clean(self.intro, Profile.TEACHER)
            self.question_count = self.slots.count()
        super().save(*args, **kwargs)


class QuizSlot(Orderable):
    """A place in a quiz: which question, and what it is worth."""

    quiz = ParentalKey(Quiz, on_delete=models.CASCADE, related_name="slots")
    question = models.ForeignKey(
        Question, models.PROTECT, related_name="slots", verbose_name=_("question")
    )
    points = models.DecimalField(
        _("points"),
        max_digits=6,
        decimal_places=2,
        default=Decimal(1),
        validators=[MinValueValidator(Decimal("0.01"))],
    )

    class Meta(Orderable.Meta):
        verbose_name = _("question of a quiz")
        verbose_name_plural = _("questions of quizzes")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(points__gt=0), name="slot_points_above_0")
        ]

    def __str__(self) -> str:
        return f"{self.quiz_id}: {self.question_id}"
