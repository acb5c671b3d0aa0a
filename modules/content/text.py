"""The words of a lesson as plain text, for search."""

from __future__ import annotations

import re
from typing import Any

from lms.plugins.config import registries
from lms.plugins.guard import PluginFailure, guard

TAGS = re.compile(r"<[^>]+>")
SPACES = re.compile(r"\s+")


def words_of_body(body: Any) -> str:
    """The text of every block of a lesson body (a StreamValue), plugins' blocks included."""
    parts: list[str] = []
    for block in body:
        plugin_block = registries.lesson_blocks.get(block.block_type)
        if plugin_block is not None:
            try:
                with guard(plugin_block.key, "text", writes=False):
                    parts.append(str(plugin_block.text(block.value)))
            except PluginFailure:
                continue
        elif block.block_type == "activity":
            activity = block.value.get("activity")
            parts.append(activity.title if activity else "")
        else:
            parts.extend(block.block.get_searchable_content(block.value))
            parts.extend(_raw_words(block.get_prep_value()["value"]))
    return plain(" ".join(parts))


def _raw_words(value: Any) -> list[str]:
    """The strings in a block's stored value that read like text, not like keys or ids."""
    if isinstance(value, str):
        return [value] if " " in value else []
    if isinstance(value, dict):
        return [word for child in value.values() for word in _raw_words(child)]
    if isinstance(value, list):
        return [
            word
            for child in value
            for word in _raw_words(child.get("value") if isinstance(child, dict) else child)
        ]
    return []


def plain(html: str) -> str:
    """`html` without its tags, spaces folded to one."""
    return SPACES.sub(" ", TAGS.sub(" ", html)).strip()
