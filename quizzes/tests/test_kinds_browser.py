"""A learner answers every kind of question rightly: by mouse, by touch and by keyboard alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from lms.people.tests.factories import PASSWORD
from quizzes.models import Response
from quizzes.question_types import BUILT_IN
from quizzes.tests.factories import Placed, make_placed, make_question, make_quiz
from quizzes.tests.samples import WRITTEN
from tests.browser.test_accessibility import violations

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]
KEYS = [kind.key for kind in BUILT_IN if kind.key in WRITTEN]


class Mouse:
    """A pointer at a desk."""

    touch = False

    def press(self, target: Locator) -> None:
        target.click()

    def fill(self, target: Locator, text: str) -> None:
        target.fill(text)
        target.blur()

    def pick(self, target: Locator, label: str) -> None:
        target.select_option(label=label)


class Touch(Mouse):
    """A finger."""

    touch = True

    def press(self, target: Locator) -> None:
        target.tap()


class Keyboard(Mouse):
    """Keys alone: whatever has the focus."""

    def press(self, target: Locator) -> None:
        control = target.locator("input") if target.locator("input").count() else target
        control.first.focus()
        control.page.keyboard.press("Space")

    def fill(self, target: Locator, text: str) -> None:
        target.focus()
        target.page.keyboard.type(text)
        target.page.keyboard.press("Tab")

    def pick(self, target: Locator, label: str) -> None:
        target.focus()
        for _ in range(target.locator("option").count()):
            if target.evaluate("each => each.selectedOptions[0].label.trim()") == label:
                break
            target.page.keyboard.press("ArrowDown")
        target.page.keyboard.press("Tab")


def choose(hand: Mouse, question: Locator, written: dict[str, Any]) -> None:
    for option in written["options"]:
        if option.get("correct"):
            hand.press(question.locator("label.option", has_text=option["text"]))


def write(hand: Mouse, question: Locator, written: dict[str, Any]) -> None:
    first = written["answers"][0]
    hand.fill(question.locator("input:not([type=hidden])"), str(first.get("pattern", 14)))


def match(hand: Mouse, question: Locator, written: dict[str, Any]) -> None:
    for pair in written["pairs"]:
        row = question.locator("li", has=question.page.get_by_text(pair["text"], exact=True))
        hand.pick(row.locator("select"), pair["match"])


def order(hand: Mouse, question: Locator, written: dict[str, Any]) -> None:
    wanted = [item["text"] for item in written["items"]]
    hand.press(question.locator("[data-keep]"))
    for place, text in enumerate(wanted):
        while True:
            shown = question.locator("[data-text]").all_inner_texts()
            at = [each.strip() for each in shown].index(text)
            if at <= place:
                break
            hand.press(question.locator("li").nth(at).locator("[data-move='-1']"))


def fill_gaps(hand: Mouse, question: Locator, written: dict[str, Any]) -> None:
    hand.fill(question.locator("input.gap"), written["gaps"][0]["answers"])
    hand.pick(question.locator("select.gap"), written["gaps"][1]["answers"])


def sort(hand: Mouse, question: Locator, written: dict[str, Any]) -> None:
    pairs = [
        (item["value"], group["name"]) for group in written["groups"] for item in group["items"]
    ]
    pairs += [(item["value"], "") for item in written["extra"]]
    for text, name in pairs:
        row = question.locator("li", has_text=text)
        labels = row.locator("label")
        hand.press(labels.filter(has_text=name).first if name else labels.last)


def judge(hand: Mouse, question: Locator, written: dict[str, Any]) -> None:
    for action in written["actions"]:
        row = question.locator("li", has_text=action["text"])
        hand.press(row.locator("label").nth(action["rating"] - 1))


def find_places(hand: Mouse, question: Locator, written: dict[str, Any]) -> None:
    for area in written["areas"]:
        if area.get("correct"):
            hand.press(question.locator("label.option", has_text=area["name"]))


def compose(hand: Mouse, question: Locator, written: dict[str, Any]) -> None:
    hand.fill(question.locator("textarea"), "Xuống gặp dân, nghe hết, ghi biên bản rồi trả lời.")


ANSWERS: dict[str, Callable[[Mouse, Locator, dict[str, Any]], None]] = {
    **dict.fromkeys(("single_choice", "multiple_choice", "true_false"), choose),
    **dict.fromkeys(("short_answer", "numeric"), write),
    "matching": match,
    "ordering": order,
    "gaps": fill_gaps,
    "grouping": sort,
    "judgement": judge,
    "hotspot": find_places,
    "essay": compose,
}


@pytest.fixture
def placed() -> Placed:
    questions = [make_question(kind=key, written=WRITTEN[key], code=key) for key in KEYS]
    return make_placed(make_quiz(*questions, shuffle_options=True))


@pytest.fixture(params=[Mouse(), Touch(), Keyboard()], ids=["mouse", "touch", "keyboard"])
def hand(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture
def page(
    chromium: Browser, live_server: Any, hand: Mouse, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Page]:
    # Playwright keeps an event loop in this thread; Django takes that for asynchronous code.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    size = {"width": 390, "height": 844} if hand.touch else {"width": 1280, "height": 900}
    context = chromium.new_context(
        base_url=live_server.url, viewport=size, has_touch=hand.touch, locale="vi-VN"
    )
    yield context.new_page()
    context.close()


def test_every_kind_is_answered_and_earns_everything(
    page: Page, hand: Mouse, placed: Placed
) -> None:
    page.goto("/account/login/")
    page.fill("[name=login]", placed.user.username)
    page.fill("[name=password]", PASSWORD)
    page.locator("main form button").first.click()
    page.wait_for_url(lambda url: "login" not in url)
    page.goto(placed.url)
    page.click("form[action$='/start/'] button")
    for position, key in enumerate(KEYS, 1):
        question = page.locator(f"fieldset#q-{position}")
        ANSWERS[key](hand, question, WRITTEN[key])
        expect(question.locator(".saved.is-saved"), key).to_be_visible()
    if not (hand.touch or isinstance(hand, Keyboard)):
        assert list(violations(page)) == []  # looks are the same for every hand
    hand.press(page.get_by_role("button", name="Nộp bài"))
    expect(page.locator("fieldset.question")).to_have_count(0)
    found = {
        each.slot.version.question.code: each.fraction
        for each in Response.objects.select_related("slot__version__question")
    }
    assert found == {key: None if key == "essay" else 1.0 for key in KEYS}


def test_results_of_every_kind_have_no_violations(page: Page, hand: Mouse, placed: Placed) -> None:
    if hand.touch or isinstance(hand, Keyboard):
        pytest.skip("looks are the same for every hand")
    questions = [slot.question for slot in placed.quiz.slots.select_related("question")]
    scored = make_placed(make_quiz(*(q for q in questions if q.code != "essay")))
    page.goto("/account/login/")
    page.fill("[name=login]", scored.user.username)
    page.fill("[name=password]", PASSWORD)
    page.locator("main form button").first.click()
    page.wait_for_url(lambda url: "login" not in url)
    page.goto(scored.url)
    page.click("form[action$='/start/'] button")
    hand.fill(page.locator("input.gap"), "sai")
    page.get_by_role("button", name="Nộp bài").click()
    expect(page.locator(".question .badge").first).to_be_visible()
    assert list(violations(page)) == []
