"""What is typed, and texts with gaps, in QTI 3.0."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree.ElementTree import Element, SubElement

from django.utils.translation import gettext as _

from quizzes.exchange.qti_builder import text_of
from quizzes.exchange.qti_markup import fill, wrap_loose
from quizzes.exchange.qti_written import (
    MAP,
    RESPONSE,
    SCORE,
    Item,
    Unwritable,
    base,
    figure,
    make,
    setting,
    variable,
    when,
    worded,
)
from quizzes.exchange.texts import written_figure
from quizzes.question_types.gap_texts import CHOSEN, NUMBER, answers_of, choices_of
from quizzes.question_types.numbers import number_of, readings
from quizzes.question_types.text_matching import ANYTHING, is_open
from quizzes.question_types.text_matching import fill as pattern_text


def short_answer(item: Item) -> None:
    """A text to type: a mapping of the answers to what they earn."""
    written = item.written
    rows = sorted(written["answers"], key=lambda row: -_credit(row))
    known = [row for row in rows if not is_open(row["pattern"])]
    rest = [row for row in rows if row["pattern"].strip() == ANYTHING]
    if len(known) + len(rest) < len(rows):
        item.lost.append(_("Answers with * in them are not written."))
    if not any(_credit(row) == 1 for row in known):
        raise Unwritable(_("No answer that earns everything can be written: all have a * in them."))
    if not written["diacritics_matter"]:
        item.lost.append(_("That diacritics do not matter is not written."))
    texts = [pattern_text(row["pattern"], "") for row in known]
    worths = {text: _credit(row) for text, row in reversed([*zip(texts, known, strict=True)])}
    worths = {text: worths[text] for text in dict.fromkeys(texts)}
    default = figure(max((_credit(row) for row in rest), default=0.0))
    matters = written["case_matters"]
    item.response("string", texts[:1], worths=worths, case_matters=matters, default_value=default)
    item.score_by(MAP)
    entry = make("text-entry-interaction", response_identifier=RESPONSE)
    SubElement(item.body, "p").append(entry)
    tests = [
        (_same_text(RESPONSE, text, matters), row) for text, row in zip(texts, known, strict=True)
    ]
    _tell_in_turn(item, [*tests, *((_is_given(RESPONSE), row) for row in rest)])


def numeric(item: Item) -> None:
    """A number to type."""
    written = item.written
    rows = sorted(written["answers"], key=lambda row: -_credit(row))
    if not rows or _credit(rows[0]) != 1 or any(number_of(r.get("value")) is None for r in rows):
        raise Unwritable(_("No number earns everything."))
    if written.get("unit_rule", "none") != "none":
        item.lost.append(_("Units are not written."))
    item.response("float", [written_figure(float(rows[0]["value"]))])
    tests = [(_same_number(RESPONSE, row), row) for row in rows]
    item.rules.append(
        _in_turn(
            [(test, [setting(SCORE, base("float", figure(_credit(row))))]) for test, row in tests]
        )
    )
    entry = make("text-entry-interaction", response_identifier=RESPONSE)
    SubElement(item.body, "p").append(entry)
    _tell_in_turn(item, [(_same_number(RESPONSE, row), row) for row in rows])


def gaps(item: Item) -> None:
    """A text with gaps: a response each, all with the same weight."""
    written = item.written
    if not written["diacritics_matter"] and any(
        gap["kind"] not in (CHOSEN, NUMBER) for gap in written["gaps"]
    ):
        item.lost.append(_("That diacritics do not matter is not written."))
    entries: dict[int, Element] = {}
    for at, gap in enumerate(written["gaps"], 1):
        name = f"{RESPONSE}_{at}"
        answers = sorted(answers_of(dict(gap)), key=lambda each: -each[1])
        if not answers or answers[0][1] != 1.0:
            raise Unwritable(_("A gap has no right answer."))
        if gap["kind"] == CHOSEN:
            entries[at] = _chosen(item, name, gap, answers)
            continue
        entries[at] = make("text-entry-interaction", response_identifier=name)
        if gap["kind"] == NUMBER:
            _number(item, name, gap, answers)
        else:
            worths = dict(reversed(answers))
            ordered = {text: worths[text] for text, _credit_ in answers}
            matters = written["case_matters"]
            item.response(
                "string", [answers[0][0]], name=name, worths=ordered, case_matters=matters
            )
            item.rules.append(_add(make("map-response", identifier=name)))
    text = SubElement(item.body, "div", {"class": "gap-text"})
    fill(text, written["text"], item.files, entries)
    wrap_loose(text)
    for at, gap in enumerate(written["gaps"], 1):
        if item.tell(f"gap_{at}", gap.get("feedback") or ""):
            told = item.also(base("identifier", f"gap_{at}"))
            item.told.append(when(_is_given(f"{RESPONSE}_{at}"), told))


def _chosen(
    item: Item, name: str, gap: Mapping[str, Any], answers: Sequence[tuple[str, float]]
) -> Element:
    names = {text: f"word_{at}" for at, text in enumerate(choices_of(dict(gap)), 1)}
    worths = {names[text]: credit for text, credit in reversed(answers)}
    item.response("identifier", [names[answers[0][0]]], name=name, worths=worths)
    item.rules.append(_add(make("map-response", identifier=name)))
    words = [
        worded(make("inline-choice", identifier=identifier), text)
        for text, identifier in names.items()
    ]
    return make("inline-choice-interaction", *words, response_identifier=name, shuffle=False)


def _number(
    item: Item, name: str, gap: Mapping[str, Any], answers: Sequence[tuple[str, float]]
) -> None:
    margin = number_of(gap.get("tolerance")) or 0.0
    branches = []
    for text, credit in answers:
        found = readings(text)
        if len(found) != 1:
            raise Unwritable(
                _("“%(text)s” is not a number that can be read in one way only.") % {"text": text}
            )
        row = {"value": found[0], "tolerance": margin, "tolerance_kind": "absolute"}
        branches.append((_same_number(name, row), [_add(base("float", figure(credit)))]))
    item.response("float", [written_figure(readings(answers[0][0])[0])], name=name)
    item.rules.append(_in_turn(branches))


def _add(value: Element) -> Element:
    return setting(SCORE, make("sum", variable(SCORE), value))


def _is_given(name: str) -> Element:
    return make("not", make("is-null", variable(name)))


def _same_text(name: str, text: str, case_matters: bool) -> Element:
    return make(
        "string-match", variable(name), base("string", text_of(text)), case_sensitive=case_matters
    )


def _same_number(name: str, row: Mapping[str, Any]) -> Element:
    """The margins of `equal` are those of its first expression."""
    margin = number_of(row.get("tolerance")) or 0.0
    parts = base("float", written_figure(float(row["value"]))), variable(name)
    if not margin:
        return make("equal", *parts, tolerance_mode="exact")
    mode = "relative" if row.get("tolerance_kind") == "relative" else "absolute"
    both = f"{written_figure(margin)} {written_figure(margin)}"
    return make("equal", *parts, tolerance_mode=mode, tolerance=both)


def _in_turn(branches: Sequence[tuple[Element, Sequence[Element]]]) -> Element:
    """A rule that does what belongs to the first test that holds."""
    condition = make("response-condition")
    for at, (test, rules) in enumerate(branches):
        condition.append(make("response-else-if" if at else "response-if", test, *rules))
    return condition


def _tell_in_turn(item: Item, tests: Sequence[tuple[Element, Mapping[str, Any]]]) -> None:
    """Feedback on the answer that was given."""
    branches: list[tuple[Element, list[Element]]] = []
    for at, (test, row) in enumerate(tests, 1):
        has_any = item.tell(f"answer_{at}", row.get("feedback") or "")
        told = [item.also(base("identifier", f"answer_{at}"))] if has_any else []
        branches.append((test, told))
    if any(told for _test, told in branches):
        item.told.append(_in_turn(branches))


def _credit(row: Mapping[str, Any]) -> float:
    credit = row.get("credit")
    return 1.0 if credit is None else float(credit) / 100
