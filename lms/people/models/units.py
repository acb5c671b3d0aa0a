"""Units as a dated tree, and the centres that train for them."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from treebeard.mp_tree import MP_Node, MP_NodeManager, MP_NodeQuerySet

from lms.people.rights import rights_of
from lms.plugins.vietnamese import fold, nfc

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from lms.people.models.accounts import User


def ends_not_before_it_begins(name: str) -> models.CheckConstraint:
    """A row that ends, does not end before it begins; one that holds on no day was taken back."""
    return models.CheckConstraint(
        condition=Q(valid_to__isnull=True)
        | Q(valid_from__isnull=True)
        | Q(valid_to__gte=F("valid_from")),
        name=name,
        violation_error_message=_("The end must not come before the beginning."),
    )


def standing_at(on: dt.date) -> Q:
    """Rows with `valid_from`/`valid_to` that hold on `on`; `valid_to` is the first day after."""
    return Q(Q(valid_from__isnull=True) | Q(valid_from__lte=on)) & Q(
        Q(valid_to__isnull=True) | Q(valid_to__gt=on)
    )


class UnitKind(models.Model):  # type: ignore[django-manager-missing]  # Unit's manager is untyped
    """Commune, ward, special zone, board, school …: data, because administrative levels change."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=80)
    name_en = models.CharField(_("English name"), max_length=80, blank=True)

    class Meta:
        verbose_name = _("kind of unit")
        verbose_name_plural = _("kinds of unit")
        ordering: ClassVar[list[str]] = ["name"]

    def __str__(self) -> str:
        return self.name_en if get_language() == "en" and self.name_en else self.name


def below(prefixes: Iterable[str], path: str = "path") -> Q:
    """Rows whose unit, found over the column `path`, is one of these or stands below one."""
    found = Q(pk__in=[])
    for prefix in prefixes:
        found |= Q(**{f"{path}__startswith": prefix})
    return found


class UnitQuerySet(MP_NodeQuerySet):
    """Units on a date, by place in the tree, by who asks."""

    def at(self, on: dt.date) -> UnitQuerySet:
        """Those that exist on `on`."""
        found: UnitQuerySet = self.filter(standing_at(on))
        return found

    def within(self, *units: Unit) -> UnitQuerySet:
        """These units and all below them."""
        found: UnitQuerySet = self.filter(below(unit.path for unit in units))
        return found

    def visible_to(self, user: User | AnonymousUser) -> UnitQuerySet:
        """The units about which `user` may see numbers or persons.

        Administrators: all. Centre managers: those that their centres serve. Unit officers: their
        own and those below. Observers: those that they observe. Others: none.
        """
        if not user.is_authenticated:
            found: UnitQuerySet = self.none()
            return found
        rights = rights_of(user)
        prefixes = [*rights.unit_paths, *rights.observed_paths]
        found = self.all() if rights.is_administrator else self.filter(below(prefixes))
        return found

    def search(self, text: str) -> UnitQuerySet:
        """Those whose name holds every word of `text`, diacritics ignored."""
        found: UnitQuerySet = self
        for word in fold(text).split():
            found = found.filter(search_text__contains=word)
        return found


class UnitManager(MP_NodeManager.from_queryset(UnitQuerySet)):  # type: ignore[misc]  # no types there
    """Units in the order of the tree."""

    def get_queryset(self) -> UnitQuerySet:
        units: UnitQuerySet = UnitQuerySet(self.model, using=self._db).order_by("path")
        return units


class Unit(MP_Node):
    """A body in which people hold posts. A change makes a successor; the old unit stays, ended.

    `path` is the place in the tree: a unit and all below it are `path__startswith=unit.path`.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.CharField(_("code"), max_length=40, blank=True, db_index=True)
    name = models.CharField(_("name"), max_length=200)
    short_name = models.CharField(_("short name"), max_length=80, blank=True)
    kind = models.ForeignKey(UnitKind, models.PROTECT, verbose_name=_("kind"))
    valid_from = models.DateField(_("exists from"), null=True, blank=True)
    valid_to = models.DateField(_("no longer effective from"), null=True, blank=True)
    search_text = models.CharField(max_length=400, editable=False, db_index=True)
    successors = models.ManyToManyField(
        "self",
        through="people.UnitSuccession",
        through_fields=("predecessor", "successor"),
        symmetrical=False,
        related_name="predecessors",
    )

    objects = UnitManager()

    class Meta:
        verbose_name = _("unit")
        verbose_name_plural = _("units")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            ends_not_before_it_begins("unit_dates"),
            # A unit that was renamed or moved hands its code to its successor.
            models.UniqueConstraint(
                fields=["code"],
                condition=Q(valid_to__isnull=True) & ~Q(code=""),
                name="unit_code_once",
                violation_error_message=_("Another unit has this code."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.name, self.short_name = nfc(self.name).strip(), nfc(self.short_name).strip()
        self.code = nfc(self.code or "").strip()
        self.search_text = fold(f"{self.name} {self.short_name}")[:400]
        super().save(*args, **kwargs)

    def is_standing(self, on: dt.date) -> bool:
        """Whether the unit exists on `on`."""
        return (self.valid_from is None or self.valid_from <= on) and (
            self.valid_to is None or self.valid_to > on
        )


class UnitSuccession(models.Model):
    """On a day, one unit took up (part of) the work of another."""

    class Kind(models.TextChoices):
        RENAME = "rename", _("renamed")
        MERGE = "merge", _("merged")
        SPLIT = "split", _("divided")
        MOVE = "move", _("moved under another unit")

    predecessor = models.ForeignKey(Unit, models.PROTECT, related_name="successions")
    successor = models.ForeignKey(Unit, models.PROTECT, related_name="precedings")
    on = models.DateField(_("day of the change"))
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["predecessor", "successor"], name="succession_once"),
            models.CheckConstraint(
                condition=~Q(predecessor=F("successor")), name="no_unit_succeeds_itself"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.predecessor} → {self.successor} ({self.on})"


class TrainingCentre(models.Model):  # type: ignore[django-manager-missing]  # a page's is untyped
    """A body that trains people of many units."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=200, unique=True)
    unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="centres", verbose_name=_("unit")
    )
    serves = models.ManyToManyField(
        Unit, through="people.CentreService", related_name="served_by", verbose_name=_("serves")
    )

    class Meta:
        verbose_name = _("training centre")
        verbose_name_plural = _("training centres")
        ordering: ClassVar[list[str]] = ["name"]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.name = nfc(self.name)
        super().save(*args, **kwargs)


class CentreService(models.Model):
    """A centre serves a unit, and all below it, during a time."""

    centre = models.ForeignKey(
        TrainingCentre,
        models.CASCADE,
        related_name="services",
        verbose_name=_("training centre"),
    )
    unit = models.ForeignKey(
        Unit, models.PROTECT, related_name="centre_services", verbose_name=_("unit")
    )
    valid_from = models.DateField(_("effective from"), null=True, blank=True)
    valid_to = models.DateField(_("no longer effective from"), null=True, blank=True)

    class Meta:
        verbose_name = _("service of a centre")
        verbose_name_plural = _("services of centres")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            ends_not_before_it_begins("centre_service_dates"),
            models.UniqueConstraint(
                fields=["centre", "unit"],
                condition=Q(valid_to__isnull=True),
                name="centre_service_once",
                violation_error_message=_("The centre serves this unit already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.centre} → {self.unit}"
