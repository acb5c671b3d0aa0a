"""Forms of an import: the file, the columns, and the units and positions to choose."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from lms.people.importing.columns import FIELDS, Head
from lms.people.importing.options import NEW, Options
from lms.people.importing.places import Positions, Units

SELECTED: Final = 100  # units in a list to choose from; more are found by name or code
IGNORED: Final = ""


class UploadForm(forms.Form):
    """The file that is sent in."""

    file = forms.FileField(
        label=_("List of people"),
        allow_empty_file=True,  # the reader says what is wrong with it
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv,.txt"}),
        error_messages={"required": _("Choose a file first.")},
    )


class UnitField(forms.CharField):
    """A unit among those in reach: from a list, or of very many by its name or code."""

    def __init__(self, units: Units, **kwargs: Any) -> None:
        self.units = units
        self.choices = unit_choices(units)
        if self.choices:
            kwargs["widget"] = forms.Select(choices=[("", kwargs.pop("empty")), *self.choices])
        else:
            kwargs["widget"] = forms.TextInput(attrs={"maxlength": 200})
            kwargs["help_text"] = _("Name or code")
            kwargs.pop("empty")
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> Any:
        """An id as what stands in the field for it."""
        if isinstance(value, int) and not self.choices:
            return self.units.names.get(value, "")
        return value

    def clean(self, value: Any) -> Any:
        """The id, or None."""
        text = super().clean(value).strip()
        if not text:
            return None
        if self.choices:
            if text.isdigit() and int(text) in self.units.names:
                return int(text)
            raise forms.ValidationError(_("Choose a unit from the list."))
        found = self.units.find(text, text)
        if not isinstance(found.id, int):
            raise forms.ValidationError(
                _("No unit in your care is called so, or several are. Try the code.")
            )
        return found.id


def unit_choices(units: Units) -> list[tuple[str, str]]:
    """The units for a list, in the order of the tree; none when they are too many for one."""
    if len(units.names) > SELECTED:
        return []
    return [(str(pk), label) for pk, label in units.labels()]


class ColumnsForm(forms.Form):
    """What each column means, and what holds for all rows."""

    on = forms.DateField(
        label=_("Posts hold from"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Who changes post leaves the old one on that day."),
    )
    accounts = forms.BooleanField(
        label=_("Make an account for everybody who has none"), required=False
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        *,
        head: Head,
        mapping: Mapping[str, int],
        options: Options,
        units: Units,
        positions: Positions,
    ) -> None:
        super().__init__(
            data,
            initial={
                "on": options.on,
                "accounts": options.accounts,
                "unit": options.unit,
                "position": options.position,
            },
        )
        self.head = head
        self.fields["unit"] = UnitField(
            units,
            label=_("Unit of rows that name none"),
            empty=_("none: such rows are refused"),
            required=False,
        )
        self.fields["position"] = forms.TypedChoiceField(
            label=_("Position of rows that name none"),
            choices=[
                ("", _("none: such rows are refused")),
                *((pk, each.display_name) for pk, each in positions.names.items()),
            ],
            coerce=int,
            empty_value=None,
            required=False,
        )
        meant = {number: field for field, number in mapping.items()}
        for column in head.columns:
            self.fields[f"column_{column.number}"] = forms.ChoiceField(
                label=column.heading or column.letter,
                choices=[(IGNORED, _("not taken over")), *FIELDS.items()],
                initial=meant.get(column.number, IGNORED),
                required=False,
            )

    def columns(self) -> list[dict[str, Any]]:
        """The columns of the file with their fields, for the page."""
        return [
            {"column": column, "field": self[f"column_{column.number}"]}
            for column in self.head.columns
        ]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        mapping: dict[str, int] = {}
        for column in self.head.columns:
            field = data.get(f"column_{column.number}")
            if field and field in mapping:
                self.add_error(
                    f"column_{column.number}",
                    _("“%(field)s” was chosen for an earlier column already.")
                    % {"field": FIELDS[field]},
                )
            elif field:
                mapping[field] = column.number
        data["mapping"] = mapping
        return data

    def options(self, before: Options) -> Options:
        """The options as chosen; units and positions of texts stay as they were."""
        data = self.cleaned_data
        return Options(
            on=data["on"],
            unit=data["unit"],
            position=data["position"],
            accounts=data["accounts"],
            units=before.units,
            positions=before.positions,
        )


class PlacesForm(forms.Form):
    """Which unit and which position is meant by each text of the file that is not known."""

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        *,
        unknown_units: Sequence[Mapping[str, Any]],
        unknown_positions: Sequence[Mapping[str, Any]],
        units: Units,
        positions: Positions,
        may_make: bool,
        more: int = 0,
    ) -> None:
        super().__init__(data)
        self.unknown_units, self.unknown_positions = unknown_units, unknown_positions
        self.more = more
        for each in unknown_units:
            self.fields[_name("unit", each)] = UnitField(
                units,
                label=each["text"],
                empty=_("not decided"),
                required=False,
                initial=each["suggestion"],
            )
        made = [(NEW, _("make this position"))] if may_make else []
        for each in unknown_positions:
            self.fields[_name("position", each)] = forms.ChoiceField(
                label=each["text"],
                choices=[
                    ("", _("not decided")),
                    *made,
                    *((str(pk), row.display_name) for pk, row in positions.names.items()),
                ],
                required=False,
                initial=each["suggestion"],
            )

    def unit_rows(self) -> list[dict[str, Any]]:
        """The unknown units with their fields."""
        return [{**each, "field": self[_name("unit", each)]} for each in self.unknown_units]

    def position_rows(self) -> list[dict[str, Any]]:
        """The unknown positions with their fields."""
        return [{**each, "field": self[_name("position", each)]} for each in self.unknown_positions]

    def chosen(self) -> tuple[dict[str, int], dict[str, int | str]]:
        """What was chosen, by the text as it is compared."""
        data = self.cleaned_data
        units = {
            each["key"]: data[_name("unit", each)]
            for each in self.unknown_units
            if data.get(_name("unit", each))
        }
        positions: dict[str, int | str] = {}
        for each in self.unknown_positions:
            if value := data.get(_name("position", each)):
                positions[each["key"]] = value if value == NEW else int(value)
        return units, positions


def _name(kind: str, text: Mapping[str, Any]) -> str:
    """A field's name that belongs to the text, whatever else was found in the meantime."""
    return f"{kind}_{hashlib.sha256(text['key'].encode()).hexdigest()[:16]}"
