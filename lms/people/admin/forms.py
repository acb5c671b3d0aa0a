"""Forms of the people screens. What one may not see is not there to choose."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.widgets import AdminDateInput

from lms.people.admin.choosers import account_chooser, person_chooser
from lms.people.models import Appointment, Person, Position, RoleGrant, Unit, UnitKind
from lms.people.queries import accounts_visible_to
from lms.people.rights import rights_of


class UnitField(forms.ModelChoiceField[Unit]):
    """Units as a list that shows the tree."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=Unit.objects.none(), **kwargs)

    def label_from_instance(self, obj: Unit) -> str:
        return f"{'· ' * (obj.depth - 1)}{obj.name}"


class UnitChoiceMixin:
    """Fills every UnitField with the units in reach: those of today and the one chosen."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        units = Unit.objects.visible_to(self.for_user)  # type: ignore[attr-defined]
        standing = units.at(timezone.localdate())
        for name, field in self.fields.items():  # type: ignore[attr-defined]
            if isinstance(field, UnitField):
                chosen = getattr(self.instance, f"{name}_id", None)  # type: ignore[attr-defined]
                field.queryset = standing | units.filter(pk=chosen) if chosen else standing


class PersonForm(WagtailAdminModelForm):
    class Meta:
        model = Person
        fields = ["full_name", "birth_date", "sex", "phone"]


class NewPersonForm(UnitChoiceMixin, PersonForm):
    """A person together with the first post: without one, only administrators would see them."""

    position = forms.ModelChoiceField(Position.objects.all(), label=_("Position"), required=False)
    unit = UnitField(label=_("Unit"), required=False)
    valid_from = forms.DateField(
        label=_("In this post since"),
        widget=AdminDateInput,
        required=False,
        initial=timezone.localdate,
    )

    class Meta(PersonForm.Meta):
        pass

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not rights_of(self.for_user).is_administrator:
            for name in ("position", "unit", "valid_from"):
                self.fields[name].required = True

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean()
        # Fields with a fault of their own are not in `data`.
        if {"position", "unit"} <= data.keys() and bool(data["position"]) != bool(data["unit"]):
            self.add_error("unit", _("A post is a position in a unit: name both."))
        return data


class AppointmentForm(UnitChoiceMixin, WagtailAdminModelForm):
    unit = UnitField(label=_("Unit"))

    class Meta:
        model = Appointment
        fields = ["person", "position", "unit", "valid_from", "valid_to", "is_main"]
        widgets = {"person": person_chooser.widget_class}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = Person.objects.visible_to(self.for_user)


class NewAppointmentForm(AppointmentForm):
    """The same; that a new main post ends the one before is left to the service."""

    class Meta(AppointmentForm.Meta):
        pass

    def _get_validation_exclusions(self) -> set[str]:
        # `appoint` ends the main post before: with `is_main` the check would refuse a new one.
        return {*super()._get_validation_exclusions(), "is_main"}


class UnitForm(WagtailAdminModelForm):
    class Meta:
        model = Unit
        fields = ["name", "short_name", "kind", "code", "valid_from"]


class NewUnitForm(UnitChoiceMixin, WagtailAdminModelForm):
    parent = UnitField(label=_("Below the unit"), required=False)
    kind = forms.ModelChoiceField(UnitKind.objects.all(), label=_("Kind"))

    class Meta:
        model = Unit
        fields = ["name", "short_name", "kind", "code", "valid_from"]


class RoleGrantForm(UnitChoiceMixin, WagtailAdminModelForm):
    unit = UnitField(label=_("Unit"), required=False)

    class Meta:
        model = RoleGrant
        fields = ["user", "role", "centre", "unit", "valid_from", "valid_to"]
        widgets = {"user": account_chooser.widget_class}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user"].queryset = accounts_visible_to(self.for_user)
        self.fields["valid_from"].initial = timezone.localdate


class EndOfRoleForm(WagtailAdminModelForm):
    """What can be changed of a grant: that it ends."""

    class Meta:
        model = RoleGrant
        fields = ["valid_to"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["valid_to"].required = True
        if self.instance.valid_to is None:
            self.initial["valid_to"] = timezone.localdate()
