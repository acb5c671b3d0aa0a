"""Typed stores for what plugins add. Explicit registration only; a key is taken once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Generic, Protocol, TypeVar

from django.core.exceptions import ImproperlyConfigured


class Keyed(Protocol):
    """Anything with a stable `key`, such as `quizzes.quiz`: stored, exported, never renamed."""

    @property
    def key(self) -> str: ...


T = TypeVar("T", bound=Keyed)


class Registry(Generic[T]):
    """The things of one kind, by key, in the order in which they were added."""

    def __init__(self, kind: type[T], defect: Callable[[T], str] | None = None) -> None:
        """`defect` tells why an item cannot be taken; empty when it can."""
        self.kind = kind
        self._defect = defect
        self._items: dict[str, T] = {}
        self._owners: dict[str, str] = {}
        self._watchers: list[tuple[Callable[[T], None], Callable[[T], None]]] = []
        self.owner = ""  # the plugin whose register() is running

    def add(self, item: T) -> T:
        """Add `item`. ImproperlyConfigured for a wrong type, a bad or taken key, or a defect."""
        if not isinstance(item, self.kind):
            raise ImproperlyConfigured(
                f"{item!r} is not a {self.kind.__name__} (an instance is wanted, not a class)"
            )
        key = getattr(item, "key", "")
        if not isinstance(key, str) or not 0 < len(key) <= 80:
            raise ImproperlyConfigured(f"{item!r} needs a key of 1 to 80 characters")
        if key in self._items:
            raise ImproperlyConfigured(f"the key {key!r} is taken by {self._items[key]!r}")
        if self._defect is not None and (reason := self._defect(item)):
            raise ImproperlyConfigured(f"{key}: {reason}")
        self._tell(item)
        self._items[key] = item
        self._owners[key] = self.owner
        return item

    def _tell(self, item: T) -> None:
        told: list[Callable[[T], None]] = []
        try:
            for added, removed in self._watchers:
                added(item)
                told.append(removed)
        except Exception:
            for removed in told:
                removed(item)
            raise

    def get(self, key: str) -> T | None:
        """The thing with this key, or None: its plugin may be gone."""
        return self._items.get(key)

    def owner_of(self, key: str) -> str:
        """The app name of the plugin that added `key`; empty for the platform's own."""
        return self._owners.get(key, "")

    def remove(self, key: str) -> None:
        """Take `key` out again. No error when it is not there."""
        item = self._items.pop(key, None)
        self._owners.pop(key, None)
        if item is not None:
            for _, removed in self._watchers:
                removed(item)

    def remove_of(self, owner: str) -> None:
        """Take out all that the plugin `owner` added."""
        for key in [key for key, name in self._owners.items() if name == owner]:
            self.remove(key)

    def watch(self, added: Callable[[T], None], removed: Callable[[T], None]) -> None:
        """Call `added` for each thing there is and each to come, `removed` when one goes.

        When `added` raises, the thing is not taken.
        """
        self._watchers.append((added, removed))
        for item in list(self._items.values()):
            added(item)

    def __iter__(self) -> Iterator[T]:
        return iter(list(self._items.values()))

    def __len__(self) -> int:
        return len(self._items)

    def __contains__(self, key: object) -> bool:
        return key in self._items
