"""Questions of a test that are answered by writing: what their key accepts."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

from django.utils.translation import gettext as _

from lms.plugins.errors import DomainError
from quizzes.exchange.plain_numbers import number_in
from quizzes.exchange.word_asked import Asked
from quizzes.exchange.word_lines import Block, Line, Piece, Table, html_of

# "____", "…", "......", with a number in brackets perhaps: "(1) ____", "…(2)…"
GAP: Final = re.compile(
    r"(?:[(\[]?\s{0,3}\d{1,2}\s{0,3}[)\]]\s{0,3})?(?:_{2,}|…+(?:\s*…)*|\.{4,})[_….]*"
    r"(?:\s?[(\[]\s*\d{1,2}\s*[)\]]\s?(?:_{2,}|…+|\.{3,})[_….]*)?"
)
FILL_IN: Final = "<p>Điền vào chỗ trống.</p>"
_OR: Final = re.compile(r"\s*\|\s*|\s+/\s+|\s+hoặc\s+", re.IGNORECASE)
_NUMBERED: Final = re.compile(r"(?:^|[\s;,])\s*[(\[]?(\d{1,2})\s*[).\]:]\s+?(?=\S)")
_PAIRS: Final = re.compile(
    r"\d{1,2}\s*(?:[-–.→]\s*[a-hA-H]|[a-hA-H](?=.))(?:\s*[,;]?\s*\d{1,2}\s*[-–.→]?\s*[a-hA-H])*\.?"
)
_ORDER: Final = re.compile(r"[\da-hA-H](?:\s*[-–→>]+\s*[\da-hA-H]){2,}\.?")


class Unclear(DomainError):
    """Why a question cannot be taken over."""


def gap_count(blocks: Iterable[Block]) -> int:
    """How many gaps the text has."""
    return sum(len(GAP.findall(each.text)) for each in blocks)


def typed(kind: str, key: str, asked: Asked, count: int) -> tuple[str, dict[str, Any]]:
    """Kind and own part of a question with a key in words. Raises Unclear."""
    if not kind and (_PAIRS.fullmatch(key) or _ORDER.fullmatch(key)):
        raise Unclear(
            _("Matching and ordering are not read from Word. Use the table template for them.")
        )
    if kind == "gaps" or (not kind and count > 1):
        return "gaps", {"gaps": _gaps(key, count)}
    number = number_in(key)
    if kind == "numeric" or (not kind and number is not None):
        if number is None:
            raise Unclear(
                _("The key “%(key)s” is no number that can be read for certain.") % {"key": key}
            )
        return "numeric", {"answers": [number.written()]}
    words = _accepted(key)
    if not words:
        raise Unclear(_("It has no key."))
    return "short_answer", {"answers": [{"pattern": each} for each in words]}


def _accepted(text: str) -> list[str]:
    parts = (" ".join(each.split()).strip() for each in _OR.split(text))
    stripped = (
        each[:-1].strip() if each.endswith(".") and each.count(".") == 1 else each for each in parts
    )
    return [each.replace("*", "\\*") for each in dict.fromkeys(stripped) if each]


def _gaps(key: str, count: int) -> list[dict[str, Any]]:
    if not count:
        raise Unclear(_("No gap was found: write it as “____”."))
    answers = _parts(key, count)
    if len(answers) != count:
        raise Unclear(
            _("It has %(gaps)d gaps, but %(keys)d answers. Part them by “;”.")
            % {"gaps": count, "keys": len(answers)}
        )
    return [
        {"kind": "typed", "answers": "\n".join(part.strip() for part in _OR.split(each))}
        for each in answers
    ]


def _parts(key: str, count: int) -> list[str]:
    numbers = list(_NUMBERED.finditer(key))
    if [int(each[1]) for each in numbers] == list(range(1, count + 1)) and not numbers[0].start():
        ends = [each.start() for each in numbers[1:]] + [len(key)]
        return [
            key[each.end() : end].strip(" ;,.") for each, end in zip(numbers, ends, strict=True)
        ]
    parts = [each.strip(" .") for each in key.split(";")]
    if len(parts) == 1 and count > 1:
        parts = [each.strip(" .") for each in key.split(",")]
    return [each for each in parts if each]


def gaps_of(blocks: list[Block], written: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """What is asked, and the text with [[1]], [[2]] … for its gaps."""
    first = next(at for at, each in enumerate(blocks) if GAP.search(each.text))
    if any(isinstance(each, Table) and GAP.search(each.text) for each in blocks):
        raise Unclear(_("Its gaps stand in a table. Write them in plain text."))
    prompt, count, lines = html_of(blocks[:first]), 0, list[Block]()
    for block in blocks[first:]:
        if not isinstance(block, Line):
            lines.append(block)
            continue
        found = list(GAP.finditer(block.text))
        pieces, at = list[Piece](), 0
        for gap in found:
            count += 1
            pieces += [
                *block.cut(at, gap.start()).pieces,
                Piece(_apart(block.text, gap, f"[[{count}]]")),
            ]
            at = gap.end()
        lines.append(Line((*pieces, *block.cut(at).pieces), bullet=block.bullet))
    return prompt or FILL_IN, {**written, "text": html_of(lines)}


def _apart(text: str, gap: re.Match[str], place: str) -> str:
    """The place of a gap, parted from words that stood right beside it."""
    before, after = text[: gap.start()][-1:], text[gap.end() :][:1]
    return f"{' ' * before.isalnum()}{place}{' ' * after.isalnum()}"
