"""The blocks of a lesson. Their templates are in templates/content/blocks/."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.blocks.struct_block import StructBlockValidationError
from wagtail.documents.blocks import DocumentChooserBlock
from wagtail.images.blocks import ImageChooserBlock
from wagtail.rich_text import RichText

from lms.plugins.richtext import Profile, clean
from lms.plugins.vietnamese import nfc
from modules.content.substance import as_editor_writes
from modules.content.viewsets import ActivityChooserBlock

EDITORS_MARK = "data-block-key="  # on every paragraph that the editor writes
INLINE = ["bold", "italic", "link", "superscript", "subscript"]
TEXT = [*INLINE, "ol", "ul", "document-link"]


class CleanRichTextBlock(blocks.RichTextBlock):
    """Rich text that is cleaned whenever it is written, by whatever way it came in."""

    def get_prep_value(self, value: Any) -> str:
        return clean(value.source, Profile.TEACHER)

    def value_from_form(self, value: Any) -> RichText:
        cleaned = clean(value or "", Profile.TEACHER)
        if EDITORS_MARK in cleaned:  # else it comes from a course text
            # As the editor will send it when nobody changes it: who only looks writes nothing new.
            cleaned = as_editor_writes(cleaned, self.features)
        return RichText(cleaned)


class PlainCharBlock(blocks.CharBlock):
    """One line of text, in Unicode NFC."""

    def get_prep_value(self, value: Any) -> str:
        return nfc(str(super().get_prep_value(value) or ""))


class PlainTextBlock(blocks.TextBlock):
    """Several lines of text, in Unicode NFC."""

    def get_prep_value(self, value: Any) -> str:
        return nfc(str(super().get_prep_value(value) or ""))


class HeadingBlock(blocks.StructBlock):
    text = PlainCharBlock(label=_("Heading"), max_length=160)
    level = blocks.ChoiceBlock(
        label=_("Level"), choices=[("2", _("Section")), ("3", _("Part of a section"))], default="2"
    )

    class Meta:
        icon = "title"
        label = _("Heading")
        template = "content/blocks/heading.html"
        form_classname = "struct-block lms-heading"


class ImageBlock(blocks.StructBlock):
    image = ImageChooserBlock(label=_("Image"))
    alt_text = PlainCharBlock(
        label=_("Description for those who cannot see it"), required=False, max_length=300
    )
    decorative = blocks.BooleanBlock(label=_("Decorative: says nothing of its own"), required=False)
    caption = PlainCharBlock(label=_("Caption"), required=False, max_length=300)

    def clean(self, value: Any) -> Any:
        result = super().clean(value)
        if not result["alt_text"].strip() and not result["decorative"]:
            raise StructBlockValidationError(
                {
                    "alt_text": ValidationError(
                        _("Describe what the image shows, or mark it as decorative.")
                    )
                }
            )
        return result

    class Meta:
        icon = "image"
        label = _("Image")
        template = "content/blocks/image.html"


class VideoBlock(blocks.StructBlock):
    title = PlainCharBlock(label=_("Title"), max_length=160)
    file = DocumentChooserBlock(label=_("Video file (mp4, webm)"))
    poster = ImageChooserBlock(label=_("Still picture"), required=False)
    captions = DocumentChooserBlock(label=_("Captions (vtt)"), required=False)
    transcript = CleanRichTextBlock(label=_("What is said, as text"), features=TEXT, required=False)

    def clean(self, value: Any) -> Any:
        result = super().clean(value)
        if not result["captions"] and not result["transcript"].source.strip():
            raise StructBlockValidationError(
                {
                    "captions": ValidationError(
                        _("Add captions or the text of what is said: some cannot hear it.")
                    )
                }
            )
        return result

    class Meta:
        icon = "media"
        label = _("Video")
        template = "content/blocks/video.html"


class AudioBlock(blocks.StructBlock):
    title = PlainCharBlock(label=_("Title"), max_length=160)
    file = DocumentChooserBlock(label=_("Sound file (mp3, m4a)"))
    transcript = CleanRichTextBlock(label=_("What is said, as text"), features=TEXT)

    class Meta:
        icon = "media"
        label = _("Audio")
        template = "content/blocks/audio.html"


EMBED_HOSTS = ("https://www.youtube-nocookie.com/embed/", "https://player.vimeo.com/video/")


class EmbedBlock(blocks.StructBlock):
    """A video on another site, loaded only when the learner asks for it."""

    title = PlainCharBlock(label=_("Title"), max_length=160)
    url = blocks.URLBlock(label=_("Embed address"))
    poster = ImageChooserBlock(label=_("Still picture"), required=False)

    def clean(self, value: Any) -> Any:
        result = super().clean(value)
        if not result["url"].startswith(EMBED_HOSTS):
            raise StructBlockValidationError(
                {
                    "url": ValidationError(
                        _("Only these addresses can be embedded: %(hosts)s"),
                        params={"hosts": ", ".join(EMBED_HOSTS)},
                    )
                }
            )
        return result

    class Meta:
        icon = "link-external"
        label = _("Video on another site")
        template = "content/blocks/embed.html"


class DocumentBlock(blocks.StructBlock):
    document = DocumentChooserBlock(label=_("Document"))
    title = PlainCharBlock(label=_("Title"), required=False, max_length=200)
    note = PlainCharBlock(label=_("What it is for"), required=False, max_length=300)

    class Meta:
        icon = "doc-full"
        label = _("Document")
        template = "content/blocks/document.html"


@dataclass(frozen=True)
class Table:
    """Cells as plain text: one header row and the rows under it, all of the same width."""

    header: list[str]
    rows: list[list[str]]

    @property
    def name(self) -> str:
        """The words of the header in one line, for a table without a caption."""
        return ", ".join(cell for cell in self.header if cell)


def read_table(text: str) -> Table:
    """The table in `text`: a row per line, cells apart by a tab (as pasted from a sheet) or |.

    The first row is the header; short rows are filled up with empty cells.
    """
    rows = []
    for line in text.strip().splitlines():
        bare = line.strip()
        if "\t" in line:
            cells = next(csv.reader(io.StringIO(line), delimiter="\t"))
        else:
            cells = bare.removeprefix("|").removesuffix("|").split("|")
        cells = [cell.strip() for cell in cells]
        if bare and not all(set(cell) <= set("-: ") and "-" in cell for cell in cells):
            rows.append(cells)
    width = max((len(row) for row in rows), default=0)
    rows = [row + [""] * (width - len(row)) for row in rows]
    return Table(header=rows[0] if rows else [], rows=rows[1:])


class TableValue(blocks.StructValue):
    """Gives templates the parsed table."""

    @property
    def table(self) -> Table:
        return read_table(self.get("cells") or "")


class TableBlock(blocks.StructBlock):
    caption = PlainCharBlock(label=_("Caption"), max_length=200)
    cells = PlainTextBlock(
        label=_("Cells"),
        help_text=_(
            "One row per line, the first is the header. Paste from a spreadsheet, or put | between"
            " cells."
        ),
        rows=6,
    )

    def clean(self, value: Any) -> Any:
        result = super().clean(value)
        table = read_table(result["cells"])
        if len(table.header) < 2 or not table.rows:
            raise StructBlockValidationError(
                {
                    "cells": ValidationError(
                        _("A table needs a header row, a row under it and two columns.")
                    )
                }
            )
        return result

    class Meta:
        icon = "table"
        label = _("Table")
        template = "content/blocks/table.html"
        value_class = TableValue


class NestedTableBlock(TableBlock):
    """A table whose callout or example says what it is about."""

    caption = PlainCharBlock(label=_("Caption"), required=False, max_length=200)


class MorePartsBlock(blocks.StreamBlock):
    """What stands under the first text of a callout or an example.

    Tables are blocks of their own here: the rich text editor knows none and would drop them.
    """

    table = NestedTableBlock()
    text = CleanRichTextBlock(
        label=_("Text"), features=TEXT, icon="pilcrow", template="content/blocks/rich_text.html"
    )

    class Meta:
        label = _("Tables, and text under them")
        icon = "table"
        required = False
        collapsed = True


def refuse_nothing(value: Any) -> Any:
    """`value`, when it has a text or a further part; else a validation error."""
    if not value["body"].source.strip() and not value["more"]:
        raise StructBlockValidationError({"body": ValidationError(_("Write a text."))})
    return value


class CalloutBlock(blocks.StructBlock):
    kind = blocks.ChoiceBlock(
        label=_("Kind"),
        choices=[("key", _("Key point")), ("warning", _("Warning")), ("law", _("Legal basis"))],
        default="key",
    )
    title = PlainCharBlock(label=_("Title"), required=False, max_length=160)
    body = CleanRichTextBlock(label=_("Text"), features=TEXT, required=False)
    more = MorePartsBlock(label=_("Tables, and text under them"))

    def clean(self, value: Any) -> Any:
        return refuse_nothing(super().clean(value))

    class Meta:
        icon = "warning"
        label = _("Callout")
        template = "content/blocks/callout.html"


class ChecklistBlock(blocks.StructBlock):
    title = PlainCharBlock(label=_("Title"), max_length=160)
    items = blocks.ListBlock(PlainCharBlock(label=_("Item"), max_length=300), label=_("Items"))

    class Meta:
        icon = "tasks"
        label = _("Checklist")
        template = "content/blocks/checklist.html"


class WorkedExampleBlock(blocks.StructBlock):
    title = PlainCharBlock(label=_("Title"), max_length=160)
    body = CleanRichTextBlock(label=_("Text"), features=["h3", "h4", *TEXT], required=False)
    more = MorePartsBlock(label=_("Tables, and text under them"))

    def clean(self, value: Any) -> Any:
        return refuse_nothing(super().clean(value))

    class Meta:
        icon = "edit"
        label = _("Worked example")
        template = "content/blocks/worked_example.html"


class RevealBlock(blocks.StructBlock):
    question = PlainCharBlock(label=_("Question to oneself"), max_length=300)
    answer = CleanRichTextBlock(label=_("Answer, shown on request"), features=TEXT)

    class Meta:
        icon = "help"
        label = _("Self-check")
        template = "content/blocks/reveal.html"


class QuotationBlock(blocks.StructBlock):
    text = PlainTextBlock(label=_("Quotation"), rows=3)
    source = PlainCharBlock(label=_("Source"), max_length=200)

    class Meta:
        icon = "openquote"
        label = _("Quotation")
        template = "content/blocks/quotation.html"


class ActivityBlock(blocks.StructBlock):
    activity = ActivityChooserBlock(label=_("Activity"))
    required = blocks.BooleanBlock(
        label=_("Needed to complete the lesson"), required=False, default=True
    )

    class Meta:
        icon = "clipboard-list"
        label = _("Activity")


class LessonBodyBlock(blocks.StreamBlock):
    """All that the platform itself offers; plugins add to it (`LessonBlock`)."""

    heading = HeadingBlock()
    rich_text = CleanRichTextBlock(
        label=_("Text"),
        features=TEXT,
        icon="pilcrow",
        template="content/blocks/rich_text.html",
    )
    callout = CalloutBlock()
    checklist = ChecklistBlock()
    worked_example = WorkedExampleBlock()
    reveal = RevealBlock()
    table = TableBlock()
    image = ImageBlock()
    video = VideoBlock()
    audio = AudioBlock()
    embed = EmbedBlock()
    document = DocumentBlock()
    quotation = QuotationBlock()
    activity = ActivityBlock()


class GlossaryBlock(blocks.StreamBlock):
    """Terms and what they mean, under a lesson."""

    term = blocks.StructBlock(
        [
            ("term", PlainCharBlock(label=_("Term"), max_length=120)),
            ("meaning", PlainCharBlock(label=_("Meaning"), max_length=400)),
        ],
        label=_("Term"),
        icon="list-ul",
    )
