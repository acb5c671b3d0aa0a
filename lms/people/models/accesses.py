"""Who looked at, took out or changed what is held about somebody else."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from lms.people.models.accounts import User
from lms.people.models.persons import Person


class RecordAccess(models.Model):
    """One look at another person's data. Shown to that person; never edited."""

    class Act(models.TextChoices):
        VIEWED = "viewed", _("viewed")
        EXPORTED = "exported", _("exported")
        CHANGED = "changed", _("changed")

    person = models.ForeignKey(
        Person, models.CASCADE, related_name="accesses", verbose_name=_("person")
    )
    by = models.ForeignKey(
        User, models.SET_NULL, null=True, related_name="+", verbose_name=_("who")
    )
    act = models.CharField(_("what"), max_length=8, choices=Act.choices)
    subject = models.CharField(_("of what"), max_length=40)  # a key that the pages put into words
    at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("access to a record")
        verbose_name_plural = _("accesses to records")
        ordering: ClassVar[list[str]] = ["-at", "-pk"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["person", "-at"], name="accesses_of_a_person")
        ]

    def __str__(self) -> str:
        return f"{self.by} {self.act} {self.subject}: {self.person}"
