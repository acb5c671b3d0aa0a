"""How much a page weighs on the way to a phone that has nothing of it yet."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser.course_text import lessons
from tests.browser.hands import Pointer
from tests.browser.prepare import FILM_COURSE
from tests.browser.walk import Learner

LIMIT = 100_000  # bytes


@pytest.fixture
def learner(open_page: Callable[..., Page], username: str) -> Learner:
    """Enrolled, and looking at the first lesson."""
    page = open_page()
    learner = Learner(page, Pointer(page))
    learner.sign_in(username)
    learner.open_course()
    learner.enrol()
    learner.begin(lessons()[0])
    return learner


def cold_weight(page: Page) -> dict[str, float]:
    """Bytes on the wire of each file of the page, headers included, with nothing kept before."""
    page.wait_for_load_state("networkidle")  # what is still coming belongs to another visit
    session = page.context.new_cdp_session(page)
    asked: dict[str, str] = {}
    ended: dict[str, float] = {}
    session.on(
        "Network.requestWillBeSent",
        lambda event: asked.update({event["requestId"]: event["request"]["url"]}),
    )
    session.on(
        "Network.loadingFinished",
        lambda event: ended.update({event["requestId"]: event["encodedDataLength"]}),
    )
    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    page.reload(wait_until="networkidle")
    session.detach()
    # The browser draws its video buttons from pictures of its own: data addresses, no bytes.
    sizes = {asked[request]: size for request, size in ended.items()}
    return {address: size for address, size in sizes.items() if not address.startswith("data:")}


def test_pages_stay_light_with_an_empty_cache(learner: Learner) -> None:
    page = learner.page
    weights = {}
    for lesson in lessons():
        learner.is_at(lesson)
        weights[lesson.code] = cold_weight(page)
        learner.finish(last=lesson is lessons()[-1])
    weights["course"] = cold_weight(page)
    learner.home()
    weights["home"] = cold_weight(page)
    page.goto("/courses/")
    weights["catalogue"] = cold_weight(page)
    learner.open_course(FILM_COURSE)
    learner.enrol()
    learner.hands.press(learner.link("Bắt đầu"))
    weights["video"] = cold_weight(page)
    page.locator("video").wait_for()
    totals = {name: sum(sizes.values()) for name, sizes in weights.items()}
    assert {name: total for name, total in totals.items() if total > LIMIT} == {}
    # The page itself and its style came anew, so the sum is that of a first visit.
    for name, sizes in weights.items():
        assert len(sizes) >= 4, name
        assert min(sizes.values()) > 0, name


def test_quiz_stays_light_with_an_empty_cache(learner: Learner) -> None:
    first = lessons()[0]
    learner.open_quiz(first)
    asked = cold_weight(learner.page)
    for position, question in enumerate(first.questions, 1):
        learner.answer(position, question, right=False)
        learner.is_saved(position)
    learner.hand_in()
    learner.main.get_by_text("Chưa đạt").first.wait_for()
    reviewed = cold_weight(learner.page)
    assert sum(asked.values()) <= LIMIT
    assert sum(reviewed.values()) <= LIMIT


@pytest.mark.parametrize("width", [320, 390])
def test_pages_never_scroll_sideways_on_a_phone(learner: Learner, width: int) -> None:
    page = learner.page
    page.set_viewport_size({"width": width, "height": 800})
    lesson = page.url
    course = page.locator(".crumbs a").last.get_attribute("href")
    wide = []
    for address in (lesson, course, "/home/", "/record/", "/courses/", "/search/?q=lanh+dao"):
        page.goto(address)
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            wide.append(address)
    assert wide == []
