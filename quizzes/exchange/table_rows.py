"""A row of the table of questions as a draft; its form is told in docs/imports/table.md."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import Any, Final

from django.utils.translation import gettext as _

from quizzes.exchange.drafts import Draft
from quizzes.exchange.kind_names import kind_of, level_of
from quizzes.exchange.plain_numbers import number_in
from quizzes.exchange.table_cells import Own, Row, Unfit, filled, line_of, lines, parts_of, rich
from quizzes.exchange.table_columns import FEEDBACKS, LETTERS
from quizzes.exchange.table_gaps import gaps_of_row
from quizzes.exchange.word_keys import letters_of, same_words, truth_of

_CREDIT: Final = re.compile(r"=\s*(\d{1,3}(?:[.,]\d{1,4})?)\s*%?\s*=\s*(.*)")
NOTHING: Final = ("", "-")  # stands on the left of a match of nothing, or of items of no group


def draft_of(place: str, row: Row) -> Draft:
    """The question of a row. Raises Unfit."""
    if not row.get("prompt"):
        raise Unfit(_("There is no question in the row."))
    kind = _kind(row)
    prompt, own = rich(row["prompt"]), dict[str, Any]()
    if kind == "gaps":
        prompt, own = gaps_of_row(row)
    else:
        own = READERS[kind](row)
    explained = row.get("explanation", "")
    explanation = rich(explained)
    general = row.get("feedback", "")
    if general and kind != "ordering":
        explanation = f"{rich(general)}{explanation}"
    return Draft(
        place=place,
        type_key=kind,
        prompt=prompt,
        written=own,
        name=row.get("name", ""),
        code=row.get("code", ""),
        explanation=explanation,
        hints=[rich(each) for each in lines(row.get("hint", ""))],
        points=_points(row.get("points", "")),
        category=tuple(parts_of(r"\s*>\s*|\s+/\s+", row.get("category", ""))),
        tags=tuple(dict.fromkeys(_tags(row))),
        notes=list(_left_over(kind, row)),
    )


def _kind(row: Row) -> str:
    said = row.get("kind", "")
    if said:
        kind = kind_of(said)
        if not kind:
            raise Unfit(_("The kind “%(kind)s” is not known.") % {"kind": said})
        if kind not in READERS and kind != "gaps":
            raise Unfit(
                _("Questions of the kind “%(kind)s” cannot be given in a table.") % {"kind": said}
            )
        return kind
    key, count = row.get("key", ""), len(filled(row))
    if count > 1 and key:
        return "multiple_choice" if len(_right(row)) > 1 else "single_choice"
    if not count and len(key) > 1 and truth_of(key):
        return "true_false"
    if not count and key:
        return "short_answer"
    raise Unfit(_("Say in “Loại” what kind of question it is."))


def _right(row: Row) -> set[str]:
    """The letters of the right options, by letter, by number or by text."""
    key, options = row.get("key", ""), filled(row)
    if not key:
        raise Unfit(_("The key is missing: write for example B in “Đáp án”."))
    found = set(letters_of(key))
    numbers = re.fullmatch(r"\s*[1-8](?:\s*[,;]\s*[1-8])*\s*", key)
    if numbers:
        found = {LETTERS[int(each) - 1] for each in re.findall(r"\d", key)}
    same = {letter for letter, text, _feedback in options if same_words(text, key)}
    if len(same) > 1 or (same and found and same != found):
        raise Unfit(
            _("The key “%(key)s” is the letter of one option and the text of another.")
            % {"key": key}
        )
    found = found or same or _by_lines(key, options)
    unknown = found - {letter for letter, _text, _feedback in options}
    if unknown or not found:
        raise Unfit(_("The key “%(key)s” is none of its options.") % {"key": key})
    return found


def _by_lines(key: str, options: list[tuple[str, str, str]]) -> set[str]:
    found = set()
    for each in lines(key):
        same = [letter for letter, text, _feedback in options if same_words(text, each)]
        if len(same) != 1:
            return set()
        found.add(same[0])
    return found


def _choice(row: Row) -> Own:
    options = filled(row)
    if len(options) < 2:
        raise Unfit(_("There are fewer than two options."))
    right = _right(row)
    return {
        "options": [
            {"text": line_of(text), "correct": letter in right, "feedback": line_of(feedback)}
            for letter, text, feedback in options
        ]
    }


def _single(row: Row) -> Own:
    if len(_right(row)) > 1:
        raise Unfit(_("The key has several letters, but only one can be chosen."))
    return _choice(row)


def _true_false(row: Row) -> Own:
    if filled(row):
        texts = {letter: truth_of(text) for letter, text, _feedback in filled(row)}
        truth = truth_of(row.get("key", ""))
        same = [letter for letter, each in texts.items() if each and each == truth]
        return _single({**row, "key": same[0]} if len(same) == 1 else row)
    key = row.get("key", "")
    truth = {"1": "Đ", "0": "S"}.get(key, truth_of(key))
    if not truth:
        raise Unfit(_("The key must be “Đúng” or “Sai”."))
    return {
        "options": [
            {
                "text": text,
                "correct": sign == truth,
                "feedback": line_of(row.get(f"feedback {letter}", "")),
            }
            for sign, text, letter in (("Đ", "Đúng", "A"), ("S", "Sai", "B"))
        ]
    }


def _answers(row: Row) -> Iterator[tuple[str, float, str]]:
    """Text, credit and feedback of each answer: in the key, else in the options."""
    options = filled(row)
    if row.get("key") and options:
        raise Unfit(_("Write the answers in “Đáp án” or in the options, not in both."))
    # A key can stand in lines, or parted by strokes.
    found = [(each, "") for each in parts_of(r"\n|\s*\|\s*", row.get("key", ""))]
    found = found or [(text, feedback) for _letter, text, feedback in options]
    if not found:
        raise Unfit(_("The key is missing."))
    for text, feedback in found:
        weighed = _CREDIT.fullmatch(text)
        credit = float(weighed[1].replace(",", ".")) if weighed else 100.0
        yield (weighed[2].strip() if weighed else text), credit, line_of(feedback)


def _short_answer(row: Row) -> Own:
    return {
        "answers": [
            {"pattern": text, "credit": credit, "feedback": feedback}
            for text, credit, feedback in _answers(row)
        ]
    }


def _numeric(row: Row) -> Own:
    found = []
    for text, credit, feedback in _answers(row):
        number = number_in(text)
        if number is None:
            raise Unfit(
                _("“%(text)s” is no number that can be read for certain. Write 12,5 or 12,5 ± 0,1.")
                % {"text": text}
            )
        found.append({**number.written(), "credit": credit, "feedback": feedback})
    return {"answers": found}


def _sides(row: Row) -> Iterator[tuple[str, str, str]]:
    """Left, right and feedback of each line “trái = phải”."""
    for letter, text, feedback in filled(row):
        for line in lines(text):
            found = re.split(r"\s+=\s+", f" {line} ") if " = " in f" {line} " else line.split("=")
            if len(found) != 2 or not found[1].strip():
                raise Unfit(
                    _("Option %(letter)s is not of the form “left = right”: %(text)s")
                    % {"letter": letter, "text": line}
                )
            yield found[0].strip(), found[1].strip(), feedback


def _matching(row: Row) -> Own:
    sides = list(_sides(row))
    return {
        "pairs": [
            {"text": line_of(left), "match": line_of(right), "feedback": line_of(feedback)}
            for left, right, feedback in sides
            if left not in NOTHING
        ],
        "extra": [{"value": line_of(right)} for left, right, _ in sides if left in NOTHING],
    }


def _grouping(row: Row) -> Own:
    groups: dict[str, list[dict[str, str]]] = {}
    for left, right, _feedback in _sides(row):
        rows = groups.setdefault("" if left in NOTHING else left, [])
        rows += [{"value": line_of(each)} for each in parts_of(";", right)]
    extra = groups.pop("", [])
    named = [{"name": line_of(name), "items": items} for name, items in groups.items()]
    return {"groups": named, "extra": extra}


def _ordering(row: Row) -> Own:
    options = filled(row)
    texts = [text for _letter, text, _feedback in options]
    if len(texts) == 1:
        texts = lines(texts[0])
    key = row.get("key", "")
    if key and key.upper() != "".join(letter for letter, _t, _f in options):
        raise Unfit(_("The options must stand in the right order; leave “Đáp án” empty."))
    return {
        "items": [{"text": line_of(each)} for each in texts],
        "feedback": rich(row.get("feedback", "")),
    }


def _essay(row: Row) -> Own:
    return {"guidance": rich(row.get("key", ""))}


def _points(text: str) -> Decimal:
    try:
        points = Decimal(text.replace(",", ".")) if text else Decimal(1)
    except InvalidOperation:
        points = Decimal(-1)
    if not points.is_finite() or not 0 <= points <= 1000:
        raise Unfit(_("“%(text)s” is no number of points.") % {"text": text})
    return points


def _tags(row: Row) -> Iterator[str]:
    if row.get("level"):
        yield level_of(row["level"])
    yield from parts_of("[,;\n]", row.get("tags", ""))


def _left_over(kind: str, row: Row) -> Iterator[str]:
    """Feedback of options that the kind cannot keep."""
    keeps = {"true_false": LETTERS[:2], "essay": "", "ordering": "", "grouping": ""}
    letters = "".join(letter for letter, _text, _feedback in filled(row))
    for letter, column in zip(LETTERS, FEEDBACKS, strict=True):
        if row.get(column) and letter not in (keeps.get(kind, letters)):
            yield _("“Phản hồi %(letter)s” is left out.") % {"letter": letter}
    if kind == "essay" and letters:
        yield _("Options are left out: an essay has none.")


READERS: Final[Mapping[str, Callable[[Row], Own]]] = MappingProxyType(
    {
        "single_choice": _single,
        "multiple_choice": _choice,
        "true_false": _true_false,
        "short_answer": _short_answer,
        "numeric": _numeric,
        "matching": _matching,
        "ordering": _ordering,
        "grouping": _grouping,
        "essay": _essay,
    }
)
