"""Choosing an activity while writing a lesson, and creating one without leaving the page."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column
from wagtail.admin.viewsets.chooser import ChooserViewSet
from wagtail.admin.views.generic.chooser import ChooseResultsView, ChooseView

from lms.plugins.config import registries


def kind_of(activity: Any) -> str:
    """The name of the activity's type for people; its key when the plugin is gone."""
    found = registries.activity_types.get(activity.type_key)
    return str(found.label) if found and found.label else activity.type_key


class KindColumnMixin:
    """Shows what kind each activity is, and which are only drafts."""

    @property
    def columns(self) -> list[Column]:
        return [
            *super().columns,  # type: ignore[misc] -- a mixin over Wagtail's untyped views
            Column("kind", label=_("Kind"), accessor=kind_of),
            Column(
                "live",
                label=_("Published"),
                accessor=lambda activity: _("Yes") if activity.live else _("Draft"),
            ),
        ]


class ActivityChooseView(KindColumnMixin, ChooseView):
    pass


class ActivityChooseResultsView(KindColumnMixin, ChooseResultsView):
    pass


class ActivityChooserViewSet(ChooserViewSet):
    """Every activity, of whatever type, newest first."""

    model = "content.Activity"
    icon = "clipboard-list"
    page_title = _("Choose an activity")
    choose_one_text = _("Choose an activity")
    choose_another_text = _("Choose another activity")
    edit_item_text = _("Edit this activity")
    choose_view_class = ActivityChooseView
    choose_results_view_class = ActivityChooseResultsView
    per_page = 20


activity_chooser = ActivityChooserViewSet("activity_chooser")
ActivityChooserBlock = activity_chooser.get_block_class(
    name="ActivityChooserBlock", module_path="modules.content.viewsets"
)
