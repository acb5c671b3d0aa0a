"""A text with gaps: words to type, to choose or numbers to type in the middle of it."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.html import escape
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail import blocks

from lms.plugins.contracts import Json, Problem
from modules.content.blocks import CleanRichTextBlock
from quizzes.blocks import LINE, FeedbackBlock, KeyedListBlock, PlainTextBlock
from quizzes.contracts import Fields, QuestionType, Reply
from quizzes.question_types.gap_texts import (
    CHOSEN,
    NUMBER,
    TYPED,
    answers_of,
    best,
    choices_of,
    filled,
    in_order,
    lines,
    pieces,
    placeholders,
)
from quizzes.question_types.numbers import number_of, readings, written
from quizzes.question_types.rows import is_blank, repeated
from quizzes.question_types.short_answer import (
    LONGEST,
    CaseMattersBlock,
    DiacriticsMatterBlock,
    hints_of,
    line_of,
    manner_of,
)


class GapBlock(blocks.StructBlock):
    """What one gap accepts."""

    kind = blocks.ChoiceBlock(
        choices=[
            (TYPED, gettext_lazy("Words to type")),
            (CHOSEN, gettext_lazy("Words to choose")),
            (NUMBER, gettext_lazy("A number to type")),
        ],
        default=TYPED,
        label=gettext_lazy("Kind"),
    )
    answers = PlainTextBlock(
        label=gettext_lazy("Right answers"),
        rows=2,
        max_length=4000,
        help_text=gettext_lazy(
            "A line each, the best first. =50= before one gives it 50 percent of the credit."
        ),
    )
    wrong = PlainTextBlock(
        label=gettext_lazy("Wrong choices"),
        rows=3,
        max_length=4000,
        required=False,
        help_text=gettext_lazy("A line each; only for words to choose."),
    )
    tolerance = blocks.FloatBlock(
        label=gettext_lazy("Tolerance"),
        default=0,
        min_value=0,
        required=False,
        help_text=gettext_lazy("How far off a number may be."),
    )
    feedback = FeedbackBlock()

    class Meta:
        icon = "form"
        label = gettext_lazy("Gap")
        form_classname = "struct-block quiz-option"


class GapsBody(blocks.StructBlock):
    text = CleanRichTextBlock(
        label=gettext_lazy("Text with gaps"),
        features=[*LINE, "ol", "ul"],
        help_text=gettext_lazy("[[1]] stands for the first gap of the list below, [[2]] …"),
    )
    gaps = KeyedListBlock(GapBlock(), label=gettext_lazy("Gaps"))
    case_matters = CaseMattersBlock()
    diacritics_matter = DiacriticsMatterBlock()

    class Meta:
        form_classname = "struct-block quiz-body"


class Gaps(QuestionType):
    """Each gap earns its share by itself. An answer is `{"gaps": {key: text}}`, no text empty.

    Words are compared as in short answers, but without *; numbers read as numbers are.
    """

    key = "gaps"
    label = gettext_lazy("Text with gaps")
    description = gettext_lazy("Words or numbers to type or to choose in the middle of a text.")
    instruction = gettext_lazy("Fill every gap. Each right one earns its share.")
    icon = "form"
    group = gettext_lazy("Typed answers")
    body = GapsBody
    ask_template = "quizzes/types/gaps_ask.html"
    review_template = "quizzes/types/gaps_review.html"

    def problems(self, data: Json) -> Iterator[Problem]:
        """What is wrong with the text, with the gaps, and with the two together."""
        gaps, numbers = data["gaps"], placeholders(data["text"])
        if not gaps:
            yield Problem(_("There is no gap."), field="body")
        for number in sorted(set(numbers)):
            if number > len(gaps):
                yield _about(_("The text has [[%(number)d]], but there is no such gap."), number)
            elif numbers.count(number) > 1:
                yield _about(_("[[%(number)d]] stands in the text twice."), number)
        if re.search(r"<(a|summary)\b[^<>]*>(?:(?!</\1>).)*\[\[\s*\d", data["text"], re.DOTALL):
            yield Problem(_("A gap cannot stand in a link."), field="body")
        for number, gap in enumerate(gaps, 1):
            if number not in numbers:
                yield _about(_("[[%(number)d]] does not stand in the text."), number)
            yield from self._gap_problems(data, number, gap)

    def _gap_problems(self, data: Json, number: int, gap: Json) -> Iterator[Problem]:
        right, wrong = answers_of(gap), lines(gap.get("wrong"))
        if not right:
            yield _about(_("Gap %(number)d has no right answer."), number)
        elif not any(credit == 1.0 for _text, credit in right):
            yield _about(_("No answer of gap %(number)d earns everything."), number)
        if gap["kind"] == CHOSEN:
            if len(choices_of(gap)) < 2:
                yield _about(_("Gap %(number)d needs at least two choices."), number)
            for text in repeated(
                escape(each) for each in [*(text for text, _credit in right), *wrong]
            ):
                yield _about(_("A choice of gap %(number)d is there twice: %(text)s"), number, text)
        elif wrong:
            yield _about(
                _("Gap %(number)d has wrong choices, but nothing is chosen there."),
                number,
                is_error=False,
            )
        if gap["kind"] == NUMBER:
            if (number_of(gap.get("tolerance")) or 0.0) < 0:
                yield _about(_("The tolerance of gap %(number)d is below 0."), number)
            for text, _credit in right:
                found = readings(text)
                if not found:
                    yield _about(_("“%(text)s” in gap %(number)d is no number."), number, text)
                elif len(found) > 1:
                    meant = "; ".join(map(written, found))
                    yield _about(
                        _("The number in gap %(number)d can be read in two ways: %(text)s"),
                        number,
                        meant,
                        is_error=False,
                    )
        if gap["kind"] == TYPED:
            counts = Counter(manner_of(data).normal(text) for text, _credit in right)
            for text in (text for text, count in counts.items() if count > 1):
                yield _about(
                    _("An answer of gap %(number)d is there twice: %(text)s"), number, text
                )
        if is_blank(gap["feedback"]):
            yield _about(_("Gap %(number)d has no feedback."), number, is_error=False)

    def instruct(self, data: Json) -> str:
        """What is told apart is told before, where words are typed."""
        typed = any(gap["kind"] == TYPED for gap in data["gaps"])
        return " ".join([str(self.instruction), *(hints_of(data) if typed else ())])

    def arrange(self, data: Json, chance: random.Random, *, shuffle: bool) -> Json:
        """The order of the choices of each gap; without shuffling that of the alphabet."""
        orders = {gap["key"]: choices_of(gap) for gap in data["gaps"] if gap["kind"] == CHOSEN}
        if shuffle:
            for order in orders.values():
                chance.shuffle(order)
        return {"choices": orders}

    def parse(self, data: Json, fields: Fields) -> Json | None:
        """What was typed or chosen, gap by gap."""
        found = {}
        for gap in data["gaps"]:
            values = fields.getlist(gap["key"])
            text = line_of(values[0]) if values else ""
            if text and (gap["kind"] != CHOSEN or text in choices_of(gap)):
                found[gap["key"]] = text
        return {"gaps": found} if found else None

    def is_complete(self, data: Json, answer: Json) -> bool:
        """Whether no gap is left open."""
        return all(gap["key"] in filled(data, answer) for gap in data["gaps"])

    def score(self, data: Json, answer: Json) -> float:
        """The mean of what the gaps earn."""
        given = filled(data, answer)
        earned = [best(data, gap, given.get(gap["key"], ""))[1] for gap in data["gaps"]]
        return max(0.0, min(1.0, sum(earned) / len(earned))) if earned else 0.0

    def comments(self, data: Json, answer: Json) -> list[str]:
        """What the author says about the gaps that were filled."""
        given = filled(data, answer)
        found = []
        for number, gap in enumerate(data["gaps"], 1):
            html = gap.get("feedback") or ""
            if gap["key"] in given and not is_blank(html):
                inner = html.removeprefix("<p>")
                opening = "<p>" if inner != html else ""
                found.append(f"{opening}<strong>{_name(number)}:</strong> {inner}")
        return found

    def describe(self, data: Json, answer: Json) -> str:
        """What stands in each gap: "(1) xã; (2) 15"."""
        given = filled(data, answer)
        numbered = enumerate(data["gaps"], 1)
        return "; ".join(
            f"({at}) {given[gap['key']]}" for at, gap in numbered if gap["key"] in given
        )

    def solution(self, data: Json) -> Json | None:
        """The first answer of each gap that earns everything."""
        found = {}
        for gap in data["gaps"]:
            full = [text for text, credit in answers_of(gap) if credit == 1.0]
            if not full:
                return None
            found[gap["key"]] = full[0]
        answer = {"gaps": found}
        return answer if found and self.score(data, answer) == 1.0 else None

    def replies(self, data: Json, answer: Json | None) -> list[Reply]:
        """What stands in each gap: as the author wrote it where it is known."""
        given = filled(data, answer)
        found = []
        for number, gap in enumerate(data["gaps"], 1):
            text = given.get(gap["key"])
            if text is not None:
                known, credit = best(data, gap, text)
                value = known or (text if gap["kind"] == CHOSEN else manner_of(data).normal(text))
                found.append(Reply(gap["key"], value, known or text, credit, _name(number)))
        return found

    def possible(self, data: Json) -> list[Reply]:
        """Answers and choices of every gap."""
        found = []
        for number, gap in enumerate(data["gaps"], 1):
            texts = dict.fromkeys(text for text, _credit in answers_of(gap))
            if gap["kind"] == CHOSEN:
                texts |= dict.fromkeys(lines(gap.get("wrong")))
            for text in texts:
                credit = best(data, gap, text)[1]
                found.append(Reply(gap["key"], text, text, credit, _name(number)))
        return found

    def ask(self, data: Json, arrangement: Json, answer: Json | None) -> dict[str, Any]:
        """The text in pieces, each HTML or a gap."""
        given = filled(data, answer)
        orders = arrangement.get("choices") or {}

        def asked(number: int, gap: Json) -> dict[str, Any]:
            text = given.get(gap["key"], "")
            is_chosen = gap["kind"] == CHOSEN
            return {
                "key": gap["key"],
                "label": _name(number),
                "is_choice": is_chosen,
                "is_number": gap["kind"] == NUMBER,
                "text": text,
                "choices": in_order(gap, orders.get(gap["key"])) if is_chosen else [],
            }

        return {"pieces": pieces(data, asked), "longest": LONGEST}

    def review(self, data: Json, arrangement: Json, answer: Json | None) -> dict[str, Any]:
        """The text with what was filled in; and for each gap what is right, and why."""
        given = filled(data, answer)

        def reviewed(number: int, gap: Json) -> dict[str, Any]:
            text = given.get(gap["key"], "")
            credit = best(data, gap, text)[1]
            right = [each for each, full in answers_of(gap) if full == 1.0]
            return {
                "label": _name(number),
                "number": number,
                "text": text,
                "is_right": credit == 1.0,
                "is_partly": 0.0 < credit < 1.0,
                "percent": round(100 * credit),
                "right": right[:1] if gap["kind"] == CHOSEN else right,
                "feedback": gap.get("feedback") or "",
            }

        numbered = enumerate(data["gaps"], 1)
        return {
            "pieces": pieces(data, reviewed),
            "gaps": [reviewed(number, gap) for number, gap in numbered],
        }

    def complete(self, own: Mapping[str, Any]) -> Mapping[str, Any]:
        """Answers and wrong choices may be lists; a gap may be its answer alone."""
        gaps = own.get("gaps")
        if not isinstance(gaps, list):
            return own
        rows = [{"answers": gap} if isinstance(gap, str | list) else gap for gap in gaps]
        return {**own, "gaps": [_joined(row) for row in rows]}


def _joined(row: Any) -> Any:
    if not isinstance(row, Mapping):
        return row
    lists = {
        name: "\n".join(row[name])
        for name in ("answers", "wrong")
        if isinstance(row.get(name), list) and all(isinstance(each, str) for each in row[name])
    }
    return {**row, **lists}


def _name(number: int) -> str:
    return _("Gap %(number)d") % {"number": number}


def _about(message: str, number: int, text: str = "", *, is_error: bool = True) -> Problem:
    return Problem(message % {"number": number, "text": text}, is_error=is_error, field="body")
