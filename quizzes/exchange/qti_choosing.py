"""choiceInteraction as single choice, true or false, or multiple choice, with its exact marking."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from typing import Any, Final
from xml.etree.ElementTree import Element

from django.utils.translation import gettext as _

from lms.plugins.vietnamese import fold
from quizzes.exchange.qti_asked import (
    NEAR,
    Asked,
    contradiction,
    identifiers,
    is_near,
    no_key,
)
from quizzes.exchange.qti_html import is_blank
from quizzes.exchange.qti_marking import MATCH, NONE
from quizzes.exchange.qti_values import Variable
from quizzes.exchange.qti_xml import Refused, named, whole_in
from quizzes.exchange.texts import plain_of

ALL_OR_NOTHING, SHARES, PER_OPTION = "all_or_nothing", "shares", "per_option"
FEW: Final = 8  # as many options are tried in every combination
_TRUE: Final = frozenset({"true", "t", "dung"})
_FALSE: Final = frozenset({"false", "f", "sai"})
Chosen = frozenset[int]


def choice(asked: Asked, interaction: Element) -> tuple[str, dict[str, Any]]:
    """A question to choose in. Raises Refused where the key is not certain."""
    response = asked.response(interaction)
    elements = named(interaction, "simpleChoice")
    names = identifiers(elements)
    asked.ask(interaction)
    asked.note_guidance()
    texts = [asked.page.html(each) for each in elements]
    if any(is_blank(text) for text in texts):
        raise Refused(_("A choice has no text."))
    if unknown := [each for each in response.correct if each not in names]:
        raise Refused(_("The right choice “%(name)s” is not there.") % {"name": unknown[0]})
    most = whole_in(interaction.get("maxChoices"), 1)
    if response.cardinality == "single" or (most == 1 and len(response.correct) < 2):
        made = _one(asked, response, names)
    else:
        made = _several(asked, response, names, most)
    right = frozenset(names[at] for at, row in enumerate(made[1]["options"]) if row["correct"])
    given = [(name, response.value(name)) for name in names]
    if made[0] == "single_choice":
        told = asked.feedback_on(given, response.identifier, right)
    else:
        told = _own_feedback(asked, response, names, right)
    for row, text, feedback in zip(made[1]["options"], texts, told, strict=True):
        row["text"] = text
        if feedback:
            row["feedback"] = feedback
    is_mixed = interaction.get("shuffle") in ("true", "1")
    if made[0] == "single_choice" and not is_mixed and _is_true_or_false(names, texts):
        return "true_false", made[1]
    return made


def _own_feedback(
    asked: Asked, response: Variable, names: Sequence[str], right: frozenset[str]
) -> list[str]:
    """Where several can be chosen: what is told on an option for its own sake.

    That is what one choice alone brings and its name says; the rest is on answers as wholes.
    """
    wrong = [name for name in names if name not in right]
    asked.feedback_on_all(
        {response.identifier: response.value(*right)}, {response.identifier: response.value(*wrong)}
    )
    given = [(name, response.value(name)) for name in names]
    return asked.feedback_by_name(given, response.identifier)


def _one(
    asked: Asked, response: Variable, names: Sequence[str]
) -> tuple[str, dict[str, list[dict[str, Any]]]]:
    scores = [asked.score({response.identifier: response.value(name)}) for name in names]
    top = max(scores, default=0.0)
    best = [name for name, score in zip(names, scores, strict=True) if is_near(score, top)]
    if len(response.correct) > 1 or (not response.correct and (len(best) != 1 or top <= NEAR)):
        raise no_key()
    right = response.correct[0] if response.correct else best[0]
    if asked.certain({response.identifier: response.value(right)}) < top - NEAR:
        raise contradiction()
    if any(score < -NEAR for score in scores):
        asked.note(_("A wrong option took points away; here it earns nothing."))
    rows = []
    for name, score in zip(names, scores, strict=True):
        row: dict[str, Any] = {"correct": name == right}
        credit = _percent(max(0.0, score / top))
        if credit != (100 if name == right else 0):
            row["credit"] = credit
        rows.append(row)
    return "single_choice", {"options": rows}


def _several(
    asked: Asked, response: Variable, names: Sequence[str], most: int
) -> tuple[str, dict[str, Any]]:
    known: dict[Chosen, float] = {}

    def score(chosen: Chosen) -> float:
        if chosen not in known:
            value = response.value(*(names[at] for at in sorted(chosen)))
            known[chosen] = asked.score({response.identifier: value})
        return known[chosen]

    right = frozenset(at for at, name in enumerate(names) if name in response.correct)
    if not right:
        right = _derived(response, names, score)
    top = asked.certain({response.identifier: response.value(*(names[at] for at in sorted(right)))})
    tries = [each for each in _tries(len(names), right) if not most or len(each) <= most]
    if max(map(score, tries), default=0.0) > top + NEAR:
        raise contradiction()
    if 0 < most < len(right):
        asked.note(
            _("At most %(count)d options could be chosen; here any number can.") % {"count": most}
        )
    earned = {each: max(0.0, score(each) / top) for each in tries}
    scheme, credits = _scheme(asked, response, names, right, score, earned)
    rows: list[dict[str, Any]] = []
    for at in range(len(names)):
        row: dict[str, Any] = {"correct": at in right}
        usual = 1 / len(right) if at in right else 0.0
        if scheme == PER_OPTION and not is_near(credits[at], usual):
            row["credit"] = _percent(credits[at])
        rows.append(row)
    return "multiple_choice", {"options": rows, "scheme": scheme}


def _derived(response: Variable, names: Sequence[str], score: Callable[[Chosen], float]) -> Chosen:
    """The right options where the file only says what each is worth."""
    if response.worths is None:
        raise no_key()
    found = frozenset(at for at, name in enumerate(names) if response.worth(name) > 0)
    if not found or score(found) <= NEAR:
        raise no_key()
    return found


def _scheme(
    asked: Asked,
    response: Variable,
    names: Sequence[str],
    right: Chosen,
    score: Callable[[Chosen], float],
    earned: dict[Chosen, float],
) -> tuple[str, list[float]]:
    """The scheme that gives every answer that was tried what the file gives it."""
    count, wrong = len(right), len(names) - len(right)
    top = asked.best
    by_worth = [response.worth(name) / top for name in names] if response.worths else []
    by_change = [
        (score(right) - score(right - {at}) if at in right else score(right | {at}) - score(right))
        / top
        for at in range(len(names))
    ]

    def shares(chosen: Chosen) -> float:
        lost = len(chosen - right) / wrong if wrong else 0.0
        return max(0.0, len(chosen & right) / count - lost)

    def summed(credits: Sequence[float]) -> Callable[[Chosen], float]:
        return lambda chosen: max(0.0, min(1.0, sum(credits[at] for at in chosen)))

    found: list[tuple[str, list[float], Callable[[Chosen], float]]] = [
        (ALL_OR_NOTHING, [], lambda chosen: float(chosen == right)),
        (SHARES, [], shares),
    ]
    for credits in (by_worth, by_change):
        if credits:
            kept = [max(-1.0, min(1.0, credit)) for credit in credits]
            found.append((PER_OPTION, kept, summed(kept)))
    if asked.marking.kind not in (MATCH, NONE):
        found.append(found.pop(0))
    for scheme, credits, gives in found:
        if all(is_near(gives(chosen), score) for chosen, score in earned.items()):
            return scheme, credits
    if sum(is_near(each, 1.0) for each in earned.values()) > 1:
        raise Refused(_("Several different sets of choices are right."))
    asked.note(_("Credit for answers that are partly right is given in another way here."))
    return SHARES, []


def _tries(count: int, right: Chosen) -> Iterator[Chosen]:
    """Answers to try: all where they are few, else those that tell ways of marking apart."""
    if count <= FEW:
        for size in range(1, count + 1):
            yield from map(frozenset, combinations(range(count), size))
        return
    everything = range(count)
    seen = {frozenset({at}) for at in everything}
    seen |= {right - {at} for at in everything} | {right | {at} for at in everything}
    seen |= {right - {one} | {other} for one in right for other in everything}
    few = range(min(count, 30))
    seen |= {frozenset({one, other}) for one in few for other in few}
    yield from sorted((each for each in {*seen, right, frozenset(everything)} if each), key=sorted)


def _percent(share: float) -> float:
    percent = round(100 * share, 4)
    return int(percent) if percent == int(percent) else percent


def _is_true_or_false(names: Sequence[str], texts: Sequence[str]) -> bool:
    if len(names) != 2:
        return False
    words = [fold(plain_of(text)).strip(" .").replace("đ", "d") for text in texts]
    return any(
        (one in _TRUE and other in _FALSE) or (one in _FALSE and other in _TRUE)
        for one, other in (words, [name.casefold() for name in names])
    )
