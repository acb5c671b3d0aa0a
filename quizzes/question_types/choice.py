"""Questions that are answered by choosing among options."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail import blocks

from lms.plugins.contracts import Json, Problem
from quizzes.blocks import KeyedListBlock, OptionBlock
from quizzes.contracts import Fields, QuestionType, Reply
from quizzes.question_types.rows import is_blank, plain, repeated

ALL_OR_NOTHING, SHARES, PER_OPTION = "all_or_nothing", "shares", "per_option"
SCHEMES = [
    (SHARES, gettext_lazy("Right ones earn their share, wrong ones take theirs back")),
    (ALL_OR_NOTHING, gettext_lazy("All or nothing")),
    (PER_OPTION, gettext_lazy("Each option earns its own credit")),
]


class ChoiceBody(blocks.StructBlock):
    options = KeyedListBlock(OptionBlock(), label=gettext_lazy("Options"))

    class Meta:
        form_classname = "struct-block quiz-body"


class SeveralBody(ChoiceBody):
    scheme = blocks.ChoiceBlock(choices=SCHEMES, default=SHARES, label=gettext_lazy("Marking"))


class ChoiceType(QuestionType):
    """What all choosing has in common. An answer is `{"options": [key, …]}`, never empty.

    An option with `credit` (percent, null where the author gave none) earns that instead of all
    or nothing.
    """

    body = ChoiceBody
    icon = "list-ul"
    group = gettext_lazy("Choosing")
    ask_template = "quizzes/types/_choice_ask.html"
    review_template = "quizzes/types/_choice_review.html"
    control: ClassVar[str] = "radio"
    keeps_order: ClassVar[bool] = False

    def problems(self, data: Json) -> Iterator[Problem]:
        """What is wrong with the options."""
        options: list[Json] = data["options"]
        if len(options) < 2:
            yield Problem(_("There must be at least two options."), field="body")
        if any(is_blank(option["text"]) for option in options):
            yield Problem(_("An option has no text."), field="body")
        for text in repeated(option["text"] for option in options):
            yield Problem(_("The option “%(text)s” is there twice.") % {"text": text}, field="body")
        yield from self.key_problems(options)
        for option in options:
            if is_blank(option["feedback"]):
                yield Problem(
                    _("The option “%(text)s” has no feedback.") % {"text": plain(option["text"])},
                    is_error=False,
                    field="body",
                )

    def key_problems(self, options: list[Json]) -> Iterable[Problem]:
        """What is wrong with which options are right."""
        right = len(_right(options))
        if right == 0:
            yield Problem(_("No option is marked as right."), field="body")
        elif right > 1:
            yield Problem(
                _("%(count)d options are marked as right, but only one can be chosen.")
                % {"count": right},
                field="body",
            )

    def arrange(self, data: Json, chance: random.Random, *, shuffle: bool) -> Json:
        """The order of the options."""
        keys = [option["key"] for option in data["options"]]
        if shuffle and not self.keeps_order:
            chance.shuffle(keys)
        return {"order": keys}

    def parse(self, data: Json, fields: Fields) -> Json | None:
        """The first option chosen that the question has."""
        return _answer(data, fields.getlist("")[:1])

    def score(self, data: Json, answer: Json) -> float:
        """The credit of the option chosen: 1 for the right one, else 0, unless it has its own."""
        chosen = set(_chosen(data, answer))
        earned = [credit_of(option) for option in data["options"] if option["key"] in chosen]
        return max(0.0, min(1.0, earned[0])) if earned else 0.0

    def comments(self, data: Json, answer: Json) -> list[str]:
        """What the author says about the options chosen."""
        chosen = set(_chosen(data, answer))
        return [
            option["feedback"]
            for option in data["options"]
            if option["key"] in chosen and option["feedback"]
        ]

    def describe(self, data: Json, answer: Json) -> str:
        """The text of what was chosen."""
        chosen = set(_chosen(data, answer))
        return "; ".join(
            plain(option["text"]) for option in data["options"] if option["key"] in chosen
        )

    def solution(self, data: Json) -> Json | None:
        """The right options."""
        return _answer(data, _right(data["options"]))

    def replies(self, data: Json, answer: Json | None) -> list[Reply]:
        """The option chosen."""
        chosen = set(_chosen(data, answer))
        return [reply for reply in self.possible(data) if reply.value in chosen]

    def possible(self, data: Json) -> list[Reply]:
        """All options."""
        return [
            Reply("", option["key"], plain(option["text"]), credit_of(option))
            for option in data["options"]
        ]

    def ask(self, data: Json, arrangement: Json, answer: Json | None) -> dict[str, Any]:
        """The options in their order, without key or feedback."""
        chosen = set(_chosen(data, answer))
        return {
            "control": self.control,
            "options": [
                {
                    "key": option["key"],
                    "text": option["text"],
                    "is_chosen": option["key"] in chosen,
                }
                for option in _in_order(data, arrangement)
            ],
        }

    def review(self, data: Json, arrangement: Json, answer: Json | None) -> dict[str, Any]:
        """The options with what was chosen, what is right and what the author says.

        `others`: those that are neither; they stand apart so that what matters comes first.
        """
        chosen = set(_chosen(data, answer))
        options = [
            {
                "text": option["text"],
                "is_chosen": option["key"] in chosen,
                "is_right": option["correct"],
                "feedback": option["feedback"],
            }
            for option in _in_order(data, arrangement)
        ]
        others = [each for each in options if not (each["is_chosen"] or each["is_right"])]
        return {"options": options, "others": [each for each in others if each["feedback"]]}


class SingleChoice(ChoiceType):
    key = "single_choice"
    label = gettext_lazy("Single choice")
    description = gettext_lazy("One option is right; one can be chosen.")
    instruction = gettext_lazy("Choose one option.")


class TrueFalse(ChoiceType):
    """Two options whose order says something, so it is never shuffled."""

    key = "true_false"
    label = gettext_lazy("True or false")
    description = gettext_lazy("A statement to agree or disagree with.")
    instruction = gettext_lazy("Choose one option.")
    keeps_order = True

    def key_problems(self, options: list[Json]) -> Iterable[Problem]:
        """As for a single choice, of exactly two."""
        if len(options) > 2:
            yield Problem(_("True or false has exactly two options."), field="body")
        yield from super().key_problems(options)


class MultipleChoice(ChoiceType):
    """Several are right. Three schemes, with R right and W wrong options:

    - shares: max(0, chosen right ÷ R − chosen wrong ÷ W); choosing everything, or nothing, earns
      nothing; where no option is wrong, the second term is 0;
    - all or nothing: 1 for exactly the right ones;
    - per option: the sum of the credits of what was chosen, between 0 and 1. An option without a
      credit of its own has 1 ÷ R if it is right, else 0.
    """

    body = SeveralBody
    key = "multiple_choice"
    label = gettext_lazy("Multiple choice")
    description = gettext_lazy("Several options are right; several can be chosen.")
    instruction = gettext_lazy("Choose all that are right.")
    control = "checkbox"

    def instruct(self, data: Json) -> str:
        """Whether a wrong choice costs something is told before."""
        if _scheme(data) == ALL_OR_NOTHING:
            return _("Choose all that are right. Only all of them, and no other, earn credit.")
        if _scheme(data) == SHARES or any(
            (each.get("credit") or 0) < 0 for each in data["options"]
        ):
            return _("Choose all that are right. A wrong choice takes credit back.")
        return str(self.instruction)

    def key_problems(self, options: list[Json]) -> Iterable[Problem]:
        """At least one must be right; without a wrong one there is nothing to tell apart."""
        right = len(_right(options))
        if right == 0:
            yield Problem(_("No option is marked as right."), field="body")
        elif right == len(options):
            yield Problem(_("Every option is marked as right."), is_error=False, field="body")

    def problems(self, data: Json) -> Iterator[Problem]:
        """As for all choosing; with credits of their own, the right ones must add up."""
        yield from super().problems(data)
        if _scheme(data) != PER_OPTION or not _right(data["options"]):
            return
        credits = _credits(data["options"])
        best = sum(max(0.0, credit) for credit in credits.values())
        if best < 1 - ROUNDING:
            yield Problem(
                _("The credits of the options add up to %(percent)d%% only, not to 100%%.")
                % {"percent": round(100 * best)},
                field="body",
            )
        if sum(credits.values()) >= 1 - ROUNDING and len(credits) > len(_right(data["options"])):
            yield Problem(
                _("Who chooses every option gets everything: give wrong ones a negative credit."),
                is_error=False,
                field="body",
            )

    def parse(self, data: Json, fields: Fields) -> Json | None:
        """All options chosen that the question has."""
        return _answer(data, fields.getlist(""))

    def score(self, data: Json, answer: Json) -> float:
        """By the scheme of the question."""
        options = data["options"]
        right = _right(options)
        wrong = {option["key"] for option in options} - right
        chosen = set(_chosen(data, answer))
        if _scheme(data) == ALL_OR_NOTHING:
            return 1.0 if right and chosen == right else 0.0
        if _scheme(data) == PER_OPTION:
            credits = _credits(options)
            # Ten times a tenth is a hair less than 1.
            earned = round(sum(credits[key] for key in chosen), 9)
            return max(0.0, min(1.0, earned))
        credit = len(chosen & right) / len(right) if right else 0.0
        penalty = len(chosen & wrong) / len(wrong) if wrong else 0.0
        return max(0.0, credit - penalty)

    def possible(self, data: Json) -> list[Reply]:
        """All options; each is a part of its own, since each may be chosen or not."""
        credits = _credits(data["options"])
        return [
            Reply(option["key"], option["key"], text, credits[option["key"]], text)
            for option in data["options"]
            for text in [plain(option["text"])]
        ]


ROUNDING = 0.005  # thirds of a hundred percent are written 33.33


def credit_of(option: Json) -> float:
    """What a single choice of `option` earns: a right one all, another its own credit if any."""
    return 1.0 if option["correct"] else float(option.get("credit") or 0) / 100


def _credits(options: list[Json]) -> dict[str, float]:
    """What each option earns of the whole where several can be chosen."""
    share = 1 / max(1, len(_right(options)))
    found = {}
    for option in options:
        credit = option.get("credit")
        own = share if option["correct"] else 0.0
        found[option["key"]] = own if credit is None else float(credit) / 100
    return found


def _scheme(data: Json) -> str:
    return str(data.get("scheme") or SHARES)


def _right(options: list[Json]) -> set[str]:
    return {option["key"] for option in options if option["correct"]}


def _answer(data: Json, values: Iterable[object]) -> Json | None:
    given = set(map(str, values))
    # In the author's order, so that the same choice always makes the same answer.
    chosen = [option["key"] for option in data["options"] if option["key"] in given]
    return {"options": chosen} if chosen else None


def _chosen(data: Json, answer: Json | None) -> list[str]:
    known = [option["key"] for option in data["options"]]
    given = answer.get("options", []) if isinstance(answer, dict) else []
    return [key for key in given if key in known] if isinstance(given, list) else []


def _in_order(data: Json, arrangement: Json) -> list[Json]:
    by_key = {option["key"]: option for option in data["options"]}
    order = [key for key in arrangement.get("order", []) if key in by_key] or list(by_key)
    return [by_key[key] for key in order]
