"""Texts with gaps in the table of questions."""

from __future__ import annotations

import re
from typing import Final

from django.utils.translation import gettext as _

from quizzes.exchange.plain_numbers import number_in, with_comma
from quizzes.exchange.table_cells import Own, Row, Unfit, filled, line_of, lines, parts_of, rich
from quizzes.exchange.word_written import FILL_IN

_PLACE: Final = re.compile(r"\[\[\s*(\d{1,3})\s*\]\]")
_BLANK: Final = re.compile(r"_{3,}")


def gaps_of_row(row: Row) -> tuple[str, Own]:
    """Prompt and own part: the text is the question from the line on that has the first gap."""
    text = row["prompt"]
    if not _PLACE.search(text):
        count = iter(range(1, 1000))
        text = _BLANK.sub(lambda _found: f"[[{next(count)}]]", text)
    if not _PLACE.search(text):
        raise Unfit(_("The question has no gap: write [[1]], [[2]] … or ____."))
    found = text.split("\n")
    first = next(at for at, each in enumerate(found) if _PLACE.search(each))
    prompt, body = "\n".join(found[:first]), "\n".join(found[first:])
    options = filled(row)
    if not options:
        options = [("", each, "") for each in lines(row.get("key", ""))]
    elif row.get("key"):
        raise Unfit(_("Write the answers in “Đáp án” or in the options, not in both."))
    numbers = {int(each) for each in _PLACE.findall(text)}
    if numbers != set(range(1, len(options) + 1)):
        raise Unfit(
            _("It has %(gaps)d gaps, but %(keys)d answers.")
            % {"gaps": len(numbers), "keys": len(options)}
        )
    gaps = [_gap(text, feedback, by_line=bool(letter)) for letter, text, feedback in options]
    return rich(prompt) or FILL_IN, {"text": rich(body), "gaps": gaps}


def _gap(text: str, feedback: str, *, by_line: bool) -> Own:
    parts = lines(text) if by_line else parts_of(r"\s*\|\s*", text)
    right = [each for each in parts if not each.startswith("~")]
    wrong = [each[1:].strip() for each in parts if each.startswith("~")]
    own = {"kind": "typed", "answers": "\n".join(right), "feedback": line_of(feedback)}
    if wrong:
        return {**own, "kind": "chosen", "wrong": "\n".join(wrong)}
    if all(each.startswith("#") for each in right):
        numbers = [number_in(each[1:]) for each in right]
        if len(numbers) != 1 or numbers[0] is None or numbers[0].is_relative:
            raise Unfit(
                _("“%(text)s” is no number that can be read for certain. Write 12,5 or 12,5 ± 0,1.")
                % {"text": text}
            )
        number = numbers[0]
        kept = {"answers": with_comma(number.value), "tolerance": number.tolerance}
        return {**own, "kind": "number", **kept}
    return own
