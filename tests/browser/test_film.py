"""A lesson with a video: played a little, left, gone on with, told as watched; on a phone."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.hands import Keyboard, Pointer
from tests.browser.prepare import FILM, FILM_COURSE, FILM_LESSON
from tests.browser.walk import Learner

LONG_ENOUGH = "video => video.currentTime > 6.5"  # below five seconds it begins anew
TRACKS = "video => [...video.textTracks].map(each => [each.language, each.mode])"


def open_film(learner: Learner) -> None:
    """From home to the lesson with the video, enrolled."""
    learner.open_course(FILM_COURSE)
    learner.enrol()
    learner.hands.press(learner.link("Bắt đầu"))
    expect(learner.page.locator("h1")).to_have_text(FILM_LESSON)


def tell_and_finish(learner: Learner) -> None:
    """Say that all of it was watched, and end the course."""
    learner.hands.press(learner.button("Tôi đã xem hoặc đọc hết"))
    part = learner.main.get_by_role("region", name=FILM)
    expect(part).to_contain_text("Đã xong")
    learner.finish(last=True)
    expect(learner.page.locator("h1")).to_have_text(FILM_COURSE)
    expect(learner.main.get_by_role("complementary")).to_contain_text("Hoàn thành ngày")


@pytest.mark.parametrize("hands", [Pointer, Keyboard])
def test_video_goes_on_where_it_was_left(
    open_page: Callable[..., Page], username: str, hands: type[Pointer]
) -> None:
    page = open_page()
    learner = Learner(page, hands(page))
    learner.sign_in(username)
    open_film(learner)
    lesson = page.url
    film = page.locator("video")
    learner.hands.play(film)
    page.wait_for_function(LONG_ENOUGH, arg=film.element_handle())
    assert film.evaluate(TRACKS) == [["vi", "showing"]]
    learner.hands.play(film)  # the same key or place stops it
    expect(learner.main.locator("[data-status]")).to_contain_text(re.compile(r"Đã xem \d\d%"))

    learner.home()
    page.goto(lesson)
    expect(learner.main.locator("[data-status]")).to_contain_text("Xem tiếp từ 0:0")
    learner.hands.play(film)
    page.wait_for_function(LONG_ENOUGH, arg=film.element_handle())
    tell_and_finish(learner)
    assert getattr(learner.hands, "unseen", []) == []


def test_video_counts_without_javascript_when_the_learner_says_so(
    open_page: Callable[..., Page], username: str
) -> None:
    page = open_page(java_script_enabled=False)
    learner = Learner(page, Pointer(page))
    learner.sign_in(username)
    open_film(learner)
    learner.hands.press(page.locator("summary", has_text="Đọc thay vì xem"))
    expect(learner.main).to_contain_text("Chủ trì nêu việc cần quyết")
    tell_and_finish(learner)
