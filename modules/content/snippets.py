"""How authors find and edit what is no page: activities of every type, and legal references."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters  # type: ignore[import-untyped]  # publishes no types
from django.db.models import Count, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import (
    BooleanColumn,
    Column,
    DateColumn,
    LiveStatusTagColumn,
    UpdatedAtColumn,
)
from wagtail.snippets.views.snippets import SnippetViewSet, SnippetViewSetGroup

from lms.plugins import faults
from lms.plugins.config import registries
from lms.plugins.contracts import ActivityType
from lms.plugins.guard import PluginFailure, guard
from modules.content.models import Activity, LegalReference


class ActivityViewSet(SnippetViewSet):
    """The screens of an activity type that brings none of its own."""

    list_display: ClassVar[list[Any]] = ["title", LiveStatusTagColumn(), UpdatedAtColumn()]
    list_filter: ClassVar[list[str]] = ["live", "has_unpublished_changes"]
    icon = "clipboard-list"  # a type's own icon is one of the site's, which the admin has not
    list_per_page = 50
    ordering: ClassVar[list[str]] = ["-pk"]
    copy_view_enabled = False


def viewset_of(activity_type: ActivityType) -> type[SnippetViewSet]:
    """The screens of `activity_type`: its own, else the general ones."""
    if activity_type.viewset_class is not None:
        return activity_type.viewset_class
    name = f"{activity_type.model.__name__}ViewSet"
    attributes = {
        "model": activity_type.model,
        "menu_label": activity_type.label,
    }
    return type(name, (ActivityViewSet,), attributes)


class ScreensOfActivity:
    """`Activity.snippet_viewset`: the screens of the type, though the row is the plain one.

    Reviews and their lists hold plain activities, and Wagtail asks each for its screens; without
    an answer the admin's home would break for every reviewer.
    """

    def __get__(self, activity: Activity | None, owner: type[Activity]) -> Any:
        if activity is None:
            raise AttributeError("snippet_viewset")  # the model as such is no snippet
        found = registries.activity_types.get(activity.type_key)
        return getattr(found.model, "snippet_viewset", GONE) if found else GONE


class NoScreens:
    """Stands for the screens of a type whose plugin is gone: one address that says so."""

    icon = "clipboard-list"

    def get_url_name(self, view_name: str) -> str:
        """The same for every screen."""
        return "content_activity_gone"


GONE = NoScreens()


def activity_group() -> SnippetViewSetGroup | None:
    """One menu with the screens of every type there is; None where there is no type.

    A type whose screens cannot be made is left out and shows on the health page.
    """
    viewsets = []
    for activity_type in registries.activity_types:
        try:
            with guard(activity_type.key, "viewset", writes=False):
                viewsets.append(viewset_of(activity_type)())
        except PluginFailure as failure:
            owner = registries.activity_types.owner_of(activity_type.key)
            faults.report(owner or activity_type.key, "viewset", failure.__cause__ or failure)
    if not viewsets:
        return None

    class ActivityGroup(SnippetViewSetGroup):
        items = tuple(viewsets)
        menu_label = _("Activities")
        menu_icon = "clipboard-list"
        menu_name = "activities"
        menu_order = 200

    return ActivityGroup()


class LegalReferenceFilterSet(WagtailFilterSet):
    """References by what is to be done about them."""

    standing = django_filters.ChoiceFilter(
        label=_("To be looked at"),
        method="by_standing",
        empty_label=_("All"),
        choices=[
            ("out_of_force", _("No longer in force")),
            ("unchecked", _("Not yet checked against the original")),
            ("doubtful", _("Must be checked before use")),
            ("uncited", _("Cited nowhere")),
        ],
    )

    class Meta:
        model = LegalReference
        fields: ClassVar[list[str]] = ["standing", "certainty"]

    def by_standing(
        self, queryset: QuerySet[LegalReference], name: str, value: str
    ) -> QuerySet[LegalReference]:
        """The part of `queryset` that stands so today."""
        if value == "out_of_force":
            gone = LegalReference.objects.out_of_force(timezone.localdate())
            return queryset.filter(pk__in=gone.values("pk"))
        if value == "unchecked":
            return queryset.filter(last_checked__isnull=True)
        if value == "doubtful":
            return queryset.filter(doubtful=True)
        return queryset.filter(lesson_links__isnull=True, activities__isnull=True)


def state_of(reference: LegalReference) -> str:
    """What readers see today about `reference`, in words."""
    return str(reference.state(timezone.localdate()).label)


class LegalReferenceViewSet(SnippetViewSet):
    """The register of legal references."""

    model = LegalReference
    icon = "openquote"
    menu_label = _("Legal references")
    menu_name = "legal-references"
    menu_order = 210
    add_to_admin_menu = True
    list_display: ClassVar[list[Any]] = [
        "__str__",
        Column("title", label=_("Subject"), accessor="title"),
        Column("state", label=_("Readers see"), accessor=state_of),
        DateColumn("valid_to", label=_("No longer in force from"), sort_key="valid_to"),
        BooleanColumn("doubtful", label=_("To be checked"), sort_key="doubtful"),
        Column("lessons", label=_("Lessons"), accessor="lesson_count"),
    ]
    filterset_class = LegalReferenceFilterSet
    list_per_page = 50
    ordering: ClassVar[list[str]] = ["number", "article"]
    inspect_view_enabled = True

    def get_queryset(self, request: Any) -> QuerySet[LegalReference]:
        """All references, with the number of lessons that cite each."""
        return LegalReference.objects.annotate(lesson_count=Count("lesson_links", distinct=True))
