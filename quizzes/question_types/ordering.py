"""Questions that are answered by putting items in order."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail import blocks

from lms.plugins.contracts import Json, Problem
from quizzes.blocks import FeedbackBlock, KeyedListBlock, LineBlock
from quizzes.contracts import Fields, QuestionType, Reply
from quizzes.question_types import sequences
from quizzes.question_types.labels import same, say
from quizzes.question_types.rows import is_blank, repeated

PLACES = "places"
SCHEMES = [
    (PLACES, gettext_lazy("Each item at its right place earns its share")),
    ("pairs", gettext_lazy("Each two items in the right order to each other earn their share")),
    ("neighbours", gettext_lazy("Each item that rightly follows another earns its share")),
    ("longest_run", gettext_lazy("As many items as stand in the right order to each other count")),
    ("all_or_nothing", gettext_lazy("All or nothing")),
]


class ItemBlock(blocks.StructBlock):
    """One thing to be put in its place."""

    text = LineBlock(label=gettext_lazy("Text"))

    class Meta:
        icon = "list-ol"
        label = gettext_lazy("Item to be placed")


class OrderingBody(blocks.StructBlock):
    items = KeyedListBlock(ItemBlock(), label=gettext_lazy("Items in the right order"))
    scheme = blocks.ChoiceBlock(choices=SCHEMES, default=PLACES, label=gettext_lazy("Marking"))
    feedback = FeedbackBlock(label=gettext_lazy("Feedback on an order that is not right"))

    class Meta:
        form_classname = "struct-block quiz-body"


class Ordering(QuestionType):
    """Items are put in order. An answer is `{"order": [key, …]}`.

    While not every item has a place of its own, an answer has "places" too: what was given to
    each, so that pages show it again. Such an answer is not complete; an item without a place, or
    with one that another was given too, is wrong. Schemes, with n items (`sequences` has them):

    - places: those at their right place ÷ n;
    - neighbours: those right after what they should follow ÷ (n − 1);
    - longest run: (r − 1) ÷ (n − 1), r the most items that stand rightly to each other;
    - pairs: the pairs in the right order to each other ÷ (n(n − 1) ÷ 2);
    - all or nothing: 1 for the right order.
    """

    key = "ordering"
    label = gettext_lazy("Ordering")
    description = gettext_lazy("Steps or items are put in the right order.")
    instruction = gettext_lazy("Put the items in the right order, the first at the top.")
    icon = "list-ol"
    group = gettext_lazy("Arranging")
    body = OrderingBody
    ask_template = "quizzes/types/ordering_ask.html"
    review_template = "quizzes/types/ordering_review.html"
    media = ("quizzes/ordering.js",)

    def problems(self, data: Json) -> Iterator[Problem]:
        """What is wrong with the items."""
        items: list[Json] = data["items"]
        if len(items) < 2:
            yield Problem(_("There must be at least two items."), field="body")
        if any(is_blank(item["text"]) for item in items):
            yield Problem(_("An item has no text."), field="body")
        for text in repeated(item["text"] for item in items):
            yield Problem(_("The item “%(text)s” is there twice.") % {"text": text}, field="body")
        if is_blank(data.get("feedback") or ""):
            yield Problem(_("There is no feedback on a wrong order."), is_error=False, field="body")

    def instruct(self, data: Json) -> str:
        """That only the whole order counts is told before."""
        if _scheme(data) == "all_or_nothing":
            return _(
                "Put the items in the right order, the first at the top. "
                "Only the whole order earns credit."
            )
        return str(self.instruction)

    def arrange(self, data: Json, chance: random.Random, *, shuffle: bool) -> Json:
        """The order at the start. It is always mixed: the author's order is the right one."""
        return {"order": sequences.mixed(_keys(data), _looks(data), chance)}

    def parse(self, data: Json, fields: Fields) -> Json | None:
        """The items in the order of the places given."""
        return sequences.read_places(fields, _keys(data))

    def is_complete(self, data: Json, answer: Json) -> bool:
        """Whether each item has a place of its own."""
        return sequences.is_whole(answer, _keys(data))

    def score(self, data: Json, answer: Json) -> float:
        """By the scheme of the question."""
        slots = _slots(data, answer)
        scheme = _scheme(data) if len(slots) > 1 else "all_or_nothing"
        return sequences.MEASURES[scheme](slots)

    def comments(self, data: Json, answer: Json) -> list[str]:
        """What the author says about an order that is not right."""
        text = data.get("feedback") or ""
        return [text] if text and self.score(data, answer) < 1 else []

    def describe(self, data: Json, answer: Json) -> str:
        """The items one after another; "…" stands for an empty place."""
        names = _names(data)
        return " → ".join(
            names[key] if key else "…" for key in sequences.slots_of(answer, _keys(data))
        )

    def solution(self, data: Json) -> Json | None:
        """The author's order."""
        keys = _keys(data)
        return {"order": keys} if keys else None

    def replies(self, data: Json, answer: Json | None) -> list[Reply]:
        """The place that each item was given."""
        given = sequences.places_of(answer, _keys(data))
        return [each for each in self.possible(data) if given.get(each.part) == int(each.value)]

    def possible(self, data: Json) -> list[Reply]:
        """Each item at each place."""
        count = len(data["items"])
        return [
            Reply(key, str(place), str(place), float(place == right), name)
            for right, (key, name) in enumerate(_names(data).items(), 1)
            for place in range(1, count + 1)
        ]

    def ask(self, data: Json, arrangement: Json, answer: Json | None) -> dict[str, Any]:
        """The items as they were put, at first as they are arranged."""
        texts = {item["key"]: item["text"] for item in data["items"]}
        order = sequences.started(arrangement, _keys(data), _looks(data))
        return asked(texts, order, answer)

    def review(self, data: Json, arrangement: Json, answer: Json | None) -> dict[str, Any]:
        """The items as they were put, what counted, and the right order.

        `loose`: items without a place of their own. `counted`: in words, what earned the marks.
        """
        items, slots = data["items"], _slots(data, answer)
        sound = _sound(_scheme(data), slots)
        rows = [
            {
                "place": place,
                "text": items[right]["text"],
                "right_place": right + 1,
                "is_at_place": right == place - 1,
                "is_sound": right in sound,
            }
            for place, right in enumerate(slots, 1)
            if right is not None
        ]
        placed = set(slots)
        return {
            "is_answered": answer is not None,
            "is_right": bool(slots) and sequences.all_or_nothing(slots) == 1,
            "rows": rows,
            "loose": [each["text"] for at, each in enumerate(items) if at not in placed],
            "right": [each["text"] for each in items],
            "counted": _counted(_scheme(data), slots),
            "feedback": data.get("feedback") or "",
        }


def asked(texts: dict[str, str], start: list[str], answer: Json | None) -> dict[str, Any]:
    """What the template of ordering needs: items by the places given, then the others."""
    keys = list(texts)
    given = sequences.places_of(answer, keys)
    order = sorted(start, key=lambda key: given.get(key, len(keys) + 1))
    return {
        "items": [{"key": key, "text": texts[key], "place": given.get(key)} for key in order],
        "places": range(1, len(keys) + 1),
        "is_whole": sequences.is_whole(answer, keys),
    }


def _counted(scheme: str, slots: sequences.Slots) -> str:
    """What earned the marks, in words; "" where the order is all that counts."""
    total = max(0, len(slots) - 1)
    match scheme:
        case "places":
            return _("At their right place: %(count)d of %(total)d.") % {
                "count": len(sequences.at_place(slots)),
                "total": len(slots),
            }
        case "neighbours":
            return _("Right after what they should follow: %(count)d of %(total)d.") % {
                "count": len(sequences.after_neighbour(slots) - {0}),
                "total": total,
            }
        case "longest_run":
            return _("In the right order to each other: %(count)d of %(total)d.") % {
                "count": len(sequences.in_run(slots)),
                "total": len(slots),
            }
        case "pairs":
            count = total * len(slots) // 2
            return _("Pairs in the right order: %(count)d of %(total)d.") % {
                "count": round(sequences.pairs(slots) * count),
                "total": count,
            }
    return ""


def _sound(scheme: str, slots: sequences.Slots) -> set[int]:
    """What the scheme takes for right, where it is not only the place."""
    found = sequences.at_place(slots)
    if scheme == "neighbours":
        found = sequences.after_neighbour(slots)
    elif scheme == "longest_run":
        found = sequences.in_run(slots)
    return found


def _slots(data: Json, answer: Json | None) -> list[int | None]:
    keys = _keys(data)
    right = {key: at for at, key in enumerate(keys)}
    return [right[key] if key else None for key in sequences.slots_of(answer, keys)]


def _scheme(data: Json) -> str:
    scheme = str(data.get("scheme"))
    return scheme if scheme in sequences.MEASURES else PLACES


def _keys(data: Json) -> list[str]:
    return [item["key"] for item in data["items"]]


def _looks(data: Json) -> dict[str, str]:
    return {item["key"]: same(item["text"]) for item in data["items"]}


def _names(data: Json) -> dict[str, str]:
    return {item["key"]: say(item["text"]) for item in data["items"]}
