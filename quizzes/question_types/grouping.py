"""Questions that are answered by sorting items into groups."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail import blocks

from lms.plugins.contracts import Json, Problem
from quizzes.blocks import KeyedListBlock, LineBlock
from quizzes.contracts import Fields, QuestionType, Reply
from quizzes.question_types.labels import say
from quizzes.question_types.matching import ALL_OR_NOTHING, SCHEMES, SHARES
from quizzes.question_types.rows import is_blank, repeated
from quizzes.question_types.sequences import known

NONE = "-"  # the choice "none of these"; no row's key is that short
FEW = 3  # as many choices stand side by side on a phone


class GroupBlock(blocks.StructBlock):
    """A group and what belongs to it."""

    name = LineBlock(label=gettext_lazy("Name"))
    items = KeyedListBlock(
        LineBlock(label=gettext_lazy("Text")), label=gettext_lazy("Items that belong to it")
    )

    class Meta:
        icon = "folder-open-1"
        label = gettext_lazy("Group")


class GroupingBody(blocks.StructBlock):
    groups = KeyedListBlock(GroupBlock(), label=gettext_lazy("Groups"))
    extra = KeyedListBlock(
        LineBlock(label=gettext_lazy("Text")), default=[], label=gettext_lazy("Items of no group")
    )
    scheme = blocks.ChoiceBlock(choices=SCHEMES, default=SHARES, label=gettext_lazy("Marking"))

    class Meta:
        form_classname = "struct-block quiz-body"


class Grouping(QuestionType):
    """Each item is sorted into a group. An answer is `{"groups": {item: group}}`.

    Where there are items of no group, "none of these" can be chosen: the group "-".
    shares: right ones ÷ all items; all or nothing: 1 when all are right.
    """

    key = "grouping"
    label = gettext_lazy("Grouping")
    description = gettext_lazy("Items are sorted into groups.")
    instruction = gettext_lazy("Choose the group of each item.")
    icon = "folder-open-1"
    group = gettext_lazy("Arranging")
    body = GroupingBody
    ask_template = "quizzes/types/grouping_ask.html"
    review_template = "quizzes/types/grouping_review.html"

    def problems(self, data: Json) -> Iterator[Problem]:
        """What is wrong with the groups and their items."""
        groups: list[Json] = data["groups"]
        items = list(_items(data).values())
        if len(groups) < 2:
            yield Problem(_("There must be at least two groups."), field="body")
        if len(items) < 2:
            yield Problem(_("There must be at least two items."), field="body")
        if any(is_blank(group["name"]) for group in groups):
            yield Problem(_("A group has no name."), field="body")
        if any(is_blank(text) for text in items):
            yield Problem(_("An item has no text."), field="body")
        for name in repeated(group["name"] for group in groups):
            yield Problem(_("The group “%(text)s” is there twice.") % {"text": name}, field="body")
        for text in repeated(items):
            yield Problem(_("The item “%(text)s” is there twice.") % {"text": text}, field="body")
        for group in groups:
            if not group["items"]:
                yield Problem(
                    _("Nothing belongs to the group “%(text)s”.") % {"text": say(group["name"])},
                    is_error=False,
                    field="body",
                )

    def instruct(self, data: Json) -> str:
        """That an item may belong to none, and that only all together count, is told before."""
        parts = [str(self.instruction)]
        if data.get("extra"):
            parts.append(_("An item may belong to none of them."))
        if data.get("scheme") == ALL_OR_NOTHING:
            parts.append(_("Only all of them together earn credit."))
        return " ".join(parts)

    def arrange(self, data: Json, chance: random.Random, *, shuffle: bool) -> Json:
        """The order of the items, which is always mixed: the author's goes by group."""
        keys = list(_items(data))
        chance.shuffle(keys)
        return {"order": keys}

    def parse(self, data: Json, fields: Fields) -> Json | None:
        """The group chosen for each item; a part is the key of an item."""
        return _answer(data, {key: fields.get(key) for key in _items(data)})

    def is_complete(self, data: Json, answer: Json) -> bool:
        """Whether each item has been sorted."""
        return len(_given(data, answer)) == len(_items(data))

    def score(self, data: Json, answer: Json) -> float:
        """By the scheme of the question."""
        given, right = _given(data, answer), _right(data)
        count = sum(given.get(key) == group for key, group in right.items())
        if data.get("scheme") == ALL_OR_NOTHING:
            return float(count == len(right) > 0)
        return count / len(right) if right else 0.0

    def describe(self, data: Json, answer: Json) -> str:
        """Each group with what was sorted into it."""
        given, items = _given(data, answer), _items(data)
        parts = []
        for group, name in _choices(data).items():
            inside = [say(items[key]) for key in items if given.get(key) == group]
            if inside:
                parts.append(f"{say(name)}: {', '.join(inside)}")
        return "; ".join(parts)

    def solution(self, data: Json) -> Json | None:
        """Every item in its group."""
        return _answer(data, _right(data))

    def replies(self, data: Json, answer: Json | None) -> list[Reply]:
        """The group of each item."""
        given = _given(data, answer)
        return [each for each in self.possible(data) if given.get(each.part) == each.value]

    def possible(self, data: Json) -> list[Reply]:
        """Each item in each group."""
        right, choices = _right(data), _choices(data)
        return [
            Reply(key, group, say(name), float(right[key] == group), say(text))
            for key, text in _items(data).items()
            for group, name in choices.items()
        ]

    def ask(self, data: Json, arrangement: Json, answer: Json | None) -> dict[str, Any]:
        """The items in their order and the groups to choose from.

        `few`: the groups fit side by side. Names with pictures are shown whole as well.
        """
        given, choices = _given(data, answer), _choices(data)
        items = _items(data)
        return {
            "few": len(choices) <= FEW or any("<img" in name for name in choices.values()),
            "groups": [
                {"key": key, "name": name, "label": say(name)} for key, name in choices.items()
            ],
            "items": [
                {"key": key, "text": items[key], "chosen": given.get(key, "")}
                for key in _in_order(data, arrangement)
            ],
        }

    def review(self, data: Json, arrangement: Json, answer: Json | None) -> dict[str, Any]:
        """The items by the groups where they belong, with the group that each was given."""
        given, right, choices = _given(data, answer), _right(data), _choices(data)
        items = _items(data)
        return {
            "groups": [
                {
                    "name": name,
                    "items": [
                        {
                            "text": items[key],
                            "is_answered": key in given,
                            "given": choices.get(given.get(key, ""), ""),
                            "is_right": given.get(key) == group,
                        }
                        for key in items
                        if right[key] == group
                    ],
                }
                for group, name in choices.items()
            ]
        }


def _items(data: Json) -> dict[str, str]:
    rows = [row for group in data["groups"] for row in group["items"]]
    return {row["key"]: row["value"] for row in [*rows, *(data.get("extra") or [])]}


def _choices(data: Json) -> dict[str, str]:
    """The names of the groups; "none of these" where something belongs to none."""
    names = {group["key"]: group["name"] for group in data["groups"]}
    return {**names, NONE: _("None of these")} if data.get("extra") else names


def _right(data: Json) -> dict[str, str]:
    right = {row["key"]: NONE for row in data.get("extra") or []}
    for group in data["groups"]:
        right |= {row["key"]: group["key"] for row in group["items"]}
    return right


def _answer(data: Json, groups: dict[str, Any]) -> Json | None:
    given = _given(data, {"groups": groups})
    return {"groups": given} if given else None


def _given(data: Json, answer: Json | None) -> dict[str, str]:
    """The group chosen for each item, as far as the question has both."""
    choices = _choices(data)
    given = answer.get("groups") if isinstance(answer, dict) else None
    if not isinstance(given, dict):
        return {}
    return {
        key: group
        for key in _items(data)
        if isinstance(group := given.get(key), str) and group in choices
    }


def _in_order(data: Json, arrangement: Json) -> list[str]:
    """As arranged, then what the arrangement lacks by its key: not group by group."""
    items = _items(data)
    kept = known(arrangement.get("order"), items)
    return kept + sorted(key for key in items if key not in kept)
