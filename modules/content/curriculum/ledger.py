"""What was loaded before, and what this run changes."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from modules.content.models import ImportedText


@dataclass(frozen=True)
class Change:
    """Something that a load did: `action` is created, updated, moved, renamed or left."""

    action: str
    path: str
    what: str
    note: str = ""

    def __str__(self) -> str:
        note = f" ({self.note})" if self.note else ""
        return f"{self.action} {self.what} · {self.path}{note}"


class Ledger:
    """The ImportedText rows by key, and the changes of this run in order.

    `restore`: what was deleted in the admin counts as new.
    """

    def __init__(self, *, restore: bool = False) -> None:
        self.restore = restore
        self.changes: list[Change] = []
        self._rows = {row.key: row for row in ImportedText.objects.all()}

    def is_same(self, key: uuid.UUID, digest: str) -> bool:
        """Whether the text said the same when it was last loaded."""
        row = self._rows.get(key)
        return row is not None and row.digest == digest

    def has_moved(self, key: uuid.UUID, path: str) -> bool:
        """Whether the text stood in another file when it was last loaded."""
        row = self._rows.get(key)
        return row is not None and row.path != path

    def tell(self, action: str, path: str, what: str, note: str = "") -> None:
        """Note a change for the report."""
        self.changes.append(Change(action, path, what, note))

    def enter(self, key: uuid.UUID, path: str, digest: str) -> None:
        """Remember what was loaded; writes only when that differs from what is known."""
        row = self._rows.get(key)
        if row is not None and (row.path, row.digest) == (path, digest):
            return
        for other in self._rows.values():
            if other.path == path and other.key != key:
                other.path = f"~{other.key}"  # two files may have swapped their names
                other.save()
        if row is None:
            row = self._rows[key] = ImportedText(key=key)
        row.path, row.digest = path, digest
        row.save()

    def unknown(self, keys: set[uuid.UUID]) -> list[ImportedText]:
        """Rows of texts that are not among `keys`: they left the repository."""
        return [row for row in self._rows.values() if row.key not in keys]
