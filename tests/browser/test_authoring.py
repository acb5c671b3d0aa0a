"""An instructor changes a lesson in the administration, somebody else approves, learners see it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Request, Route, expect

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
# As a text of Word's comes: styles, marks of its own, hard spaces, an empty paragraph, a table.
FROM_WORD = """
<html xmlns:o="urn:schemas-microsoft-com:office:office"><body lang=VI><!--StartFragment-->
<p class=MsoNormal style='margin-bottom:6pt'><b style='mso-bidi-font-weight:normal'><span
style='font-size:14pt'>Đoạn dán từ nơi khác.<o:p></o:p></span></b></p>
<p class=MsoListParagraph style='text-indent:-.25in'><span style='font-family:Symbol'>·<span>
&nbsp;&nbsp;&nbsp;</span></span>Mục thứ nhất&nbsp;của <i><b>danh sách</b></i></p>
<p class=MsoNormal>Xem <a href="https://luat.example/">luật</a><br>dòng hai&nbsp;</p>
<p class=MsoNormal><o:p>&nbsp;</o:p></p>
<table border=1><tr><td><p>Ô một</p></td><td><p> Ô hai </p></td></tr></table>
<!--EndFragment--></body></html>
"""
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
        made.arrives()
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


class Drafts:
    """What the editor sends to its own address, by itself or by a button; the first one waits
    for `let_go` where it is told to `hold`.
    """

    def __init__(self, page: Page, site: Site, address: str) -> None:
        self.page, self.site, self.address = page, site, address
        self.sent: list[Request] = []
        self.held: list[Route] = []
        page.on("request", self._note)

    def is_one(self, request: Request) -> bool:
        return request.method == "POST" and request.url.endswith(self.address)

    def _note(self, request: Request) -> None:
        if self.is_one(request):
            self.sent.append(request)

    def hold(self) -> None:
        """Keep what is sent first from arriving, until `let_go`."""

        def keep(route: Route) -> None:
            if self.is_one(route.request) and not self.held:
                self.held.append(route)
            else:
                route.continue_()

        self.page.route(f"**{self.address}", keep)

    def wait_for(self, number: int) -> None:
        """Until so many have been sent."""
        while len(self.sent) < number:
            self.page.wait_for_event("request", predicate=self.is_one)

    def let_go(self) -> None:
        self.held[0].continue_()

    def newest(self) -> str:
        """The text of the newest draft that the database holds."""
        ((content,),) = self.site.rows(
            "SELECT content FROM wagtailcore_revision WHERE object_id = ? AND content_type_id ="
            " (SELECT id FROM django_content_type WHERE app_label = 'content'"
            " AND model = 'lessonpage') ORDER BY created_at DESC, id DESC LIMIT 1",
            self.address.split("/")[3],
        )
        return str(json.loads(json.loads(str(content))["body"]))


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


def test_text_pasted_from_word_goes_through_review_to_the_learner(
    person: Callable[[str], Learner], reader: Learner, editor_address: str
) -> None:
    author = person("giangvien").page
    author.goto(editor_address)
    rich_text(author).evaluate(PASTE, FROM_WORD)
    is_taken_up(author, "Đoạn dán")
    send_for_review(author)

    reviewer = person("thamdinh").page
    approve(reviewer, editor_address)
    expect(reviewer.locator(".messages .warning, .messages .error")).to_have_count(0)
    reader.page.reload()
    expect(reader.main).to_contain_text("Đoạn dán từ nơi khác.")
    expect(reader.main.locator("li", has_text="Mục thứ nhất của danh sách")).to_have_count(1)


def test_reviewer_who_changed_the_text_reads_why_they_cannot_approve(
    person: Callable[[str], Learner], reader: Learner, editor_address: str
) -> None:
    author = person("giangvien").page
    author.goto(editor_address)
    rich_text(author)
    author.keyboard.type(SENTENCE)
    is_taken_up(author, SENTENCE.strip())
    send_for_review(author)

    reviewer = person("thamdinh").page
    reviewer.goto(editor_address)
    rich_text(reviewer)
    reviewer.keyboard.type("Câu của người thẩm định. ")
    is_taken_up(reviewer, "Câu của người thẩm định.")
    open_actions(reviewer)
    with reviewer.expect_navigation():
        reviewer.get_by_role("button", name="Phê duyệt", exact=True).click()
    expect(reviewer.locator(".messages")).to_contain_text("Cần một người thẩm định khác xem")
    assert reviewer.locator("[data-workflow-action-name=approve]").count() == 0
    reader.page.reload()
    expect(reader.main).not_to_contain_text("Câu của người thẩm định.")

    approve(person("quanly").page, editor_address)
    reader.page.reload()
    expect(reader.main).to_contain_text("Câu của người thẩm định.")


def test_what_is_typed_at_once_is_saved_as_a_draft(
    person: Callable[[str], Learner], editor_address: str, site: Site
) -> None:
    author = person("giangvien").page
    drafts = Drafts(author, site, editor_address)
    author.goto(editor_address)
    with author.expect_response(lambda response: drafts.is_one(response.request)) as saved:
        rich_text(author)
        author.keyboard.type(SENTENCE)
    assert saved.value.json()["success"] is True
    assert SENTENCE.strip() in drafts.newest()


def test_what_is_typed_while_a_draft_is_being_saved_is_saved_too(
    person: Callable[[str], Learner], editor_address: str, site: Site
) -> None:
    author = person("giangvien").page
    drafts = Drafts(author, site, editor_address)
    drafts.hold()
    author.goto(editor_address)
    rich_text(author)
    author.keyboard.type("Trước khi gửi. ")
    drafts.wait_for(1)
    author.keyboard.type("Trong khi gửi. ")
    is_taken_up(author, "Trong khi gửi.")
    drafts.let_go()  # at once: the editor itself has not noticed the second sentence yet
    drafts.wait_for(2)
    drafts.sent[1].response()
    assert "Trước khi gửi. Trong khi gửi." in drafts.newest()


def test_button_waits_for_the_draft_that_is_being_saved(
    person: Callable[[str], Learner], editor_address: str, site: Site
) -> None:
    author = person("giangvien").page
    drafts = Drafts(author, site, editor_address)
    drafts.hold()
    author.goto(editor_address)
    rich_text(author)
    author.keyboard.type(SENTENCE)
    drafts.wait_for(1)
    assert drafts.sent[0].headers["accept"] == "application/json"
    open_actions(author)
    author.locator("button[name=action-submit]").click()
    author.wait_for_timeout(1000)
    assert len(drafts.sent) == 1
    with author.expect_navigation():
        drafts.let_go()
    assert len(drafts.sent) == 2
    expect(author.locator(".messages .error")).to_have_count(0)
    assert SENTENCE.strip() in drafts.newest()
    rows = site.rows(
        "SELECT count(*) FROM wagtailcore_taskstate JOIN wagtailcore_page"
        " ON latest_revision_id = revision_id WHERE status = 'in_progress' AND"
        " wagtailcore_page.id = ?",
        editor_address.split("/")[3],
    )
    assert rows == [(1,)]
