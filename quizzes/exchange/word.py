"""Tests written in Word (DOCX), as people in Vietnam write them. See docs/imports/word.md."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quizzes.exchange.drafts import Draft, Fault, UnreadableFile
from quizzes.exchange.formats import QuestionFormat
from quizzes.exchange.reading_back import is_same
from quizzes.exchange.word_asked import Sheet
from quizzes.exchange.word_document import blocks_of
from quizzes.exchange.word_drafts import Judged
from quizzes.exchange.word_package import OLE, open_package
from quizzes.exchange.word_text import Sorter
from quizzes.exchange.word_writing import document_of
from quizzes.exchange.word_written import Unclear

if TYPE_CHECKING:
    from quizzes.models import Question


class WordFormat(QuestionFormat):
    """Questions with numbers, options with letters and keys, in a document."""

    key = "word"
    label = gettext_lazy("Word (DOCX)")
    extensions: ClassVar[tuple[str, ...]] = (".docx", ".doc", ".docm", ".rtf", ".odt")
    writes = True

    def recognises(self, name: str, content: bytes) -> bool:
        """A zip with a Word document in it; by name what Word can save as one."""
        if content.startswith(b"PK\3\4"):
            return name.lower().endswith((".docx", ".docm")) or b"word/document.xml" in content
        return name.lower().endswith(self.extensions)

    def read(self, name: str, content: bytes) -> Iterator[Draft | Fault]:
        """The questions of the document."""
        if not content.startswith((b"PK", OLE)):
            raise UnreadableFile(_("This is no Word document. Save it as .docx."))
        package = open_package(content)
        sheet = Sorter(blocks_of(package)).sheet_of_all()
        if not (sheet.asked or sheet.tables_of_questions):
            raise UnreadableFile(
                _("No question was found. Questions must begin with “Câu 1:” or “1.”.")
            )
        yield from _drafts(sheet, package.media)

    def write(self, questions: Iterable[Question]) -> tuple[bytes, list[Fault]]:
        """A document in which each question has its key below it."""
        sound: list[Question] = []
        faults: list[Fault] = []
        for question in questions:
            alone, lost = document_of([question])
            if not is_same(question, self._first(alone)):
                lost = lost or [
                    Fault(question.code, _("Its text would be read as something else in Word."))
                ]
            else:
                sound.append(question)
            faults += lost
        return document_of(sound)[0], faults

    def _first(self, content: bytes) -> Draft | Fault | None:
        try:
            return next(self.read("", content), None)
        except UnreadableFile:
            return None


def _drafts(sheet: Sheet, media: dict[str, bytes]) -> Iterator[Draft | Fault]:
    """All questions in their order."""
    numbers = Counter(asked.number for asked in sheet.asked)
    met = Counter[int]()
    for asked in sheet.asked:
        met[asked.number] += 1
        place = _("Question %(number)d") % {"number": asked.number}
        is_double = numbers[asked.number] > 1
        if is_double:
            place = _("%(place)s (%(count)d. with this number)") % {
                "place": place,
                "count": met[asked.number],
            }
        try:
            yield Judged(asked, place, sheet.keys, media, is_double=is_double).draft()
        except Unclear as error:
            yield Fault(place, str(error))
    for number in sorted(set(sheet.keys.keys) - set(numbers)):
        yield Fault(
            _("Table of keys"),
            _("It has a key for question %(number)d, which the file does not have.")
            % {"number": number},
        )
    if sheet.versions:
        yield Fault(
            _("Table of keys"),
            _("It cannot be read. Give one key per question: a row of numbers and one of letters."),
        )
    if sheet.lost:
        yield Fault(
            _("Outside of the questions"),
            _("Options or keys stand before a question: begin each question with “Câu 1:”."),
        )
    if sheet.tables_of_questions:
        yield Fault(
            _("Table"),
            _("Questions in the rows of a table are read from XLSX or CSV. Use the template."),
        )
