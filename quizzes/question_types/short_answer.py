"""Questions that are answered by typing a few words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail import blocks

from lms.plugins.contracts import Json, Problem
from lms.plugins.vietnamese import nfc
from quizzes.blocks import FeedbackBlock, KeyedListBlock, PlainCharBlock
from quizzes.contracts import Fields, QuestionType, Reply
from quizzes.question_types.numbers import number_of
from quizzes.question_types.rows import is_blank
from quizzes.question_types.text_matching import ANYTHING, Manner, fill, is_open

LONGEST = 1000  # characters of an answer
FULL = 100  # percent


class CreditBlock(blocks.FloatBlock):
    """What an answer earns, in percent."""

    def __init__(self, **kwargs: Any) -> None:
        defaults = {"label": gettext_lazy("Credit in percent"), "default": FULL}
        super().__init__(**{**defaults, "min_value": 0, "max_value": FULL, **kwargs})


class CaseMattersBlock(blocks.BooleanBlock):
    """Whether capitals are told apart."""

    def __init__(self, **kwargs: Any) -> None:
        defaults = {"label": gettext_lazy("Capitals matter"), "required": False, "default": False}
        super().__init__(**{**defaults, **kwargs})


class DiacriticsMatterBlock(blocks.BooleanBlock):
    """Whether letters with and without their marks are told apart."""

    def __init__(self, **kwargs: Any) -> None:
        defaults = {
            "label": gettext_lazy("Diacritics matter"),
            "required": False,
            "default": True,
            "help_text": gettext_lazy("Old and new places of tone marks are the same in any case."),
        }
        super().__init__(**{**defaults, **kwargs})


class TextAnswerBlock(blocks.StructBlock):
    """A text that is accepted."""

    pattern = PlainCharBlock(
        label=gettext_lazy("Answer"),
        max_length=400,
        help_text=gettext_lazy("* stands for anything, \\* for the sign itself."),
    )
    credit = CreditBlock()
    feedback = FeedbackBlock()

    class Meta:
        icon = "pilcrow"
        label = gettext_lazy("Answer")
        form_classname = "struct-block quiz-option"


class ShortAnswerBody(blocks.StructBlock):
    answers = KeyedListBlock(TextAnswerBlock(), label=gettext_lazy("Answers"))
    case_matters = CaseMattersBlock()
    diacritics_matter = DiacriticsMatterBlock()

    class Meta:
        form_classname = "struct-block quiz-body"


class WrittenType(QuestionType):
    """What all that is typed into one line has in common. An answer is `{"text": "…"}`, not empty.

    The author's `answers` each have a `credit` in percent and `feedback`; the best counts.
    """

    group = gettext_lazy("Typed answers")
    ask_template = "quizzes/types/_written_ask.html"
    review_template = "quizzes/types/_written_review.html"

    def parse(self, data: Json, fields: Fields) -> Json | None:
        """The text typed."""
        values = fields.getlist("")
        text = line_of(values[0]) if values else ""
        return {"text": text} if text else None

    def score(self, data: Json, answer: Json) -> float:
        """What the best of the author's answers that it fits earns."""
        return self.best(data, text_of(answer))[1]

    def best(self, data: Json, text: str) -> tuple[Json | None, float]:
        """The author's answer that `text` is, and what it earns; none earns nothing."""
        raise NotImplementedError  # by kind

    def shown(self, data: Json, row: Json) -> str:
        """One of the author's answers for people."""
        raise NotImplementedError  # by kind

    def told(self, data: Json, row: Json) -> str:
        """The same for learners."""
        return self.shown(data, row)

    def value(self, data: Json, text: str) -> str:
        """What an answer that nobody expected counts as in statistics."""
        return " ".join(text.split())

    def comments(self, data: Json, answer: Json) -> list[str]:
        """What the author says about that answer."""
        row, _credit = self.best(data, text_of(answer))
        return [row["feedback"]] if row and not is_blank(row.get("feedback") or "") else []

    def describe(self, data: Json, answer: Json) -> str:
        """The text itself."""
        return text_of(answer)

    def replies(self, data: Json, answer: Json | None) -> list[Reply]:
        """The author's answer that it fits, else the text itself."""
        text = text_of(answer)
        if not text:
            return []
        row, credit = self.best(data, text)
        if row is None:
            return [Reply("", self.value(data, text), text, 0.0)]
        return [Reply("", row["key"], self.shown(data, row), credit)]

    def possible(self, data: Json) -> list[Reply]:
        """The author's answers; others can be typed."""
        return [
            Reply("", row["key"], self.shown(data, row), credit_of(row)) for row in data["answers"]
        ]

    def ask(self, data: Json, arrangement: Json, answer: Json | None) -> dict[str, Any]:
        """The text typed so far."""
        return {"text": text_of(answer), "longest": LONGEST, "mode": "text"}

    def review(self, data: Json, arrangement: Json, answer: Json | None) -> dict[str, Any]:
        """What was typed, what is right (the first is the best), what the author says of both."""
        text = text_of(answer)
        row, credit = self.best(data, text) if text else (None, 0.0)
        solution = self.solution(data)
        right = self.best(data, text_of(solution))[0] if solution else None
        full = [self.told(data, each) for each in data["answers"] if credit_of(each) == 1.0]
        return {
            "text": text,
            "is_right": credit == 1.0,
            "is_partly": 0.0 < credit < 1.0,
            "percent": round(100 * credit),
            "feedback": (row or {}).get("feedback") or "",
            "right": list(dict.fromkeys(full)),
            "why": ((right or {}).get("feedback") or "") if right is not row else "",
        }


class ShortAnswer(WrittenType):
    """Compared with patterns, in the manner that the question sets."""

    key = "short_answer"
    label = gettext_lazy("Short answer")
    description = gettext_lazy("A few words to type, compared with the answers listed.")
    instruction = gettext_lazy("Type a short answer.")
    icon = "pilcrow"
    body = ShortAnswerBody

    def problems(self, data: Json) -> Iterator[Problem]:
        """What is wrong with the answers listed."""
        rows, manner = data["answers"], manner_of(data)
        if not rows:
            yield Problem(_("There is no answer."), field="body")
        elif not any(credit_of(row) == 1.0 for row in rows):
            yield Problem(_("No answer earns everything."), field="body")
        seen: set[str] = set()
        for row in rows:
            pattern = row["pattern"]
            if not manner.normal(pattern):
                yield Problem(_("An answer has no text."), field="body")
                continue
            if manner.normal(pattern) in seen:
                yield Problem(
                    _("The answer “%(text)s” is there twice.") % {"text": pattern}, field="body"
                )
            seen.add(manner.normal(pattern))
            if not pattern.replace(ANYTHING, "").strip() and credit_of(row):
                yield Problem(
                    _("With * alone, whatever is typed earns credit."), is_error=False, field="body"
                )
            if is_blank(row["feedback"]):
                yield no_feedback(pattern)

    def instruct(self, data: Json) -> str:
        """What is told apart is told before."""
        return " ".join([str(self.instruction), *hints_of(data)])

    def best(self, data: Json, text: str) -> tuple[Json | None, float]:
        """The first of the best among the patterns that `text` fits."""
        manner = manner_of(data)
        found = [row for row in data["answers"] if manner.matches(row["pattern"], text)]
        row = max(found, key=credit_of, default=None)
        return row, credit_of(row) if row else 0.0

    def solution(self, data: Json) -> Json | None:
        """The first answer that earns everything; one without * if there is any."""
        rows = [row for row in data["answers"] if credit_of(row) == 1.0]
        for row in sorted(rows, key=lambda row: is_open(row["pattern"])):
            for filling in ("…", "", "a"):
                answer = {"text": fill(row["pattern"], filling)}
                if answer["text"] and self.score(data, answer) == 1.0:
                    return answer
        return None

    def shown(self, data: Json, row: Json) -> str:
        """The pattern, as the author wrote it."""
        return str(row["pattern"])

    def told(self, data: Json, row: Json) -> str:
        """The pattern with … for what may be anything."""
        return fill(row["pattern"], "…")

    def value(self, data: Json, text: str) -> str:
        """The text in the form in which it is compared."""
        return manner_of(data).normal(text)

    def complete(self, own: Mapping[str, Any]) -> Mapping[str, Any]:
        """An answer may be its pattern alone."""
        return {**own, **rows_of(own, "answers", "pattern", str)}


def manner_of(data: Json) -> Manner:
    """How the question compares texts."""
    matter = data.get("diacritics_matter")
    return Manner(bool(data.get("case_matters")), matter is None or bool(matter))


def hints_of(data: Json) -> Iterator[str]:
    """What a learner should know about that."""
    if data.get("case_matters"):
        yield _("Capitals count.")
    if not manner_of(data).diacritics_matter:
        yield _("Diacritics may be left out.")


def credit_of(row: Json) -> float:
    """What one of the author's answers earns, 0 to 1: all where nothing is said."""
    percent = number_of(row.get("credit"))
    return 1.0 if percent is None else max(0.0, min(1.0, percent / FULL))


def line_of(value: str) -> str:
    """What was typed as one line, in NFC, of a length that can be kept."""
    return nfc(" ".join(value[:LONGEST].replace("\0", "").split()))[:LONGEST].strip()


def text_of(answer: Any) -> str:
    """The text of an answer, "" where there is none."""
    text = answer.get("text") if isinstance(answer, Mapping) else None
    return text if isinstance(text, str) else ""


def no_feedback(answer: str) -> Problem:
    """Told where an author says nothing about an answer."""
    return Problem(
        _("The answer “%(text)s” has no feedback.") % {"text": answer}, is_error=False, field="body"
    )


def rows_of(
    own: Mapping[str, Any], name: str, column: str, kind: type | tuple[type, ...]
) -> dict[str, Any]:
    """The list `name` of `own`, its rows whole where they were only the value of `column`."""
    rows = own.get(name)
    if not isinstance(rows, list):
        return {}
    return {name: [{column: row} if isinstance(row, kind) else row for row in rows]}
