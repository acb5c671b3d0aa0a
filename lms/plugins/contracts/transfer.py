"""How an activity leaves the platform and comes back."""

from __future__ import annotations

from typing import Any, Protocol

Json = dict[str, Any]


class ArchiveWriter(Protocol):
    """Takes the files that belong to what is exported."""

    def add(self, name: str, content: bytes) -> str:
        """Store `content`; gives the name under which `load` will find it."""


class ArchiveReader(Protocol):
    """Gives the files that came with what is imported."""

    def read(self, name: str) -> bytes:
        """The content of `name`; KeyError when it is not there."""


class NoFiles:
    """Reader and writer for content that has no files of its own."""

    def add(self, name: str, content: bytes) -> str:
        """Refuses: nothing here can keep a file."""
        raise ValueError(f"this export cannot hold the file {name}")

    def read(self, name: str) -> bytes:
        """Always KeyError."""
        raise KeyError(name)
