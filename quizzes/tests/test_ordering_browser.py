"""Putting items in order in a real browser: by buttons, by keyboard and by dragging."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from playwright.sync_api import Browser, Page

from lms.web.styling import style_sheet
from quizzes.question_types.ordering import Ordering
from quizzes.tests.arranging import KEYS, asked, shared

pytestmark = pytest.mark.browser

KIND = Ordering()
DATA = shared(
    items=[{"key": key, "text": f"Bước {key}"} for key in KEYS[:4]], scheme="places", feedback=""
)
START = ["x2", "m1", "k7", "b9"]
COUNT = 'addEventListener("change", () => { window.changes = (window.changes ?? 0) + 1; })'


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 390, "height": 844})
    yield context.new_page()
    context.close()


def show(page: Page, answer: Any = None, attribute: str = "") -> None:
    """The question on the page, with its script."""
    html = asked(KIND, DATA, answer, {"order": START})
    page.set_content(f"<style>{style_sheet()}</style><fieldset {attribute}>{html}</fieldset>")
    page.evaluate(COUNT)
    path = finders.find("quizzes/ordering.js")
    assert isinstance(path, str)
    page.add_script_tag(path=path, type="module")
    page.wait_for_selector("[data-handle]:not([hidden])")


def places(page: Page) -> dict[str, str]:
    """The place of each item as it would be sent, in the order on the screen."""
    found: dict[str, str] = page.evaluate(
        "Object.fromEntries([...document.querySelectorAll('select')].map((each) =>"
        " [each.name.replace('a3-', ''), each.value]))"
    )
    return found


def in_order(*keys: str) -> dict[str, str]:
    return {key: str(at) for at, key in enumerate(keys, 1)}


def said(page: Page) -> str:
    return page.locator("[data-announce]").text_content() or ""


def changes(page: Page) -> int:
    return int(page.evaluate("window.changes ?? 0"))


def test_buttons_and_keyboard_move_an_item_and_keep_the_focus(page: Page) -> None:
    show(page)
    assert places(page) == dict.fromkeys(START, "")
    page.locator("li").nth(2).locator("[data-move='-1']").focus()
    page.keyboard.press("Enter")
    assert places(page) == in_order("x2", "k7", "m1", "b9")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")  # it is at the top already
    assert places(page) == in_order("k7", "x2", "m1", "b9")
    assert changes(page) == 2
    assert "Bước k7" in said(page) and "1" in said(page)
    page.locator("li").nth(0).locator("[data-move='1']").click()
    assert places(page) == in_order("x2", "k7", "m1", "b9")


def test_dragging_moves_an_item_and_is_one_change(page: Page) -> None:
    show(page)
    drag(page, 0, 3)
    page.mouse.up()
    assert list(places(page).values()) == ["1", "2", "3", "4"]
    assert list(places(page)) == ["m1", "k7", "b9", "x2"]
    assert changes(page) == 1
    assert "Bước x2" in said(page)


def test_escape_gives_up_dragging(page: Page) -> None:
    show(page, {"order": list(KEYS[:4])})
    drag(page, 0, 3)
    assert list(places(page)) != list(KEYS[:4])
    page.keyboard.press("Escape")
    page.mouse.up()
    assert places(page) == in_order(*KEYS[:4])
    assert changes(page) == 0


def test_order_at_the_start_can_be_kept(page: Page) -> None:
    show(page)
    page.locator("[data-keep]").click()
    assert places(page) == in_order(*START)
    assert changes(page) == 1
    assert not page.locator("[data-keep]").is_visible()


def test_question_that_is_closed_does_not_move(page: Page) -> None:
    show(page, {"order": START}, "disabled")
    drag(page, 0, 3)
    page.mouse.up()
    assert places(page) == in_order(*START)
    assert not page.locator("[data-keep]").is_visible()


def test_controls_are_large_enough_for_fingers(page: Page) -> None:
    show(page)
    for control in page.locator("button:visible, [data-handle]").all():
        box = control.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 44
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def drag(page: Page, one: int, other: int) -> None:
    """Take an item by its handle to the place of another; the button stays down."""
    handles = page.locator("[data-handle]")
    start, end = handles.nth(one).bounding_box(), handles.nth(other).bounding_box()
    assert start is not None and end is not None
    page.mouse.move(start["x"] + 10, start["y"] + 10)
    page.mouse.down()
    page.mouse.move(end["x"] + 10, end["y"] + end["height"] + 5, steps=8)
