"""An instructor changes a lesson in the administration, somebody else approves, learners see it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import DESK
from tests.browser.course_text import SLUG, lessons
from tests.browser.hands import Pointer
from tests.browser.sites import Site
from tests.browser.walk import Learner

SENTENCE = "Câu mới của giảng viên, thêm sáng nay. "
PASTED = (
    "<p>Đoạn dán từ nơi khác.<script>window.ranHere = 1</script>"
    "<img src='x' onerror='window.ranHere = 1'>"
    "<a href='javascript:window.ranHere = 1' onclick='window.ranHere = 1'>Bấm vào đây</a></p>"
)
PASTE = """(element, html) => {
  const data = new DataTransfer();
  data.setData('text/html', html);
  data.setData('text/plain', 'Đoạn dán từ nơi khác.');
  element.dispatchEvent(new ClipboardEvent(
    'paste', {clipboardData: data, bubbles: true, cancelable: true}));
}"""


@pytest.fixture
def site(template: Path, tmp_path: Path) -> Iterator[Site]:
    """A site of its own: others would see the changed lesson."""
    made = Site(tmp_path, template)
    yield made
    made.close()


@pytest.fixture
def person(open_page: Callable[..., Page]) -> Callable[[str], Learner]:
    """Signs somebody in at a desk."""

    def sign_in(username: str) -> Learner:
        page = open_page(viewport=DESK)
        made = Learner(page, Pointer(page))
        made.sign_in(username)
        page.wait_for_url("**/home/")
        return made

    return sign_in


@pytest.fixture
def editor_address(site: Site) -> str:
    """Where the first lesson is edited."""
    ((page,),) = site.rows(
        "SELECT id FROM wagtailcore_page JOIN content_lessonpage ON page_ptr_id = id"
        " WHERE code = ? AND url_path LIKE ?",
        lessons()[0].code,
        f"%/{SLUG}/%",
    )
    return f"/admin/pages/{page}/edit/"


def rich_text(page: Page) -> Locator:
    """The first rich text of the lesson, with the cursor at its beginning."""
    text = page.locator("[data-contentpath=body] .public-DraftEditor-content").first
    text.click()
    page.keyboard.press("Control+Home")
    return text


def send_for_review(page: Page) -> None:
    page.locator("footer [data-controller~=w-dropdown] button[aria-expanded]").last.click()
    page.locator("button[name=action-submit]").click()
    page.wait_for_load_state()


def approve(page: Page, address: str) -> None:
    page.goto(address)
    page.locator("footer [data-controller~=w-dropdown] button[aria-expanded]").last.click()
    page.get_by_role("button", name="Phê duyệt", exact=True).click()
    page.wait_for_load_state()


def test_edit_goes_through_review_to_the_learner_and_scripts_do_not(
    person: Callable[[str], Learner], username: str, editor_address: str
) -> None:
    first = lessons()[0]
    learner = person(username)
    learner.open_course()
    learner.enrol()
    learner.begin(first)
    expect(learner.main).not_to_contain_text(SENTENCE.strip())

    author = person("giangvien").page
    author.goto(editor_address)
    text = rich_text(author)
    author.keyboard.type(SENTENCE)
    text.evaluate(PASTE, PASTED)
    expect(text).to_contain_text(f"{SENTENCE}Đoạn dán từ nơi khác.")
    send_for_review(author)
    learner.page.reload()
    expect(learner.main).not_to_contain_text(SENTENCE.strip())

    approve(person("thamdinh").page, editor_address)
    learner.page.reload()
    learner.is_at(first)
    expect(learner.main).to_contain_text(SENTENCE.strip())
    expect(learner.main).to_contain_text("Đoạn dán từ nơi khác.")
    assert "ranHere" not in learner.page.content()
    assert learner.page.evaluate("'ranHere' in window") is False


def test_author_finds_no_way_to_approve_their_own_lesson(
    person: Callable[[str], Learner], editor_address: str
) -> None:
    author = person("giangvien").page
    author.goto(editor_address)
    rich_text(author)
    author.keyboard.type(SENTENCE)
    send_for_review(author)
    author.goto(editor_address)
    expect(author.locator("[data-contentpath=body]").first).to_be_visible()
    assert author.locator("[data-workflow-action-name=approve]").count() == 0
    assert author.locator("button[name=action-publish]").count() == 0
