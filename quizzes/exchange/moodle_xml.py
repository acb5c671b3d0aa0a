"""Moodle XML: the file, and what all its questions have in common.

After docs.moodle.org, "Moodle XML format", and Moodle's own reader
(question/format/xml/format.php). Document types, entities and external references are refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar, Final
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring
from django.utils.translation import gettext as _

from lms.plugins.errors import DomainError
from quizzes.exchange.decoding import decoded
from quizzes.exchange.drafts import Draft, Fault, UnreadableFile
from quizzes.exchange.formats import QuestionFormat
from quizzes.exchange.gift import category_path
from quizzes.exchange.moodle_files import from_base64, is_picture, picture_tag
from quizzes.exchange.moodle_kinds import KINDS, NO_QUESTIONS
from quizzes.exchange.moodle_source import MoodleError, Source, words
from quizzes.exchange.moodle_writing import written_moodle
from quizzes.exchange.texts import beginning, figure, plain_of, written_figure

if TYPE_CHECKING:
    from quizzes.models import Question

_COMMENT: Final = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_ROOT: Final = re.compile(r"<(?:!DOCTYPE\s+)?([A-Za-z_][\w:.-]*)")
_DECLARATION: Final = re.compile(r"\A\s*<\?xml[^<>]*\?>")
# What Moodle puts there by itself says nothing of this question.
_BOILERPLATE: Final = frozenset(
    {
        "your answer is correct",
        "your answer is partially correct",
        "your answer is incorrect",
        "câu trả lời của bạn đúng",
        "câu trả lời của bạn đúng một phần",
        "câu trả lời của bạn sai",
    }
)


class MoodleXmlFormat(QuestionFormat):
    key = "moodle_xml"
    label = "Moodle XML"
    extensions: ClassVar[tuple[str, ...]] = (".xml",)
    writes = True

    def recognises(self, name: str, content: bytes) -> bool:
        """XML whose root is <quiz>."""
        try:
            head = decoded(beginning(content))
        except UnreadableFile:
            return False
        head = _COMMENT.sub("", head.lstrip())
        root = _ROOT.search(head) if head.startswith("<") else None
        return root is not None and root[1] == "quiz"

    def read(self, name: str, content: bytes) -> Iterator[Draft | Fault]:
        """Question by question; descriptions and categories are none."""
        root = _parsed(content)
        if root.tag != "quiz":
            raise UnreadableFile(_("The file is XML, but not of Moodle: it has no <quiz>."))
        category: tuple[str, ...] = ()
        number = 0
        for element in root.findall("question"):
            kind = (element.get("type") or "").strip().lower()
            if kind == "category":
                found = element.find("category")
                category = category_path(words(found)) if found is not None else ()
            if kind in NO_QUESTIONS:
                continue
            number += 1
            place = _("question %(number)d") % {"number": number}
            try:
                yield _draft(element, kind, place, category)
            except DomainError as error:
                yield Fault(place, str(error))

    def write(self, questions: Iterable[Question]) -> tuple[bytes, list[Fault]]:
        """A file that Moodle reads too, with the pictures in it."""
        return written_moodle(questions)


_WIDE: Final = (b"\xff\xfe", b"\xfe\xff")


def _parsed(content: bytes) -> Element:
    try:
        try:
            return _tree(content.lstrip() if content[:2] not in _WIDE else content)
        except (ParseError, LookupError) as error:
            # Not in the encoding that it names, or in none: as other texts of offices.
            text = _DECLARATION.sub("", decoded(content)).strip()
            try:
                return _tree(text.encode())
            except ParseError:
                raise error from None
    except ParseError as error:
        line = error.position[0]
        raise UnreadableFile(
            _("The XML is damaged at line %(number)d.") % {"number": line}
        ) from error
    except LookupError as error:
        raise UnreadableFile(_("The file names an encoding that is not known.")) from error
    except DefusedXmlException as error:
        raise UnreadableFile(
            _("The file has a document type or entities, which are refused for safety.")
        ) from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise UnreadableFile(_("The file cannot be read as XML.")) from error


def _tree(content: bytes) -> Element:
    found: Element = fromstring(
        content, forbid_dtd=True, forbid_entities=True, forbid_external=True
    )
    return found


def _draft(element: Element, kind: str, place: str, category: tuple[str, ...]) -> Draft:
    read = KINDS.get(kind)
    if read is None:
        raise MoodleError(
            _("Questions of the kind “%(kind)s” are not known here.") % {"kind": kind[:40] or "?"}
        )
    source = Source(element)
    draft = Draft(place, "", source.rich("questiontext"), {}, name=source.plain("name"))
    draft.explanation = source.rich("generalfeedback")
    draft.hints = [hint for each in source.all("hint") if (hint := source.rich_of(each))]
    draft.code = source.plain("idnumber")
    draft.category = category
    tags = (" ".join(words(each).split()) for each in source.all("tags/tag"))
    draft.tags = tuple(dict.fromkeys(tag for tag in tags if tag))
    points = figure(source.plain("defaultgrade")) or 1.0
    draft.points = Decimal(written_figure(points)) if 0 < points < 10_000 else Decimal(1)
    _old_picture(draft, source)
    read(draft, source)
    whole = ["correctfeedback", "partiallycorrectfeedback"]
    if draft.type_key != "ordering":
        whole.append("incorrectfeedback")
    if any(_says(source, each) for each in whole):
        draft.notes.append(
            _("Feedback on the whole answer (right, partly right, wrong) is not kept.")
        )
    draft.pictures = source.pictures.kept
    draft.notes += source.pictures.notes
    return draft


def _says(source: Source, path: str) -> bool:
    text = source.rich(path)
    return bool(text) and plain_of(text).lower().rstrip(".") not in _BOILERPLATE


def _old_picture(draft: Draft, source: Source) -> None:
    """The picture of Moodle 1.9, which stood beside the text."""
    name, content = source.plain("image"), from_base64(source.plain("image_base64"))
    if not name or not content:
        return
    if is_picture(content):
        own = source.pictures.keep(name, content)
        draft.prompt = f"{draft.prompt}<p>{picture_tag(own, '')}</p>"
    else:
        draft.notes.append(
            _("The file “%(name)s” is left out: only pictures are kept.") % {"name": name[:120]}
        )
