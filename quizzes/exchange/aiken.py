"""Aiken: a question, options by letter, and "ANSWER: B".

After docs.moodle.org, "Aiken format" (question/format/aiken/format.php), and as people write it:
small letters, "A:", "(A)", texts of several lines, "Đáp án: B", several right letters.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Final

from django.utils.translation import gettext as _

from quizzes.bodies import as_html
from quizzes.exchange.decoding import decoded
from quizzes.exchange.drafts import Draft, Fault, UnreadableFile
from quizzes.exchange.formats import QuestionFormat
from quizzes.exchange.texts import beginning, is_empty, plain_of

if TYPE_CHECKING:
    from quizzes.models import Question

MOST_OPTIONS: Final = 26
_OPTION: Final = re.compile(r"\s*(?:\(([A-Za-z])\)|([A-Z])\s?[.):]|([a-z])\s?[.)])\s*(.*)")
_ANSWER: Final = re.compile(
    r"\s*(?:ANSWERS?|CORRECT ANSWER|ĐÁP ÁN(?: ĐÚNG)?)\s*[:：=-]\s*(.*)", re.IGNORECASE
)
_LETTERS: Final = re.compile(
    r"\(?([A-Za-z])(?:\s*(?:[,;&+]|and|và)\s*\(?([A-Za-z])\)?)*\)?(?![^\W\d_])"
)
_LETTER: Final = re.compile(r"(?<![^\W\d_])[A-Za-z](?![^\W\d_])")
_MORE: Final = re.compile(r"[\W_]*[A-Za-z](?:[\W_]+[A-Za-z])*[\W_]*")
_LOOKS: Final = re.compile(r"(?mi)^\s*(?:ANSWERS?|ĐÁP ÁN(?: ĐÚNG)?)\s*[:：]\s*\(?[A-Z]\b")
_OPENS: Final = re.compile(r"(?mi)^\s*\(?A\)?\s?[.):]")


@dataclass
class _Open:
    """A question that waits for its answer."""

    line: int
    text: list[str]
    options: list[tuple[str, list[str]]] = field(default_factory=list)
    is_parted: bool = False  # an empty line came after its last option

    def takes(self, letter: str) -> bool:
        """Whether an option with this letter goes on, or begins anew; else it is mere text."""
        if not self.options or letter == "A":
            return letter == "A"
        return -26 < ord(letter) - ord(self.options[-1][0]) <= 3


class AikenFormat(QuestionFormat):
    key = "aiken"
    label = "Aiken"
    extensions: ClassVar[tuple[str, ...]] = (".aiken", ".aiken.txt", ".txt")
    writes = True

    def recognises(self, name: str, content: bytes) -> bool:
        """A text file with options by letter and a line that says which is right."""
        name = name.lower()
        if name.endswith((".aiken", ".aiken.txt")):
            return True
        if not name.endswith(".txt") or name.endswith(".gift.txt"):
            return False
        try:
            text = decoded(beginning(content))
        except UnreadableFile:
            return False
        return _LOOKS.search(text) is not None and _OPENS.search(text) is not None

    def read(self, name: str, content: bytes) -> Iterator[Draft | Fault]:
        """Line by line; what does not fit is told with its line."""
        current: _Open | None = None
        for number, raw in enumerate(decoded(content).split("\n"), 1):
            line = raw.replace("\xa0", " ").strip()
            if not line:
                if current and current.options:
                    current.is_parted = True
                continue
            if answer := _ANSWER.fullmatch(line):
                yield _closed(current, number, answer[1])
                current = None
                continue
            option = _OPTION.fullmatch(line)
            letter = _letter(option) if option else ""
            if option and (current is None or current.takes(letter)):
                if current is None:
                    yield _fault(number, _("An option stands here, but no question before it."))
                    continue
                if current.options and letter == "A" and current.options[0][0] == "A":
                    # The answer was forgotten; the lines after the last option ask the next one.
                    yield _unfinished(current)
                    rest = current.options[-1][1][1:]
                    current = _Open(number - len(rest), rest)
                current.options.append((letter, [option[4]]))
                current.is_parted = False
                continue
            if current is not None and current.is_parted:
                yield _unfinished(current)
                current = None
            if current is None:
                current = _Open(number, [line])
            elif current.options:
                current.options[-1][1].append(line)
            else:
                current.text.append(line)
        if current is not None:
            yield _unfinished(current)

    def write(self, questions: Iterable[Question]) -> tuple[bytes, list[Fault]]:
        """Single choices and true or false, as plain text."""
        parts, faults = [], []
        for question in questions:
            lost: list[str] = []
            text = _written(question, lost)
            if text:
                parts.append(text)
            faults += [Fault(question.code, reason) for reason in lost]
        return "\n".join(parts).encode(), faults


def _letter(option: re.Match[str]) -> str:
    return (option[1] or option[2] or option[3]).upper()


def _closed(current: _Open | None, number: int, said: str) -> Draft | Fault:
    """The question that the line with the answer ends."""
    if current is None:
        return _fault(number, _("An answer stands here, but no question before it."))
    if len(current.options) < 2:
        return _fault(current.line, _("There must be at least two options."))
    letters = [letter for letter, _text in current.options]
    for letter in letters:
        if letters.count(letter) > 1:
            return _fault(
                current.line, _("The letter %(letter)s is there twice.") % {"letter": letter}
            )
    found = _LETTERS.match(said.strip())
    right = [each.upper() for each in _LETTER.findall(found[0])] if found else []
    if found and _MORE.fullmatch(said.strip()[found.end() :]):
        right = []  # "A B", "A/B": who knows
    if not right or any(letter not in letters for letter in right):
        return _fault(
            number, _("“%(text)s” is not the letter of an option.") % {"text": said.strip()[:40]}
        )
    options = [
        {"text": _html(text), "correct": letter in right} for letter, text in current.options
    ]
    own: dict[str, object] = {"options": options}
    if len(set(right)) > 1:
        own["scheme"] = "shares"
    kind = "multiple_choice" if len(set(right)) > 1 else "single_choice"
    place = _("line %(number)d") % {"number": current.line}
    return Draft(place, kind, _html(current.text), own)


def _unfinished(current: _Open) -> Fault:
    return _fault(current.line, _("No line says which option is right: “ANSWER: A”."))


def _fault(line: int, message: str) -> Fault:
    return Fault(_("line %(number)d") % {"number": line}, message)


def _html(lines: list[str]) -> str:
    text = " ".join(" ".join(lines).split())
    return f"<p>{html.escape(text, quote=False)}</p>" if text else ""


def _written(question: Question, lost: list[str]) -> str:
    written = question.written
    if question.type_key not in ("single_choice", "true_false"):
        lost.append(_("Aiken has no questions of the kind “%(kind)s”.") % {"kind": question.kind})
        return ""
    options, right = written["options"], []
    lines = [_line(question.prompt, lost)]
    for letter, option in zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", options, strict=False):
        lines.append(f"{letter}) {_line(option['text'], lost)}")
        right += [letter] if option["correct"] else []
    if len(options) > MOST_OPTIONS or len(right) != 1:
        lost.append(_("Aiken takes up to 26 options, one of them right."))
        return ""
    if _OPTION.fullmatch(lines[0]) or _ANSWER.fullmatch(lines[0]):
        lost.append(_("The question begins like an option or an answer, so Aiken cannot hold it."))
        return ""
    texts = [question.explanation, *(option["feedback"] for option in options)]
    hints = [each.value.source for each in question.hints]
    if any(not is_empty(as_html(text)) for text in (*texts, *hints)) or any(
        option.get("credit") for option in options if not option["correct"]
    ):
        lost.append(_("Feedback, explanation, hints and partial credit are not kept in Aiken."))
    return "\n".join([*lines, f"ANSWER: {right[0]}", ""])


def _line(text: str, lost: list[str]) -> str:
    text = as_html(text)
    inner = text.removeprefix("<p>").removesuffix("</p>")
    reason = _("Aiken is plain text: bold, links, pictures and the like are not kept.")
    if "<" in inner and reason not in lost:
        lost.append(reason)
    return plain_of(text)
