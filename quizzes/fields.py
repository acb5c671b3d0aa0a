"""The body of a question: one block, of the kind that the author chose."""

from __future__ import annotations

from typing import Any

from wagtail.fields import StreamField

from quizzes.contracts import QuestionType


class QuestionBodyField(StreamField):
    """A StreamField of at most one block, offered by the kinds of questions that are installed.

    The blocks stay out of migrations: an app that adds a kind changes no table. What is stored is
    JSON either way.
    """

    def __init__(self, block_types: Any = (), **kwargs: Any) -> None:
        super().__init__(list(block_types), **{**kwargs, "max_num": 1})

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        name, path, _args, kwargs = super().deconstruct()
        kwargs.pop("block_lookup", None)
        return name, path, [], kwargs

    def add_kind(self, kind: QuestionType) -> None:
        """Offer `kind` to authors."""
        block = kind.body(label=kind.label, icon=kind.icon, group=kind.group)
        block.set_name(kind.key)
        self.stream_block.child_blocks[kind.key] = block

    def remove_kind(self, kind: QuestionType) -> None:
        """Offer it no more. Stored bodies of the kind stay in the database unread."""
        self.stream_block.child_blocks.pop(kind.key, None)
