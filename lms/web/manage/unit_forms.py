"""Forms by which administrators change units, each with the day from which the change holds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from django import forms
from django.db.models import Q, QuerySet
from django.forms.utils import ErrorDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lms.people.models import Unit, UnitKind, User
from lms.people.services.unit_changes import (
    NewUnit,
    add_unit,
    end_unit,
    merge_units,
    move_unit,
    rename_unit,
    split_unit,
)

OFFERED = 60
PARTS, PARTS_SHOWN = 8, 3


def day_field(label: Any, *, required: bool = True) -> forms.DateField:
    """A day as people write it."""
    return forms.DateField(
        label=label,
        required=required,
        localize=True,
        help_text=gettext_lazy("Day/month/year."),
        widget=forms.DateInput(attrs={"autocomplete": "off"}),
    )


def name_fields(*, required: bool = True) -> dict[str, forms.Field]:
    """The fields that describe a new unit, made anew for each form."""
    return {
        "name": forms.CharField(
            label=gettext_lazy("Name of the unit"), max_length=200, required=required
        ),
        "short_name": forms.CharField(
            label=gettext_lazy("Short name"), max_length=80, required=False
        ),
        "kind": forms.ModelChoiceField(
            label=gettext_lazy("Kind"),
            queryset=UnitKind.objects.all(),
            to_field_name="code",
            required=required,
        ),
        "code": forms.CharField(
            label=gettext_lazy("Code"),
            max_length=40,
            required=False,
            help_text=gettext_lazy("No two units that stand have the same code."),
        ),
    }


def offered_units(
    standing: QuerySet[Unit], picked: Iterable[Any], q: str, near: Q
) -> list[dict[str, Any]]:
    """The units that a page offers to pick from, three queries: those `picked` (uuids, as sent),
    and of `standing` those that `q` finds, or without it those `near`.
    """
    marked = set()
    for each in picked:
        try:
            marked.add(forms.UUIDField().clean(str(each or "")))
        except forms.ValidationError:
            continue
    units: Any = standing.select_related("kind")
    chosen = list(units.filter(uuid__in=marked))
    others = units.exclude(uuid__in=marked)
    rows = [*chosen, *(others.search(q) if q else others.filter(near))[:OFFERED]]
    above = {row.path[: -Unit.steplen] for row in rows if row.depth > 1}
    parents = dict(Unit.objects.filter(path__in=above).values_list("path", "name"))
    return [
        {
            "uuid": each.uuid,
            "name": each.name,
            "code": each.code,
            "kind": each.kind,
            "where": parents.get(each.path[: -Unit.steplen], ""),
            "picked": each.uuid in marked,
        }
        for each in rows
    ]


class UnfinishedForm(forms.Form):
    """A form that is also shown half filled in, while units are looked up for it."""

    def clear_errors(self) -> None:
        """Say nothing of what is missing."""
        self._errors = ErrorDict()


class UnitForm(UnfinishedForm):
    """A change of `unit` (None: a unit is added)."""

    on = day_field(gettext_lazy("From which day"))
    #: The field for which units are looked up and picked, and whether several may be.
    picks: ClassVar[str] = ""
    picks_many: ClassVar[bool] = False
    #: Whether the form describes a new unit, and whether it must.
    describes: ClassVar[bool] = False
    needs_name: ClassVar[bool] = True

    def __init__(self, data: Any, *, unit: Unit | None = None, initial: Any = None) -> None:
        self.unit = unit
        super().__init__(data, initial={"on": timezone.localdate(), **(initial or {})})
        if self.describes:
            self.fields.update(name_fields(required=self.needs_name))
            self.order_fields(self.field_order)
        if "kind" in self.fields and unit is not None:
            self.initial.setdefault("kind", unit.kind.code)

    @property
    def day(self) -> dt.date:
        """The day from which the change holds."""
        day: dt.date = self.cleaned_data["on"]
        return day

    @property
    def plain(self) -> list[forms.BoundField]:
        """The fields that a page shows one below the other."""
        apart = {self.picks, "into", "top"}
        return [self[name] for name in self.fields if name not in apart and not name[-1].isdigit()]

    @property
    def pick_field(self) -> forms.BoundField:
        """The field for which units are picked."""
        return self[self.picks]

    def affected(self) -> list[Unit]:
        """The units that end by the change. Only of a valid form."""
        return [] if self.unit is None else [self.unit]

    def change(self, by: User, given: Mapping[str, str]) -> Unit:
        """Make the change; gives the unit to look at afterwards. Only of a valid form.

        `given`: the whole form as sent, for what is asked on the second page only.
        """
        raise NotImplementedError

    def new_unit(self) -> NewUnit:
        """The unit that the fields describe."""
        read = self.cleaned_data
        return NewUnit(read["name"], read["kind"], read["code"], read["short_name"])

    def offered(self, q: str) -> list[dict[str, Any]]:
        """The units to pick from: those picked, those that `q` finds, else the neighbours."""
        if not self.picks:
            return []
        standing = Unit.objects.filter(valid_to=None)
        if self.unit is not None:
            standing = standing.exclude(pk=self.unit.pk)
        return offered_units(standing, self._picked(), q, self._near())

    def _near(self) -> Q:
        """Beside the unit, or its upper levels where there is none."""
        if self.unit is None or self.unit.depth == 1:
            return Q(depth__lte=2)
        return Q(depth=self.unit.depth, path__startswith=self.unit.path[: -Unit.steplen])

    def _picked(self) -> list[Any]:
        value = self[self.picks].value()
        return value if isinstance(value, list) else [value]


class _PlaceForm(UnitForm):
    parent = forms.ModelChoiceField(
        label=gettext_lazy("Below which unit"),
        queryset=Unit.objects.filter(valid_to=None),
        to_field_name="uuid",
        required=False,
    )
    top = forms.BooleanField(label=gettext_lazy("At the top, below no unit"), required=False)
    picks = "parent"

    def clean(self) -> dict[str, Any]:
        read: dict[str, Any] = super().clean() or self.cleaned_data
        if bool(read.get("parent")) == bool(read.get("top")) and "parent" not in self.errors:
            self.add_error("parent", _("Choose the unit above, or say that there is none."))
        return read

    def _near(self) -> Q:
        # Where it stands are its neighbours; it goes below something on a level above.
        depth = 2 if self.unit is None else max(self.unit.depth - 1, 1)
        return Q(depth__lte=depth)


class AddForm(_PlaceForm):
    """A new unit that succeeds no other."""

    on = day_field(gettext_lazy("Exists from"), required=False)
    field_order = ("name", "short_name", "kind", "code", "on", "parent", "top")
    describes = True

    def change(self, by: User, given: Mapping[str, str]) -> Unit:
        parent = self.cleaned_data["parent"]
        on = self.cleaned_data["on"]
        return add_unit(new=self.new_unit(), parent=parent, on=on, by=by)


class RenameForm(UnitForm):
    """Another name, kind or code."""

    field_order = ("name", "short_name", "kind", "code", "on")
    describes = True

    def __init__(self, data: Any, *, unit: Unit, initial: Any = None) -> None:
        was = {"name": unit.name, "short_name": unit.short_name, "code": unit.code}
        super().__init__(data, unit=unit, initial={**was, **(initial or {})})

    def change(self, by: User, given: Mapping[str, str]) -> Unit:
        (unit,) = self.affected()
        return rename_unit(unit=unit, new=self.new_unit(), on=self.day, by=by)


class MoveForm(_PlaceForm):
    """Another place in the tree."""

    def change(self, by: User, given: Mapping[str, str]) -> Unit:
        (unit,) = self.affected()
        return move_unit(unit=unit, parent=self.cleaned_data["parent"], on=self.day, by=by)


class MergeForm(UnitForm):
    """One with other units: a new one, or one of those that stand."""

    others = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Merged with"),
        queryset=Unit.objects.filter(valid_to=None),
        to_field_name="uuid",
    )
    into = forms.ModelChoiceField(
        label=gettext_lazy("What stands afterwards"),
        queryset=Unit.objects.filter(valid_to=None),
        to_field_name="uuid",
        required=False,
    )
    picks, picks_many = "others", True
    describes, needs_name = True, False

    def clean(self) -> dict[str, Any]:
        read: dict[str, Any] = super().clean() or self.cleaned_data
        if not read.get("into") and "into" not in self.errors:
            for name in ("name", "kind"):
                if not read.get(name) and name not in self.errors:
                    self.add_error(name, _("A new unit needs this."))
        return read

    def affected(self) -> list[Unit]:
        into = self.cleaned_data["into"]
        units = {each.pk: each for each in (*super().affected(), *self.cleaned_data["others"])}
        if into is not None and len(units) > 1:
            units.pop(into.pk, None)
        return list(units.values())

    def change(self, by: User, given: Mapping[str, str]) -> Unit:
        into = self.cleaned_data["into"] or self.new_unit()
        return merge_units(units=self.affected(), into=into, on=self.day, by=by)


class SplitForm(UnitForm):
    """Several units in the place of one. Who goes where is asked on the second page."""

    def __init__(self, data: Any, *, unit: Unit, initial: Any = None) -> None:
        super().__init__(data, unit=unit, initial=initial)
        for number in range(PARTS):
            for name, field in name_fields().items():
                if name == "short_name":
                    continue
                field.required = number < 2 and name == "name"
                self.fields[f"{name}_{number}"] = field
            self.initial.setdefault(f"kind_{number}", unit.kind.code)
        self.initial.setdefault("code_0", unit.code)

    def _rows(self, numbers: Iterable[int]) -> list[dict[str, Any]]:
        return [
            {
                "number": number + 1,
                "fields": [self[f"{name}_{number}"] for name in ("name", "kind", "code")],
            }
            for number in numbers
        ]

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The fields of each of the first new units."""
        return self._rows(range(PARTS_SHOWN))

    @property
    def more_rows(self) -> list[dict[str, Any]]:
        """The fields of those that a page need not show at once."""
        return self._rows(range(PARTS_SHOWN, PARTS))

    @property
    def needs_more_rows(self) -> bool:
        """Whether something was typed in them."""
        return any(self[f"name_{number}"].value() for number in range(PARTS_SHOWN, PARTS))

    def parts(self) -> list[NewUnit]:
        """The new units that were named."""
        read, unit = self.cleaned_data, self.affected()[0]
        return [
            NewUnit(
                read[f"name_{number}"], read[f"kind_{number}"] or unit.kind, read[f"code_{number}"]
            )
            for number in range(PARTS)
            if read[f"name_{number}"]
        ]

    def change(self, by: User, given: Mapping[str, str]) -> Unit:
        (unit,) = self.affected()
        parts = self.parts()
        first, *_others = split_unit(
            unit=unit,
            parts=parts,
            on=self.day,
            by=by,
            posts=chosen_parts(given, "post", len(parts)),
            units=chosen_parts(given, "unit", len(parts)),
        )
        return first


class EndForm(UnitForm):
    """The unit ends and nothing succeeds it."""

    def change(self, by: User, given: Mapping[str, str]) -> Unit:
        (unit,) = self.affected()
        return end_unit(unit=unit, on=self.day, by=by)


def chosen_parts(given: Mapping[str, str], what: str, parts: int) -> dict[int, int]:
    """{id: number of the part} from fields named "post-12" or "unit-12"; others are left out."""
    found = {}
    for name, value in given.items():
        kind, _dash, pk = name.partition("-")
        if kind == what and pk.isdecimal() and value.isdecimal() and 0 < int(value) < parts:
            found[int(pk)] = int(value)
    return found
