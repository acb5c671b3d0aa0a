"""Accounts and the roles they are granted."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser
from django.contrib.auth.models import UserManager as DjangoUserManager
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from lms.people.models.persons import Person
from lms.people.models.units import TrainingCentre, Unit, ends_not_before_it_begins, standing_at
from lms.people.phones import normalise_phone
from lms.people.roles import FOR_A_CENTRE_OR_ALL, FOR_THE_SITE, Role
from lms.plugins.vietnamese import nfc


class AccountState(models.TextChoices):
    """Where an account stands on the way from a list of names to somebody who signs in."""

    NONE = "none", _("no account")
    WAITING = "waiting", _("slip not used")
    ACTIVE = "active", _("account in use")
    CLOSED = "closed", _("account closed")


class UserManager(DjangoUserManager["User"]):
    """User names are found whatever their case and composition."""

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(username=User.normalize_username(username or ""))


class User(AbstractUser):  # type: ignore[django-manager-missing]  # pages' managers are untyped
    """A way in. What is learned belongs to the Person, never to the account."""

    first_name = None  # type: ignore[assignment]  # names belong to the person
    last_name = None  # type: ignore[assignment]  # names belong to the person
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
    notice_read_at = models.DateTimeField(
        _("privacy notice read at"), null=True, blank=True, editable=False
    )
    tour_ended_at = models.DateTimeField(
        _("first steps read or skipped at"), null=True, blank=True, editable=False
    )

    objects: ClassVar[UserManager] = UserManager()
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            # With the unique column: no two user names that differ in case only.
            models.CheckConstraint(
                condition=Q(username=Lower("username")), name="username_in_small_letters"
            )
        ]

    def __str__(self) -> str:
        return self.username

    @classmethod
    def normalize_username(cls, username: str) -> str:
        """The one form in which a user name is kept: NFC, small letters, no space around it."""
        return nfc(username).strip().lower()

    def clean(self) -> None:
        self.username = self.normalize_username(self.username)
        if normalise_phone(self.username):
            # Somebody else may sign in with that number.
            raise ValidationError(
                {"username": _("A phone number cannot be a user name: it has a field of its own.")}
            )
        if self.phone and not normalise_phone(self.phone):
            raise ValidationError({"phone": _("This is not a phone number.")})
        self.phone = normalise_phone(self.phone or "") or None

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.username = self.normalize_username(self.username)
        phone = normalise_phone(self.phone or "")
        if self.phone and not phone:
            raise ValueError("User.phone must be a phone number")
        self.phone = phone or None
        super().save(*args, **kwargs)

    @property
    def state(self) -> AccountState:
        """Whether it is closed, waits for its first password, or is in use."""
        if not self.is_active:
            return AccountState.CLOSED
        if self.last_login is None and not self.has_usable_password():
            return AccountState.WAITING
        return AccountState.ACTIVE

    def set_password(self, raw_password: str | None) -> None:
        """Keep a digest of it, in the one composition of its letters; None lets nobody in."""
        super().set_password(nfc(raw_password) if raw_password is not None else None)

    def check_password(self, raw_password: str | None) -> bool:
        """Whether this is the password, however the keyboard composes its letters."""
        return super().check_password(nfc(raw_password) if raw_password is not None else None)

    def get_full_name(self) -> str:
        """The person's name, else the user name."""
        return self.person.full_name if self.person is not None else self.username

    def get_short_name(self) -> str:
        """The given name, which stands last."""
        return self.get_full_name().split(" ")[-1]


class RoleGrantQuerySet(models.QuerySet["RoleGrant"]):
    """Grants on a date."""

    def at(self, on: dt.date) -> RoleGrantQuerySet:
        """Those that hold on `on`."""
        return self.filter(standing_at(on))


class RoleGrant(models.Model):
    """An account has a role, for a centre or a unit where the role needs one, during a time.

    `valid_to` is the first day without it. Grants are ended, not deleted: they are the trace of
    who could see whom.
    """

    user = models.ForeignKey(
        User, models.CASCADE, related_name="role_grants", verbose_name=_("account")
    )
    role = models.CharField(_("role"), max_length=16, choices=Role.choices)
    centre = models.ForeignKey(
        TrainingCentre, models.PROTECT, null=True, blank=True, verbose_name=_("training centre")
    )
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, verbose_name=_("unit"))
    valid_from = models.DateField(_("effective from"), null=True, blank=True)
    valid_to = models.DateField(_("no longer effective from"), null=True, blank=True)
    granted_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("granted by")
    )

    objects = RoleGrantQuerySet.as_manager()

    class Meta:
        verbose_name = _("role of an account")
        verbose_name_plural = _("roles of accounts")
        ordering: ClassVar[list[str]] = ["user", "role"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            ends_not_before_it_begins("role_grant_dates"),
            models.CheckConstraint(
                condition=~Q(role=Role.CENTRE_MANAGER) | Q(centre__isnull=False, unit__isnull=True),
                name="centre_manager_has_a_centre",
                violation_error_message=_("A centre manager needs a centre, and no unit."),
            ),
            models.CheckConstraint(
                condition=~Q(role=Role.UNIT_OFFICER) | Q(unit__isnull=False, centre__isnull=True),
                name="unit_officer_has_a_unit",
                violation_error_message=_("A unit officer needs a unit, and no centre."),
            ),
            models.CheckConstraint(
                condition=~Q(role__in=FOR_A_CENTRE_OR_ALL) | Q(unit__isnull=True),
                name="teaching_roles_have_no_unit",
                violation_error_message=_("This role is for a centre or for all, not for a unit."),
            ),
            models.CheckConstraint(
                condition=~Q(role__in=FOR_THE_SITE) | Q(centre__isnull=True, unit__isnull=True),
                name="site_roles_have_no_scope",
                violation_error_message=_("This role is for the whole site."),
            ),
            models.CheckConstraint(
                condition=Q(centre__isnull=True) | Q(unit__isnull=True),
                name="role_has_one_scope",
                violation_error_message=_("Name a centre or a unit, not both."),
            ),
            models.CheckConstraint(
                condition=Q(granted_by__isnull=True) | ~Q(granted_by=F("user")),
                name="nobody_grants_themselves",
                violation_error_message=_(
                    "Nobody grants roles to themselves. Ask another administrator."
                ),
            ),
            # Three, because SQLite takes no two empty columns for equal.
            models.UniqueConstraint(
                fields=["user", "role"],
                condition=Q(centre__isnull=True, unit__isnull=True, valid_to__isnull=True),
                name="role_granted_once",
                violation_error_message=_("This account has this role already."),
            ),
            models.UniqueConstraint(
                fields=["user", "role", "centre"],
                condition=Q(centre__isnull=False, valid_to__isnull=True),
                name="role_granted_once_for_a_centre",
                violation_error_message=_("This account has this role already."),
            ),
            models.UniqueConstraint(
                fields=["user", "role", "unit"],
                condition=Q(unit__isnull=False, valid_to__isnull=True),
                name="role_granted_once_for_a_unit",
                violation_error_message=_("This account has this role already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()}"
