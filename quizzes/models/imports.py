"""Files of questions that authors send in, and what became of them."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.db import models, transaction
from django.db.models.signals import post_delete
from django.dispatch import receiver
from django.utils.translation import gettext_lazy as _

from quizzes.models.files import private_storage

IMPORTS = "private/question_imports"  # below MEDIA_ROOT, as the files of answers


def kept_name(sent: QuestionImport, name: str) -> str:
    """Names on the disk say nothing about who sent what."""
    return f"{IMPORTS}/{sent.uuid}"


class QuestionImport(models.Model):
    """A file that waits to be confirmed, or that was imported: of that one the bytes are gone."""

    class State(models.TextChoices):
        """What became of it. One that is discarded has no row any more."""

        WAITING = "waiting", _("waits to be confirmed")
        IMPORTED = "imported", _("imported")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    state = models.CharField(max_length=20, choices=State, default=State.WAITING)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(help_text="when it was sent in")
    name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64, db_index=True)
    size = models.PositiveIntegerField(help_text="bytes")
    file = models.FileField(
        upload_to=kept_name, storage=private_storage, max_length=200, blank=True
    )
    preview = models.JSONField(default=dict, help_text="what it would bring; while it waits")
    imported_at = models.DateTimeField(null=True)
    made = models.PositiveIntegerField(default=0, help_text="questions")
    left_out = models.PositiveIntegerField(default=0, help_text="questions with problems")

    class Meta:
        verbose_name = _("import of questions")
        verbose_name_plural = _("imports of questions")
        ordering: ClassVar[list[str]] = ["-at", "-pk"]

    def __str__(self) -> str:
        return self.name


@receiver(post_delete, sender=QuestionImport)
def remove_import_from_disk(instance: QuestionImport, **kwargs: Any) -> None:
    """Remove what is on the disk once it is certain that the row is gone."""
    storage, name = instance.file.storage, instance.file.name
    if name:
        transaction.on_commit(lambda: storage.delete(name))
