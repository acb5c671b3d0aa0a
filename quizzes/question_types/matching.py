"""Questions that are answered by matching texts with each other."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterable, Iterator
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail import blocks

from lms.plugins.contracts import Json, Problem
from quizzes.blocks import FeedbackBlock, KeyedListBlock, LineBlock
from quizzes.contracts import Fields, QuestionType, Reply
from quizzes.question_types.labels import fits_in_a_select, letter, same, say
from quizzes.question_types.rows import is_blank, plain, repeated
from quizzes.question_types.sequences import known

SHARES, ALL_OR_NOTHING = "shares", "all_or_nothing"
SCHEMES = [
    (SHARES, gettext_lazy("Each right one earns its share")),
    (ALL_OR_NOTHING, gettext_lazy("All or nothing")),
]


class PairBlock(blocks.StructBlock):
    """A text and what matches it."""

    text = LineBlock(label=gettext_lazy("Text"))
    match = LineBlock(label=gettext_lazy("Match"))
    feedback = FeedbackBlock()

    class Meta:
        icon = "link"
        label = gettext_lazy("Pair")


class MatchingBody(blocks.StructBlock):
    pairs = KeyedListBlock(PairBlock(), label=gettext_lazy("Pairs"))
    extra = KeyedListBlock(
        LineBlock(label=gettext_lazy("Text")),
        default=[],
        label=gettext_lazy("Matches of nothing"),
        help_text=gettext_lazy("They keep the last one from being found by leaving out."),
    )
    scheme = blocks.ChoiceBlock(choices=SCHEMES, default=SHARES, label=gettext_lazy("Marking"))

    class Meta:
        form_classname = "struct-block quiz-body"


class Matching(QuestionType):
    """Each text is given its match. An answer is `{"pairs": {key of a pair: choice}}`.

    Choices are the different matches and the extra ones; matches that look the same are one
    choice. A choice is known by the key of the first row that has it. Since that could be the
    key of the very pair it belongs to, pages know texts and choices by what they say (`face`),
    which tells nothing that is not on the page.

    shares: right ones ÷ all; all or nothing: 1 when all are right.
    """

    key = "matching"
    label = gettext_lazy("Matching")
    description = gettext_lazy("Each text is given what matches it.")
    instruction = gettext_lazy(
        "Choose the match of each. A match may be needed more than once, or not at all."
    )
    icon = "link"
    group = gettext_lazy("Arranging")
    body = MatchingBody
    ask_template = "quizzes/types/matching_ask.html"
    review_template = "quizzes/types/matching_review.html"

    def problems(self, data: Json) -> Iterator[Problem]:
        """What is wrong with the pairs and the extra matches."""
        pairs: list[Json] = data["pairs"]
        if len(pairs) < 2:
            yield Problem(_("There must be at least two pairs."), field="body")
        elif len(_choices(data)) < 2:
            yield Problem(_("All matches are the same: there is no choice."), field="body")
        if any(is_blank(pair["text"]) or is_blank(pair["match"]) for pair in pairs):
            yield Problem(_("A pair has no text or no match."), field="body")
        if any(is_blank(row["value"]) for row in _extra(data)):
            yield Problem(_("An extra match has no text."), field="body")
        for text in repeated(pair["text"] for pair in pairs):
            yield Problem(_("The text “%(text)s” is there twice.") % {"text": text}, field="body")
        matched = {same(pair["match"]) for pair in pairs}
        for row in _extra(data):
            if same(row["value"]) in matched and not is_blank(row["value"]):
                yield Problem(
                    _("“%(text)s” is both a match and a match of nothing.")
                    % {"text": say(row["value"])},
                    field="body",
                )
        for pair in pairs:
            if is_blank(pair["feedback"]):
                yield Problem(
                    _("The pair “%(text)s” has no feedback.") % {"text": say(pair["text"])},
                    is_error=False,
                    field="body",
                )

    def instruct(self, data: Json) -> str:
        """That only all together count is told before."""
        if data.get("scheme") == ALL_OR_NOTHING:
            return f"{self.instruction} {_('Only all of them together earn credit.')}"
        return str(self.instruction)

    def arrange(self, data: Json, chance: random.Random, *, shuffle: bool) -> Json:
        """The order of the texts, and that of the choices, which is always mixed.

        In the author's order the choices would stand beside what they match.
        """
        pairs, choices = [pair["key"] for pair in data["pairs"]], list(_choices(data))
        if shuffle:
            chance.shuffle(pairs)
        chance.shuffle(choices)
        return {"pairs": pairs, "choices": choices}

    def parse(self, data: Json, fields: Fields) -> Json | None:
        """What was chosen for each text: parts are faces of texts, values are faces of choices."""
        by_face = {face(text): key for key, text in _choices(data).items()}
        given = {
            pair["key"]: choice
            for pair in data["pairs"]
            if (choice := by_face.get(str(fields.get(face(pair["text"]), ""))))
        }
        return {"pairs": given} if given else None

    def is_complete(self, data: Json, answer: Json) -> bool:
        """Whether each text has a match."""
        return len(_given(data, answer)) == len(data["pairs"])

    def score(self, data: Json, answer: Json) -> float:
        """By the scheme of the question."""
        given, right = _given(data, answer), _right(data)
        count = sum(given.get(key) == choice for key, choice in right.items())
        if data.get("scheme") == ALL_OR_NOTHING:
            return float(count == len(right) > 0)
        return count / len(right) if right else 0.0

    def comments(self, data: Json, answer: Json) -> list[str]:
        """What the author says about pairs that were found; of others it would tell the match."""
        given, right = _given(data, answer), _right(data)
        return [
            pair["feedback"]
            for pair in data["pairs"]
            if pair["feedback"] and given.get(pair["key"]) == right[pair["key"]]
        ]

    def describe(self, data: Json, answer: Json) -> str:
        """Each text that has been given a match, with it."""
        given, choices = _given(data, answer), _choices(data)
        return "; ".join(
            f"{say(pair['text'])} → {say(choices[given[pair['key']]])}"
            for pair in data["pairs"]
            if pair["key"] in given
        )

    def solution(self, data: Json) -> Json | None:
        """Every text with its match."""
        right = _right(data)
        return {"pairs": right} if right else None

    def replies(self, data: Json, answer: Json | None) -> list[Reply]:
        """The match given to each text."""
        given = _given(data, answer)
        return [each for each in self.possible(data) if given.get(each.part) == each.value]

    def possible(self, data: Json) -> list[Reply]:
        """Each text with each choice."""
        right, choices = _right(data), _choices(data)
        return [
            Reply(pair["key"], key, say(text), float(right[pair["key"]] == key), say(pair["text"]))
            for pair in data["pairs"]
            for key, text in choices.items()
        ]

    def ask(self, data: Json, arrangement: Json, answer: Json | None) -> dict[str, Any]:
        """The texts and the choices in their order.

        `lettered`: choices with pictures or long texts stand in a list with letters, and letters
        are what is chosen.
        """
        given, choices = _given(data, answer), _choices(data)
        lettered = not all(map(fits_in_a_select, choices.values()))
        offered = [
            {
                "key": face(choices[key]),
                "letter": letter(at),
                "text": choices[key],
                "name": letter(at) if lettered else plain(choices[key]),
            }
            for at, key in enumerate(_choice_order(arrangement, choices))
        ]
        chosen = {key: face(choices[choice]) for key, choice in given.items()}
        return {
            "lettered": lettered,
            "choices": offered,
            "pairs": [
                {
                    "key": face(pair["text"]),
                    "text": pair["text"],
                    "chosen": chosen.get(pair["key"], ""),
                }
                for pair in _in_order(data, arrangement)
            ],
        }

    def review(self, data: Json, arrangement: Json, answer: Json | None) -> dict[str, Any]:
        """Each text with the match it was given and its right one."""
        given, right, choices = _given(data, answer), _right(data), _choices(data)
        return {
            "pairs": [
                {
                    "text": pair["text"],
                    "match": pair["match"],
                    "is_answered": pair["key"] in given,
                    "given": choices.get(given.get(pair["key"], ""), ""),
                    "is_right": given.get(pair["key"]) == right[pair["key"]],
                    "feedback": pair["feedback"],
                }
                for pair in _in_order(data, arrangement)
            ]
        }


def face(text: str) -> str:
    """By what a page knows a text: the same for texts that look the same, and nothing more."""
    return hashlib.sha256(same(text).encode()).hexdigest()[:12]


def _extra(data: Json) -> list[Json]:
    return data.get("extra") or []


def _choices(data: Json) -> dict[str, str]:
    """The texts of the choices by the key of the first row that has it."""
    rows = [(pair["key"], pair["match"]) for pair in data["pairs"]]
    rows += [(row["key"], row["value"]) for row in _extra(data)]
    first: dict[str, str] = {}
    for key, text in rows:
        first.setdefault(same(text), key)
    texts = dict(reversed(rows))  # should a key be there twice, its first row counts
    return {key: texts[key] for key in first.values()}


def _right(data: Json) -> dict[str, str]:
    choice_of = {same(text): key for key, text in _choices(data).items()}
    return {pair["key"]: choice_of.get(same(pair["match"]), "") for pair in data["pairs"]}


def _given(data: Json, answer: Json | None) -> dict[str, str]:
    """The choice made for each text, as far as the question has both."""
    choices = _choices(data)
    given = answer.get("pairs") if isinstance(answer, dict) else None
    if not isinstance(given, dict):
        return {}
    return {
        pair["key"]: choice
        for pair in data["pairs"]
        if isinstance(choice := given.get(pair["key"]), str) and choice in choices
    }


def _choice_order(arrangement: Json, choices: dict[str, str]) -> Iterable[str]:
    """As arranged, then what the arrangement lacks by what it says: not beside what it matches."""
    kept = known(arrangement.get("choices"), choices)
    rest = sorted((key for key in choices if key not in kept), key=lambda key: face(choices[key]))
    return kept + rest


def _in_order(data: Json, arrangement: Json) -> list[Json]:
    by_key = {pair["key"]: pair for pair in data["pairs"]}
    kept = known(arrangement.get("pairs"), by_key)
    return [by_key[key] for key in [*kept, *(key for key in by_key if key not in kept)]]
