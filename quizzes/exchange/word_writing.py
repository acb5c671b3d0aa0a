"""Questions as a Word document, by the conventions that `word_text` reads.

As few parts as Word needs (ECMA-376 part 1, 11.3.10; part 2, 9.1): content types, relationships,
the document and its styles.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape

from django.utils.translation import gettext as _

from lms.plugins.contracts import Json
from quizzes.bodies import as_html
from quizzes.exchange.drafts import Fault
from quizzes.exchange.kind_names import kind_name
from quizzes.exchange.plain_numbers import PlainNumber, number_in
from quizzes.exchange.word_keys import LETTERS

if TYPE_CHECKING:
    from quizzes.models import Question

MAIN: Final = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPES: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_HEAD: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_PARTS: Final = {
    "[Content_Types].xml": (
        f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels"'
        ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/word/document.xml" ContentType="{_TYPES}.document.main+xml"/>'
        f'<Override PartName="/word/styles.xml" ContentType="{_TYPES}.styles+xml"/></Types>'
    ),
    "_rels/.rels": (
        f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1"'
        f' Type="{_OFFICE}/officeDocument" Target="word/document.xml"/></Relationships>'
    ),
    "word/_rels/document.xml.rels": (
        f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1"'
        f' Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>'
    ),
    "word/styles.xml": (
        f'<w:styles xmlns:w="{MAIN}"><w:docDefaults><w:rPrDefault><w:rPr>'
        '<w:rFonts w:ascii="Times New Roman" w:hAnsi="Times New Roman" w:cs="Times New Roman"/>'
        '<w:sz w:val="26"/><w:lang w:val="vi-VN"/></w:rPr></w:rPrDefault><w:pPrDefault><w:pPr>'
        '<w:spacing w:after="80"/></w:pPr></w:pPrDefault></w:docDefaults>'
        '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/>'
        "</w:style></w:styles>"
    ),
}
_SAID: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
Run = tuple[str, frozenset[str]]
_LOOKS: Final = {
    "strong": "b", "b": "b", "em": "i", "i": "i", "sup": "sup", "sub": "sub",
}  # fmt: skip
_PROPERTIES: Final = {
    "b": "<w:b/>",
    "i": "<w:i/>",
    "sup": '<w:vertAlign w:val="superscript"/>',
    "sub": '<w:vertAlign w:val="subscript"/>',
}


class _Unwritten(Exception):
    """Why a question cannot stand in the document."""


def document_of(questions: Iterable[Question]) -> tuple[bytes, list[Fault]]:
    """The document, and what it cannot hold."""
    faults: list[Fault] = []
    paragraphs: list[str] = []
    number = 0
    for question in questions:
        writer = _Writer(question, number + 1)
        try:
            lines = list(writer.lines())
        except _Unwritten as error:
            faults.append(Fault(question.code, str(error)))
            continue
        number += 1
        faults += [Fault(question.code, each) for each in dict.fromkeys(writer.lost)]
        paragraphs += [*map(_paragraph, lines), "<w:p/>"]
    body = f'<w:document xmlns:w="{MAIN}"><w:body>{"".join(paragraphs)}<w:sectPr/></w:body>'
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, text in {**_PARTS, "word/document.xml": f"{body}</w:document>"}.items():
            package.writestr(zipfile.ZipInfo(name), _HEAD + text, zipfile.ZIP_DEFLATED)
    return out.getvalue(), faults


def _paragraph(runs: list[Run]) -> str:
    return f"<w:p>{''.join(_run(text, looks) for text, looks in runs)}</w:p>"


def _run(text: str, looks: frozenset[str]) -> str:
    properties = "".join(_PROPERTIES[each] for each in ("b", "i", "sup", "sub") if each in looks)
    shown = escape(_SAID.sub("", text))
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{shown}</w:t></w:r>'


class _Lines(HTMLParser):
    """Clean HTML as lines of runs."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[list[Run]] = []
        self.open: list[str] = []
        self.lost: set[str] = set()
        self.is_new = True
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _LOOKS:
            self.open.append(tag)
        elif tag in ("img", "embed"):
            self.lost.add("picture")
        elif tag == "table":
            self.lost.add("table")
        elif tag == "a":
            self.lost.add("link")
        elif tag == "li":
            self.is_new = True
            self.handle_data("– ")
        if tag in ("p", "br", "tr", "h2", "h3", "h4", "blockquote", "pre", "figure"):
            self.is_new = True

    def handle_endtag(self, tag: str) -> None:
        if tag in self.open:
            self.open.remove(tag)
        if tag in ("p", "li", "tr", "h2", "h3", "h4", "blockquote", "pre", "figure"):
            self.is_new = True

    def handle_data(self, data: str) -> None:
        text = re.sub(r"\s+", " ", data)
        if not text.strip() and (self.is_new or not text):
            return
        if self.is_new:
            self.lines.append([])
            text, self.is_new = text.lstrip(), False
        self.lines[-1].append((text, frozenset(_LOOKS[each] for each in self.open)))


_BOLD: Final = frozenset("b")
_PLAIN: Final = frozenset[str]()


class _Writer:
    def __init__(self, question: Question, number: int) -> None:
        self.question, self.number = question, number
        self.own: Json = question.written
        self.lost: list[str] = []

    def lines(self) -> Iterator[list[Run]]:
        """The question. Raises _Unwritten."""
        kind = self.question.type_key
        writers = {
            "single_choice": self.choice,
            "multiple_choice": self.choice,
            "true_false": self.choice,
            "short_answer": self.short,
            "numeric": self.numeric,
            "essay": self.essay,
        }
        if kind not in writers:
            raise _Unwritten(
                _("Questions of the kind “%(kind)s” cannot be written as Word.")
                % {"kind": self.question.kind}
            )
        prompt = self.text(self.question.prompt)
        first = prompt[0] if prompt else [("", _PLAIN)]
        yield [(f"Câu {self.number}: ", _BOLD), *first]
        yield from prompt[1:]
        yield from writers[kind]()
        yield from self.field("Mã", self.question.code)
        yield from self.field("Tên", self.question.name)
        yield from self.rich("Giải thích", self.question.explanation)
        for hint in self.question.hints:
            yield from self.rich("Gợi ý", hint.value.source)
        if self.question.pk and self.question.references.exists():
            self.lost.append(_("Legal references are left out."))

    def text(self, html: str) -> list[list[Run]]:
        found = _Lines(as_html(html))
        for name, message in (
            ("picture", _("Pictures are left out.")),
            ("table", _("A table is written as lines.")),
            ("link", _("Links are left out.")),
        ):
            if name in found.lost:
                self.lost.append(message)
        return found.lines

    def field(self, label: str, text: str) -> Iterator[list[Run]]:
        if text:
            yield [(f"{label}: ", _BOLD), (text, _PLAIN)]

    def rich(self, label: str, html: str) -> Iterator[list[Run]]:
        lines = self.text(html)
        if lines:
            yield [(f"{label}: ", _BOLD), *lines[0]]
            yield from lines[1:]

    def choice(self) -> Iterator[list[Run]]:
        options: list[Json] = self.own["options"]
        kind = self.question.type_key
        if len(options) > len(LETTERS):
            raise _Unwritten(_("It has more options than letters from A to H."))
        right = [letter for letter, each in zip(LETTERS, options, strict=False) if each["correct"]]
        if not right:
            raise _Unwritten(_("It has no right option."))
        lines = [self.text(each["text"]) for each in options]
        if any(len(each) != 1 for each in lines):
            raise _Unwritten(_("An option has no text, or several lines."))
        for letter, text in zip(LETTERS, lines, strict=False):
            yield [(f"{letter}. ", _PLAIN), *text[0]]
        yield from self.field("Đáp án", ", ".join(right))
        yield from self.field("Loại", kind_name(kind))
        for letter, each in zip(LETTERS, options, strict=False):
            yield from self.rich(f"Phản hồi {letter}", each["feedback"])
        if any(each.get("credit") is not None for each in options):
            self.lost.append(_("Credits of single options are left out."))
        if self.own.get("scheme", "shares") != "shares":
            self.lost.append(_("The way of marking is left out."))

    def short(self) -> Iterator[list[Run]]:
        answers: list[Json] = self.own["answers"]
        texts = [each["pattern"].replace("\\*", "\0") for each in answers]
        if any("*" in each for each in texts):
            raise _Unwritten(_("An answer has “*” for anything, which Word cannot hold."))
        if any(each["credit"] not in (None, 100) for each in answers):
            raise _Unwritten(_("An answer earns only a part, which Word cannot hold."))
        if any(each["feedback"] for each in answers):
            self.lost.append(_("Feedback on single answers is left out."))
        if self.own["case_matters"] or not self.own["diacritics_matter"]:
            self.lost.append(_("Whether capitals and diacritics matter is left out."))
        yield from self.field("Đáp án", " | ".join(each.replace("\0", "*") for each in texts))
        yield from self.field("Loại", kind_name("short_answer"))

    def numeric(self) -> Iterator[list[Run]]:
        answers: list[Json] = self.own["answers"]
        if len(answers) != 1 or self.own["units"] or answers[0]["credit"] not in (None, 100):
            raise _Unwritten(_("It has units or several numbers, which Word cannot hold."))
        number = PlainNumber(
            float(answers[0]["value"]),
            float(answers[0]["tolerance"] or 0),
            answers[0]["tolerance_kind"] == "relative",
        )
        if number_in(str(number)) != number:
            raise _Unwritten(_("Its number could be read in two ways."))
        if answers[0]["feedback"]:
            self.lost.append(_("Feedback on single answers is left out."))
        yield from self.field("Đáp án", str(number))
        yield from self.field("Loại", kind_name("numeric"))

    def essay(self) -> Iterator[list[Run]]:
        yield from self.field("Loại", kind_name("essay"))
        yield from self.rich("Hướng dẫn chấm", self.own["guidance"])
        if self.own["rubric"]:
            self.lost.append(_("Criteria of marking are left out."))
        if any(self.own[each] for each in ("minimum", "maximum", "template", "may_attach")):
            self.lost.append(_("Limits, files and the text to begin with are left out."))
