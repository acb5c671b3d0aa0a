"""The pieces of a lesson as values of its stream fields, checked as the editor checks them."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from wagtail.blocks.stream_block import StreamBlockValidationError

from modules.content.curriculum.frontmatter import TextError
from modules.content.curriculum.texts import LessonText
from modules.content.models import LessonPage


def lesson_value(lesson: LessonText, activity_ids: Mapping[str, int]) -> Any:
    """The body of `lesson`, with its activities by code. Raises TextError with the line.

    Blocks keep their ids as long as the number of earlier blocks of their kind stays the same,
    and with it the place at which people stopped.
    """
    raw = []
    required = {activity.code: activity.required for activity in lesson.activities}
    counts: Counter[str] = Counter()
    for piece in lesson.pieces:
        value = piece.value
        if piece.kind == "activity":
            code = value["code"]
            value = {"activity": activity_ids[code], "required": required[code]}
        block_id = uuid.uuid5(lesson.key, f"{piece.kind}:{counts[piece.kind]}")
        counts[piece.kind] += 1
        raw.append({"type": piece.kind, "value": _stored(value, block_id), "id": str(block_id)})
    block = LessonPage._meta.get_field("body").stream_block
    try:
        return block.clean(block.to_python(raw))
    except StreamBlockValidationError as error:
        for index, fault in error.block_errors.items():
            reason = "; ".join(_messages(fault))
            raise TextError(lesson.source.path, lesson.pieces[index].line, reason) from error
        raise TextError(lesson.source.path, 1, "; ".join(_messages(error))) from error


def glossary_value(lesson: LessonText) -> Any:
    """The glossary of `lesson`. Raises TextError."""
    raw = [
        {"type": "term", "value": entry, "id": str(uuid.uuid5(lesson.key, f"term:{at}"))}
        for at, entry in enumerate(lesson.glossary)
    ]
    block = LessonPage._meta.get_field("glossary").stream_block
    try:
        return block.clean(block.to_python(raw))
    except StreamBlockValidationError as error:
        raise lesson.source.error("glossary", "; ".join(_messages(error))) from error


def _stored(value: Any, base: uuid.UUID) -> Any:
    """`value` as a stream field stores it: the items of lists have ids of their own."""
    if not isinstance(value, dict):
        return value
    stored = dict(value)
    if "items" in stored:
        stored["items"] = [
            {"type": "item", "value": item, "id": str(uuid.uuid5(base, str(at)))}
            for at, item in enumerate(stored["items"])
        ]
    if "more" in stored:
        stored["more"] = [
            {"type": kind, "value": part, "id": str(uuid.uuid5(base, str(at)))}
            for at, (kind, part) in enumerate(stored["more"])
        ]
    return stored


def _messages(error: Any) -> Iterator[str]:
    """All messages of a validation error, those of blocks inside blocks included."""
    if isinstance(error, list | tuple):
        for child in error:
            yield from _messages(child)
        return
    children = getattr(error, "block_errors", None)
    if children is None:
        if isinstance(error, ValidationError):
            yield from error.messages
        return
    if isinstance(children, Mapping):
        for name, child in children.items():
            yield from (f"{name}: {message}" for message in _messages(child))
    else:
        yield from _messages([child for child in children if child])
    yield from _messages(list(getattr(error, "non_block_errors", []) or []))
