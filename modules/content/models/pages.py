"""The pages of a course: catalogue → course → module → lesson."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any, ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey, ParentalManyToManyField
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel
from wagtail.fields import RichTextField, StreamField
from wagtail.models import Orderable, Page
from wagtail.search import index

from lms.plugins.richtext import Profile, clean
from lms.plugins.vietnamese import fold, nfc
from modules.content.blocks import GlossaryBlock, LessonBodyBlock
from modules.content.fields import LessonBodyField
from modules.content.forms import LessonPageForm
from modules.content.text import words_of_body


class Access(models.TextChoices):
    """Who may study a course."""

    PUBLIC = "public", _("Everybody may read it, people who signed in may enrol")
    SIGNED_IN = "signed_in", _("Everybody who signed in")
    CENTRE = "centre", _("People of the units that the centre serves")
    INVITED = "invited", _("Only people who were enrolled for it")


class LearningPage(Page):
    """What the pages of a course share: searchable without diacritics, no privacy of Wagtail's.

    Who may open a page is decided by the course's `access` and by enrolment; a second mechanism
    beside it would only be a way to be wrong.
    """

    private_page_options: ClassVar[list[str]] = []
    show_in_menus_default = False

    title: str

    class Meta:
        abstract = True

    @property
    def folded(self) -> str:
        """The words of the page without diacritics, for search."""
        return fold(f"{self.title} {self.words()}")

    def words(self) -> str:
        """The text of the page besides its title."""
        return ""

    def full_clean(self, *args: Any, **kwargs: Any) -> None:
        self.title = nfc(self.title)
        super().full_clean(*args, **kwargs)


SEARCH_FIELDS = [index.SearchField("folded"), index.AutocompleteField("folded")]


def lines_of(text: str) -> list[str]:
    """The lines of `text` that say something."""
    return [line.strip() for line in text.splitlines() if line.strip()]


class CataloguePage(LearningPage):
    """The front page in one language; its children are the courses."""

    intro = RichTextField(_("introduction"), blank=True, features=["bold", "italic", "link"])

    max_count_per_parent = 1
    parent_page_types: ClassVar[list[str]] = ["wagtailcore.Page"]
    subpage_types: ClassVar[list[str]] = [
        "content.CoursePage",
        "content.HelpPage",
        "content.ContactPage",
    ]
    content_panels: ClassVar[list[Any]] = [*Page.content_panels, FieldPanel("intro")]
    search_fields: ClassVar[list[Any]] = Page.search_fields

    class Meta:
        verbose_name = _("catalogue")

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.intro = clean(self.intro, Profile.TEACHER)
        super().save(*args, **kwargs)


class CoursePage(LearningPage):
    """A reusable template of what is taught. Its modules are its children."""

    summary = models.TextField(_("summary"), blank=True, max_length=600)
    objectives = models.TextField(
        _("objectives"), blank=True, help_text=_("What people can do afterwards; one per line.")
    )
    audience = models.CharField(_("for whom"), max_length=300, blank=True)
    intro = RichTextField(
        _("introduction"), blank=True, features=["bold", "italic", "link", "ol", "ul"]
    )
    access = models.CharField(
        _("who may study it"), max_length=12, choices=Access.choices, default=Access.SIGNED_IN
    )
    centre = models.ForeignKey(
        "people.TrainingCentre",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="courses",
        verbose_name=_("training centre"),
    )
    electives_needed = models.PositiveSmallIntegerField(
        _("electives needed"),
        default=0,
        help_text=_(
            "Every module that is not elective must be completed, and this many elective ones."
        ),
    )
    prerequisites = ParentalManyToManyField(
        "self",
        blank=True,
        symmetrical=False,
        related_name="prerequisite_of",
        verbose_name=_("courses to complete first"),
    )
    review_by = models.DateField(_("review by"), null=True, blank=True)

    parent_page_types: ClassVar[list[str]] = ["content.CataloguePage"]
    subpage_types: ClassVar[list[str]] = ["content.ModulePage"]
    content_panels: ClassVar[list[Any]] = [
        *Page.content_panels,
        FieldPanel("summary"),
        FieldPanel("objectives"),
        FieldPanel("audience"),
        FieldPanel("intro"),
        MultiFieldPanel(
            [FieldPanel("access"), FieldPanel("centre"), FieldPanel("prerequisites")],
            heading=_("Who studies it"),
        ),
        FieldRowPanel([FieldPanel("electives_needed"), FieldPanel("review_by")]),
    ]
    search_fields: ClassVar[list[Any]] = [*Page.search_fields, *SEARCH_FIELDS]

    class Meta:
        verbose_name = _("course")
        verbose_name_plural = _("courses")

    def words(self) -> str:
        return f"{self.summary} {self.objectives} {self.audience} {self.intro}"

    @property
    def objective_list(self) -> list[str]:
        """The objectives, one by one."""
        return lines_of(self.objectives)

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.intro = clean(self.intro, Profile.TEACHER)
        for name in ("summary", "objectives", "audience"):
            setattr(self, name, nfc(getattr(self, name)))
        super().save(*args, **kwargs)


class ModulePage(LearningPage):
    """A part of a course that one lecturer can own (chuyên đề)."""

    code = models.CharField(_("code"), max_length=12, blank=True)
    summary = models.TextField(_("summary"), blank=True, max_length=600)
    intro = RichTextField(
        _("introduction"), blank=True, features=["bold", "italic", "link", "ol", "ul"]
    )
    elective = models.BooleanField(
        _("elective"), default=False, help_text=_("Learners choose among the elective modules.")
    )

    parent_page_types: ClassVar[list[str]] = ["content.CoursePage"]
    subpage_types: ClassVar[list[str]] = ["content.LessonPage"]
    content_panels: ClassVar[list[Any]] = [
        FieldPanel("code"),
        *Page.content_panels,
        FieldPanel("summary"),
        FieldPanel("intro"),
        FieldPanel("elective"),
    ]
    search_fields: ClassVar[list[Any]] = [*Page.search_fields, *SEARCH_FIELDS]

    class Meta:
        verbose_name = _("module")
        verbose_name_plural = _("modules")

    def words(self) -> str:
        return f"{self.code} {self.summary} {self.intro}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.intro = clean(self.intro, Profile.TEACHER)
        self.summary = nfc(self.summary)
        super().save(*args, **kwargs)


class LessonPage(LearningPage):
    """One sitting of reading and doing."""

    code = models.CharField(_("code"), max_length=12, blank=True)
    summary = models.TextField(_("summary"), blank=True, max_length=600)
    objectives = models.TextField(
        _("objectives"), blank=True, help_text=_("What people can do afterwards; one per line.")
    )
    minutes = models.PositiveSmallIntegerField(
        _("minutes"), default=12, validators=[MinValueValidator(1), MaxValueValidator(240)]
    )
    periods = models.DecimalField(
        _("periods credited"),
        max_digits=4,
        decimal_places=2,
        default=Decimal("0.50"),
        validators=[MinValueValidator(0)],
    )
    review_by = models.DateField(_("review by"), null=True, blank=True)
    body = LessonBodyField(LessonBodyBlock(), blank=True, verbose_name=_("lesson"))
    glossary = StreamField(GlossaryBlock(), blank=True, verbose_name=_("glossary"))

    parent_page_types: ClassVar[list[str]] = ["content.ModulePage"]
    subpage_types: ClassVar[list[str]] = []
    template = "content/lesson_preview.html"
    base_form_class = LessonPageForm
    content_panels: ClassVar[list[Any]] = [
        FieldPanel("code"),
        *Page.content_panels,
        FieldPanel("summary"),
        FieldPanel("objectives"),
        FieldRowPanel([FieldPanel("minutes"), FieldPanel("periods"), FieldPanel("review_by")]),
        FieldPanel("body"),
        InlinePanel("legal_references", heading=_("Legal references"), label=_("Legal reference")),
        FieldPanel("glossary"),
    ]
    search_fields: ClassVar[list[Any]] = [*Page.search_fields, *SEARCH_FIELDS]

    class Meta:
        verbose_name = _("lesson")
        verbose_name_plural = _("lessons")

    def words(self) -> str:
        return f"{self.code} {self.summary} {self.objectives} {words_of_body(self.body)}"

    @property
    def objective_list(self) -> list[str]:
        """The objectives, one by one."""
        return lines_of(self.objectives)

    def is_overdue(self, on: dt.date) -> bool:
        """Whether its review date has passed on `on`."""
        return self.review_by is not None and self.review_by < on

    def save(self, *args: Any, **kwargs: Any) -> None:
        for name in ("summary", "objectives"):
            setattr(self, name, nfc(getattr(self, name)))
        super().save(*args, **kwargs)


class LessonReference(Orderable):
    """A lesson rests on a legal reference."""

    lesson = ParentalKey(LessonPage, on_delete=models.CASCADE, related_name="legal_references")
    reference = models.ForeignKey(
        "content.LegalReference",
        models.PROTECT,
        related_name="lesson_links",
        verbose_name=_("legal reference"),
    )

    panels: ClassVar[list[Any]] = [FieldPanel("reference")]

    class Meta(Orderable.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["lesson", "reference"], name="reference_once_per_lesson"
            )
        ]

    def __str__(self) -> str:
        return str(self.reference)
