"""Texts with gaps of Moodle: embedded answers ("cloze"), and words to choose or to drag.

After docs.moodle.org, "Embedded Answers (Cloze) question type", and question/type/multianswer.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from django.utils.translation import gettext as _

from quizzes.exchange.moodle_source import MoodleError, Source, words
from quizzes.exchange.texts import figure, percent, plain_of, written_figure, written_percent

TYPED, CHOSEN, NUMBER = "typed", "chosen", "number"
_CASE: Final = "typed, capitals matter"
_CHOICES: Final = ("MULTICHOICE", "MC")
_KINDS: Final = MappingProxyType(
    {
        **dict.fromkeys(("SHORTANSWER", "SA", "MW"), TYPED),
        **dict.fromkeys(("SHORTANSWER_C", "SAC", "MWC"), _CASE),
        **dict.fromkeys(("NUMERICAL", "NM"), NUMBER),
        **{f"MULTICHOICE{end}": CHOSEN for end in ("", "_V", "_H", "_S", "_VS", "_HS")},
        **{f"MC{end}": CHOSEN for end in ("", "V", "H", "S", "VS", "HS")},
    }
)
# What a backslash frees, and the # of "&#39;", which parts nothing.
_FREED: Final = MappingProxyType({sign: chr(0xE210 + at) for at, sign in enumerate('}#~/"\\{')})
_SHOWN: Final = {ord(hidden): sign for sign, hidden in _FREED.items()}
_ESCAPE: Final = re.compile(r'\\([}#~/"\\{])')
_GAP: Final = re.compile(r"\{([0-9]{0,3}):([A-Za-z_]{1,20}):([^{}]*)\}")
_REST: Final = re.compile(r"\{[0-9]{0,3}:\s*[A-Za-z_]{2,20}[^{}]{0,40}")
_WEIGHT: Final = re.compile(r"\s*(?:(=)|%(-?[0-9]{1,3}(?:[.,][0-9]{0,20})?)%)")
_NUMBERED: Final = re.compile(r"\[\[\s*([0-9]{1,3})\s*\]\]")
_LEADING: Final = re.compile(
    r"\s*<(p|h[1-6]|ul|ol|table|blockquote|pre|div)\b[^<>]*>(?:(?!</?\1\b).)*?</\1>", re.DOTALL
)


class _Answer(NamedTuple):
    text: str  # plain
    weight: float  # percent
    feedback: str  # HTML


@dataclass
class GapText:
    """The own part of a text with gaps, as it grows."""

    gaps: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    cases: set[bool] = field(default_factory=set)
    shares: set[int] = field(default_factory=set)

    def note(self, message: str) -> None:
        if message not in self.notes:
            self.notes.append(message)

    @property
    def written(self) -> dict[str, Any]:
        if len(self.cases) > 1:
            self.note(_("Capitals mattered in some gaps; here they matter in none."))
        if len(self.shares) > 1:
            self.note(_("Some gaps counted more than others; here all count the same."))
        return {"gaps": self.gaps, "case_matters": self.cases == {True}}


def cloze(markup: str) -> tuple[str, str, GapText]:
    """Prompt, text with [[1]] …, and the gaps of embedded answers. Raises MoodleError."""
    found = GapText()
    markup = markup.translate(dict.fromkeys(_SHOWN))
    hidden = _ESCAPE.sub(lambda sign: _FREED[sign[1]], markup).replace("&#", f"&{_FREED['#']}")
    hidden = _NUMBERED.sub(r"[ [\1]]", hidden)

    def gap(part: re.Match[str]) -> str:
        _embedded(found, part)
        return f"[[{len(found.gaps)}]]"

    text = _GAP.sub(gap, hidden)
    if rest := _REST.search(text):
        raise MoodleError(
            _("The gap “%(text)s” cannot be read.") % {"text": rest[0].translate(_SHOWN)}
        )
    if not found.gaps:
        raise MoodleError(_("There is no gap."))
    # Outside gaps a backslash is itself.
    text = "".join(
        f"\\{_SHOWN[ord(c)]}" if ord(c) in _SHOWN and c != _FREED["#"] else c for c in text
    )
    text = text.replace(f"&{_FREED['#']}", "&#").replace(_FREED["#"], "\\#")
    return (*parted(text), found)


def words_to_place(source: Source, markup: str, *, dragged: bool) -> tuple[str, str, GapText]:
    """The same of a text with [[1]] … and a list of words in groups."""
    found = GapText()
    boxes = source.all("dragbox" if dragged else "selectoption")
    texts = [plain_of(f"<p>{words(box)}</p>") for box in boxes]
    groups = [" ".join(box.findtext("group", "1").split()) or "1" for box in boxes]

    def gap(part: re.Match[str]) -> str:
        at = int(part[1]) - 1
        if not 0 <= at < len(boxes) or not texts[at]:
            raise MoodleError(
                _("The text has [[%(number)d]], but there is no such gap.") % {"number": at + 1}
            )
        others = [text for text, group in zip(texts, groups, strict=True) if group == groups[at]]
        wrong = [text for text in dict.fromkeys(others) if text and text != texts[at]]
        if not wrong:
            raise MoodleError(
                _("Gap %(number)d needs at least two choices.") % {"number": len(found.gaps) + 1}
            )
        row = {"kind": CHOSEN, "answers": _line(texts[at]), "wrong": "\n".join(wrong)}
        found.gaps.append(row)
        return f"[[{len(found.gaps)}]]"

    text = _NUMBERED.sub(gap, markup)
    if not found.gaps:
        raise MoodleError(_("There is no gap."))
    return (*parted(text), found)


def parted(text: str) -> tuple[str, str]:
    """Whole paragraphs before the one with the first gap are the question, the rest the text."""
    at = 0
    while (block := _LEADING.match(text, at)) and not _NUMBERED.search(block[0]):
        at = block.end()
    if at and plain_of(text[:at]):
        return text[:at].strip(), text[at:].strip()
    return fill_prompt(), text


def fill_prompt() -> str:
    """The question where Moodle has nothing but the text with gaps."""
    return f"<p>{_('Fill in the gaps.')}</p>"


def gap_number(value: float) -> str:
    """A number that reads in one way: never "1.500", which may be fifteen hundred."""
    text = written_figure(value)
    return f"{text}0" if re.fullmatch(r"-?[1-9][0-9]{0,2}\.[0-9]{3}", text) else text


def _embedded(found: GapText, part: re.Match[str]) -> None:
    number = len(found.gaps) + 1
    kind = _KINDS.get(part[2].upper())
    if kind is None:
        raise MoodleError(
            _("Gaps of the kind “%(kind)s” are not known here.") % {"kind": part[2][:20]}
        )
    found.shares.add(int(part[1] or 1))
    answers = [_answer(text) for text in part[3].split("~") if text.strip()]
    if kind in (TYPED, _CASE):
        found.cases.add(kind == _CASE)
        row = _typed(answers, number)
    elif kind == NUMBER:
        row = _number(answers, number)
    else:
        row = _chosen(found, answers, number)
    if not any(each.weight >= 100 for each in answers):
        raise MoodleError(_("No answer of gap %(number)d earns everything.") % {"number": number})
    feedback = {each.feedback for each in answers}
    if len(feedback) == 1:
        row["feedback"] = feedback.pop()
    else:
        found.note(_("Feedback on single answers of a gap is not kept."))
    found.gaps.append(row)


def _answer(text: str) -> _Answer:
    found = _WEIGHT.match(text)
    weight: float | None = 0.0
    if found:
        weight = 100.0 if found[1] else percent(found[2])
        text = text[found.end() :]
    if weight is None:
        raise MoodleError(
            _("%(weight)s%% is no weight: -100 to 100.") % {"weight": found and found[2]}
        )
    text, _sign, feedback = text.partition("#")
    feedback = feedback.translate(_SHOWN).strip()
    if feedback and not feedback.startswith("<"):
        feedback = f"<p>{feedback}</p>"
    words_only = plain_of(f"<p>{text.translate(_SHOWN)}</p>")
    if "<img" in text or not words_only:
        raise MoodleError(_("An answer of a gap has a picture, or no text."))
    return _Answer(words_only, weight, feedback)


def _typed(answers: Sequence[_Answer], number: int) -> dict[str, Any]:
    right = [each for each in answers if each.weight > 0]
    if any("*" in each.text.replace("\\*", "") for each in right):
        raise MoodleError(
            _("Gap %(number)d takes anything for *, which gaps here cannot.") % {"number": number}
        )
    lines = [_line(each.text.replace("\\*", "*"), each.weight) for each in _best_first(right)]
    return {"kind": TYPED, "answers": "\n".join(lines)}


def _chosen(found: GapText, answers: Sequence[_Answer], number: int) -> dict[str, Any]:
    if len(answers) < 2:
        raise MoodleError(_("Gap %(number)d needs at least two choices.") % {"number": number})
    if any(each.weight < 0 for each in answers):
        found.note(_("A wrong option took points away; here it earns nothing."))
    lines = [_line(each.text, each.weight) for each in _best_first(answers) if each.weight > 0]
    wrong = [each.text for each in answers if each.weight <= 0]
    return {"kind": CHOSEN, "answers": "\n".join(lines), "wrong": "\n".join(wrong)}


def _number(answers: Sequence[_Answer], number: int) -> dict[str, Any]:
    lines, margins = [], set()
    for each in _best_first(answers):
        if each.weight <= 0:
            continue
        value, colon, margin = each.text.partition(":")
        found, tolerance = figure(value), figure(margin) if colon else 0.0
        if found is None or tolerance is None or tolerance < 0:
            raise MoodleError(
                _("“%(text)s” in gap %(number)d is no number.")
                % {"text": each.text[:40], "number": number}
            )
        lines.append(_line(gap_number(found), each.weight))
        margins.add(tolerance)
    if len(margins) > 1:
        raise MoodleError(
            _("Gap %(number)d has several tolerances; here a gap has one.") % {"number": number}
        )
    return {"kind": NUMBER, "answers": "\n".join(lines), "tolerance": max(margins, default=0.0)}


def _best_first(answers: Sequence[_Answer]) -> list[_Answer]:
    return sorted(answers, key=lambda each: -each.weight)


def _line(text: str, weight: float = 100.0) -> str:
    if weight < 100:
        return f"={written_percent(weight)}={text}"
    return f"=100={text}" if text.startswith("=") else text
