"""A learner's way through the course on a phone: with a finger, by keyboard, without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.course_text import course_title, lessons
from tests.browser.hands import Keyboard, Pointer
from tests.browser.prepare import learner_full_name, learner_phone
from tests.browser.sites import Site
from tests.browser.walk import Learner


def study_and_pass(learner: Learner, *, saves: bool) -> None:
    """Enrol, read the first lesson, pass its quiz, go on to the second."""
    first, second = lessons()[:2]
    learner.open_course()
    learner.enrol()
    learner.begin(first)
    learner.pass_quiz(first, saves=saves)
    learner.finish()
    learner.is_at(second)


def study_the_rest(learner: Learner, login: str, *, saves: bool) -> None:
    """From the second lesson to the end of the course: quizzes, the task, once away and back."""
    second, third, last = lessons()[1:]
    learner.pass_quiz(second, saves=saves)
    learner.do_task(second, note="Họp chi bộ, ba người mới lên tiếng.")
    learner.finish()
    learner.is_at(third)
    learner.pass_quiz(third, saves=saves)
    learner.sign_out()
    learner.sign_in(login)
    learner.hands.press(learner.link(f"{third.code} {third.title}"))
    learner.is_at(third)
    learner.finish()
    learner.is_at(last)
    learner.pass_quiz(last, saves=saves)
    learner.finish(last=True)
    expect(learner.page.locator("h1")).to_have_text(course_title())
    expect(learner.main).to_contain_text("4/4")


def course_is_shown_as_completed(learner: Learner) -> None:
    """On the course page, at home and on the record."""
    done = re.compile(r"Hoàn thành ngày \d\d/\d\d/\d{4}")
    expect(learner.main.get_by_role("complementary")).to_contain_text(done)
    assert done.search(standing(learner))
    expect(learner.main).to_contain_text("Đã hoàn thành mọi khóa học.")
    expect(learner.ring()).to_have_accessible_name(re.compile("^100 phần trăm"))
    learner.record()
    expect(learner.main).to_contain_text(done)
    rows = learner.main.locator("tbody").get_by_role("row")
    expect(rows).to_have_count(4)
    for row, lesson in zip(rows.all(), lessons(), strict=True):
        expect(row.get_by_role("rowheader")).to_have_text(f"{lesson.code} {lesson.title}")
        expect(row).to_contain_text("100%")


def standing(learner: Learner) -> str:
    """What the home page says about the course, in one line."""
    learner.home()
    card = learner.main.locator("article.card", has_text=course_title())
    return " ".join(card.inner_text().split())


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no-script"])
def test_learner_studies_to_the_end_and_the_pages_tell_the_truth(
    open_page: Callable[..., Page], number: int, javascript: bool
) -> None:
    page = open_page(java_script_enabled=javascript)
    learner = Learner(page, Pointer(page))
    learner.sign_in(learner_phone(number))
    expect(page.locator("h1")).to_have_text(f"Chào {learner_full_name(number)}")
    study_and_pass(learner, saves=javascript)
    assert "1/4 bài" in standing(learner)
    expect(learner.ring()).to_have_accessible_name(re.compile("^25 phần trăm"))
    learner.record()
    row = learner.main.get_by_role("row", name=lessons()[0].title)
    expect(row).to_contain_text("100%")
    assert learner.main.get_by_role("rowheader").count() == 1
    learner.home()
    learner.hands.press(learner.link(f"{lessons()[1].code} {lessons()[1].title}"))
    study_the_rest(learner, learner_phone(number), saves=javascript)
    course_is_shown_as_completed(learner)


def test_learner_by_keyboard_alone_reaches_the_end_and_sees_where_the_focus_is(
    open_page: Callable[..., Page], username: str
) -> None:
    page = open_page()
    keyboard = Keyboard(page)
    learner = Learner(page, keyboard)
    learner.sign_in(username)
    study_and_pass(learner, saves=True)
    study_the_rest(learner, username, saves=True)
    course_is_shown_as_completed(learner)
    learner.sign_out()
    expect(page.locator("main")).to_contain_text("Đăng nhập để học")
    assert not keyboard.unseen, "\n".join(keyboard.unseen)


def test_skip_link_leads_past_the_navigation(open_page: Callable[..., Page]) -> None:
    page = open_page()
    page.goto("/courses/")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Đến thẳng nội dung")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_answers_given_without_connection_are_kept_and_saved_later(
    open_page: Callable[..., Page], username: str, site: Site, watch
) -> None:
    watch.expected = ("net::ERR_INTERNET_DISCONNECTED",)
    page = open_page()
    learner = Learner(page, Pointer(page))
    learner.sign_in(username)
    lesson = lessons()[0]
    learner.open_course()
    learner.enrol()
    learner.begin(lesson)
    learner.open_quiz(lesson)
    learner.answer(1, lesson.questions[0])
    learner.is_saved(1)

    page.context.set_offline(True)
    learner.answer(2, lesson.questions[1])
    learner.answer(3, lesson.questions[2])
    for position in (2, 3):
        expect(learner.question(position).locator(".saved")).not_to_contain_text("Đã lưu")
    expect(learner.main).to_contain_text("Chưa lưu được, sẽ thử lại")
    assert answered(site, username) == {1}

    page.context.set_offline(False)
    for position in (1, 2, 3):
        learner.is_saved(position)
    assert answered(site, username) == {1, 2, 3}
    page.reload()
    for position in (1, 2, 3):
        learner.shows(position, lesson.questions[position - 1])


def answered(site: Site, username: str) -> set[int]:
    """The positions of the questions whose answers the database holds."""
    rows = site.rows(
        "SELECT DISTINCT slot.position FROM quizzes_response AS response"
        " JOIN quizzes_sittingslot AS slot ON slot.id = response.slot_id"
        " JOIN quizzes_sitting AS sitting ON sitting.id = slot.sitting_id"
        " JOIN learning_attempt AS attempt ON attempt.id = sitting.attempt_id"
        " JOIN learning_enrolment AS enrolment ON enrolment.id = attempt.enrolment_id"
        " JOIN people_user AS account ON account.person_id = enrolment.person_id"
        " WHERE account.username = ?",
        username,
    )
    return {int(position) for (position,) in rows}


def test_second_device_goes_on_where_the_first_stopped(
    open_page: Callable[..., Page], number: int, username: str
) -> None:
    first, second = lessons()[:2]
    phone = open_page()
    learner = Learner(phone, Pointer(phone))
    learner.sign_in(learner_phone(number))
    learner.open_course()
    learner.enrol()
    learner.begin(first)
    learner.finish()
    learner.is_at(second)
    learner.open_quiz(second)
    learner.answer(1, second.questions[0])
    learner.is_saved(1)
    learner.sign_out()

    desk = open_page(viewport={"width": 1280, "height": 900})
    again = Learner(desk, Pointer(desk))
    again.sign_in(username)
    expect(again.main.locator(".card.feature h2")).to_have_text(f"{second.code} {second.title}")
    again.hands.press(again.main.get_by_role("link", name=re.compile("^Tiếp tục")))
    again.shows(1, second.questions[0])
    again.home()
    again.hands.press(again.link("Học tiếp"))
    again.is_at(second)


def test_english_pages_keep_the_place_and_come_back(
    open_page: Callable[..., Page], username: str
) -> None:
    page = open_page()
    learner = Learner(page, Pointer(page))
    learner.sign_in(username)
    learner.open_course()
    learner.enrol()
    learner.begin(lessons()[0])
    page.locator("header.top").get_by_role("link", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.get_by_role("button", name="I have studied this, next")).to_be_visible()
    assert page.url.startswith(f"{page.url.split('/en/')[0]}/en/")
    page.locator("header.top").get_by_role("link", name="Tiếng Việt").click()
    expect(page.locator("html")).to_have_attribute("lang", "vi")
    learner.is_at(lessons()[0])
