"""Blocks of which the bodies of questions are built. Other apps may use them in theirs."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.images.blocks import ImageChooserBlock

from modules.content.blocks import CleanRichTextBlock, PlainCharBlock, PlainTextBlock

LINE = ["bold", "italic", "superscript", "subscript", "link", "image"]

__all__ = [
    "FeedbackBlock",
    "HintBlock",
    "KeyedListBlock",
    "LineBlock",
    "OptionBlock",
    "PictureBlock",
    "PlainCharBlock",
    "PlainTextBlock",
]


class LineBlock(CleanRichTextBlock):
    """A short rich text, such as an option: `Json` has it as HTML that can stand in a line.

    One paragraph loses its <p>; a picture may be in it.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"features": LINE, **kwargs})


class FeedbackBlock(CleanRichTextBlock):
    """What is said about an answer; may be empty."""

    def __init__(self, **kwargs: Any) -> None:
        defaults = {
            "features": LINE,
            "required": False,
            "label": _("Feedback"),
            "help_text": _("The rule, the consequence or the reference; never just “wrong”."),
        }
        super().__init__(**{**defaults, **kwargs})


class HintBlock(CleanRichTextBlock):
    """Shown after a try that was not right."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"features": LINE, "label": _("Hint"), "icon": "help", **kwargs})


class KeyedListBlock(blocks.ListBlock):
    """A list whose rows have a lasting `key`, by which answers name them.

    The key is the id that Wagtail gives a row: it stays when the row is edited or moved.
    """


class PictureBlock(ImageChooserBlock):
    """A picture: `{"image": id, "url", "width", "height"}` in a question's data."""


class OptionBlock(blocks.StructBlock):
    """One thing that can be chosen."""

    text = LineBlock(label=_("Text"))
    correct = blocks.BooleanBlock(label=_("Is a right answer"), required=False)
    credit = blocks.FloatBlock(
        label=_("Credit in percent"),
        required=False,
        min_value=-100,
        max_value=100,
        help_text=_("Only where it differs: empty means all for right ones, nothing for others."),
    )
    feedback = FeedbackBlock()

    class Meta:
        icon = "list-ul"
        label = _("Option")
        form_classname = "struct-block quiz-option"
