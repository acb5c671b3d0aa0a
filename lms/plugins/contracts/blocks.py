"""A kind of block that instructors may put into lessons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from wagtail.blocks import Block


class LessonBlock:
    """`key`, such as `hello_tip`, is the block's name in stored lessons: it never changes.

    It must be an identifier, and no name of the platform's own blocks. It needs no migration.
    """

    key: ClassVar[str] = ""

    def block(self) -> Block:
        """A new Wagtail block with its own template."""
        raise NotImplementedError  # contract

    def text(self, value: Any) -> str:
        """The words of `value`, for search. Empty: not searched."""
        return ""
