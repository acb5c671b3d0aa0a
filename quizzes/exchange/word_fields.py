"""Level, labels, points and category of a question of a test."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation

from quizzes.exchange.kind_names import level_of
from quizzes.exchange.word_asked import Asked


def tags_of(asked: Asked) -> Iterator[str]:
    """Levels and labels."""
    for said in asked.texts("level"):
        yield level_of(said)
    for part in re.findall(r"[(\[]([^()\[\]]+)[)\]]", asked.header):
        for each in re.split(r"[,;\-–]", part):
            level = level_of(each)
            if level != each.strip():
                yield level
    for said in asked.texts("tags"):
        yield from (each.strip() for each in re.split("[,;]", said) if each.strip())


def points_of(asked: Asked) -> Decimal:
    """What it earns; 1 where nothing is said."""
    said = asked.texts("points") or re.findall(
        r"(\d+(?:[.,]\d+)?)\s*(?:đ\b|điểm)", asked.header, re.IGNORECASE
    )
    found = re.match(r"\d{1,4}(?:[.,]\d{1,4})?", said[0]) if said else None
    try:
        return Decimal(found[0].replace(",", ".")) if found else Decimal(1)
    except InvalidOperation:
        return Decimal(1)


def category_of(asked: Asked) -> tuple[str, ...]:
    """Where it belongs: by its own word, else by the headings above it."""
    said = asked.texts("category")
    if said:
        return tuple(each.strip() for each in re.split("[/>]", said[0]) if each.strip())
    return asked.category
