"""GIFT, Moodle's text format of questions: the file, taken apart into questions.

After Moodle's own reader (question/format/gift/format.php) and the documentation of the format
(docs.moodle.org, "GIFT format"). Questions are parted by empty lines. More is taken than Moodle
takes where nothing else can be meant: an empty line among the answers, a question right after
$CATEGORY. What could be meant in two ways is a fault.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Final

from django.utils.translation import gettext as _

from lms.plugins.errors import DomainError
from quizzes.exchange.decoding import decoded
from quizzes.exchange.drafts import Draft, Fault, UnreadableFile
from quizzes.exchange.formats import QuestionFormat
from quizzes.exchange.gift_questions import escaped, question_of, restored
from quizzes.exchange.gift_writing import written_gift
from quizzes.exchange.texts import beginning

if TYPE_CHECKING:
    from quizzes.models import Question

_CATEGORY: Final = "$CATEGORY:"
_PLACE: Final = re.compile(r"\$[A-Za-z0-9]*\$")
_LOOKS: Final = re.compile(r"(?m)^\s*(?:::|\$CATEGORY:)|\{[^{}]*(?<!\\)\}")
_IN_COMMENT: Final = r"\[{name}:((?:\\\]|[^\]\n])+)\]"
_ID: Final = re.compile(_IN_COMMENT.replace("{name}", "id"))
_TAG: Final = re.compile(_IN_COMMENT.replace("{name}", "tag"))


@dataclass
class _Block:
    """Lines between two empty ones."""

    line: int
    lines: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    open: int = 0  # braces that are not closed yet

    def add(self, number: int, line: str) -> None:
        if not self.lines:
            self.line = number
        self.lines.append(line)
        signs = escaped(line)
        self.open += signs.count("{") - signs.count("}")


class GiftFormat(QuestionFormat):
    key = "gift"
    label = "GIFT"
    extensions: ClassVar[tuple[str, ...]] = (".gift", ".gift.txt", ".txt")
    writes = True

    def recognises(self, name: str, content: bytes) -> bool:
        """By its name; a plain text file by braces or titles."""
        name = name.lower()
        if name.endswith((".gift", ".gift.txt")):
            return True
        if not name.endswith(".txt"):
            return False
        try:
            return _LOOKS.search(decoded(beginning(content))) is not None
        except UnreadableFile:
            return False

    def read(self, name: str, content: bytes) -> Iterator[Draft | Fault]:
        """Question by question; descriptions and categories are none."""
        category: tuple[str, ...] = ()
        for block in _blocks(decoded(content)):
            text = "\n".join(block.lines)
            if text.lstrip().startswith(_CATEGORY):
                category = category_path(text.lstrip().removeprefix(_CATEGORY))
            if not text.strip() or text.lstrip().startswith(_CATEGORY):
                continue
            place = _("line %(number)d") % {"number": block.line}
            try:
                draft = question_of(text, place)
            except DomainError as error:
                yield Fault(place, str(error))
                continue
            if draft is not None:
                about = "\n".join(block.comments)
                code = _ID.search(about)
                draft.code = code[1].replace("\\]", "]").strip() if code else ""
                draft.tags = tuple(
                    dict.fromkeys(tag.replace("\\]", "]").strip() for tag in _TAG.findall(about))
                )
                draft.category = category
                yield draft

    def write(self, questions: Iterable[Question]) -> tuple[bytes, list[Fault]]:
        """A file that Moodle reads too, in UTF-8."""
        return written_gift(questions)


def category_path(text: str) -> tuple[str, ...]:
    """Moodle's name of a category as a path: "$course$/top/A//B/C" is ("A/B", "C")."""
    parts = [
        part.replace("\0", "/").strip() for part in restored(text).replace("//", "\0").split("/")
    ]
    if parts and _PLACE.fullmatch(parts[0]):
        parts = parts[1:]
        if parts and parts[0] == "top":
            parts = parts[1:]
    return tuple(part for part in parts if part)


def _blocks(text: str) -> Iterator[_Block]:
    block: _Block | None = None
    waiting = False  # for the rest of answers that an empty line interrupts
    for number, line in enumerate(text.split("\n"), 1):
        bare = line.strip()
        if not bare:
            if block and block.open > 0:
                waiting = True
            elif block:
                yield block
                block = None
            continue
        if waiting and block and not bare.startswith(("~", "=", "#", "}", "//")):
            yield block
            block = None
        waiting = False
        if block is None:
            block = _Block(number)
        if bare.startswith("//"):
            block.comments.append(bare)
            continue
        block.add(number, line)
        if len(block.lines) == 1 and bare.startswith(_CATEGORY):
            yield block
            block = None
    if block:
        yield block
