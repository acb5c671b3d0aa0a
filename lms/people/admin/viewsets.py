"""The screens under "People" in the Wagtail admin."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Prefetch
from django.urls import URLPattern
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import BooleanColumn, Column
from wagtail.admin.viewsets.model import ModelViewSet, ModelViewSetGroup
from wagtail.log_actions import log

from lms.people.admin import forms, views
from lms.people.models import (
    Appointment,
    CentreService,
    Person,
    Position,
    RoleGrant,
    TrainingCentre,
    Unit,
    UnitKind,
)
from lms.people.phones import phone_as_dialled
from lms.people.services.persons import create_person
from lms.people.services.posts import appoint
from lms.people.services.roles import grant_role, revoke_role
from lms.people.services.units import create_unit


class PeopleViewSet(ModelViewSet):
    """What the screens have in common: rows in reach, no copying, no reference index."""

    add_to_reference_index = False
    copy_view_enabled = False
    index_view_class = views.ListView
    add_view_class = views.AddView
    edit_view_class = views.ChangeView
    delete_view_class = views.RemoveView
    history_view_class = views.RowHistoryView
    usage_view_class = views.RowUsageView
    #: One form for adding, one for changing.
    new_form: Any = None
    form: Any = None

    def get_form_class(self, for_update: bool = False) -> Any:
        form = self.form if for_update else self.new_form or self.form
        return form or super().get_form_class(for_update)


# --- persons and posts ------------------------------------------------------------------------


def posts_now(person: Any) -> str:
    """The posts that a person of the list holds."""
    return "; ".join(f"{post.position}, {post.unit}" for post in person.posts_now)


class PersonListView(views.ListView):
    def get_base_queryset(self) -> Any:
        posts = Appointment.objects.at(timezone.localdate()).select_related("position", "unit")
        return (
            super()
            .get_base_queryset()
            .prefetch_related(Prefetch("appointments", posts, to_attr="posts_now"))
        )


class AddPersonView(views.CommandView):
    def command(self, data: dict[str, Any]) -> Person:
        position, unit, since = data.pop("position"), data.pop("unit"), data.pop("valid_from")
        person = create_person(**data)
        if position:
            appoint(
                person=person,
                position=position,
                unit=unit,
                valid_from=since or timezone.localdate(),
            )
        return person


class ChangePersonView(views.ChangeView):
    def save_instance(self) -> Person:
        person: Person = super().save_instance()
        views.note_change(self.request.user, "details", person.pk)
        return person


class PersonViewSet(PeopleViewSet):
    model = Person
    icon = "user"
    index_view_class = PersonListView
    add_view_class = AddPersonView
    edit_view_class = ChangePersonView
    new_form, form = forms.NewPersonForm, forms.PersonForm
    search_fields = ["search_text"]
    ordering = ["sort_key", "pk"]
    list_display = [
        "full_name",
        Column("posts", label=_("Posts"), accessor=posts_now),
        Column("phone", label=_("Phone"), accessor=lambda row: phone_as_dialled(row.phone)),
    ]


class AppointmentListView(views.ListView):
    def get_base_queryset(self) -> Any:
        return super().get_base_queryset().select_related("person", "position", "unit")


class AddAppointmentView(views.CommandView):
    def command(self, data: dict[str, Any]) -> Appointment:
        post = appoint(**data)
        views.note_change(self.request.user, "post", post.person_id)
        return post


class ChangeAppointmentView(views.ChangeView):
    def save_instance(self) -> Appointment:
        before = self.form.initial.get("person")
        post: Appointment = super().save_instance()
        views.note_change(self.request.user, "post", before, post.person_id)
        return post


class RemoveAppointmentView(views.RemoveView):
    def delete_action(self) -> None:
        with transaction.atomic():
            views.note_change(self.request.user, "post", self.object.person_id)
            super().delete_action()


class AppointmentViewSet(PeopleViewSet):
    model = Appointment
    icon = "pick"
    index_view_class = AppointmentListView
    add_view_class = AddAppointmentView
    edit_view_class = ChangeAppointmentView
    delete_view_class = RemoveAppointmentView
    new_form, form = forms.NewAppointmentForm, forms.AppointmentForm
    search_fields = ["person__search_text"]
    ordering = ["person__sort_key", "-valid_from", "pk"]
    list_display = [
        "person",
        "position",
        "unit",
        "valid_from",
        "valid_to",
        BooleanColumn("is_main", label=_("Main post")),
    ]
    list_filter = ["position", "is_main"]


# --- units and lists --------------------------------------------------------------------------


class UnitListView(views.ListView):
    def get_base_queryset(self) -> Any:
        return super().get_base_queryset().select_related("kind")


class AddUnitView(views.CommandView):
    def command(self, data: dict[str, Any]) -> Unit:
        return create_unit(**data)


class UnitViewSet(PeopleViewSet):
    model = Unit
    icon = "site"
    index_view_class = UnitListView
    add_view_class = AddUnitView
    new_form, form = forms.NewUnitForm, forms.UnitForm
    search_fields = ["search_text"]
    ordering = ["path"]
    list_display = [
        Column("name", label=_("Name"), accessor=lambda row: "· " * (row.depth - 1) + row.name),
        "kind",
        "code",
        "valid_from",
        "valid_to",
    ]
    list_filter = ["kind"]

    def get_urlpatterns(self) -> list[URLPattern]:
        return without_removal(super().get_urlpatterns())

    def get_common_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        common: dict[str, Any] = super().get_common_view_kwargs(**kwargs)
        return {**common, "delete_url_name": None}


def without_removal(patterns: list[URLPattern]) -> list[URLPattern]:
    """Rows that end and stay: others point at them, or they are a trace."""
    return [pattern for pattern in patterns if pattern.name != "delete"]


class PositionViewSet(PeopleViewSet):
    model = Position
    icon = "tag"
    form_fields = ["code", "name", "name_en", "rank"]
    list_display = ["name", "name_en", "code", "rank"]
    search_fields = ["name", "name_en"]


class UnitKindViewSet(PeopleViewSet):
    model = UnitKind
    icon = "list-ul"
    form_fields = ["code", "name", "name_en"]
    list_display = ["name", "name_en", "code"]


class CentreListView(views.ListView):
    def get_base_queryset(self) -> Any:
        return super().get_base_queryset().select_related("unit")


class TrainingCentreViewSet(PeopleViewSet):
    model = TrainingCentre
    icon = "home"
    index_view_class = CentreListView
    form_fields = ["name", "unit"]
    list_display = ["name", "unit"]
    search_fields = ["name"]


class CentreServiceListView(views.ListView):
    def get_base_queryset(self) -> Any:
        return super().get_base_queryset().select_related("centre", "unit")


class CentreServiceViewSet(PeopleViewSet):
    model = CentreService
    icon = "link"
    index_view_class = CentreServiceListView
    form_fields = ["centre", "unit", "valid_from", "valid_to"]
    list_display = ["centre", "unit", "valid_from", "valid_to"]
    list_filter = ["centre"]
    ordering = ["centre__name", "unit__path", "pk"]


# --- roles ------------------------------------------------------------------------------------


class RoleGrantListView(views.ListView):
    def get_base_queryset(self) -> Any:
        return (
            super()
            .get_base_queryset()
            .select_related("user__person", "centre", "unit", "granted_by")
        )


class GrantRoleView(views.CommandView):
    def command(self, data: dict[str, Any]) -> RoleGrant:
        return grant_role(**data, granted_by=self.request.user)


class EndRoleView(views.ChangeView):
    def save_instance(self) -> RoleGrant:
        grant = RoleGrant.objects.select_related("user").get(pk=self.object.pk)
        ended = revoke_role(
            grant=grant, on=self.form.cleaned_data["valid_to"], revoked_by=self.request.user
        )
        log(instance=ended, action="wagtail.edit", user=self.request.user)
        return ended


class RoleGrantViewSet(PeopleViewSet):
    model = RoleGrant
    icon = "key"
    index_view_class = RoleGrantListView
    add_view_class = GrantRoleView
    edit_view_class = EndRoleView
    new_form, form = forms.RoleGrantForm, forms.EndOfRoleForm
    search_fields = ["user__username", "user__person__search_text"]
    ordering = ["user__username", "role", "pk"]
    list_display = [
        "user",
        Column("name", label=_("Name"), accessor=lambda row: row.user.get_full_name()),
        "role",
        "centre",
        "unit",
        "valid_from",
        "valid_to",
        "granted_by",
    ]
    list_filter = ["role", "centre"]

    def get_urlpatterns(self) -> list[URLPattern]:
        return without_removal(super().get_urlpatterns())

    def get_common_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        common: dict[str, Any] = super().get_common_view_kwargs(**kwargs)
        return {**common, "delete_url_name": None}


class PeopleGroup(ModelViewSetGroup):
    """The menu entry "People"; each sees the screens for which their role has permissions."""

    items = (
        PersonViewSet,
        AppointmentViewSet,
        UnitViewSet,
        TrainingCentreViewSet,
        CentreServiceViewSet,
        PositionViewSet,
        UnitKindViewSet,
        RoleGrantViewSet,
    )
    menu_label = _("People")
    menu_icon = "group"
    menu_order = 250
    add_to_admin_menu = True
