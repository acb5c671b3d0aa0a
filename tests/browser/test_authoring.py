"""An instructor changes a lesson in the administration, somebody else approves, learners see it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import DESK, Watch
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
def person(open_page: Callable[..., Page], watch: Watch) -> Callable[[str], Learner]:
    """Signs somebody in at a desk."""
    # Wagtail saves drafts by itself while a text is being written, and answers 400 to one that is
    # not whole yet; the next save follows.
    watch.expected = ("status of 400",)

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


def is_taken_up(page: Page, text: str) -> None:
    """The editor hands what was typed to the form a moment later."""
    page.wait_for_function(
        "text => [...document.querySelectorAll('[name^=body-]')].some(e => e.value.includes(text))",
        arg=text,
    )


def open_actions(page: Page) -> None:
    """Unfold what can be done with the page besides saving."""
    page.locator("footer [data-controller~=w-dropdown] button[aria-expanded]").last.click()


def send_for_review(page: Page) -> None:
    open_actions(page)
    with page.expect_navigation():
        page.locator("button[name=action-submit]").click()


def approve(page: Page, address: str) -> None:
    page.goto(address)
    open_actions(page)
    with page.expect_navigation():
        page.get_by_role("button", name="Phê duyệt", exact=True).click()


@pytest.fixture
def reader(person: Callable[[str], Learner], username: str) -> Learner:
    """A learner who looks at the first lesson."""
    learner = person(username)
    learner.open_course()
    learner.enrol()
    learner.begin(lessons()[0])
    return learner


def test_edit_goes_through_review_to_the_learner(
    person: Callable[[str], Learner], reader: Learner, editor_address: str
) -> None:
    author = person("giangvien").page
    author.goto(editor_address)
    rich_text(author)
    author.keyboard.type(SENTENCE)
    is_taken_up(author, SENTENCE)
    send_for_review(author)
    reader.page.reload()
    expect(reader.main).not_to_contain_text(SENTENCE.strip())

    approve(person("thamdinh").page, editor_address)
    reader.page.reload()
    reader.is_at(lessons()[0])
    expect(reader.main).to_contain_text(SENTENCE.strip())


def test_script_pasted_into_a_lesson_does_not_reach_the_learner(
    person: Callable[[str], Learner], reader: Learner, editor_address: str
) -> None:
    administrator = person("quantri").page
    administrator.goto(editor_address)
    rich_text(administrator).evaluate(PASTE, PASTED)
    is_taken_up(administrator, "Đoạn dán")
    open_actions(administrator)
    with administrator.expect_navigation():
        administrator.locator("button[name=action-publish]").click()
    reader.page.reload()
    expect(reader.main).to_contain_text("Đoạn dán từ nơi khác.")
    # What stood between the script tags is left as plain words; nothing of it can run.
    active = "main :is(script, [onclick], [onerror], img, a[href^='javascript'])"
    assert reader.page.locator(active).count() == 0
    assert reader.page.evaluate("'ranHere' in window") is False


def test_author_finds_no_way_to_approve_their_own_lesson(
    person: Callable[[str], Learner], editor_address: str
) -> None:
    author = person("giangvien").page
    author.goto(editor_address)
    rich_text(author)
    author.keyboard.type(SENTENCE)
    is_taken_up(author, SENTENCE.strip())
    send_for_review(author)
    author.goto(editor_address)
    expect(author.locator("[data-contentpath=body]").first).to_be_visible()
    assert author.locator("[data-workflow-action-name=approve]").count() == 0
    assert author.locator("button[name=action-publish]").count() == 0
