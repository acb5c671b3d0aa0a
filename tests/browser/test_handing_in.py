"""A workplace task: refused while it is empty, then handed in, then read by the instructor."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Watch
from tests.browser.course_text import SLUG
from tests.browser.hands import Pointer
from tests.browser.sites import Site
from tests.browser.test_accessibility import violations
from tests.browser.walk import Learner

NOTE = "Họp chi bộ <thử>, ba người mới lên tiếng & đã ghi kết luận."


def task_address(site: Site) -> str:
    ((found,),) = site.rows(
        "SELECT uuid FROM content_activity JOIN wagtailcore_locale AS locale"
        " ON locale.id = locale_id WHERE type_key = 'task.task' AND language_code = 'vi'"
        " ORDER BY content_activity.id LIMIT 1"
    )
    return f"/learn/activities/{uuid.UUID(str(found))}/"


def sign_in(page: Page, username: str) -> Learner:
    person = Learner(page, Pointer(page))
    person.sign_in(username)
    person.arrives()
    return person


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_empty_task_is_refused_and_a_full_one_is_read_by_the_instructor(
    open_page: Callable[..., Page], username: str, site: Site, watch: Watch, scripts: bool
) -> None:
    watch.expected = ("422 (Unprocessable",)
    address = task_address(site)
    learner = sign_in(open_page(java_script_enabled=scripts), username)
    page, main = learner.page, learner.main
    page.goto(f"/{SLUG}/")
    learner.enrol()
    page.goto(address)
    expect(main).to_contain_text("Giảng viên của khóa học này đọc được")
    learner.hands.press(learner.button("Bắt đầu làm"))

    # Its own button.
    learner.hands.press(learner.button("Nộp việc làm"))
    expect(page).to_have_title(re.compile("^Lỗi"))
    expect(main.get_by_role("alert")).to_contain_text("ít nhất một bước")

    # The platform's address, as a page changed by hand would use it.
    page.goto(address)
    if scripts:
        main.locator("#task-note").fill(NOTE)
        main.locator("button[formaction]").evaluate(
            "(button, address) => button.setAttribute('formaction', address)", f"{address}submit/"
        )
        learner.hands.press(learner.button("Nộp việc làm"))
        expect(page).to_have_title(re.compile("^Lỗi"))
        expect(main.get_by_role("alert")).to_be_focused()
        expect(main.locator("#task-note")).to_have_value(NOTE)
        assert list(violations(page)) == []

    day = main.locator("input[type=date]").first
    day.fill(day.get_attribute("max") or "")
    main.locator("#task-note").fill(NOTE)
    learner.hands.press(learner.button("Nộp việc làm"))
    expect(main).to_contain_text("Đã nộp việc làm này")
    ((name,),) = site.rows(
        "SELECT full_name FROM people_person JOIN people_user ON people_user.person_id"
        " = people_person.id WHERE username = ?",
        username,
    )

    reader = sign_in(open_page(java_script_enabled=scripts), "giangvien")
    reader.page.goto("/teaching/")
    reader.hands.press(reader.main.locator("a[href*='/teaching/']").first)
    reader.hands.press(reader.main.locator("a[href*='/work/']").first)
    card = reader.main.get_by_role("article", name=str(name))
    expect(card).to_contain_text(NOTE)
    expect(card.locator("details li").first).to_be_hidden()
    reader.hands.press(card.locator("summary"))
    expect(card.get_by_text("Xong ngày")).to_be_visible()
    if scripts:
        assert list(violations(reader.page)) == []
