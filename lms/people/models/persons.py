"""Persons and the posts they hold. A person may have no account."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from lms.people.models.units import Unit, below, ends_not_before_it_begins, standing_at
from lms.people.phones import normalise_phone
from lms.people.rights import rights_of
from lms.plugins.vietnamese import fold, name_sort_key, nfc

if TYPE_CHECKING:
    import datetime as dt

    from django.contrib.auth.models import AnonymousUser

    from lms.people.models.accounts import User


class Sex(models.TextChoices):
    """Only where reports ask for it."""

    FEMALE = "female", _("female")
    MALE = "male", _("male")


class PersonQuerySet(models.QuerySet["Person"]):
    """Persons, by who asks."""

    def visible_to(self, user: User | AnonymousUser) -> PersonQuerySet:
        """The persons whose data `user` may see (domain.md 5.5).

        Administrators: all. Centre managers: holders of a post in units that their centres serve.
        Unit officers: in their unit and below. Everybody: themselves. Instructors see learners of
        their courses through enrolments, observers see numbers only.
        """
        if not user.is_authenticated:
            return self.none()
        rights = rights_of(user)
        if rights.is_administrator:
            return self.filter(merged_into=None)
        own = Q(pk=user.person_id) if user.person_id else Q(pk__in=[])
        if not rights.unit_paths:
            return self.filter(own)
        posts = Appointment.objects.at(rights.on).filter(below(rights.unit_paths, "unit__path"))
        return self.filter(own | Q(pk__in=posts.values("person_id")), merged_into=None)

    def search(self, text: str) -> PersonQuerySet:
        """Those whose name or phone holds every word of `text`, diacritics ignored."""
        if phone := normalise_phone(text):
            return self.filter(phone=phone)
        found = self
        for word in fold(text).split():
            found = found.filter(search_text__contains=word)
        return found


class Person(models.Model):
    """Somebody whose learning is recorded. As little about them as the work needs."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    full_name = models.CharField(_("full name"), max_length=160)
    sort_key = models.CharField(max_length=400, editable=False, db_index=True)
    search_text = models.CharField(max_length=240, editable=False, db_index=True)
    birth_date = models.DateField(
        _("date of birth"), null=True, blank=True, help_text=_("Only where a paper needs it.")
    )
    sex = models.CharField(_("sex"), max_length=6, choices=Sex.choices, blank=True)
    phone = models.CharField(_("phone"), max_length=20, blank=True, db_index=True)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, editable=False, related_name="merged_persons"
    )

    objects = PersonQuerySet.as_manager()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering: ClassVar[list[str]] = ["sort_key", "pk"]

    def __str__(self) -> str:
        return self.full_name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.tidy()
        super().save(*args, **kwargs)

    def tidy(self) -> None:
        """Bring name and phone into their one form, with all that follows from them.

        Saving does so; whoever writes many at once calls it for each.
        """
        self.full_name = " ".join(nfc(self.full_name).split())
        self.sort_key = name_sort_key(self.full_name)[:400]
        self.phone = normalise_phone(self.phone) or self.phone.strip()
        self.search_text = f"{fold(self.full_name)} {self.phone}".strip()[:240]


class Position(models.Model):
    """A title that people hold: secretary, deputy secretary, head of a board … Data."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=120)
    name_en = models.CharField(_("English name"), max_length=120, blank=True)
    rank = models.PositiveSmallIntegerField(_("order in lists"), default=100)

    class Meta:
        verbose_name = _("position")
        verbose_name_plural = _("positions")
        ordering: ClassVar[list[str]] = ["rank", "name"]

    def __str__(self) -> str:
        return self.display_name

    @property
    def display_name(self) -> str:
        """Its name in the language of the request."""
        return self.name_en if get_language() == "en" and self.name_en else self.name


class AppointmentQuerySet(models.QuerySet["Appointment"]):
    """Appointments on a date."""

    def at(self, on: dt.date) -> AppointmentQuerySet:
        """Those that hold on `on`."""
        return self.filter(standing_at(on))

    def visible_to(self, user: User | AnonymousUser) -> AppointmentQuerySet:
        """Those in the units where `user` sees persons; administrators see all."""
        if not user.is_authenticated:
            return self.none()
        rights = rights_of(user)
        if rights.is_administrator:
            return self.all()
        return self.filter(below(rights.unit_paths, "unit__path"))


class Appointment(models.Model):
    """A person holds a position in a unit during a time. `valid_to` is the first day after."""

    person = models.ForeignKey(
        Person, models.PROTECT, related_name="appointments", verbose_name=_("person")
    )
    position = models.ForeignKey(
        Position, models.PROTECT, related_name="appointments", verbose_name=_("position")
    )
    unit = models.ForeignKey(
        Unit, models.PROTECT, related_name="appointments", verbose_name=_("unit")
    )
    valid_from = models.DateField(_("effective from"))
    valid_to = models.DateField(_("no longer effective from"), null=True, blank=True)
    is_main = models.BooleanField(_("main post"), default=True)

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("appointment")
        verbose_name_plural = _("appointments")
        ordering: ClassVar[list[str]] = ["-is_main", "-valid_from"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            ends_not_before_it_begins("appointment_dates"),
            models.UniqueConstraint(
                fields=["person", "position", "unit", "valid_from"], name="appointment_once"
            ),
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(is_main=True, valid_to__isnull=True),
                name="one_main_appointment",
                violation_error_message=_("This person has a main post already. End it first."),
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["unit", "valid_from", "valid_to"], name="appointment_by_unit")
        ]

    def __str__(self) -> str:
        return f"{self.person}, {self.position}, {self.unit}"
