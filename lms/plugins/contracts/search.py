"""What a plugin adds to the site's search."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

    from lms.people.models import User


@dataclass(frozen=True)
class Found:
    """One result: where it leads, its title and the passage that matched, as plain text."""

    title: str
    url: str
    passage: str = ""
    kind: str = ""


class SearchSource:
    """Searches what the plugin alone can read. Must show `user` only what they may open."""

    key: ClassVar[str] = ""
    label: ClassVar[_StrOrPromise] = ""

    def search(self, folded: str, user: User | None, limit: int) -> list[Found]:
        """At most `limit` results for words already folded (no diacritics, lower case)."""
        raise NotImplementedError  # contract
