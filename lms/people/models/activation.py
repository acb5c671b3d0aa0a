"""One-time codes with which people set their password: on a slip, or after they lost it."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from lms.people.models.accounts import User


class ActivationCodeQuerySet(models.QuerySet["ActivationCode"]):
    """Codes by what can still be done with them."""

    def open(self, now: dt.datetime) -> ActivationCodeQuerySet:
        """Those that still open the way in at `now`."""
        return self.filter(used_at=None, revoked_at=None, expires_at__gt=now)


class ActivationCode(models.Model):
    """A way in for one account, once. The code itself is not stored, only a digest of it."""

    class Purpose(models.TextChoices):
        FIRST = "first", _("first sign-in")
        RESET = "reset", _("lost password")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(
        User, models.CASCADE, related_name="activation_codes", verbose_name=_("account")
    )
    purpose = models.CharField(_("purpose"), max_length=8, choices=Purpose.choices)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    batch = models.UUIDField(null=True, editable=False, db_index=True)  # printed together
    issued_at = models.DateTimeField(_("issued at"))
    issued_by = models.ForeignKey(
        User, models.SET_NULL, null=True, related_name="+", verbose_name=_("given out by")
    )
    expires_at = models.DateTimeField(_("valid until"))
    used_at = models.DateTimeField(_("used at"), null=True)
    revoked_at = models.DateTimeField(_("taken back at"), null=True)

    objects = ActivationCodeQuerySet.as_manager()

    class Meta:
        verbose_name = _("activation code")
        verbose_name_plural = _("activation codes")
        ordering: ClassVar[list[str]] = ["-issued_at", "-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            # A new code takes the place of the last: never two ways in at once.
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(used_at__isnull=True, revoked_at__isnull=True),
                name="one_open_activation_code",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_purpose_display()}"
