"""One question of a GIFT file: escapes, title, answers, kind. The order of tests is Moodle's."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final, NamedTuple

from django.utils.translation import gettext as _

from lms.plugins.errors import DomainError
from quizzes.exchange.choosing import Option, choosing, true_or_false
from quizzes.exchange.drafts import Draft
from quizzes.exchange.moodle_files import moodle_pictures
from quizzes.exchange.texts import (
    BREAK,
    HTML,
    MARKDOWN,
    MOODLE,
    PLAIN,
    figure,
    html_of,
    is_empty,
    percent,
)

BLANK: Final = "_____"
_SIGNS: Final = "~=#{}:\\"
_HIDDEN: Final = {sign: chr(0xE200 + at) for at, sign in enumerate(_SIGNS)} | {"n": BREAK}
_SHOWN: Final = {ord(hidden): sign for sign, hidden in _HIDDEN.items() if hidden != BREAK}
_ESCAPE: Final = re.compile(r"\\([~=#{}:n\\])")
_FORMAT: Final = re.compile(r"\s*\[(html|markdown|plain|moodle)\]")
_WEIGHT: Final = re.compile(r"\s*%(-?[0-9]{1,3}(?:[.,][0-9]{0,20})?)%")
_SIGN: Final = re.compile("[~=]")
_ATTRIBUTES: Final = re.compile(
    r"<[A-Za-z][A-Za-z0-9]*(?:\s+[A-Za-z:-]+=(?:\"[^\"<>]*\"|'[^'<>]*'))+\s*/?>"
)
_TRUTH: Final = {"T": True, "TRUE": True, "F": False, "FALSE": False}


class GiftError(DomainError):
    """Why this is no question."""


class _Part(NamedTuple):
    """An answer: the sign before it, "" where none is, and what follows."""

    sign: str
    text: str


def escaped(text: str) -> str:
    r"""`text` with signs that a backslash frees from their meaning replaced by stand-ins.

    \n is a line end that its author meant.
    """
    text = text.translate(dict.fromkeys((*_SHOWN, ord(BREAK))))
    return _ESCAPE.sub(lambda found: _HIDDEN[found[1]], text)


def restored(text: str) -> str:
    """`text` with the signs themselves, without backslashes."""
    return text.translate(_SHOWN)


def question_of(text: str, place: str) -> Draft | None:
    """The question that `text` is; None for a description. Raises GiftError."""
    text = escaped(text).strip()
    name = ""
    if text.startswith("::") and "::" in text[2:]:
        name, text = text[2:].split("::", 1)
        name, text = " ".join(restored(name).replace(BREAK, " ").split()), text.lstrip(" \n\t")
    if "{" not in text and "}" not in text:
        return None
    if text.count("{") != 1 or text.count("}") != 1 or text.index("{") > text.index("}"):
        raise GiftError(
            _(
                "The braces are not one pair: write \\{ and \\} for the signs themselves, and"
                " leave an empty line between questions."
            )
        )
    before, rest = text.split("{")
    answers, after = rest.split("}")
    # Moodle makes a gap before whatever follows; a mere full stop after {TRUE} is none.
    has_gap = any(sign.isalnum() for sign in after) or (
        after.strip() and answers.lstrip()[:1] in ("~", "=", "#")
    )
    body = f"{before}{BLANK}{after}" if has_gap else before
    kind, body = _with_format(body, MOODLE)
    general = ""
    if "####" in answers:
        answers, general = answers.rsplit("####", 1)
    draft = Draft(place, "", _html(body, MOODLE, kind), {}, name=name)
    if general.strip():
        draft.explanation = _rich(general, kind)
    _answer(draft, _in_attributes(answers.strip()), kind)
    return draft


def _answer(draft: Draft, answers: str, kind: str) -> None:
    """Kind and own part of the question, by Moodle's tests in Moodle's order."""
    truth = _TRUTH.get(_word(answers.split("#")[0].strip()))
    if not answers:
        draft.type_key, draft.written = "essay", {}
    elif answers.startswith("#"):
        draft.type_key = "numeric"
        draft.written = {"answers": _numbers(draft, answers[1:], kind)}
    elif "~" in answers:
        parts = _parts(answers)
        options = [_option(part, kind) for part in parts]
        if len(options) < 2:
            raise GiftError(_("There must be at least two options."))
        found = choosing(options, one=any(part.sign == "=" for part in parts))
        draft.type_key, draft.written = found.type_key, found.written
        draft.notes += found.notes
    elif "=" in answers and "->" in answers:
        draft.type_key, draft.written = "matching", _pairs(_parts(answers), kind)
    elif truth is not None:
        # The first feedback is on the wrong choice, the second on the right one.
        wrong, right = ([_rich(each, kind) for each in answers.split("#")[1:]] + ["", ""])[:2]
        of_true, of_false = (right, wrong) if truth else (wrong, right)
        draft.type_key, draft.written = "true_false", true_or_false(truth, of_true, of_false)
    else:
        parts = _parts(answers) if "=" in answers else [_Part("=", answers)]
        draft.type_key = "short_answer"
        draft.written = {"answers": [_pattern(part, kind) for part in parts]}


def _word(text: str) -> str:
    return text.upper() if len(text) > 1 else text


def _parts(answers: str) -> list[_Part]:
    """The answers with the sign before each. Raises GiftError where a sign may be a mere sign."""
    places = [found.start() for found in _SIGN.finditer(answers)]
    if places[0]:
        raise GiftError(_("There is text before the first answer: each begins with = or ~."))
    apart = [at for at in places[1:] if answers[at - 1].isspace()]
    for at in places[1:]:
        if answers[at] == "=" and answers[at - 1].isalnum() and apart:
            around = " ".join(restored(answers[max(0, at - 12) : at + 12]).split())
            raise GiftError(
                _("“%(text)s”: write \\= for the sign itself, or a space before a right answer.")
                % {"text": around}
            )
    ends = [*places[1:], len(answers)]
    return [
        _Part(answers[at], answers[at + 1 : end].strip())
        for at, end in zip(places, ends, strict=True)
    ]


def _option(part: _Part, kind: str) -> Option:
    weight, text = _weighed(part.text, 100.0 if part.sign == "=" else 0.0)
    text, feedback = _commented(text, kind)
    return Option(_rich(text, kind), weight, feedback)


def _pattern(part: _Part, kind: str) -> dict[str, Any]:
    weight, text = _weighed(part.text, 100.0)
    text, feedback = _commented(text, kind)
    pattern = _plain(text)
    if not pattern:
        raise GiftError(_("An answer has no text."))
    return {"pattern": pattern, "credit": max(0.0, weight), "feedback": feedback}


def _pairs(parts: Sequence[_Part], kind: str) -> dict[str, Any]:
    pairs, extra = [], []
    for part in parts:
        if "->" not in part.text:
            raise GiftError(_("An answer has no “->”, though others of the question have it."))
        text, match = part.text.split("->", 1)
        match = html_of(_plain(match), PLAIN)
        text = _rich(text, kind)
        if is_empty(text):
            extra.append(match)
        else:
            pairs.append({"text": text, "match": match})
    matched = {pair["match"] for pair in pairs}
    others = [match for match in dict.fromkeys(extra) if match not in matched]
    return {"pairs": pairs, "extra": others}


def _numbers(draft: Draft, answers: str, kind: str) -> list[dict[str, Any]]:
    answers, tilde, other = answers.partition("~")
    if tilde and not is_empty(_commented(other, kind)[1]):
        draft.notes.append(_("Feedback on all other numbers is not kept."))
    texts = [text for text in answers.split("=") if text.strip()]
    if not texts:
        raise GiftError(_("There is no number."))
    rows = []
    for text in texts:
        weight, text = _weighed(text, 100.0)
        text, feedback = _commented(text, kind)
        text = restored(text).strip()
        if text == "*" and weight <= 0:
            draft.notes.append(_("Feedback on all other numbers is not kept."))
            continue
        value, tolerance = _range(text)
        rows.append(
            {
                "value": value,
                "tolerance": tolerance,
                "credit": max(0.0, weight),
                "feedback": feedback,
            }
        )
    return rows


def _range(text: str) -> tuple[float, float]:
    """Number and tolerance of "5", "5:0.1" or "4.9..5.1"."""
    if ".." in text:
        lowest, highest = (figure(each) for each in text.split("..", 1))
        if lowest is not None and highest is not None and lowest <= highest:
            low, high = Decimal(repr(lowest)), Decimal(repr(highest))
            return float((low + high) / 2), float((high - low) / 2)
    else:
        value, colon, margin = text.partition(":")
        found, tolerance = figure(value), figure(margin) if colon else 0.0
        if found is not None and tolerance is not None and tolerance >= 0:
            return found, tolerance
    raise GiftError(_("“%(text)s” is no number or range of numbers.") % {"text": text[:80]})


def _weighed(text: str, default: float) -> tuple[float, str]:
    found = _WEIGHT.match(text)
    if found is None:
        return default, text
    weight = percent(found[1])
    if weight is None:
        raise GiftError(_("%(weight)s%% is no weight: -100 to 100.") % {"weight": found[1]})
    return weight, text[found.end() :]


def _commented(text: str, kind: str) -> tuple[str, str]:
    """An answer without its feedback, and that as HTML."""
    text, _sign, feedback = text.partition("#")
    return text, _rich(feedback, kind)


def _with_format(text: str, default: str) -> tuple[str, str]:
    found = _FORMAT.match(text)
    return (found[1], text[found.end() :]) if found else (default, text)


def _rich(text: str, default: str) -> str:
    return _html(text, default, None)


def _html(text: str, default: str, kind: str | None) -> str:
    if kind is None:
        kind, text = _with_format(text, default)
    text = text if kind == MARKDOWN else text.strip()
    made = moodle_pictures(html_of(restored(text), kind))
    return "" if is_empty(made) and kind in (HTML, MOODLE) else made


def _plain(text: str) -> str:
    return " ".join(restored(_with_format(text, MOODLE)[1]).replace(BREAK, " ").split())


def _in_attributes(text: str) -> str:
    """Signs in the attributes of elements mean nothing, even where they are not escaped."""

    def hidden(tag: re.Match[str]) -> str:
        return "".join(_HIDDEN[sign] if sign in "=~#" else sign for sign in tag[0])

    return _ATTRIBUTES.sub(hidden, text)
