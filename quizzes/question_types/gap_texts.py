"""What the gaps of a text accept, and where they stand in it. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from django.utils.safestring import SafeString, mark_safe

from lms.plugins.contracts import Json
from lms.plugins.vietnamese import fold, nfc
from quizzes.question_types.numbers import is_within, number_of, readings
from quizzes.question_types.short_answer import FULL, manner_of

TYPED, CHOSEN, NUMBER = "typed", "chosen", "number"

# Clean HTML has no < or > in attributes, so what stands in a tag is told from what is text.
_PART = re.compile(r"(?P<tag><[^<>]*>)|\[\[\s*(?P<number>[1-9][0-9]{0,2})\s*\]\]")
_CREDIT = re.compile(r"=\s*(?P<percent>[0-9]{1,3}(?:[.,][0-9]+)?)\s*%?\s*=(?P<text>.*)")


def lines(text: Any) -> list[str]:
    """What stands on each line that is not empty."""
    found = (" ".join(line.split()) for line in nfc(str(text or "")).splitlines())
    return [line for line in found if line]


def answers_of(gap: Json) -> list[tuple[str, float]]:
    """The answers of a gap, each with what it earns, 0 to 1."""
    found = []
    for line in lines(gap.get("answers")):
        weighed = _CREDIT.fullmatch(line)
        text = weighed["text"].strip() if weighed else line
        percent = float(weighed["percent"].replace(",", ".")) if weighed else FULL
        if text:
            found.append((text, min(1.0, percent / FULL)))
    return found


def choices_of(gap: Json) -> list[str]:
    """All choices of a gap in the order of the alphabet, which says nothing about what is right."""
    texts = dict.fromkeys([*(text for text, _credit in answers_of(gap)), *lines(gap.get("wrong"))])
    return sorted(texts, key=lambda text: (*(readings(text) or [0.0])[:1], fold(text), text))


def in_order(gap: Json, order: Any) -> list[str]:
    """The choices of a gap as an attempt arranged them; those that it lacks come after."""
    texts = choices_of(gap)
    known = [text for text in order if text in texts] if isinstance(order, list) else []
    return list(dict.fromkeys([*known, *texts]))


def best(data: Json, gap: Json, text: str) -> tuple[str, float]:
    """The best of the answers of `gap` that `text` is, and what it earns; "" where it is none."""
    found = [(known, credit) for known, credit in answers_of(gap) if _fits(data, gap, known, text)]
    return max(found, key=lambda each: each[1], default=("", 0.0)) if text else ("", 0.0)


def _fits(data: Json, gap: Json, known: str, text: str) -> bool:
    if gap["kind"] == CHOSEN:
        return known == text
    if gap["kind"] == NUMBER:
        margin = max(0.0, number_of(gap.get("tolerance")) or 0.0)
        given = readings(text)
        return any(is_within(one, other, margin) for one in given for other in readings(known))
    return manner_of(data).same(known, text)


def filled(data: Json, answer: Any) -> dict[str, str]:
    """The gaps that were filled, of those that the question has."""
    given = answer.get("gaps") if isinstance(answer, Mapping) else None
    if not isinstance(given, Mapping):
        return {}
    found = {}
    for gap in data["gaps"]:
        text = given.get(gap["key"])
        is_known = gap["kind"] != CHOSEN or text in choices_of(gap)
        if isinstance(text, str) and text and is_known:
            found[gap["key"]] = text
    return found


def placeholders(html: str) -> list[int]:
    """The numbers of the gaps in the text, in its order."""
    return [int(part["number"]) for part in _PART.finditer(html) if part["number"]]


def pieces(data: Json, made: Callable[[int, Json], Json]) -> list[dict[str, Any]]:
    """The text between the gaps, and what is made of each gap where it stands first."""
    html, gaps = str(data["text"]), data["gaps"]
    found: list[dict[str, Any]] = []
    done: set[int] = set()
    start = 0
    for part in _PART.finditer(html):
        number = int(part["number"] or 0)
        if not 1 <= number <= len(gaps) or number in done:
            continue
        done.add(number)
        found.append({"html": _safe(html[start : part.start()])})
        found.append({"gap": made(number, gaps[number - 1])})
        start = part.end()
    return [*found, {"html": _safe(html[start:])}]


def _safe(html: str) -> SafeString:
    # Versions hold what was cleaned when it was written; it is cut between tags only.
    return mark_safe(html)  # noqa: S308 -- as said
