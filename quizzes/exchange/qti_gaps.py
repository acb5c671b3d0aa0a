"""inlineChoiceInteraction, textEntryInteraction and gapMatchInteraction as gaps.

One text entry at the very end of an item is a short answer, or a number by its base type.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from typing import Any, Final
from xml.etree.ElementTree import Element

from django.utils.translation import gettext as _

from quizzes.exchange.qti_answers import NOBODY, Answer, answers_of, case_matters, numbers_of
from quizzes.exchange.qti_asked import NEAR, Asked, contradiction, identifiers, is_near, no_key
from quizzes.exchange.qti_html import is_blank
from quizzes.exchange.qti_marking import Given
from quizzes.exchange.qti_values import NUMERIC, Value, Variable
from quizzes.exchange.qti_xml import Refused, first, inside, named
from quizzes.exchange.texts import plain_of, written_figure
from quizzes.question_types.text_matching import Manner

MOST: Final = 60  # gaps in one text
TEXT: Final = "gap-text"  # the class by which our files say where the text begins
_MARK: Final = "<!--|-->"
_END: Final = re.compile(r"\s*\[\[1\]\](?:\s|\xa0|<br>)*((?:</[a-z0-9]+>)*)\s*")


def inline(asked: Asked) -> tuple[str, dict[str, Any]]:
    """What is filled in or chosen in the middle of a text."""
    asked.note_guidance()
    entries = asked.interactions
    if len(entries) > MOST:
        raise Refused(_("There are more than %(count)d gaps.") % {"count": MOST})
    responses = [asked.response(each) for each in entries]
    if any(each.cardinality != "single" for each in responses):
        raise Refused(_("A gap of the file takes several values at once."))
    if len({each.identifier for each in responses}) < len(responses):
        raise Refused(_("Two gaps of the file share one response."))
    asked.page.slots |= {each: f"[[{at}]]" for at, each in enumerate(entries, 1)}
    start = None
    marked = (each for each in inside(asked.body, "div") if each.get("class") == TEXT)
    whole = next(marked, None)
    if whole is not None and len([*inside(whole, *{str(e.tag) for e in entries})]) == len(entries):
        asked.page.slots[whole] = f"{_MARK}{''.join(asked.page.flow(whole))}"
        start = _MARK
    blocks = [*asked.before, *asked.page.flow(asked.body)]
    if len(entries) == 1 and entries[0].tag == "textEntryInteraction":
        shorter = _without_end(blocks)
        if shorter is not None:
            asked.prompt = "".join(shorter)
            return _short(asked, responses[0])
    right, found = _given(asked, entries, responses)
    weights = _weights(asked, right)
    gaps: list[dict[str, Any]] = []
    typed: list[tuple[Variable, list[Answer]]] = []
    for entry, response in zip(entries, responses, strict=True):
        weight = weights[response.identifier]
        if entry.tag == "inlineChoiceInteraction":
            gaps.append(_chosen(asked, entry, response, right, weight))
        elif response.base_type in NUMERIC:
            gaps.append(_number(asked, response, right))
        else:
            answers = found[response.identifier]
            typed.append((response, answers))
            gaps.append({"kind": "typed", "answers": answers})
    matters = any(case_matters(asked, response, right, each) for response, each in typed)
    manner = Manner(case_matters=matters)
    for gap in gaps:
        if gap["kind"] == "typed":
            if any(each.text is None for each in gap["answers"]):
                raise Refused(_("Whatever is typed into a gap earns something."))
            gap["answers"] = _lines(_merged(gap["answers"], manner))
    asked.feedback_on_all(right, {})
    for gap, response in zip(gaps, responses, strict=True):
        name = response.identifier
        told = asked.feedback_when([{name: value} for value in (right[name], _other(response))])
        if told:
            gap["feedback"] = told
    asked.prompt, text = _split(blocks, start)
    return "gaps", {"text": text, "gaps": gaps, "case_matters": matters}


def gap_match(asked: Asked, interaction: Element) -> tuple[str, dict[str, Any]]:
    """Words to be put into the gaps of a text; here they are chosen in each."""
    response = asked.response(interaction)
    asked.note_guidance()
    if named(interaction, "gapImg"):
        raise Refused(_("Pictures are to be put into gaps."))
    words = named(interaction, "gapText")
    names = identifiers(words)
    texts = {name: plain_of(asked.page.html(each)) for name, each in zip(names, words, strict=True)}
    places = list(inside(interaction, "gap"))
    gap_names = identifiers(places)
    pairs: dict[str, str] = {}
    for text in response.correct:
        parts = text.split()
        if len(parts) == 2 and parts[0] in gap_names:
            parts.reverse()
        if len(parts) != 2 or parts[0] not in texts or parts[1] not in gap_names:
            raise Refused(_("The right pair “%(pair)s” is not there.") % {"pair": text})
        if parts[1] in pairs:
            raise Refused(_("Several words are right in one gap, all at once."))
        pairs[parts[1]] = parts[0]
    if set(pairs) != set(gap_names) or not pairs:
        raise no_key()

    def given(chosen: dict[str, str]) -> Given:
        both = [f"{word} {gap}" for gap, word in chosen.items()]
        return {response.identifier: response.value(*both)}

    top = asked.certain(given(pairs))
    gaps = []
    weights = {}
    for gap in gap_names:
        others = {name: word for name, word in pairs.items() if name != gap}
        least = asked.score(given(others))
        weights[gap] = top - least
        shares = {
            name: _share(asked.score(given({**others, gap: name})) - least, top - least)
            for name in names
        }
        gaps.append(_choices(texts, shares, pairs[gap]))
    _note_weights(asked, top, weights)
    asked.feedback_on_all(given(pairs), {})
    for gap, made in zip(gap_names, gaps, strict=True):
        told = asked.feedback_when([given({gap: name}) for name in names])
        if told:
            made["feedback"] = told
    own = asked.page.html(first(interaction, "prompt"))
    asked.page.slots |= {each: f"[[{at}]]" for at, each in enumerate(places, 1)}
    asked.page.slots |= dict.fromkeys(words, "")
    inner = asked.page.flow(interaction)
    asked.page.slots[interaction] = _MARK
    blocks = [*asked.before, *asked.page.flow(asked.body)]
    at = blocks.index(_MARK)
    start = _MARK if own else None
    text_blocks = [f"{_MARK}{''.join(inner)}"] if own else inner
    asked.prompt, text = _split([*blocks[:at], own, *text_blocks, *blocks[at + 1 :]], start)
    return "gaps", {"text": text, "gaps": gaps}


def _short(asked: Asked, response: Variable) -> tuple[str, dict[str, Any]]:
    """One answer to type."""
    name = response.identifier
    if response.base_type in NUMERIC:
        rows = numbers_of(asked, response, {})
        values: list[Value | None] = [Value((float(row["value"]),)) for row in rows]
        right = frozenset(str(row["value"]) for row in rows if row.get("credit", 100) == 100)
        given = [(str(row["value"]), value) for row, value in zip(rows, values, strict=True)]
        _tell(rows, asked.feedback_on(given, name, right, _other(response)))
        return "numeric", {"answers": rows}
    answers = answers_of(asked, response, {})
    asked.best = asked.score({name: response.value(answers[0].text or "")})
    matters = case_matters(asked, response, {}, answers)
    found = _merged(answers, Manner(case_matters=matters))
    texts = ["x" if each.text is None else each.text for each in found]
    right = frozenset(
        text for text, each in zip(texts, found, strict=True) if is_near(each.share, 1)
    )
    given = [(text, response.value(text)) for text in texts]
    told = asked.feedback_on(given, name, right, _other(response))
    rows = []
    for each in found:
        row: dict[str, Any] = {"pattern": "*" if each.text is None else _pattern(each.text)}
        rows.append(row if is_near(each.share, 1) else {**row, "credit": each.percent})
    _tell(rows, told)
    return "short_answer", {"answers": rows, "case_matters": matters}


def _tell(rows: Sequence[dict[str, Any]], told: Sequence[str]) -> None:
    for row, feedback in zip(rows, told, strict=True):
        if feedback:
            row["feedback"] = feedback


def _given(
    asked: Asked, entries: Sequence[Element], responses: Sequence[Variable]
) -> tuple[dict[str, Value | None], dict[str, list[Answer]]]:
    """The right responses, and the answers of the gaps into which words are typed."""
    right: dict[str, Value | None] = {}
    found: dict[str, list[Answer]] = {}
    for entry, response in zip(entries, responses, strict=True):
        if entry.tag == "inlineChoiceInteraction":
            names = identifiers(named(entry, "inlineChoice"))
            best = response.correct or _best_by_worth(response, names)
            if len(best) != 1 or best[0] not in names:
                raise no_key()
            right[response.identifier] = response.value(best[0])
        elif response.correct:
            right[response.identifier] = response.value(response.correct[0])
    for entry, response in zip(entries, responses, strict=True):
        name = response.identifier
        if entry.tag == "textEntryInteraction" and response.base_type not in NUMERIC:
            found[name] = answers_of(asked, response, right)
            right.setdefault(name, response.value(found[name][0].text or ""))
        elif name not in right:
            raise no_key()
    return right, found


def _best_by_worth(response: Variable, names: Sequence[str]) -> tuple[str, ...]:
    worths = [response.worth(name) for name in names]
    top = max(worths, default=0.0)
    return tuple(n for n, worth in zip(names, worths, strict=True) if top > 0 and worth == top)


def _weights(asked: Asked, right: Given) -> dict[str, float]:
    """What each gap adds to the others. Raises Refused where a right one takes away."""
    top = asked.certain(right)
    weights = {
        name: top - asked.score({key: value for key, value in right.items() if key != name})
        for name in right
    }
    _note_weights(asked, top, weights)
    return weights


def _note_weights(asked: Asked, top: float, weights: dict[str, float]) -> None:
    if any(weight < -NEAR for weight in weights.values()):
        raise contradiction()
    count = len(weights)
    if count > 1 and all(is_near(weight, top) for weight in weights.values()):
        asked.note(_("All gaps had to be right together; here each earns its share."))
    elif not all(is_near(weight, top / count) for weight in weights.values()):
        asked.note(_("Parts that weigh differently in the file earn the same here."))


def _chosen(
    asked: Asked, entry: Element, response: Variable, right: Given, weight: float
) -> dict[str, Any]:
    elements = named(entry, "inlineChoice")
    names = identifiers(elements)
    texts = {
        name: plain_of(asked.page.html(each)) for name, each in zip(names, elements, strict=True)
    }
    name = response.identifier
    least = asked.score({**right, name: None})
    shares = {
        each: _share(asked.score({**right, name: response.value(each)}) - least, weight)
        for each in names
    }
    best = next((each for each in names if response.value(each) == right[name]), None)
    if best is None:
        raise no_key()
    return _choices(texts, shares, best)


def _other(response: Variable) -> Value | None:
    """What nobody gives."""
    return Value((1.23456789e9,)) if response.base_type in NUMERIC else response.value(NOBODY)


def _choices(texts: dict[str, str], shares: dict[str, float], right: str) -> dict[str, Any]:
    if any(not text for text in texts.values()):
        raise Refused(_("A choice of a gap has no words."))
    if shares[right] <= NEAR:  # the gap earns nothing in the file, though its key is there
        shares = {name: float(name == right) for name in shares}
    if max(shares.values()) > shares[right] + NEAR:
        raise contradiction()
    answers = [Answer(texts[right], 1.0)]
    answers += [
        Answer(text, min(1.0, shares[name]))
        for name, text in texts.items()
        if name != right and shares[name] > NEAR
    ]
    known = {each.text for each in answers}
    wrong = list(dict.fromkeys(text for text in texts.values() if text not in known))
    unique = list({each.text: each for each in reversed(answers)}.values())[::-1]
    return {"kind": "chosen", "answers": _lines(unique), "wrong": "\n".join(wrong)}


def _number(asked: Asked, response: Variable, right: Given) -> dict[str, Any]:
    rows = numbers_of(asked, response, right)
    margins = {float(row["tolerance"]) for row in rows}
    if len(margins) > 1 or any(row["tolerance_kind"] != "absolute" for row in rows):
        raise Refused(_("The tolerances of a gap are not the same for all its numbers."))
    answers = [
        Answer(written_figure(float(row["value"])), float(row.get("credit", 100)) / 100)
        for row in rows
    ]
    return {"kind": "number", "answers": _lines(answers), "tolerance": margins.pop()}


def _share(change: float, weight: float) -> float:
    return change / weight if weight > NEAR else 0.0


def _lines(answers: Sequence[Answer]) -> str:
    lines = []
    for each in answers:
        text = " ".join((each.text or "").split())
        is_plain = is_near(each.share, 1) and not text.startswith("=")
        lines.append(text if is_plain else f"={each.percent:.4g}={text}")
    return "\n".join(lines)


def _merged(answers: Sequence[Answer], manner: Manner) -> list[Answer]:
    """The answers without those that are the same here; the better one stays."""
    found: dict[str | None, Answer] = {}
    for each in sorted(answers, key=lambda answer: -answer.share):
        found.setdefault(None if each.text is None else manner.normal(each.text), each)
    return list(found.values())


def _pattern(text: str) -> str:
    return " ".join(text.split()).replace("*", "\\*")


def _without_end(blocks: list[str]) -> list[str] | None:
    """The blocks without the gap where it is the very last thing in them, else None."""
    if not blocks or "[[1]]" not in blocks[-1] or not blocks[-1].startswith("<p"):
        return None
    found = re.search(_END.pattern + r"\Z", blocks[-1])
    if found is None:
        return None
    last = blocks[-1][: found.start()] + found[1]
    return [*blocks[:-1], *([] if is_blank(last) else [last])]


def _split(blocks: Sequence[str], start: str | None) -> tuple[str, str]:
    """The prompt, and the text with gaps: from the block on that begins with `start`.

    Without it, from the first gap on.
    """
    at = next(
        (n for n, each in enumerate(blocks) if (each.startswith(start) if start else "[[" in each)),
        None,
    )
    if at is None:
        raise Refused(_("The gaps do not stand in the text."))
    before, text = ("".join(part).replace(_MARK, "") for part in (blocks[:at], blocks[at:]))
    if is_blank(before):
        before = f"<p>{html.escape(_('Fill in the gaps.'))}</p>"
    return before, text
