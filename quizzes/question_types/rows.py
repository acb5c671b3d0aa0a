"""Rows of a question: their words, and whether they can be told apart. For all kinds."""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Iterable, Iterator

from lms.plugins.richtext import Profile, clean


def plain(text: str) -> str:
    """The words of clean HTML on one line, for places that show no markup."""
    return " ".join(html.unescape(clean(text, Profile.PLAIN)).split())


def is_blank(text: str) -> bool:
    """Whether clean HTML shows nothing: no words and no picture."""
    return "<img" not in text and not plain(text)


def repeated(texts: Iterable[str]) -> Iterator[str]:
    """Texts that stand there more than once, each once, whatever their capitals.

    Those with a picture are left out: their words do not tell them apart.
    """
    first: dict[str, str] = {}
    counts: Counter[str] = Counter()
    for text in texts:
        words = plain(text)
        if words and "<img" not in text:
            first.setdefault(words.casefold(), words)
            counts[words.casefold()] += 1
    return (words for same, words in first.items() if counts[same] > 1)
