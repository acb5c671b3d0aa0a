"""An author brings in a file: looks at it, imports it, opens a question and publishes it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from lms.people.models import User
from lms.people.tests.factories import PASSWORD, UserFactory
from quizzes.models import Question, QuestionImport
from quizzes.tests.factories import make_question
from quizzes.tests.test_import_screen import FAULTY
from tests.browser.test_accessibility import violations

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]
BANK = "/admin/snippets/quizzes/question/"


@pytest.fixture
def author() -> User:
    return UserFactory(is_superuser=True, is_staff=True, language="vi")


@pytest.fixture(params=[1280, 390], ids=["desk", "phone"])
def page(
    request: pytest.FixtureRequest,
    chromium: Browser,
    live_server: Any,
    author: User,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Page]:
    # Playwright keeps an event loop in this thread; Django takes that for asynchronous code.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    size = {"width": request.param, "height": 900}
    context = chromium.new_context(base_url=live_server.url, viewport=size, locale="vi-VN")
    made = context.new_page()
    made.goto("/account/login/")
    made.fill("[name=login]", author.username)
    made.fill("[name=password]", PASSWORD)
    made.locator("main form button").first.click()
    made.wait_for_url(lambda url: "login" not in url)
    yield made
    context.close()


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def test_author_imports_a_file_and_publishes_a_question(page: Page, tmp_path: Path) -> None:
    file = tmp_path / "đề thi.gift"
    file.write_text(FAULTY, encoding="utf-8")
    page.goto(BANK)
    page.locator(f"a[href='{BANK}import/']").click()
    page.set_input_files("input[type=file]", file)
    page.locator("main form button[type=submit]").click()
    page.wait_for_url("**/import/*-*/")
    expect(page.get_by_text("Ai ký văn bản của Ủy ban & nhân dân xã?")).to_be_visible()
    expect(page.locator("td", has_text="Chủ tịch")).to_be_visible()
    assert fits(page)
    assert not Question.objects.exists()
    page.locator("form#confirm button:not([form])").click()
    page.wait_for_url(f"**{BANK}")
    expect(page.locator(".messages .success")).to_be_visible()
    assert QuestionImport.objects.get().left_out == 1
    question = Question.objects.get(name="Ký")
    assert not question.live
    page.goto(f"{BANK}edit/{question.pk}/")
    expect(page.locator("#id_name")).to_have_value("Ký")
    menu = page.locator("footer [data-w-dropdown-target='toggle']")
    expect(menu).to_be_visible()
    menu.click()
    page.locator("[name='action-publish']").click()
    expect(page.locator(".messages .success")).to_be_visible()
    question = Question.objects.get(pk=question.pk)
    assert question.live
    options = question.current_version.data["options"]
    assert [each["text"] for each in options if each["correct"]] == ["Chủ tịch"]


def test_author_sees_what_is_lost_and_downloads(page: Page) -> None:
    make_question(code="mot")
    page.goto(BANK)
    page.goto(f"{BANK}export/")
    assert fits(page)
    page.check("[name=to][value=aiken]")
    page.locator("main form button[type=submit]").last.click()
    with page.expect_download() as download:
        page.locator("form:has([name=anyway]) button").click()
    assert download.value.suggested_filename.endswith(".aiken")


def test_screens_have_no_violations(page: Page, tmp_path: Path) -> None:
    make_question(code="mot")
    file = tmp_path / "de-thi.gift"
    file.write_text(FAULTY, encoding="utf-8")
    page.goto(f"{BANK}export/?live=true")
    assert list(violations(page)) == []
    page.goto(f"{BANK}import/")
    assert list(violations(page)) == []
    page.set_input_files("input[type=file]", file)
    page.locator("main form button[type=submit]").click()
    page.wait_for_url("**/import/*-*/")
    assert list(violations(page)) == []
