"""The body of a lesson: core blocks, and those that plugins add."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from wagtail.fields import StreamField

from lms.plugins.contracts import LessonBlock


class LessonBodyField(StreamField):
    """A StreamField whose blocks stay out of migrations.

    Wagtail writes every block type into migrations; then a plugin that adds a block would change
    the core's migrations. What is stored is JSON either way.
    """

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("block_lookup", None)
        return name, path, [[]], kwargs

    def add_block(self, lesson_block: LessonBlock) -> None:
        """Offer a plugin's block to authors, under the plugin's key; it cannot replace another."""
        if lesson_block.key in self.stream_block.child_blocks:
            raise ImproperlyConfigured(f"there is a block {lesson_block.key!r} already")
        block = lesson_block.block()
        block.set_name(lesson_block.key)
        self.stream_block.child_blocks[lesson_block.key] = block

    def remove_block(self, lesson_block: LessonBlock) -> None:
        """Offer it no more. Stored values of the kind stay in the lesson's JSON unread."""
        self.stream_block.child_blocks.pop(lesson_block.key, None)
