"""Questions that are answered in one's own words, or with files; a person marks them."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from wagtail import blocks

from lms.plugins.contracts import Json, Problem
from lms.plugins.vietnamese import nfc
from modules.content.blocks import CleanRichTextBlock
from quizzes.blocks import KeyedListBlock, PlainCharBlock, PlainTextBlock
from quizzes.contracts import Fields, QuestionType
from quizzes.question_types import rubric

MOST_FILES = 10


class LevelBlock(blocks.StructBlock):
    name = PlainCharBlock(label=gettext_lazy("Level of achievement"), max_length=300)
    points = blocks.FloatBlock(label=gettext_lazy("Points"), min_value=0, max_value=1000)

    class Meta:
        icon = "order-up"
        label = gettext_lazy("Level of achievement")


class CriterionBlock(blocks.StructBlock):
    name = PlainCharBlock(label=gettext_lazy("Criterion"), max_length=300)
    levels = KeyedListBlock(LevelBlock(), label=gettext_lazy("Levels"))

    class Meta:
        icon = "tasks"
        label = gettext_lazy("Criterion")


class EssayBody(blocks.StructBlock):
    may_type = blocks.BooleanBlock(
        label=gettext_lazy("A text can be written"), required=False, default=True
    )
    minimum = blocks.IntegerBlock(
        label=gettext_lazy("At least (words)"), required=False, min_value=1
    )
    maximum = blocks.IntegerBlock(
        label=gettext_lazy("At most (words)"), required=False, min_value=1
    )
    template = PlainTextBlock(
        label=gettext_lazy("Text to begin with"),
        required=False,
        help_text=gettext_lazy("Such as headings to fill in. May be empty."),
    )
    may_attach = blocks.BooleanBlock(label=gettext_lazy("Files can be attached"), required=False)
    files = blocks.IntegerBlock(
        label=gettext_lazy("How many files at most"), default=1, min_value=1, max_value=MOST_FILES
    )
    rubric = KeyedListBlock(
        CriterionBlock(),
        label=gettext_lazy("Criteria of marking"),
        default=[],
        required=False,
        min_num=0,
        help_text=gettext_lazy("Without criteria the marker gives a share of the points."),
    )
    guidance = CleanRichTextBlock(
        features=["bold", "italic", "ol", "ul", "link"],
        label=gettext_lazy("Guidance for markers"),
        required=False,
        help_text=gettext_lazy("Learners never see it."),
    )

    class Meta:
        form_classname = "struct-block quiz-body"


class Essay(QuestionType):
    """An answer is `{"text": "…", "files": [uuid, …]}` with at least one of the two in it.

    Too few or too many words are told, never cut or refused. The text to begin with is no answer
    as long as nobody has changed it. Whether a file is the learner's own, those know who show it.
    """

    key = "essay"
    label = gettext_lazy("Essay")
    description = gettext_lazy("A text of one's own, or files. A person marks it.")
    instruction = gettext_lazy("Answer in your own words.")
    icon = "edit"
    group = gettext_lazy("In own words")
    body = EssayBody
    marked_by_person = True
    ask_template = "quizzes/types/essay_ask.html"
    review_template = "quizzes/types/essay_review.html"
    media = ("quizzes/essay.js",)

    def instruct(self, data: Json) -> str:
        """What may be given; that a person marks it."""
        if data["may_type"] and data["may_attach"]:
            said = _("Write an answer, attach files, or both.")
        elif data["may_attach"]:
            said = _("Answer with files.")
        else:
            said = str(self.instruction)
        return f"{said} {_('A person marks it after handing in.')}"

    def problems(self, data: Json) -> Iterator[Problem]:
        """What is wrong with the limits and the criteria."""
        if not (data["may_type"] or data["may_attach"]):
            yield Problem(_("Neither a text nor files can be given."), field="body")
        least, most = data["minimum"], data["maximum"]
        if least and most and least > most:
            yield Problem(
                _("At least %(least)d words and at most %(most)d cannot both be kept.")
                % {"least": least, "most": most},
                field="body",
            )
        if data["may_attach"] and not 1 <= (data["files"] or 0) <= MOST_FILES:
            yield Problem(
                _("From 1 to %(most)d files can be allowed.") % {"most": MOST_FILES}, field="body"
            )
        yield from rubric.problems(data["rubric"])
        if not data["rubric"] and not (data["guidance"] or "").strip():
            yield Problem(
                _("There are neither criteria nor guidance: every marker will mark differently."),
                is_error=False,
                field="body",
            )

    def parse(self, data: Json, fields: Fields) -> Json | None:
        """The text and the files' ids, as far as they are allowed."""
        text = ""
        if data["may_type"]:
            text = _as_kept(fields.get("") or "")
            if not text.strip() or text.strip() == _as_kept(data["template"] or "").strip():
                text = ""
        files = _files(data, fields.getlist("file")) if data["may_attach"] else []
        return {"text": text, "files": files} if text or files else None

    def is_complete(self, data: Json, answer: Json) -> bool:
        """Whether there is a file, or as many words as are asked for."""
        return bool(_files(data, answer.get("files"))) or words_in(_text(answer)) >= max(
            1, data["minimum"] or 1
        )

    def describe(self, data: Json, answer: Json) -> str:
        """The text on one line, and how many files there are."""
        parts = [" ".join(_text(answer).split())]
        count = len(_files(data, answer.get("files")))
        if count:
            attached = ngettext("%(count)d file", "%(count)d files", count) % {"count": count}
            parts.append(f"({attached})")
        return " ".join(filter(None, parts))

    def ask(self, data: Json, arrangement: Json, answer: Json | None) -> dict[str, Any]:
        """What may be given, and what was given so far. Nothing for markers is in it."""
        text = _text(answer)
        return {
            "may_type": data["may_type"],
            "may_attach": data["may_attach"],
            "limits": _limits(data),
            "minimum": data["minimum"],
            "maximum": data["maximum"],
            # Where only files were given so far, the text to begin with stands there still.
            "text": text or data["template"],
            "words": words_in(text),
            "notice": _notice(data, text) if text else "",
            "most": data["files"],
        }

    def review(self, data: Json, arrangement: Json, answer: Json | None) -> dict[str, Any]:
        """What was given, and by what it is marked."""
        text = _text(answer)
        return {
            "text": text,
            "words": words_in(text),
            "notice": _notice(data, text) if text else "",
            "file_ids": _files(data, answer.get("files")) if answer else [],
            "rubric": data["rubric"],
        }


def words_in(text: str) -> int:
    """How many words: what white space parts, as word processors count."""
    return len(text.split())


def _as_kept(text: str) -> str:
    """`text` as it is kept: nothing of it is lost but what no database takes."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    return nfc(text.encode("utf-8", "replace").decode("utf-8"))


def _text(answer: Json | None) -> str:
    text = answer.get("text") if isinstance(answer, dict) else ""
    return text if isinstance(text, str) else ""


def _files(data: Json, given: Any) -> list[str]:
    """Ids of files, each once, as many as are allowed; what is no id is left out."""
    found: dict[str, None] = {}
    for each in given if isinstance(given, list) else ():
        try:
            found[str(uuid.UUID(each))] = None
        except (ValueError, TypeError, AttributeError):
            continue
    return list(found)[: data["files"] or 0]


def _limits(data: Json) -> str:
    least, most = data["minimum"], data["maximum"]
    if least and most:
        return _("From %(least)d to %(most)d words.") % {"least": least, "most": most}
    if least:
        return _("At least %(count)d words.") % {"count": least}
    if most:
        return _("At most %(count)d words.") % {"count": most}
    return ""


def _notice(data: Json, text: str) -> str:
    """What is wrong with the length of the text; empty where nothing is."""
    words = words_in(text)
    least, most = data["minimum"] or 0, data["maximum"]
    if words < least:
        return _("%(count)d words are missing.") % {"count": least - words}
    if most and words > most:
        return _("%(count)d words too many.") % {"count": words - most}
    return ""
