"""What may be typed: every answer that the rules of an item name, and what it earns.

The rules are tried with each text or number that they mention, so nothing is read out of them
that they do not do.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element

from django.utils.translation import gettext as _

from quizzes.exchange.qti_asked import NEAR, Asked, contradiction, is_near, no_key
from quizzes.exchange.qti_marking import Given, rule_elements
from quizzes.exchange.qti_operators import unreadable
from quizzes.exchange.qti_values import Value, Variable
from quizzes.exchange.qti_xml import check_count, inside, number_in

MOST = 200
NOBODY = "\ue0a1\ue0a2\ue0a3"  # a text that nobody types


@dataclass(frozen=True)
class Answer:
    """A text, None for whatever others, and its share of the gap, 0 to 1."""

    text: str | None
    share: float

    @property
    def percent(self) -> float:
        """The share in percent, whole where it is whole."""
        percent = round(100 * self.share, 4)
        return int(percent) if percent == int(percent) else percent


def answers_of(asked: Asked, response: Variable, right: Given) -> list[Answer]:
    """The texts that earn something, the best first; `right`: the other gaps filled rightly."""
    name = response.identifier
    texts = list(dict.fromkeys([*response.correct, *_named_texts(asked, response)]))
    check_count(len(texts), MOST)
    least = asked.score({**right, name: None})
    gains = {
        text: asked.score({**right, name: response.value(text)}) - least
        for text in [*texts, NOBODY]
    }
    default = gains.pop(NOBODY)
    best = max(gains.values(), default=0.0)
    if response.correct and asked.marking.kind and best <= NEAR and _is_marked(asked, response):
        raise contradiction()
    if best <= NEAR:  # no rule says what it earns
        if not response.correct:
            raise no_key()
        return [Answer(text, 1.0) for text in response.correct]
    if response.correct and gains[response.correct[0]] < best - NEAR:
        raise contradiction()
    if default < -NEAR:
        asked.note(_("A wrong answer took points away; here it earns nothing."))
    found = [
        Answer(text, max(0.0, min(1.0, gain / best)))
        for text, gain in gains.items()
        if gain > max(0.0, default) + NEAR or text in response.correct
    ]
    found.sort(key=lambda each: -each.share)  # stable: the right answer stays before its equals
    if default > NEAR:
        found.append(Answer(None, min(1.0, default / best)))
    return found


def case_matters(asked: Asked, response: Variable, right: Given, answers: list[Answer]) -> bool:
    """Whether the rules tell capitals apart in any answer; noted where not in all."""
    name, differs, loses = response.identifier, False, False
    for each in answers:
        if each.text is None or each.text.swapcase() == each.text:
            continue
        as_is, swapped = (
            asked.score({**right, name: response.value(text)})
            for text in (each.text, each.text.swapcase())
        )
        differs = differs or not is_near(as_is, swapped)
        loses = loses or (swapped > NEAR and is_near(as_is, swapped))
    if differs and loses:
        asked.note(_("Capitals matter in all answers here, in the file in some only."))
    return differs


def numbers_of(asked: Asked, response: Variable, right: Given) -> list[dict[str, Any]]:
    """The numbers that earn something, each with its tolerance, the best first."""
    name = response.identifier

    def score(number: float) -> float:
        return asked.score({**right, name: Value((number,))})

    least = asked.score({**right, name: None})
    known = list(dict.fromkeys([*_ranges(asked, response), *_exact(asked, response)]))
    check_count(len(known), MOST)
    gains = [(score(value) - least, value, margin, kind) for value, margin, kind in known]
    found: list[tuple[float, float, float, str]] = []
    for gain, value, margin, kind in sorted(gains, key=lambda each: -each[0]):
        if gain > NEAR and not any(_covers(each[1:], (value, margin, kind)) for each in found):
            found.append((gain, value, margin, kind))
    correct = [number_in(text) for text in response.correct]
    if not found:
        if not correct or None in correct or _is_marked(asked, response):
            raise contradiction() if correct else no_key()
        return [_number_row(1.0, number or 0.0, 0.0, "absolute") for number in correct]
    best = found[0][0]
    for number in correct:
        if number is None or score(number) - least < best - NEAR:
            raise contradiction()
    for _gain, value, margin, kind in found:
        _check_borders(score, least, found, value, _absolute(value, margin, kind))
    asked.best = asked.best or best
    return [_number_row(gain / best, value, margin, kind) for gain, value, margin, kind in found]


Range = tuple[float, float, str]


def _check_borders(
    score: Any, least: float, found: list[tuple[float, float, float, str]], value: float, by: float
) -> None:
    """Whether the answer ends where it was read to end. Raises Refused otherwise."""
    hair = max(1e-6, abs(value) * 1e-6)
    for sign in (-1, 1):
        edge, outside = value + sign * by, value + sign * (by + 10 * hair)
        if not is_near(score(edge), score(value)):
            raise unreadable(_("tolerance"))
        is_other = any(
            abs(outside - each) <= _absolute(each, margin, kind) + hair
            for _gain, each, margin, kind in found
        )
        if not is_other and score(outside) - least > NEAR:
            raise unreadable(_("tolerance"))


def _number_row(share: float, value: float, margin: float, kind: str) -> dict[str, Any]:
    row: dict[str, Any] = {"value": value, "tolerance": margin, "tolerance_kind": kind}
    credit = Answer(None, min(1.0, share)).percent
    return row if credit == 100 else {**row, "credit": credit}


def _absolute(value: float, margin: float, kind: str) -> float:
    return abs(value) * margin / 100 if kind == "relative" else margin


def _covers(one: Range, other: Range) -> bool:
    gap = abs(one[0] - other[0])
    return gap + _absolute(*other) <= _absolute(*one) + NEAR


def _exact(asked: Asked, response: Variable) -> Iterator[Range]:
    for text in [*response.correct, *_named_texts(asked, response)]:
        number = number_in(text)
        if number is not None:
            yield number, 0.0, "absolute"


def _ranges(asked: Asked, response: Variable) -> Iterator[Range]:
    """From `equal` with a tolerance, and from a pair of `gte` and `lte`."""
    for each in rule_elements(asked.root, "equal"):
        others = _beside(each, response)
        mode = each.get("toleranceMode", "exact")
        margins = [abs(number_in(part) or 0.0) for part in each.get("tolerance", "").split()]
        for number in others:
            if mode == "exact" or not margins:
                yield number, 0.0, "absolute"
            elif mode == "absolute":  # the margins are those of the first expression
                is_turned = each[0].tag == "variable"
                below, above = (margins[-1], margins[0]) if is_turned else (margins[0], margins[-1])
                yield number + (above - below) / 2, (above + below) / 2, "absolute"
            elif margins[0] == margins[-1] and each[0].tag != "variable":
                yield number, margins[0], "relative"
            else:
                raise unreadable(_("tolerance"))
    for each in rule_elements(asked.root, "and"):
        low = [number for part in each if part.tag == "gte" for number in _beside(part, response)]
        high = [number for part in each if part.tag == "lte" for number in _beside(part, response)]
        if len(low) == len(high) == 1 and low[0] <= high[0]:
            yield (low[0] + high[0]) / 2, (high[0] - low[0]) / 2, "absolute"


def _beside(element: Element, response: Variable) -> list[float]:
    """The numbers with which an operator compares the response."""
    parts = list(element)
    if not any(_is_of(part, response) and part.tag == "variable" for part in parts):
        return []
    texts = [part.text or "" for part in parts if part.tag == "baseValue"]
    if any(part.tag == "correct" and _is_of(part, response) for part in parts):
        texts += response.correct
    return [number for text in texts if (number := number_in(text)) is not None]


def _named_texts(asked: Asked, response: Variable) -> list[str]:
    """The texts that mappings and rules name for the response."""
    found = [each.key for each in response.worths.entries] if response.worths else []
    for name in ("match", "stringMatch", "equal", "member", "contains"):
        for each in rule_elements(asked.root, name):
            if any(_is_of(part, response) for part in each.iter()):
                found += [(part.text or "").strip() for part in inside(each, "baseValue")]
    return [text for text in dict.fromkeys(found) if text]


def _is_of(element: Element, response: Variable) -> bool:
    return element.get("identifier") == response.identifier and element.tag in (
        "variable",
        "correct",
    )


def _is_marked(asked: Asked, response: Variable) -> bool:
    """Whether any rule looks at the response."""
    if len(asked.marking.responses) == 1 or response.identifier == "RESPONSE":
        return bool(asked.marking.kind)
    names = ("variable", "mapResponse", "correct")
    return any(
        each.get("identifier") == response.identifier
        for name in names
        for each in rule_elements(asked.root, name)
    )
