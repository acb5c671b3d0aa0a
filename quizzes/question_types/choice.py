"""Questions that are answered by choosing among options."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar

from django.utils.html import strip_tags
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lms.plugins.contracts import Json, Problem
from lms.plugins.vietnamese import fold
from quizzes.contracts import Fields, QuestionType


class ChoiceType(QuestionType):
    """What all choosing has in common. An answer is `{"options": [key, …]}`, never empty."""

    ask_template = "quizzes/types/_choice_ask.html"
    review_template = "quizzes/types/_choice_review.html"
    control: ClassVar[str] = "radio"
    keeps_order: ClassVar[bool] = False

    def problems(self, data: Json) -> Iterator[Problem]:
        """What is wrong with prompt and options."""
        options: list[Json] = data["options"]
        if not strip_tags(data["prompt"]).strip():
            yield Problem(_("The question has no text."), field="prompt")
        if len(options) < 2:
            yield Problem(_("There must be at least two options."), field="options")
        if any(not option["text"].strip() for option in options):
            yield Problem(_("An option has no text."), field="options")
        names = Counter(fold(" ".join(option["text"].split())) for option in options)
        for option in options:
            if names.pop(fold(" ".join(option["text"].split())), 1) > 1:
                yield Problem(
                    _("The option “%(text)s” is there twice.") % {"text": option["text"].strip()},
                    field="options",
                )
        yield from self.key_problems(options)
        for option in options:
            if not strip_tags(option["feedback"]).strip():
                yield Problem(
                    _("The option “%(text)s” has no feedback.") % {"text": option["text"].strip()},
                    is_error=False,
                    field="options",
                )

    def key_problems(self, options: list[Json]) -> Iterable[Problem]:
        """What is wrong with which options are right."""
        right = len(_right(options))
        if right == 0:
            yield Problem(_("No option is marked as right."), field="options")
        elif right > 1:
            yield Problem(
                _("%(count)d options are marked as right, but only one can be chosen.")
                % {"count": right},
                field="options",
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
        """1 for the right option, else 0."""
        return 1.0 if set(_chosen(data, answer)) == _right(data["options"]) else 0.0

    def feedback(self, data: Json, answer: Json | None) -> Mapping[str, str]:
        """What the author says about each option."""
        return {option["key"]: option["feedback"] for option in data["options"]}

    def describe(self, data: Json, answer: Json) -> str:
        """The text of what was chosen."""
        chosen = set(_chosen(data, answer))
        return "; ".join(option["text"] for option in data["options"] if option["key"] in chosen)

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
        feedback = self.feedback(data, answer)
        options = [
            {
                "text": option["text"],
                "is_chosen": option["key"] in chosen,
                "is_right": option["correct"],
                "feedback": feedback[option["key"]],
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
            yield Problem(_("True or false has exactly two options."), field="options")
        yield from super().key_problems(options)


class MultipleChoice(ChoiceType):
    """Each right option earns its share, each wrong one takes its share back.

    score = max(0, chosen right ÷ all right − chosen wrong ÷ all wrong). Choosing everything, or
    nothing, earns nothing; where no option is wrong, the second term is 0.
    """

    key = "multiple_choice"
    label = gettext_lazy("Multiple choice")
    description = gettext_lazy(
        "Several options are right. Each right one earns its share, each wrong one takes it back."
    )
    instruction = gettext_lazy("Choose all that are right. A wrong choice takes credit back.")
    control = "checkbox"

    def key_problems(self, options: list[Json]) -> Iterable[Problem]:
        """At least one must be right; without a wrong one there is nothing to tell apart."""
        right = len(_right(options))
        if right == 0:
            yield Problem(_("No option is marked as right."), field="options")
        elif right == len(options):
            yield Problem(_("Every option is marked as right."), is_error=False, field="options")

    def parse(self, data: Json, fields: Fields) -> Json | None:
        """All options chosen that the question has."""
        return _answer(data, fields.getlist(""))

    def score(self, data: Json, answer: Json) -> float:
        """Credit for right options less the share of wrong ones, never below 0."""
        right = _right(data["options"])
        wrong = {option["key"] for option in data["options"]} - right
        chosen = set(_chosen(data, answer))
        credit = len(chosen & right) / len(right) if right else 0.0
        penalty = len(chosen & wrong) / len(wrong) if wrong else 0.0
        return max(0.0, credit - penalty)


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
