"""Questions that are answered by marking places in a picture, or by choosing them by name."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from wagtail import blocks

from lms.plugins.contracts import Json, Problem
from quizzes.blocks import FeedbackBlock, KeyedListBlock, PictureBlock, PlainCharBlock
from quizzes.contracts import Fields, QuestionType, Reply
from quizzes.question_types.hotspot_areas import (
    ALL,
    ONE,
    by_name,
    chosen_of,
    in_order,
    marks_of,
    needed_of,
    picture_of,
    points_of,
    problems_of,
    ratio_of,
    scheme_of,
    shape_of,
    size_of,
    words_of,
)
from quizzes.question_types.labels import letter
from quizzes.question_types.rows import is_blank
from quizzes.question_types.shapes import CIRCLE, POLYGON, RECTANGLE, Point, number

SCHEMES = [
    (ONE, gettext_lazy("One of the right areas is enough")),
    (ALL, gettext_lazy("Every right area must be found")),
]
SHAPES = [
    (RECTANGLE, gettext_lazy("Rectangle")),
    (CIRCLE, gettext_lazy("Circle")),
    (POLYGON, gettext_lazy("Polygon")),
]
NOWHERE = "-"  # stands for all places outside the areas; no key is so short
LONGEST = 2000  # characters of a field that are looked at
_POINT = re.compile(r"(\d{1,3}(?:\.\d{1,6})?),(\d{1,3}(?:\.\d{1,6})?)", re.ASCII)


class AreaBlock(blocks.StructBlock):
    name = PlainCharBlock(
        label=gettext_lazy("Name"),
        max_length=120,
        help_text=gettext_lazy("What is there; who cannot point at pictures chooses by name."),
    )
    shape = blocks.ChoiceBlock(
        choices=SHAPES, default=RECTANGLE, label=gettext_lazy("Shape"), required=True
    )
    coordinates = PlainCharBlock(
        label=gettext_lazy("Coordinates"),
        max_length=1000,
        help_text=gettext_lazy(
            "In percent of the picture, from its upper left corner. Rectangle: left, top, right,"
            " bottom. Circle: middle across, middle down, radius in percent of the width. Polygon:"
            " across and down for each corner. Decimals have a point: 12.5"
        ),
    )
    correct = blocks.BooleanBlock(label=gettext_lazy("Is a right area"), required=False)
    feedback = FeedbackBlock()

    class Meta:
        icon = "crosshairs"
        label = gettext_lazy("Area")
        form_classname = "struct-block quiz-option"


class HotspotBody(blocks.StructBlock):
    picture = PictureBlock(label=gettext_lazy("Picture"))
    alt = PlainCharBlock(
        label=gettext_lazy("What the picture shows"),
        max_length=400,
        help_text=gettext_lazy("For those who do not see it; without giving the answer away."),
    )
    areas = KeyedListBlock(AreaBlock(), label=gettext_lazy("Areas"))
    scheme = blocks.ChoiceBlock(choices=SCHEMES, default=ONE, label=gettext_lazy("Marking"))

    class Meta:
        form_classname = "struct-block quiz-body"


class Hotspot(QuestionType):
    """Right and wrong areas of a picture. An answer is `{"points": [[x, y], …]}` in percent or
    `{"areas": [key, …]}`, never empty.

    What is needed is one right area, or every one (R), by the scheme. With M marks of which F
    areas were found: (F − what was marked beyond the need) ÷ need, at least 0. So a mark in the
    wrong place earns nothing, and marking everything is no way round. Where a right and a wrong
    area overlap, a point is right.
    """

    key = "hotspot"
    label = gettext_lazy("Hot spot")
    description = gettext_lazy("A place in a picture is to be found.")
    instruction = gettext_lazy("Mark the right place in the picture.")
    icon = "crosshairs"
    group = gettext_lazy("Pictures")
    body = HotspotBody
    ask_template = "quizzes/types/hotspot_ask.html"
    review_template = "quizzes/types/hotspot_review.html"
    media = ("quizzes/hotspot.js",)

    def instruct(self, data: Json) -> str:
        """How many places to mark, and what a wrong one costs."""
        needed = needed_of(data)
        if scheme_of(data) == ONE:
            return _("Mark one place in the picture.")
        return ngettext(
            "Mark %(count)d place in the picture.",
            "Mark %(count)d places in the picture. Each right one earns its share; each one too"
            " many takes a share back.",
            needed,
        ) % {"count": needed}

    def problems(self, data: Json) -> Iterator[Problem]:
        """What is wrong with the picture, the areas, and how they lie."""
        return problems_of(data)

    def arrange(self, data: Json, chance: random.Random, *, shuffle: bool) -> Json:
        """The order of the names; by the alphabet where nothing is shuffled."""
        keys = by_name(data)
        if shuffle:
            chance.shuffle(keys)
        return {"order": keys}

    def parse(self, data: Json, fields: Fields) -> Json | None:
        """Areas chosen by name, else points.

        A script empties the one when the other is used; without it, only names can be chosen.
        """
        given = set(fields.getlist("area"))
        chosen = [area["key"] for area in data["areas"] if area["key"] in given]
        if chosen:
            return {"areas": chosen[:1] if scheme_of(data) == ONE else chosen}
        points: list[list[float]] = []
        for text in fields.getlist("point"):
            for across, down in _POINT.findall(text[:LONGEST]):
                point = [round(float(across), 2), round(float(down), 2)]
                if max(point) <= 100 and point not in points:
                    points.append(point)
        return {"points": points[-needed_of(data) :]} if points else None

    def is_complete(self, data: Json, answer: Json) -> bool:
        """Whether as many places were marked as are asked for."""
        return len(marks_of(data, answer)) >= needed_of(data)

    def score(self, data: Json, answer: Json) -> float:
        """The share of what is needed that was found, less what was marked beyond the need."""
        marks = marks_of(data, answer)
        right = {area["key"] for area in data["areas"] if area["correct"]}
        needed = needed_of(data)
        found = min(needed, len(right & {key for mark in marks for key in mark.areas}))
        beyond = max(0, len(marks) - needed)
        return max(0.0, (found - beyond) / needed)

    def comments(self, data: Json, answer: Json) -> list[str]:
        """What the author says about the areas that were marked."""
        marked = {key for mark in marks_of(data, answer) for key in mark.areas}
        return [
            area["feedback"]
            for area in data["areas"]
            if area["key"] in marked and not is_blank(area["feedback"])
        ]

    def describe(self, data: Json, answer: Json) -> str:
        """The names of the areas that were marked."""
        return "; ".join(words_of(data, mark) for mark in marks_of(data, answer))

    def solution(self, data: Json) -> Json | None:
        """The right areas by name."""
        right = [area["key"] for area in data["areas"] if area["correct"]]
        return {"areas": right[: needed_of(data)]} if right else None

    def replies(self, data: Json, answer: Json | None) -> list[Reply]:
        """The areas that were marked, and whether something else was."""
        marks = marks_of(data, answer)
        marked = {key for mark in marks for key in mark.areas or (NOWHERE,)}
        return [reply for reply in self.possible(data) if reply.value in marked]

    def possible(self, data: Json) -> list[Reply]:
        """All areas and what is outside; each a part of its own where several can be marked."""
        by_parts = scheme_of(data) == ALL
        found = [
            (area["key"], area["name"], 1 / needed_of(data) if area["correct"] else 0.0)
            for area in data["areas"]
        ]
        return [
            Reply(key if by_parts else "", key, name, credit, name if by_parts else "")
            for key, name, credit in (*found, (NOWHERE, _("Outside of all areas"), 0.0))
        ]

    def ask(self, data: Json, arrangement: Json, answer: Json | None) -> dict[str, Any]:
        """The picture and the names; where the areas lie is not in it."""
        points = points_of(answer)
        chosen = set(chosen_of(data, answer))
        return {
            **_shown(data),
            "needed": needed_of(data),
            "control": "radio" if scheme_of(data) == ONE else "checkbox",
            "points": " ".join(f"{number(x)},{number(y)}" for x, y in points),
            "pins": [_pin(data, at, point) for at, point in enumerate(points, 1)],
            "areas": [
                {"key": area["key"], "name": area["name"], "is_chosen": area["key"] in chosen}
                for area in in_order(data, arrangement)
            ],
        }

    def review(self, data: Json, arrangement: Json, answer: Json | None) -> dict[str, Any]:
        """The picture with areas and points, and both in words. Letters name areas in both."""
        marks = marks_of(data, answer)
        chosen = {key for mark in marks for key in mark.areas}
        areas = []
        for at, area in enumerate(in_order(data, arrangement)):
            by = [
                f"{n}"
                for n, mark in enumerate(marks, 1)
                if mark.point and area["key"] in mark.areas
            ]
            areas.append(
                {
                    "letter": letter(at),
                    "name": area["name"],
                    "is_right": area["correct"],
                    "is_chosen": area["key"] in chosen,
                    "by": ", ".join(by),
                    "feedback": area["feedback"],
                    **_outline(data, area),
                }
            )
        pins = [
            {**_pin(data, at, mark.point), "is_nowhere": not mark.areas}
            for at, mark in enumerate(marks, 1)
            if mark.point is not None
        ]
        return {**_shown(data), "areas": areas, "pins": pins}


def _shown(data: Json) -> dict[str, Any]:
    """What both pages draw, numbers as text: templates would write them as people do."""
    width, height = size_of(data)
    return {
        "url": (picture_of(data) or {}).get("url", ""),
        "alt": data["alt"],
        "width": str(width),
        "height": str(height),
        # What is drawn on the picture: as large on a phone whatever the picture's size.
        "radius": number(width * 0.034),
        "letters": number(width * 0.044),
    }


def _pin(data: Json, at: int, point: Point) -> dict[str, str]:
    width, height = size_of(data)
    x, y = number(point[0] * width / 100), number(point[1] * height / 100)
    return {"number": str(at), "x": x, "y": y}


def _outline(data: Json, area: Json) -> dict[str, str]:
    shape = shape_of(area)
    if shape is None:
        return {"path": ""}
    width, height = size_of(data)
    box = shape.box(ratio_of(data))
    inset = width * 0.02
    x = min(max(box.left * width / 100, 0) + inset, width - inset)
    y = min(max(box.top * height / 100, 0) + 2 * inset, height - inset)
    return {"path": shape.path(width, height), "x": number(x), "y": number(y)}
