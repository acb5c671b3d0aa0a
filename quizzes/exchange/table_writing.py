"""Questions as rows of the template; what a row cannot hold is told."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _

from lms.plugins.contracts import Json
from quizzes.bodies import as_html
from quizzes.exchange.drafts import Fault
from quizzes.exchange.kind_names import kind_name
from quizzes.exchange.plain_numbers import PlainNumber, number_in, with_comma
from quizzes.exchange.reading_back import is_same
from quizzes.exchange.table_cells import Unfit, line_of, rich
from quizzes.exchange.table_columns import LETTERS
from quizzes.exchange.table_rows import NOTHING, draft_of
from quizzes.exchange.table_template import workbook_with
from quizzes.exchange.word_written import FILL_IN

if TYPE_CHECKING:
    from quizzes.models import Question

Row = dict[str, str]
_KEYS: Final = re.compile(r' data-block-key="[^"<>]*"')
_EMBED: Final = re.compile(r"<(?:embed|img)\b[^<>]*>")
_ONE: Final = re.compile(r"<p>((?:[^<>]|<br/?>)*)</p>")


class Unheld(Exception):
    """Why a question cannot stand in a row."""


def workbook_of(questions: Iterable[Question]) -> tuple[bytes, list[Fault]]:
    """The template with these questions, and what it cannot hold."""
    rows, faults = [], []
    for question in questions:
        writer = _Writer(question)
        try:
            row = writer.row()
            if not is_same(question, draft_of("", row)):
                raise Unheld(_("Its texts have a form that a table cannot hold."))
        except (Unheld, Unfit) as error:
            faults.append(Fault(question.code, str(error)))
            continue
        rows.append(row)
        faults += [Fault(question.code, each) for each in dict.fromkeys(writer.lost)]
    return workbook_with(rows), faults


class _Writer:
    def __init__(self, question: Question) -> None:
        self.question, self.own = question, question.written
        self.lost: list[str] = []

    def row(self) -> Row:
        """The cells by column. Raises Unheld."""
        question = self.question
        writers: dict[str, Callable[[], Row]] = {
            "single_choice": self.choice,
            "multiple_choice": self.choice,
            "true_false": self.choice,
            "short_answer": self.short,
            "numeric": self.numeric,
            "matching": self.matching,
            "ordering": self.ordering,
            "grouping": self.grouping,
            "gaps": self.gaps,
            "essay": self.essay,
        }
        if question.type_key not in writers:
            raise Unheld(
                _("Questions of the kind “%(kind)s” cannot be given in a table.")
                % {"kind": question.kind}
            )
        row = {
            "code": question.code,
            "name": question.name,
            "kind": kind_name(question.type_key),
            "prompt": self.cell(question.prompt),
            "explanation": self.cell(question.explanation),
            "hint": "\n".join(
                re.sub(r"\s*\n\s*", " ", self.cell(each.value.source)) for each in question.hints
            ),
        }
        if question.pk and question.references.exists():
            self.lost.append(_("Legal references are left out."))
        row |= writers[question.type_key]()
        if any(len(each) > 32_000 for each in row.values()):
            raise Unheld(_("A text is longer than a cell can be."))
        return row

    def cell(self, text: str, *, is_line: bool = False) -> str:
        """HTML as plain text where reading gives the same again, else as HTML."""
        cleaned = _KEYS.sub("", as_html(text))
        if _EMBED.search(cleaned):
            self.lost.append(_("Pictures are left out."))
            cleaned = _EMBED.sub("", cleaned)
        if not cleaned:
            return ""
        if not cleaned.startswith("<p>") and not cleaned.startswith("<"):
            cleaned = f"<p>{cleaned}</p>"
        parts = [each[1] for each in _ONE.finditer(cleaned)]
        plain = "\n".join(html.unescape(re.sub(r"<br/?>", "\n", each)) for each in parts)
        again = (line_of if is_line else rich)(plain)
        return plain if _same(again, cleaned) else cleaned

    def fill(self, texts: list[str], feedback: list[str] | None = None) -> Row:
        """Texts and feedback in the columns A to H."""
        if len(texts) > len(LETTERS):
            raise Unheld(_("It has more options than columns from A to H."))
        row = {f"option {letter}": text for letter, text in zip(LETTERS, texts, strict=False)}
        for letter, said in zip(LETTERS, feedback or [], strict=False):
            row[f"feedback {letter}"] = self.cell(said, is_line=True)
        return row

    def scheme(self, usual: str) -> None:
        if self.own.get("scheme", usual) != usual:
            self.lost.append(_("The way of marking is left out."))

    def choice(self) -> Row:
        options: list[Json] = self.own["options"]
        if any(each.get("credit") is not None for each in options):
            self.lost.append(_("Credits of single options are left out."))
        self.scheme("shares")
        row = self.fill(
            [self.cell(each["text"], is_line=True) for each in options],
            [each["feedback"] for each in options],
        )
        right = [letter for letter, each in zip(LETTERS, options, strict=False) if each["correct"]]
        if not right:
            raise Unheld(_("It has no right option."))
        return {**row, "key": ", ".join(right)}

    def short(self) -> Row:
        if self.own["case_matters"] or not self.own["diacritics_matter"]:
            self.lost.append(_("Whether capitals and diacritics matter is left out."))
        return self.answers([each["pattern"] for each in self.own["answers"]])

    def numeric(self) -> Row:
        if self.own["units"]:
            self.lost.append(_("Units are left out."))
        texts = []
        for each in self.own["answers"]:
            is_relative = each["tolerance_kind"] == "relative"
            number = PlainNumber(float(each["value"]), float(each["tolerance"] or 0), is_relative)
            if number_in(str(number)) != number:
                raise Unheld(_("Its number could be read in two ways."))
            texts.append(str(number))
        return self.answers(texts)

    def answers(self, texts: list[str]) -> Row:
        """Answers in the options, each with its feedback, or all of them in the key."""
        rows: list[Json] = self.own["answers"]
        weighed = [
            text
            if each["credit"] in (None, 100)
            else f"={with_comma(float(each['credit']))}={text}"
            for text, each in zip(texts, rows, strict=True)
        ]
        if any(
            "\n" in each or each.startswith("=") != (each != text)
            for each, text in zip(weighed, texts, strict=True)
        ):
            raise Unheld(_("An answer has a form that a table cannot hold."))
        if any(each["feedback"] for each in rows):
            return self.fill(weighed, [each["feedback"] for each in rows])
        if any("|" in each for each in weighed):
            return self.fill(weighed)
        return {"key": "\n".join(weighed)}

    def side(self, text: str) -> str:
        found = re.sub(r"\s*\n\s*", " ", self.cell(text, is_line=True))
        if found.startswith("<") or " = " in f" {found} " or found in NOTHING:
            raise Unheld(_("An item has a form that a table cannot hold."))
        return found

    def matching(self) -> Row:
        self.scheme("shares")
        pairs: list[Json] = self.own["pairs"]
        texts = [f"{self.side(each['text'])} = {self.side(each['match'])}" for each in pairs]
        texts += [f"- = {self.side(each['value'])}" for each in self.own["extra"]]
        feedback = [each["feedback"] for each in pairs]
        if len(texts) <= len(LETTERS):
            return self.fill(texts, feedback)
        if any(feedback):
            self.lost.append(_("Feedback on single answers is left out."))
        return {"option A": "\n".join(texts)}

    def ordering(self) -> Row:
        self.scheme("places")
        texts = [self.cell(each["text"], is_line=True) for each in self.own["items"]]
        said = {"feedback": self.cell(self.own["feedback"])}
        if len(texts) <= len(LETTERS):
            return {**self.fill(texts), **said}
        if any("\n" in each or each.startswith("<") for each in texts):
            raise Unheld(_("It has more options than columns from A to H."))
        return {"option A": "\n".join(texts), **said}

    def grouping(self) -> Row:
        self.scheme("shares")
        groups = [
            (self.side(each["name"]), [self.side(item["value"]) for item in each["items"]])
            for each in self.own["groups"]
        ]
        extra = [self.side(each["value"]) for each in self.own["extra"]]
        groups += [("-", extra)] if extra else []
        if any(not items or any(";" in each for each in items) for _name, items in groups):
            raise Unheld(_("An item has a form that a table cannot hold."))
        return self.fill([f"{name} = {'; '.join(items)}" for name, items in groups])

    def gaps(self) -> Row:
        gaps: list[Json] = self.own["gaps"]
        if self.own["case_matters"] or not self.own["diacritics_matter"]:
            self.lost.append(_("Whether capitals and diacritics matter is left out."))
        body, prompt = self.cell(self.own["text"]), self.cell(self.question.prompt)
        if body.startswith("<") or prompt.startswith("<"):
            raise Unheld(_("Its text with gaps has markup, which a table cannot hold."))
        asked = "" if rich(prompt) == FILL_IN else prompt
        if "[[" in asked or "[[" not in body.split("\n")[0]:
            raise Unheld(_("Its text with gaps has a form that a table cannot hold."))
        return {
            "prompt": f"{asked}\n{body}".strip(),
            **self.fill([self.gap(each) for each in gaps], [each["feedback"] for each in gaps]),
        }

    def gap(self, gap: Json) -> str:
        right, wrong = (str(gap[name] or "").split("\n") for name in ("answers", "wrong"))
        if gap["kind"] == "number":
            number = number_in(right[0]) if len(right) == 1 else None
            if number is None:
                raise Unheld(_("Its number could be read in two ways."))
            return f"#{PlainNumber(number.value, float(gap['tolerance'] or 0))}"
        if any(each.startswith(("~", "#")) for each in right):
            raise Unheld(_("An answer has a form that a table cannot hold."))
        if gap["kind"] == "chosen":
            return "\n".join([*right, *(f"~{each}" for each in wrong if each)])
        return "\n".join(right)

    def essay(self) -> Row:
        if self.own["rubric"]:
            self.lost.append(_("Criteria of marking are left out."))
        if any(self.own[each] for each in ("minimum", "maximum", "template", "may_attach")):
            self.lost.append(_("Limits, files and the text to begin with are left out."))
        return {"key": self.cell(self.own["guidance"])}


def _same(one: str, other: str) -> bool:
    return html.unescape(one) == html.unescape(other.replace("<br/>", "<br>"))
