"""Lists of people as somebody sent them in: the file, how it was read, what became of it."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from lms.people.models.accounts import User
from lms.people.rights import rights_of
from lms.people.roles import Role

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class PeopleImportQuerySet(models.QuerySet["PeopleImport"]):
    """Imports by who asks."""

    def visible_to(self, user: User | AnonymousUser) -> PeopleImportQuerySet:
        """Administrators see all, centre managers those that they sent."""
        if not user.is_authenticated:
            return self.none()
        rights = rights_of(user)
        if rights.is_administrator:
            return self.all()
        return self.filter(by=user) if Role.CENTRE_MANAGER in rights.roles else self.none()


class PeopleImport(models.Model):
    """One file of people on its way in: sent, its columns named, checked, and then committed.

    `mapping` is {field: number of the column}; `options` are those of
    `lms.people.importing.options`; `decisions` is {number of the row: what a person decided about
    it}; `counts` is {outcome: rows}; `result` says what became of it: which row is which person.
    The file and the rows are removed when the import ends.
    """

    class State(models.TextChoices):
        SENT = "sent", _("sent")
        CHECKED = "checked", _("checked")
        COMMITTED = "committed", _("taken over")
        DISCARDED = "discarded", _("discarded")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.SENT)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("sent by"))
    at = models.DateTimeField(_("sent at"))
    file_name = models.CharField(_("file"), max_length=200)
    digest = models.CharField(max_length=64, editable=False)
    sheet = models.CharField(_("sheet"), max_length=100, blank=True)
    header_row = models.PositiveIntegerField(_("row of the headings"), default=1)
    mapping = models.JSONField(default=dict)
    options = models.JSONField(default=dict)
    decisions = models.JSONField(default=dict)
    counts = models.JSONField(default=dict)
    result = models.JSONField(default=dict)
    ended_at = models.DateTimeField(_("ended at"), null=True)

    objects = PeopleImportQuerySet.as_manager()

    class Meta:
        verbose_name = _("import of people")
        verbose_name_plural = _("imports of people")
        ordering: ClassVar[list[str]] = ["-at", "-pk"]

    def __str__(self) -> str:
        return self.file_name

    def person_ids(self) -> list[int]:
        """Everybody of a list that was taken over: those who came, and those who were there."""
        return sorted(set(self.result.get("rows", {}).values()))


class ImportRow(models.Model):
    """One row of a file that was checked, and what would become of it.

    `data` is the row as it was read; `faults`, `notes` and `changes` hold codes and values, put
    into words by `lms.people.importing.texts`; `pairs` are those who may be the same person.
    """

    class Outcome(models.TextChoices):
        NEW = "new", _("new")
        CHANGED = "changed", _("changed")
        UNCHANGED = "unchanged", _("unchanged")
        UNSURE = "unsure", _("to decide")
        REFUSED = "refused", _("refused")
        LEFT_OUT = "left_out", _("left out")

    people_import = models.ForeignKey(PeopleImport, models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField()
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    data = models.JSONField(default=dict)
    place = models.JSONField(default=dict)
    person_key = models.BigIntegerField(null=True)
    faults = models.JSONField(default=list)
    notes = models.JSONField(default=list)
    changes = models.JSONField(default=list)
    pairs = models.JSONField(default=list)

    class Meta:
        ordering: ClassVar[list[str]] = ["number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["people_import", "number"], name="import_row_once")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["people_import", "outcome", "number"], name="import_rows_by_outcome"
            )
        ]

    def __str__(self) -> str:
        return f"{self.people_import} {self.number}: {self.outcome}"


class RememberedColumns(models.Model):
    """Which column meant what, the last time that somebody sent a file with these headings.

    `mapping` is {field: column}; `choices` the units and positions that were chosen for texts.
    """

    by = models.ForeignKey(User, models.CASCADE, related_name="+")
    headings = models.CharField(max_length=64)  # digest of the headings in their order
    mapping = models.JSONField(default=dict)
    choices = models.JSONField(default=dict)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["by", "headings"], name="columns_remembered_once")
        ]

    def __str__(self) -> str:
        return f"{self.by}: {self.headings[:8]}"
