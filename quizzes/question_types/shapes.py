"""Areas of a picture: read from text, asked whether they hold a point, drawn.

Coordinates are numbers in percent of the picture, from its upper left corner: across in percent of
its width, down in percent of its height. A circle is round on the page, whatever the picture's
proportions: its radius is in percent of the width. `ratio` is height ÷ width of the picture.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from django.utils.translation import gettext as _

RECTANGLE, CIRCLE, POLYGON = "rectangle", "circle", "polygon"

Point = tuple[float, float]

HAIR = 1e-9  # what adding and multiplying may lose; percent
SAMPLES = 24  # lines each way along which two areas are compared
_APART = re.compile(r"[\s,;]+")
_NUMBER = re.compile(r"[+-]?(?:\d{1,6}(?:\.\d{0,12})?|\.\d{1,12})", re.ASCII)


class UnreadableShape(Exception):
    """The coordinates make no such shape: the message says why, for people."""


@dataclass(frozen=True)
class Box:
    """What a shape lies in."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True)
class Shape:
    """A part of a picture. A point on its border belongs to it."""

    def holds(self, point: Point, ratio: float) -> bool:
        """Whether `point` lies in it."""
        raise NotImplementedError

    def box(self, ratio: float) -> Box:
        """The smallest rectangle around it."""
        raise NotImplementedError

    def path(self, width: int, height: int) -> str:
        """Its outline as the `d` of an SVG path in a picture of this size."""
        raise NotImplementedError


@dataclass(frozen=True)
class Rectangle(Shape):
    left: float
    top: float
    right: float
    bottom: float

    def holds(self, point: Point, ratio: float) -> bool:
        x, y = point
        return self.left <= x <= self.right and self.top <= y <= self.bottom

    def box(self, ratio: float) -> Box:
        return Box(self.left, self.top, self.right, self.bottom)

    def path(self, width: int, height: int) -> str:
        corners = (
            *((self.left, self.top), (self.right, self.top)),
            *((self.right, self.bottom), (self.left, self.bottom)),
        )
        return _lines(corners, width, height)


@dataclass(frozen=True)
class Circle(Shape):
    x: float
    y: float
    radius: float

    def holds(self, point: Point, ratio: float) -> bool:
        across, down = point[0] - self.x, (point[1] - self.y) * ratio
        return math.hypot(across, down) <= self.radius + HAIR

    def box(self, ratio: float) -> Box:
        tall = self.radius / ratio
        return Box(self.x - self.radius, self.y - tall, self.x + self.radius, self.y + tall)

    def path(self, width: int, height: int) -> str:
        radius = number(self.radius * width / 100)
        left = number((self.x - self.radius) * width / 100)
        middle, across = number(self.y * height / 100), number(2 * self.radius * width / 100)
        arc = f"a{radius} {radius} 0 1 0"
        return f"M{left} {middle}{arc} {across} 0{arc} -{across} 0Z"


@dataclass(frozen=True)
class Polygon(Shape):
    """What its border goes around; where the border crosses itself, by the even-odd rule."""

    corners: tuple[Point, ...]

    def holds(self, point: Point, ratio: float) -> bool:
        x, y = point
        inside = False
        for one, other in pairwise((*self.corners, self.corners[0])):
            if _is_between(point, one, other):
                return True
            (x1, y1), (x2, y2) = one, other
            if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
                inside = not inside
        return inside

    def box(self, ratio: float) -> Box:
        across, down = [x for x, _y in self.corners], [y for _x, y in self.corners]
        return Box(min(across), min(down), max(across), max(down))

    def path(self, width: int, height: int) -> str:
        return _lines(self.corners, width, height)


def read(kind: str, text: str) -> Shape:
    """The shape that `text` describes. Raises UnreadableShape.

    rectangle: two opposite corners (left, top, right, bottom); circle: its middle and its radius;
    polygon: its corners in turn. Commas, semicolons and spaces stand between numbers, so decimals
    have a point.
    """
    found = _numbers(text)
    if kind == RECTANGLE:
        if len(found) != 4:
            raise UnreadableShape(
                _("a rectangle has 4 numbers: left, top, right, bottom; here are %(count)d")
                % {"count": len(found)}
            )
        (left, right), (top, bottom) = sorted(found[0::2]), sorted(found[1::2])
        if left == right or top == bottom:
            raise UnreadableShape(_("the rectangle has no surface"))
        return Rectangle(left, top, right, bottom)
    if kind == CIRCLE:
        if len(found) != 3:
            raise UnreadableShape(
                _("a circle has 3 numbers: middle across, middle down, radius; here are %(count)d")
                % {"count": len(found)}
            )
        if found[2] <= 0:
            raise UnreadableShape(_("the radius must be greater than 0"))
        return Circle(*found)
    if kind == POLYGON:
        return _polygon(found)
    raise UnreadableShape(_("“%(kind)s” is no shape") % {"kind": kind})


def overlap(one: Shape, other: Shape, ratio: float) -> bool:
    """Whether the two share a surface, not only a border. Slivers may be missed."""
    a, b = one.box(ratio), other.box(ratio)
    left, right = max(a.left, b.left), min(a.right, b.right)
    top, bottom = max(a.top, b.top), min(a.bottom, b.bottom)
    if right - left <= HAIR or bottom - top <= HAIR:
        return False
    steps = [(each + 0.5) / SAMPLES for each in range(SAMPLES)]
    return any(
        one.holds(point, ratio) and other.holds(point, ratio)
        for across in steps
        for down in steps
        for point in [(left + across * (right - left), top + down * (bottom - top))]
    )


def is_outside(shape: Shape, ratio: float) -> bool:
    """Whether nothing of it lies in the picture."""
    return not overlap(shape, Rectangle(0, 0, 100, 100), ratio)


def sticks_out(shape: Shape, ratio: float) -> bool:
    """Whether a part of it lies outside of the picture."""
    box = shape.box(ratio)
    return min(box.left, box.top) < -HAIR or max(box.right, box.bottom) > 100 + HAIR


def number(value: float) -> str:
    """As SVG and forms write it, whatever the language: at most two decimals, none if whole."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _numbers(text: str) -> list[float]:
    found = []
    for each in filter(None, _APART.split(text.strip())):
        if not _NUMBER.fullmatch(each):
            raise UnreadableShape(_("“%(text)s” is not a number") % {"text": each[:40]})
        found.append(float(each))
    return found


def _polygon(found: list[float]) -> Polygon:
    if len(found) % 2:
        raise UnreadableShape(
            _("a polygon has two numbers for each corner; here are %(count)d")
            % {"count": len(found)}
        )
    corners = tuple(zip(found[0::2], found[1::2], strict=True))
    if len(set(corners)) < 3:
        raise UnreadableShape(
            _("a polygon has at least 3 corners; here are %(count)d") % {"count": len(set(corners))}
        )
    first, *others = corners
    away = next(each for each in others if each != first)
    if all(abs(_turn(first, away, each)) <= HAIR for each in others):
        raise UnreadableShape(_("all corners of the polygon lie on one line"))
    return Polygon(corners)


def _turn(start: Point, end: Point, point: Point) -> float:
    """0 where `point` lies on the line through `start` and `end`."""
    return (end[0] - start[0]) * (point[1] - start[1]) - (end[1] - start[1]) * (point[0] - start[0])


def _is_between(point: Point, one: Point, other: Point) -> bool:
    """Whether `point` lies on the line from `one` to `other`, as exactly as numbers allow."""
    (x, y), (x1, y1), (x2, y2) = point, one, other
    if not (
        min(x1, x2) - HAIR <= x <= max(x1, x2) + HAIR
        and min(y1, y2) - HAIR <= y <= max(y1, y2) + HAIR
    ):
        return False
    length = math.hypot(x2 - x1, y2 - y1)
    return abs(_turn(one, other, point)) <= HAIR * max(1.0, length)


def _lines(corners: Sequence[Point], width: int, height: int) -> str:
    ends = [f"{number(x * width / 100)} {number(y * height / 100)}" for x, y in corners]
    return f"M{'L'.join(ends)}Z"
