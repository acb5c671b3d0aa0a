"""Files that learners attach to their answers."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.core.files.storage import FileSystemStorage, Storage
from django.db import models, transaction
from django.db.models.signals import post_delete
from django.dispatch import receiver
from django.utils.translation import gettext_lazy as _

from quizzes.models.sittings import SittingSlot

FOLDER = "private/answers"  # below MEDIA_ROOT; nothing but `public` there is ever served


def private_storage() -> Storage:
    """Where only the account of the site reads."""
    return FileSystemStorage(file_permissions_mode=0o600, directory_permissions_mode=0o700)


def stored_name(file: ResponseFile, name: str) -> str:
    """Names on the disk say nothing about who sent what."""
    return f"{FOLDER}/{file.uuid.hex[:2]}/{file.uuid}"


class ResponseFile(models.Model):
    """One file of an answer: what was made of it when it came, and under which name it is shown.

    The answer names those that belong to it by their uuid.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    slot = models.ForeignKey(SittingSlot, models.CASCADE, related_name="files")
    name = models.CharField(max_length=160)
    content_type = models.CharField(max_length=100, help_text="by its content, never by its name")
    size = models.PositiveIntegerField(help_text="bytes, as kept")
    sha256 = models.CharField(max_length=64, help_text="of what was sent in")
    file = models.FileField(upload_to=stored_name, storage=private_storage, max_length=200)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("file of an answer")
        verbose_name_plural = _("files of answers")
        ordering: ClassVar[list[str]] = ["created_at", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["slot", "sha256"], name="response_file_once")
        ]

    def __str__(self) -> str:
        return self.name


@receiver(post_delete, sender=ResponseFile)
def remove_from_disk(instance: ResponseFile, **kwargs: Any) -> None:
    """Remove what is on the disk once it is certain that the row is gone."""
    storage, name = instance.file.storage, instance.file.name
    if name:
        transaction.on_commit(lambda: storage.delete(name))
