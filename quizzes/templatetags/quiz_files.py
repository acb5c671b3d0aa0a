"""The files of an answer, for the pages that ask and show it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import template

from quizzes.attachments import ACCEPT
from quizzes.services.files import files_at, largest
from quizzes.uploads import described

register = template.Library()


@register.simple_tag(takes_context=True)
def attached_files(
    context: Mapping[str, Any], question: Any, ids: Sequence[str] | None = None
) -> list[dict[str, str]]:
    """What is attached to a question of the page's attempt; none where there is no attempt.

    With `ids` those that the answer names, without asking where it names none.
    """
    attempt = context.get("attempt")
    if not attempt or (ids is not None and not ids):
        return []
    return [described(file) for file in files_at(attempt.pk, question.position, ids)]


@register.simple_tag
def accepted_files() -> str:
    """What a file dialogue offers; what is taken, the content decides."""
    return ACCEPT


@register.simple_tag
def megabytes_per_file() -> int:
    """How large a file may be."""
    return largest() // 2**20
