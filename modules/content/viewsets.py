"""Choosing an activity while writing a lesson, and creating one without leaving the page."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.admin.utils import quote
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.admin_url_finder import AdminURLFinder
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.generic.chooser import ChooseResultsView, ChooseView, CreateView
from wagtail.admin.viewsets.chooser import ChooserViewSet
from wagtail.models import Locale

from lms.plugins.config import registries
from lms.plugins.contracts import ActivityType
from lms.plugins.guard import PluginFailure, guard


def kind_of(activity: Any) -> str:
    """The name of the activity's type for people; its key when the plugin is gone."""
    found = registries.activity_types.get(activity.type_key)
    return str(found.label) if found and found.label else activity.type_key


class KindColumnMixin:
    """Shows what kind each activity is, and which are only drafts."""

    @property
    def columns(self) -> list[Column]:
        return [
            *super().columns,  # type: ignore[misc]  # a mixin over Wagtail's untyped views
            Column("kind", label=_("Kind"), accessor=kind_of),
            Column(
                "live",
                label=_("Published"),
                accessor=lambda activity: _("Yes") if activity.live else _("Draft"),
            ),
        ]


class ActivityCreationForm(forms.Form):
    """The name and kind of a new activity; the rest is filled in on its own screen."""

    title = forms.CharField(label=_("Title"), max_length=200)

    def __init__(self, *args: Any, types: list[ActivityType], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.types = {each.key: each for each in types}
        choices = [(each.key, each.label) for each in types]
        self.fields["kind"] = forms.ChoiceField(label=_("Kind"), choices=choices)


class OffersCreation:
    """Lets people create activities of the kinds that their roles may write."""

    creation_form_class = ActivityCreationForm

    def types(self) -> list[ActivityType]:
        """The kinds that the person behind the request may create."""
        user = self.request.user  # type: ignore[attr-defined]  # a mixin over Wagtail's views
        return [
            each
            for each in registries.activity_types
            if user.has_perm(f"{each.model._meta.app_label}.add_{each.model._meta.model_name}")
        ]

    def can_create(self) -> bool:
        return bool(self.types())

    def get_creation_form_kwargs(self) -> dict[str, Any]:
        kwargs: dict[str, Any] = super().get_creation_form_kwargs()  # type: ignore[misc]  # as above
        return {**kwargs, "types": self.types()}


class ActivityChooseView(OffersCreation, KindColumnMixin, ChooseView):
    pass


class ActivityCreateView(OffersCreation, CreateView):
    """Makes an empty draft of the chosen kind, and chooses it."""

    def post(self, request: Any) -> Any:
        self.form = self.get_creation_form()
        if self.form.is_valid():
            activity = self._draft(self.form)
            if activity is not None:
                return self.get_chosen_response(activity)
        return self.get_reshow_creation_form_response()

    def _draft(self, form: ActivityCreationForm) -> Any:
        activity_type = form.types[form.cleaned_data["kind"]]
        activity = activity_type.model(
            title=form.cleaned_data["title"],
            type_key=activity_type.key,
            locale=Locale.get_default(),
            live=False,
        )
        try:
            with guard(activity_type.key, "create"):
                activity.save()
                activity.save_revision(user=self.request.user, clean=False)  # not filled in yet
        except PluginFailure:
            form.add_error("kind", gettext("This kind cannot be created here. Use its own menu."))
            return None
        return activity


class ActivityURLFinder:
    """Where an activity is edited, given as its type's row or as the plain one."""

    def __init__(self, user: Any = None) -> None:
        self.user = user

    def get_edit_url(self, activity: Any) -> str | None:
        """The address, or None: the plugin is gone, or `user` may not edit it."""
        found = registries.activity_types.get(activity.type_key)
        if found is None:
            return None
        if type(activity) is not found.model:
            activity = found.model._default_manager.filter(pk=activity.pk).first()
            return AdminURLFinder(self.user).get_edit_url(activity) if activity else None
        try:
            return reverse(
                found.model.snippet_viewset.get_url_name("edit"), args=[quote(activity.pk)]
            )
        except (AttributeError, NoReverseMatch):
            return None  # its screens could not be made


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
    create_action_label = _("Create a draft")
    creation_form_class = ActivityCreationForm
    choose_view_class = ActivityChooseView
    create_view_class = ActivityCreateView
    choose_results_view_class = ActivityChooseResultsView
    per_page = 20


activity_chooser = ActivityChooserViewSet("activity_chooser")
ActivityChooserBlock = activity_chooser.get_block_class(
    name="ActivityChooserBlock", module_path="modules.content.viewsets"
)
