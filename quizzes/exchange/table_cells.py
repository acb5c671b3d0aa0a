"""Cells of a row of questions: as rich text, as lines, as options."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from django.utils.html import escape

from lms.plugins.errors import DomainError
from quizzes.exchange.table_columns import FEEDBACKS, LETTERS, OPTIONS

Row = Mapping[str, str]
Own = dict[str, Any]
_HTML: Final = re.compile(
    r"<(p|ul|ol|table|h[2-4]|blockquote|figure|pre|div|img|strong|em|b|i)\b[^<>]*>"
)


class Unfit(DomainError):
    """Why a row is no question."""


def rich(text: str) -> str:
    """A cell as HTML: as it is where it begins with an element, else a paragraph for each line."""
    if _HTML.match(text):
        return text
    return "".join(f"<p>{escape(line)}</p>" for line in text.split("\n") if line.strip())


def line_of(text: str) -> str:
    """A cell as one paragraph."""
    if _HTML.match(text):
        return text
    return f"<p>{'<br>'.join(escape(each) for each in lines(text))}</p>" if text else ""


def lines(text: str) -> list[str]:
    """The lines of a cell that are not empty."""
    return [each.strip() for each in text.split("\n") if each.strip()]


def parts_of(separator: str, text: str) -> list[str]:
    """The parts of a cell that are not empty."""
    return [each.strip() for each in re.split(separator, text) if each.strip()]


def filled(row: Row) -> list[tuple[str, str, str]]:
    """Letter, text and feedback of the options that are filled."""
    return [
        (letter, row[option], row.get(feedback, ""))
        for letter, option, feedback in zip(LETTERS, OPTIONS, FEEDBACKS, strict=True)
        if row.get(option)
    ]
