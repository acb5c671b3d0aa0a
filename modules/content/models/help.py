"""Pages beside the courses, written by the centre: how to use the site, and whom to ask."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.fields import RichTextField
from wagtail.models import Page

from lms.plugins.richtext import Profile, clean
from lms.plugins.vietnamese import nfc
from modules.content.models.pages import LearningPage

FEATURES = ["h2", "h3", "bold", "italic", "link", "ol", "ul"]


class SitePage(LearningPage):
    """What they share: a text, and the same page in the other languages."""

    body = RichTextField(_("text"), blank=True, features=FEATURES)

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.body = clean(self.body, Profile.TEACHER)
        super().save(*args, **kwargs)

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The page, and on the request its addresses in other languages, which differ."""
        pages = self.get_translations(inclusive=True).live().select_related("locale")
        request.language_urls = {  # type: ignore[attr-defined]  # read by whoever shows the links
            page.locale.language_code: page.get_url(request) for page in pages
        }
        found: dict[str, Any] = super().get_context(request, *args, **kwargs)
        return found


class HelpPage(SitePage):
    """How to do something here; the one below the catalogue lists those below it."""

    template = "content/help_page.html"
    parent_page_types: ClassVar[list[str]] = ["content.CataloguePage", "content.HelpPage"]
    subpage_types: ClassVar[list[str]] = ["content.HelpPage"]
    content_panels: ClassVar[list[Any]] = [*Page.content_panels, FieldPanel("body")]

    class Meta:
        verbose_name = _("help page")
        verbose_name_plural = _("help pages")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """With the help pages below, and the one above."""
        parent = self.get_parent().specific
        return {
            **super().get_context(request, *args, **kwargs),
            "below": list(HelpPage.objects.child_of(self).live().order_by("path")),
            "above": parent if isinstance(parent, HelpPage) else None,
        }


class ContactPage(SitePage):
    """Whom to ask: where the centre is, when it is open, its telephone."""

    postal_address = models.TextField(_("address"), blank=True, max_length=400)
    phone = models.CharField(_("phone"), max_length=80, blank=True)
    hours = models.TextField(_("opening hours"), blank=True, max_length=400)

    template = "content/contact_page.html"
    max_count_per_parent = 1
    parent_page_types: ClassVar[list[str]] = ["content.CataloguePage"]
    subpage_types: ClassVar[list[str]] = []
    content_panels: ClassVar[list[Any]] = [
        *Page.content_panels,
        FieldPanel("body"),
        FieldPanel("postal_address"),
        FieldPanel("phone"),
        FieldPanel("hours"),
    ]

    class Meta:
        verbose_name = _("contact page")

    def save(self, *args: Any, **kwargs: Any) -> None:
        for name in ("postal_address", "phone", "hours"):
            setattr(self, name, nfc(getattr(self, name)))
        super().save(*args, **kwargs)
