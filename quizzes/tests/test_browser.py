"""Answers in a real browser: saved as they are given, kept on the device while there is no line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from lms.people.tests.factories import PASSWORD
from quizzes.models import Response
from quizzes.tests.factories import Placed, make_placed, make_question, make_quiz

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]


@pytest.fixture
def browser(
    chromium: Browser, live_server: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[BrowserContext]:
    # Playwright keeps an event loop in this thread; Django takes that for asynchronous code.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    context = chromium.new_context(
        base_url=live_server.url, viewport={"width": 390, "height": 844}, locale="vi-VN"
    )
    yield context
    context.close()


def begin(browser: BrowserContext, placed: Placed) -> Page:
    """The questions on the screen of a learner who has just begun."""
    page = browser.new_page()
    page.goto("/account/login/")
    page.fill("[name=login]", placed.user.username)
    page.fill("[name=password]", PASSWORD)
    page.locator("main form button").first.click()
    page.wait_for_url(lambda url: "login" not in url)
    page.goto(placed.url)
    page.click("form[action$='/start/'] button")
    expect(page.locator("fieldset.question").first).to_be_visible()
    return page


def choose(page: Page, position: int, at: int) -> None:
    page.locator(f"#q-{position} .option input").nth(at).check()


def saved(page: Page, position: int) -> Any:
    return expect(page.locator(f"#q-{position} .saved"))


def stored(position: int) -> list[str]:
    return Response.objects.get(slot__position=position).answer["options"]


def value(page: Page, position: int, at: int) -> str | None:
    return page.locator(f"#q-{position} .option input").nth(at).get_attribute("value")


def test_answer_is_saved_when_it_is_given(browser: BrowserContext) -> None:
    page = begin(browser, make_placed(count=2))
    expect(page.locator("[data-unanswered]")).to_have_text("Còn 2 câu chưa trả lời.")
    choose(page, 1, 1)
    saved(page, 1).to_contain_text("Đã lưu")
    expect(page.locator("[data-unanswered]")).to_have_text("Còn 1 câu chưa trả lời.")
    assert stored(1) == [value(page, 1, 1)]


def test_answers_given_without_a_line_arrive_when_it_is_back(browser: BrowserContext) -> None:
    page = begin(browser, make_placed(count=2))
    browser.set_offline(True)
    choose(page, 1, 0)
    saved(page, 1).to_contain_text("Chưa lưu được")
    choose(page, 2, 2)
    choose(page, 1, 1)
    assert Response.objects.count() == 0
    browser.set_offline(False)
    saved(page, 1).to_contain_text("Đã lưu")
    saved(page, 2).to_contain_text("Đã lưu")
    assert stored(1) == [value(page, 1, 1)]
    assert stored(2) == [value(page, 2, 2)]
    assert page.evaluate("localStorage.length") == 0


def test_answer_survives_a_page_that_was_closed_without_a_line(browser: BrowserContext) -> None:
    placed = make_placed(make_quiz(make_question(kind="multiple_choice")))
    page = begin(browser, placed)
    browser.set_offline(True)
    choose(page, 1, 0)
    choose(page, 1, 2)
    saved(page, 1).to_contain_text("Chưa lưu được")
    chosen = {value(page, 1, 0), value(page, 1, 2)}
    page.close()
    browser.set_offline(False)
    again = browser.new_page()
    again.goto(placed.url)
    saved(again, 1).to_contain_text("Đã lưu")
    assert again.locator("#q-1 input:checked").count() == 2
    assert set(stored(1)) == chosen


def test_newest_choice_wins_over_another_tab(browser: BrowserContext) -> None:
    placed = make_placed(count=1)
    first = begin(browser, placed)
    second = browser.new_page()
    second.goto(placed.url)
    choose(first, 1, 0)
    saved(first, 1).to_contain_text("Đã lưu")
    choose(second, 1, 1)
    saved(second, 1).to_contain_text("Đã lưu")
    assert stored(1) == [value(second, 1, 1)]


def test_tab_left_open_after_handing_in_is_told(browser: BrowserContext) -> None:
    placed = make_placed(count=1)
    first = begin(browser, placed)
    second = browser.new_page()
    second.goto(placed.url)
    choose(first, 1, 0)
    first.get_by_role("button", name="Nộp bài").click()
    expect(first.locator("section.result")).to_be_visible()
    before = stored(1)
    choose(second, 1, 1)
    saved(second, 1).to_have_class("saved is-failed")
    saved(second, 1).not_to_contain_text("sẽ thử lại")
    assert stored(1) == before
