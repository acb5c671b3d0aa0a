"""The form by which a course is given to people."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any, ClassVar

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from lms.learning.models import Assignment
from lms.learning.queries import all_outlines
from lms.learning.services.assigning import Target
from lms.people.models import Person, Position, TrainingCentre, User
from lms.people.queries import centres_of
from lms.people.rights import rights_of
from lms.plugins.vietnamese import fold
from lms.web.manage.selecting import units_to_choose
from lms.web.manage.unit_forms import day_field
from lms.web.presenting import language
from modules.content.outline import Outline


def courses_to_give() -> list[Outline]:
    """The published courses, by title."""
    return sorted(all_outlines(), key=lambda each: fold(each.page(language()).title))


class AssignmentForm(forms.Form):
    """Course, to whom, until when. With `people`, those are named and no posts are asked for."""

    course = forms.ChoiceField(label=_("Course"))
    units = forms.MultipleChoiceField(
        label=_("Units"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("With all that is below them. None chosen: every unit of the centre."),
    )
    positions = forms.ModelMultipleChoiceField(
        label=_("Positions"),
        required=False,
        queryset=Position.objects.all(),
        to_field_name="code",
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: every position. New holders get the course as well."),
    )
    due_on = day_field(_("To be completed by"), required=False)
    note = forms.CharField(
        label=_("Note to the learners"),
        required=False,
        max_length=Assignment._meta.get_field("note").max_length,
        help_text=_("Shown with the course on their home page."),
    )
    centre = forms.ModelChoiceField(
        label=_("For the units of"), queryset=TrainingCentre.objects.none(), to_field_name="uuid"
    )

    #: Stand in the page in this order, outside the two lists to tick.
    plain: ClassVar[tuple[str, ...]] = ("due_on", "note")

    def __init__(self, user: User, people: tuple[Person, ...] = (), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.people = people
        self._field("course").choices = [
            (str(each.course_key), each.page(language()).title) for each in courses_to_give()
        ]
        if people:
            del self.fields["units"], self.fields["positions"]
        else:
            self.offered = units_to_choose(user, None)
            self._field("units").choices = [(each["value"], each["name"]) for each in self.offered]
        centres = centres_of(user)
        field = self._field("centre")
        field.queryset = centres
        if rights_of(user).is_administrator:
            field.required = False
            field.empty_label = str(_("All units of the site"))
        elif len(centres) == 1:
            field.initial = centres[0].uuid
            field.widget = forms.HiddenInput()

    def _field(self, name: str) -> Any:
        return self.fields[name]

    def clean_due_on(self) -> dt.date | None:
        due_on: dt.date | None = self.cleaned_data["due_on"]
        if due_on is not None and due_on < timezone.localdate():
            raise forms.ValidationError(_("The date has passed. Choose today or a later day."))
        return due_on

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if not (self.people or data.get("units") or data.get("positions") or self.errors):
            raise forms.ValidationError(_("Choose units or positions first."))
        return data

    @property
    def course_key(self) -> uuid.UUID:
        """The key of the chosen course."""
        return uuid.UUID(self.cleaned_data["course"])

    def target(self, units: Any) -> Target:
        """To whom the course is to go; `units` are those that may be chosen."""
        if self.people:
            return Target(people=self.people)
        return Target(
            units=tuple(units.filter(uuid__in=self.cleaned_data["units"])),
            positions=tuple(self.cleaned_data["positions"]),
        )
