"""Which text of the repository a page or activity was last loaded from."""

from __future__ import annotations

from django.db import models


class ImportedText(models.Model):
    """A course text that was loaded: what it made, and the digest of the text then.

    The digest lets a second load change nothing, and keeps an author's own later edits as long
    as the text in the repository stays the same.
    """

    path = models.CharField(max_length=300, unique=True)
    digest = models.CharField(max_length=64)
    key = models.UUIDField(help_text="translation_key of the page or activity")
    loaded_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return self.path
