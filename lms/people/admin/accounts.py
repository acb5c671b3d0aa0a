"""Wagtail's screens for accounts, with the fields that our accounts have.

Roles are not among them: they are granted, with a reach and a time, under "People".
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext_lazy as _
from wagtail.users.forms import UserForm
from wagtail.users.views.users import CreateView, EditView, IndexView, UserViewSet

from lms.people.admin.choosers import person_chooser, with_words
from lms.people.admin.views import note_change
from lms.people.models import Person, Role, User
from lms.people.services.roles import grant_role


class AccountForm(UserForm):
    """Names belong to the person; who has no e-mail needs none."""

    first_name = None
    last_name = None
    is_superuser = None
    error_messages = UserForm.error_messages | {
        "duplicate_username": _("There is already an account with this user name."),
    }

    class Meta:
        model = User
        fields = ["username", "person", "phone", "email", "is_active"]
        widgets = {"person": person_chooser.widget_class}

    def __init__(self, *args: Any, editing_self: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].required = False
        self.fields["username"].help_text = _("Letters, digits and the signs @ . + - _ only.")
        self.fields["person"].queryset = Person.objects.all()
        if editing_self:
            del self.fields["is_active"]


class NewAccountForm(AccountForm):
    """A password is given at once."""


class ChangedAccountForm(AccountForm):
    """The password stays unless a new one is typed."""

    password_required = False


class AccountListView(IndexView):
    """Accounts by name, words looked for with or without marks."""

    def get_base_queryset(self) -> Any:
        return super().get_base_queryset().select_related("person", "wagtail_userprofile")

    def search_queryset(self, queryset: Any) -> Any:
        return with_words(queryset, self.search_query) if self.is_searching else queryset


class AddAccountView(CreateView):
    """Every account of a person is a learner's."""

    def save_instance(self) -> Any:
        user = super().save_instance()
        if user.person_id is not None:
            grant_role(user=user, role=Role.LEARNER)
        return user


class ChangeAccountView(EditView):
    """Accounts that may do everything are changed by their like only."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.object.is_superuser and not request.user.is_superuser:
            raise PermissionDenied
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return response

    def save_instance(self) -> Any:
        before = self.form.initial.get("person")
        user = super().save_instance()
        note_change(self.request.user, "account", before, user.person_id)
        return user


class AccountViewSet(UserViewSet):
    index_view_class = AccountListView
    add_view_class = AddAccountView
    edit_view_class = ChangeAccountView
    copy_view_enabled = False
    # Wagtail's own templates have tabs for fields that our accounts do not have.
    create_template_name = "wagtailadmin/generic/create.html"
    edit_template_name = "wagtailadmin/generic/edit.html"

    def get_form_class(self, for_update: bool = False) -> Any:
        return ChangedAccountForm if for_update else NewAccountForm
