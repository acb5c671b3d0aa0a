"""What the data of a question about a picture says: its areas, and which of them marks have hit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from lms.plugins.contracts import Json, Problem
from lms.plugins.vietnamese import fold
from quizzes.question_types.rows import is_blank
from quizzes.question_types.shapes import (
    Point,
    Shape,
    UnreadableShape,
    is_outside,
    overlap,
    read,
    sticks_out,
)

ONE, ALL = "one", "all"  # schemes


@dataclass(frozen=True)
class Mark:
    """One place that was marked: by a point, or by the name of an area."""

    areas: tuple[str, ...]  # keys of what lies there
    point: Point | None = None


def scheme_of(data: Json) -> str:
    """How much must be found."""
    return ALL if data.get("scheme") == ALL else ONE


def needed_of(data: Json) -> int:
    """How many right areas must be found."""
    right = sum(bool(area["correct"]) for area in data["areas"])
    return max(1, right) if scheme_of(data) == ALL else 1


def picture_of(data: Json) -> Json | None:
    """The picture, None where there is none."""
    picture = data.get("picture")
    return picture if isinstance(picture, dict) and picture.get("url") else None


def size_of(data: Json) -> tuple[int, int]:
    """Width and height of the picture."""
    picture = picture_of(data) or {}
    return int(picture.get("width") or 100), int(picture.get("height") or 100)


def ratio_of(data: Json) -> float:
    """Height ÷ width of the picture."""
    width, height = size_of(data)
    return height / width


def shape_of(area: Json) -> Shape | None:
    """The shape of an area, None where it cannot be read."""
    try:
        return read(area["shape"], area["coordinates"])
    except UnreadableShape:
        return None


def points_of(answer: Json | None) -> list[Point]:
    """The points of an answer."""
    given = answer.get("points") if isinstance(answer, dict) else None
    return [
        (float(each[0]), float(each[1]))
        for each in (given if isinstance(given, list) else ())
        if isinstance(each, list | tuple)
        and len(each) == 2
        and all(isinstance(part, int | float) for part in each)
    ]


def chosen_of(data: Json, answer: Json | None) -> list[str]:
    """The areas that an answer names and the question has."""
    given = answer.get("areas") if isinstance(answer, dict) else None
    known = [area["key"] for area in data["areas"]]
    return [key for key in known if key in given] if isinstance(given, list) else []


def marks_of(data: Json, answer: Json | None) -> list[Mark]:
    """What was marked, in the order of the answer."""
    chosen = chosen_of(data, answer)
    if chosen:
        return [Mark((key,)) for key in chosen]
    shapes = [(area["key"], shape_of(area)) for area in data["areas"]]
    ratio = ratio_of(data)
    return [
        Mark(tuple(key for key, shape in shapes if shape and shape.holds(point, ratio)), point)
        for point in points_of(answer)
    ]


def words_of(data: Json, mark: Mark) -> str:
    """What lies at a mark, in words."""
    names = [area["name"] for area in data["areas"] if area["key"] in mark.areas]
    return " + ".join(names) if names else _("outside of all areas")


def by_name(data: Json) -> list[str]:
    """The keys of the areas in the order of their names."""
    areas = sorted(data["areas"], key=lambda area: (fold(area["name"]), area["key"]))
    return [area["key"] for area in areas]


def in_order(data: Json, arrangement: Json) -> list[Json]:
    """The areas as an attempt shows them."""
    by_key = {area["key"]: area for area in data["areas"]}
    order = [key for key in arrangement.get("order", []) if key in by_key]
    # Without an arrangement by name: authors tend to write the right areas first.
    return [by_key[key] for key in order or by_name(data)]


def problems_of(data: Json) -> Iterator[Problem]:
    """What is wrong with the picture, the areas, and how they lie."""
    if not picture_of(data):
        yield Problem(_("There is no picture."), field="body")
    if not data["alt"].strip():
        yield Problem(_("It is not said what the picture shows."), field="body")
    areas: list[Json] = data["areas"]
    if not any(area["correct"] for area in areas):
        yield Problem(_("No area is marked as right."), field="body")
    elif all(area["correct"] for area in areas):
        yield Problem(
            _("There is no wrong area: who chooses by name cannot go wrong."),
            is_error=False,
            field="body",
        )
    yield from _name_problems(areas)
    yield from _shape_problems(data)
    for area in areas:
        if is_blank(area["feedback"]):
            yield Problem(
                _("The area “%(name)s” has no feedback.") % {"name": area["name"]},
                is_error=False,
                field="body",
            )


def _name_problems(areas: Sequence[Json]) -> Iterator[Problem]:
    seen: set[str] = set()
    for area in areas:
        name = " ".join(area["name"].split())
        if not name:
            yield Problem(_("An area has no name."), field="body")
        elif name.casefold() in seen:
            yield Problem(_("The area “%(name)s” is there twice.") % {"name": name}, field="body")
        seen.add(name.casefold())


def _shape_problems(data: Json) -> Iterator[Problem]:
    ratio = ratio_of(data)
    shapes: list[tuple[Json, Shape]] = []
    for area in data["areas"]:
        name = {"name": area["name"]}
        try:
            shape = read(area["shape"], area["coordinates"])
        except UnreadableShape as error:
            message = _("The area “%(name)s”: %(reason)s.") % {**name, "reason": error}
            yield Problem(message, field="body")
            continue
        shapes.append((area, shape))
        if is_outside(shape, ratio):
            yield Problem(
                _("The area “%(name)s” lies outside of the picture.") % name, field="body"
            )
        elif sticks_out(shape, ratio):
            yield Problem(
                _("A part of the area “%(name)s” lies outside of the picture.") % name,
                is_error=False,
                field="body",
            )
    for area, shape in shapes:
        for other, its_shape in shapes:
            if area["correct"] and not other["correct"] and overlap(shape, its_shape, ratio):
                yield Problem(
                    _("“%(right)s” and “%(wrong)s” overlap: there, a point counts as right.")
                    % {"right": area["name"], "wrong": other["name"]},
                    is_error=False,
                    field="body",
                )
