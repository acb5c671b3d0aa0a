"""How answers travel in forms: names of fields, and what a page knew when it was shown.

`a3` (and `a3-part`) hold the answer to the question at position 3, `b3` (and `b3-part`) what its
behaviour asks beside it, such as a certainty. `w3` is the mark of the answer
that the page showed: where the answer in the form still has that mark, the form says nothing new,
so a tab opened long ago does not undo what another device has saved since.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from lms.plugins.contracts import Json
from quizzes.contracts import Fields


def fields_of(data: Any) -> Fields:
    """`data` (a QueryDict, or what was handed in as JSON) as fields; what is no text is dropped."""
    fields: Fields = Fields()
    if not isinstance(data, Mapping):
        return fields
    lists = data.lists() if hasattr(data, "lists") else data.items()
    for name, values in lists:
        found = values if isinstance(values, list | tuple) else [values]
        fields.setlist(str(name), [value for value in found if isinstance(value, str)])
    return fields


ANSWER, BESIDE = "a", "b"


def fields_at(fields: Fields, position: int, prefix: str = ANSWER) -> Fields:
    """The fields of the question at `position`, by part; the question's own is ""."""
    own = f"{prefix}{position}"
    found: Fields = Fields()
    for name, values in fields.lists():
        if name == own:
            found.setlist("", values)
        elif name.startswith(f"{own}-"):
            found.setlist(name.removeprefix(f"{own}-"), values)
    return found


def mark_of(answer: Json | None, extra: Json | None = None) -> str:
    """A short mark of an answer and what stands beside it: the same for the same answer.

    Empty where there is neither.
    """
    if answer is None and not extra:
        return ""
    text = json.dumps([answer, extra or {}], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def says_something_new(
    fields: Fields, position: int, answer: Json | None, extra: Json | None = None
) -> bool:
    """Whether the form's answer at `position` differs from what its page showed."""
    shown = fields.get(f"w{position}")
    if shown is None:
        return answer is not None or bool(extra)
    return mark_of(answer, extra) != shown
