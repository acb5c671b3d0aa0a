"""Areas of pictures: reading them, points in them, how they lie to each other."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from quizzes.question_types.shapes import (
    CIRCLE,
    POLYGON,
    RECTANGLE,
    Circle,
    Polygon,
    Rectangle,
    UnreadableShape,
    is_outside,
    number,
    overlap,
    read,
    sticks_out,
)

percents = st.integers(0, 10_000).map(lambda hundredths: hundredths / 100)
ratios = st.floats(0.2, 5)


@pytest.mark.parametrize(
    ("kind", "text", "shape"),
    [
        (RECTANGLE, "10, 20, 30, 40", Rectangle(10, 20, 30, 40)),
        (RECTANGLE, "30;40;10;20", Rectangle(10, 20, 30, 40)),
        (RECTANGLE, " 12.5 20  30\n40 ", Rectangle(12.5, 20, 30, 40)),
        (CIRCLE, "50,50,10", Circle(50, 50, 10)),
        (POLYGON, "0,0 10,0 0,10", Polygon(((0, 0), (10, 0), (0, 10)))),
    ],
)
def test_reads_coordinates(kind: str, text: str, shape: object) -> None:
    assert read(kind, text) == shape


@pytest.mark.parametrize(
    ("kind", "text", "reason"),
    [
        (RECTANGLE, "", "hình chữ nhật có 4 số: trái, trên, phải, dưới; ở đây có 0"),
        (RECTANGLE, "12,5 20 30 40", "hình chữ nhật có 4 số: trái, trên, phải, dưới; ở đây có 5"),
        (RECTANGLE, "10 20 10 40", "hình chữ nhật không có diện tích"),
        (CIRCLE, "10 20", "hình tròn có 3 số: tâm ngang, tâm dọc, bán kính; ở đây có 2"),
        (CIRCLE, "10 20 0", "bán kính phải lớn hơn 0"),
        (POLYGON, "1 2 3", "đa giác có hai số cho mỗi đỉnh; ở đây có 3"),
        (POLYGON, "1 2 3 4", "đa giác có ít nhất 3 đỉnh; ở đây có 2"),
        (POLYGON, "1 1 2 2 3 3", "các đỉnh của đa giác nằm trên một đường thẳng"),
        (RECTANGLE, "a 2 3 4", "“a” không phải là số"),
        (RECTANGLE, "nan 2 3 4", "“nan” không phải là số"),
        (RECTANGLE, "1e9 2 3 4", "“1e9” không phải là số"),
        ("star", "1 2 3 4", "không có hình “star”"),
    ],
)
def test_says_what_is_wrong(kind: str, text: str, reason: str) -> None:
    with pytest.raises(UnreadableShape) as caught:
        read(kind, text)
    assert str(caught.value) == reason


@given(kind=st.sampled_from([RECTANGLE, CIRCLE, POLYGON]), text=st.text(max_size=60))
def test_reading_anything_gives_a_shape_or_a_reason(kind: str, text: str) -> None:
    try:
        shape = read(kind, text)
    except UnreadableShape as error:
        assert str(error)
    else:
        box = shape.box(1.0)
        assert box.left < box.right
        assert box.top < box.bottom


@pytest.mark.parametrize(
    ("point", "expected"),
    [((10, 20), True), ((30, 40), True), ((20, 20), True), ((9.99, 30), False), ((20, 41), False)],
)
def test_rectangle_with_its_border(point: tuple[float, float], expected: bool) -> None:
    assert Rectangle(10, 20, 30, 40).holds(point, 1.0) is expected


@pytest.mark.parametrize(
    ("point", "expected"),
    [
        ((60, 50), True),  # a tenth of the width across: on the border
        ((60.01, 50), False),
        ((50, 70), True),  # in a picture twice as wide as high that is 20 percent down
        ((50, 70.02), False),
        ((57, 64), True),
        ((58, 66), False),
    ],
)
def test_circle_is_round_in_a_wide_picture(point: tuple[float, float], expected: bool) -> None:
    assert Circle(50, 50, 10).holds(point, 0.5) is expected


@given(radius=st.floats(1, 40), angle=st.floats(0, 2 * math.pi), ratio=ratios)
def test_circle_holds_by_distance_on_the_page(radius: float, angle: float, ratio: float) -> None:
    circle = Circle(50, 50, radius)
    for share, expected in ((0.99, True), (1.01, False)):
        across = 50 + share * radius * math.cos(angle)
        down = 50 + share * radius * math.sin(angle) / ratio
        assert circle.holds((across, down), ratio) is expected


def test_polygon_with_a_dent() -> None:
    horseshoe = read(POLYGON, "0,0 30,0 30,30 20,30 20,10 10,10 10,30 0,30")
    assert horseshoe.holds((5, 25), 1.0) is True
    assert horseshoe.holds((15, 25), 1.0) is False
    assert horseshoe.holds((15, 10), 1.0) is True  # on its border
    assert horseshoe.holds((15, 5), 1.0) is True
    assert horseshoe.holds((31, 5), 1.0) is False


triangles = st.tuples(*[st.tuples(percents, percents)] * 3)


@given(corners=triangles, share=st.floats(0, 1))
def test_points_on_the_border_of_a_polygon_count(
    corners: tuple[tuple[float, float], ...], share: float
) -> None:
    text = " ".join(f"{x},{y}" for x, y in corners)
    try:
        shape = read(POLYGON, text)
    except UnreadableShape:
        assume(False)
    for one, other in pairwise((*corners, corners[0])):
        assert shape.holds(one, 1.0)
        middle = tuple(a + share * (b - a) for a, b in zip(one, other, strict=True))
        assert shape.holds(middle, 1.0)


@given(corners=triangles, point=st.tuples(percents, percents), ratio=ratios)
def test_polygon_holds_nothing_outside_its_box(
    corners: tuple[tuple[float, float], ...], point: tuple[float, float], ratio: float
) -> None:
    shape = Polygon(corners)
    box = shape.box(ratio)
    if not (box.left <= point[0] <= box.right and box.top <= point[1] <= box.bottom):
        assert shape.holds(point, ratio) is False


@given(a=percents, b=percents, c=percents, d=percents, point=st.tuples(percents, percents))
def test_polygon_of_a_rectangle_is_the_rectangle(
    a: float, b: float, c: float, d: float, point: tuple[float, float]
) -> None:
    assume(a != c and b != d)
    rectangle = read(RECTANGLE, f"{a} {b} {c} {d}")
    polygon = read(POLYGON, f"{a},{b} {c},{b} {c},{d} {a},{d}")
    assert polygon.holds(point, 1.0) is rectangle.holds(point, 1.0)


def test_neighbours_do_not_overlap() -> None:
    left, right = Rectangle(0, 0, 50, 100), Rectangle(50, 0, 100, 100)
    assert overlap(left, right, 1.0) is False
    assert overlap(left, Circle(55, 50, 10), 1.0) is True
    assert overlap(left, Circle(60, 50, 10), 1.0) is False
    # Their boxes meet, they do not.
    assert overlap(Circle(20, 20, 10), Circle(36, 36, 10), 1.0) is False


def test_inside_and_outside_of_the_picture() -> None:
    assert is_outside(Rectangle(110, 0, 120, 10), 1.0) is True
    assert is_outside(Circle(0, 0, 5), 1.0) is False
    assert sticks_out(Circle(0, 0, 5), 1.0) is True
    assert sticks_out(Circle(50, 50, 30), 0.5) is True  # too high for a wide picture
    assert sticks_out(Circle(50, 50, 30), 1.0) is False
    assert sticks_out(Rectangle(0, 0, 100, 100), 1.0) is False


def test_paths_are_in_the_pictures_own_measure() -> None:
    assert Rectangle(10, 20, 30, 40).path(1000, 500) == "M100 100L300 100L300 200L100 200Z"
    assert Circle(50, 50, 10).path(1000, 500) == (
        "M400 250a100 100 0 1 0 200 0a100 100 0 1 0 -200 0Z"
    )
    assert Polygon(((0, 0), (12.5, 0), (0, 50))).path(800, 600) == "M0 0L100 0L0 300Z"


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (-0.001, "0"), (100, "100"), (12.5, "12.5"), (1234.567, "1234.57")],
)
def test_numbers_are_written_as_programs_do(value: float, text: str) -> None:
    assert number(value) == text
