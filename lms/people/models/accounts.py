"""Accounts and the roles they are granted."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser
from django.contrib.auth.models import UserManager as DjangoUserManager
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from lms.people.models.persons import Person
from lms.people.models.units import TrainingCentre, Unit, ends_after_it_begins
from lms.people.phones import normalise_phone
from lms.plugins.vietnamese import nfc


class UserManager(DjangoUserManager["User"]):
    """User names are found whatever their case."""

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(username__iexact=nfc(username or ""))


class User(AbstractUser):
    """A way in. What is learned belongs to the Person, never to the account."""

    first_name = None  # type: ignore[assignment] -- names belong to the person
    last_name = None  # type: ignore[assignment] -- names belong to the person
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(
        _("phone to sign in with"), max_length=20, unique=True, null=True, blank=True
    )
    person = models.OneToOneField(
        Person,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="account",
        verbose_name=_("person"),
    )
    language = models.CharField(_("language"), max_length=5, blank=True)

    objects = UserManager()
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(Lower("username"), name="username_once_whatever_case")
        ]

    def __str__(self) -> str:
        return self.username

    def clean(self) -> None:
        super().clean()
        self.username = nfc(self.username)

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.phone = normalise_phone(self.phone or "") or None
        super().save(*args, **kwargs)

    def get_full_name(self) -> str:
        """The person's name, else the user name."""
        return self.person.full_name if self.person is not None else self.username

    def get_short_name(self) -> str:
        """The given name, which stands last."""
        return self.get_full_name().split(" ")[-1]


class Role(models.TextChoices):
    """What somebody does here. The reach of a role comes with its grant."""

    LEARNER = "learner", _("learner")
    INSTRUCTOR = "instructor", _("instructor")
    REVIEWER = "reviewer", _("reviewer")
    CENTRE_MANAGER = "centre_manager", _("centre manager")
    UNIT_OFFICER = "unit_officer", _("unit officer")
    OBSERVER = "observer", _("observer")
    ADMINISTRATOR = "administrator", _("administrator")


class RoleGrant(models.Model):
    """An account has a role, for a centre or a unit where the role needs one, during a time."""

    user = models.ForeignKey(
        User, models.CASCADE, related_name="role_grants", verbose_name=_("account")
    )
    role = models.CharField(_("role"), max_length=16, choices=Role.choices)
    centre = models.ForeignKey(
        TrainingCentre, models.PROTECT, null=True, blank=True, verbose_name=_("training centre")
    )
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, verbose_name=_("unit"))
    valid_from = models.DateField(_("from"), null=True, blank=True)
    valid_to = models.DateField(_("no longer from"), null=True, blank=True)
    granted_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("granted by")
    )

    class Meta:
        verbose_name = _("role of an account")
        verbose_name_plural = _("roles of accounts")
        ordering: ClassVar[list[str]] = ["user", "role"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            ends_after_it_begins("role_grant_dates"),
            models.CheckConstraint(
                condition=~Q(role=Role.CENTRE_MANAGER) | Q(centre__isnull=False),
                name="centre_manager_has_a_centre",
                violation_error_message=_("A centre manager needs a centre."),
            ),
            models.CheckConstraint(
                condition=~Q(role=Role.UNIT_OFFICER) | Q(unit__isnull=False),
                name="unit_officer_has_a_unit",
                violation_error_message=_("A unit officer needs a unit."),
            ),
            models.UniqueConstraint(
                fields=["user", "role", "centre", "unit"],
                nulls_distinct=False,
                name="role_granted_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.role}"
