"""Whether a question that was written reads back as itself; a form made for people is no proof."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from quizzes.bodies import as_html
from quizzes.exchange.drafts import Draft, Fault
from quizzes.exchange.word_written import FILL_IN

if TYPE_CHECKING:
    from quizzes.models import Question

_PLAIN: Final = ("pattern", "answers", "wrong", "kind", "tolerance_kind")
_TAG: Final = re.compile(r"<[^<>]*>")


def is_same(question: Question, found: Draft | Fault | None) -> bool:
    """Whether what was read says nothing else than the question. It may say less."""
    if not isinstance(found, Draft) or found.type_key != question.type_key:
        return False
    hints = [each.value.source for each in question.hints]
    return (
        _letters(found.prompt) in (_letters(question.prompt), _letters(FILL_IN))
        and _letters(found.explanation) == _letters(question.explanation)
        and [*map(_letters, found.hints)] == [*map(_letters, hints)]
        and _agrees(found.written, question.written, "")
    )


def _agrees(one: Any, other: Any, name: str) -> bool:
    if other is None:
        return True
    if isinstance(one, Mapping):
        return isinstance(other, Mapping) and all(
            _agrees(each, other.get(name), name) for name, each in one.items()
        )
    if isinstance(one, list):
        return (
            isinstance(other, list)
            and len(one) == len(other)
            and all(_agrees(*pair, name) for pair in zip(one, other, strict=True))
        )
    if isinstance(one, str) and isinstance(other, str):
        if name in _PLAIN:
            return one.split() == other.split()
        return _letters(one) == _letters(other)
    return bool(one == other)


def _letters(text: str) -> str:
    """Letters and digits only: markup, pictures and bullets may be lost on the way."""
    return re.sub(r"[\W_]+", "", html.unescape(_TAG.sub(" ", as_html(text))))
