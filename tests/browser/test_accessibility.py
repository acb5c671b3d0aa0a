"""axe-core finds nothing on any page, in any light, width or language, on screen and on paper."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

from tests.browser.conftest import DESK, PHONE, Watch
from tests.browser.course_text import SLUG, lessons
from tests.browser.hands import Pointer
from tests.browser.prepare import FILM_COURSE
from tests.browser.sites import Site
from tests.browser.walk import Learner

LOOKS = {
    "light": {"media": "screen", "color_scheme": "light"},
    "dark": {"media": "screen", "color_scheme": "dark"},
    "print": {"media": "print", "color_scheme": "light"},
}
# Where it is dark other colours stand, and nothing else differs.
COLOURS = {"runOnly": ["color-contrast", "link-in-text-block"]}
LOOKED_AT = (
    ("light", PHONE["width"], {}),
    ("light", DESK["width"], {}),
    ("dark", PHONE["width"], COLOURS),
    ("dark", DESK["width"], COLOURS),
    ("print", DESK["width"], {}),
)
RUN = """async rules => {
  const {violations} = await axe.run(document, {resultTypes: ['violations'], ...rules});
  return violations.flatMap(found => found.nodes.map(node =>
    `${found.id}: ${node.target.join(' ')}: ${node.failureSummary}`));
}"""
COURSE = f"/{SLUG}/"
# The link in Wagtail's sentence for an empty list is not underlined.
WAGTAILS_OWN = "link-in-text-block: .nice-padding > p > a:"


def violations(page: Page) -> Iterator[str]:
    """What axe finds on the page as it is, in every look and width; in English on a phone only."""
    page.evaluate(AXE_SCRIPT)
    for look, width, rules in LOOKED_AT[: 1 if "/en/" in page.url else None]:
        page.emulate_media(**LOOKS[look], reduced_motion="reduce")
        page.set_viewport_size({"width": width, "height": 900})
        for found in page.evaluate(RUN, rules):
            yield f"{page.url} {look} {width}: {' '.join(found.split())}"[:500]
    page.emulate_media(**LOOKS["light"], reduced_motion="reduce")
    page.set_viewport_size(PHONE)


def on_pages(page: Page, addresses: list[str], prefix: str = "", status: int = 200) -> list[str]:
    """What axe finds at these addresses."""
    found = []
    for address in addresses:
        response = page.goto(prefix + address)
        assert response is not None
        assert response.status == status, address
        found += violations(page)
    return found


@pytest.fixture(params=["", "/en"], ids=["vi", "en"])
def prefix(request: pytest.FixtureRequest) -> str:
    """What stands before the addresses of a language."""
    return str(request.param)


@pytest.fixture
def signed_in(open_page: Callable[..., Page]) -> Callable[[str], Learner]:
    """Signs an account in."""

    def sign_in(username: str) -> Learner:
        page = open_page()
        learner = Learner(page, Pointer(page))
        learner.sign_in(username)
        learner.arrives()
        return learner

    return sign_in


def lesson_addresses(site: Site) -> list[str]:
    """The lessons and modules of the Vietnamese course."""
    rows = site.rows(
        "SELECT url_path FROM content_address WHERE url_path LIKE ? ORDER BY url_path",
        f"vi:/{SLUG}/_%",
    )
    return [str(path).removeprefix("vi:") for (path,) in rows]


def test_pages_for_visitors_have_no_violations(
    open_page: Callable[..., Page], prefix: str, watch: Watch
) -> None:
    watch.expected = ("404 (Not Found)",)
    page = open_page()
    addresses = ["/", "/courses/", COURSE, "/account/login/", "/search/?q=lanh+dao"]
    found = on_pages(page, addresses, prefix)
    found += on_pages(page, ["/khong-co/"], prefix, status=404)
    page.goto(f"{prefix}/account/login/")
    page.locator("#id_login").fill("nguoihoc")
    page.locator("#id_password").fill("sai mật khẩu")
    page.locator("form:has(#id_password) button.primary").click()
    page.get_by_role("alert").first.wait_for()
    found += violations(page)
    assert found == []


def test_pages_of_a_learner_have_no_violations(
    signed_in: Callable[[str], Learner], prefix: str, site: Site, watch: Watch
) -> None:
    watch.expected = ("403 (Forbidden)",)
    page = signed_in("hocvien").page
    addresses = ["/home/", "/record/", COURSE, *lesson_addresses(site)]
    addresses += ["/account/password/change/", "/account/logout/"]
    found = on_pages(page, addresses, prefix)
    found += on_pages(page, ["/teaching/"], prefix, status=403)
    assert found == []


def test_new_learner_and_the_quiz_have_no_violations(
    signed_in: Callable[[str], Learner], username: str, prefix: str
) -> None:
    learner = signed_in(username)
    page = learner.page
    found = on_pages(page, ["/home/", "/record/", COURSE], prefix)
    page.goto(COURSE)
    learner.enrol()
    found += violations(page)
    lesson = lessons()[0]
    learner.begin(lesson)
    learner.open_quiz(lesson)
    learner.answer(1, lesson.questions[0])
    learner.is_saved(1)
    quiz = page.url.removeprefix(page.url.partition("/learn/")[0])
    found += on_pages(page, [quiz], prefix)
    page.goto(quiz)
    for position, question in enumerate(lesson.questions[1:], 2):
        learner.answer(position, question, right=False)
        learner.is_saved(position)
    learner.hand_in()
    learner.main.get_by_text("Chưa đạt").first.wait_for()
    found += on_pages(page, [quiz], prefix)
    assert found == []


def test_lesson_with_a_video_has_no_violations(
    signed_in: Callable[[str], Learner], username: str, prefix: str
) -> None:
    learner = signed_in(username)
    page = learner.page
    learner.open_course(FILM_COURSE)
    learner.enrol()
    learner.hands.press(learner.link("Bắt đầu"))
    lesson = page.url.removeprefix(page.url.partition("/khoa-hoc")[0])
    found = on_pages(page, [lesson], prefix)
    captions = page.locator("video").evaluate("video => video.textTracks.length")
    assert captions == 1
    page.locator("form[data-tell] button").click()
    page.locator("[data-video] .badge.ok").wait_for()
    found += violations(page)
    assert found == []


def test_workplace_task_has_no_violations(
    signed_in: Callable[[str], Learner], username: str, prefix: str, site: Site
) -> None:
    learner = signed_in(username)
    page = learner.page
    page.goto(COURSE)
    learner.enrol()
    ((task,),) = site.rows(
        "SELECT uuid FROM content_activity JOIN wagtailcore_locale AS locale"
        " ON locale.id = locale_id WHERE type_key = 'task.task' AND language_code = 'vi' LIMIT 1"
    )
    address = f"/learn/activities/{uuid.UUID(str(task))}/"
    found = on_pages(page, [address], prefix)
    page.locator("form[action$='/start/'] button").click()
    page.locator("#task-note").wait_for()
    found += violations(page)
    assert found == []


def test_pages_of_an_instructor_have_no_violations(
    signed_in: Callable[[str], Learner], prefix: str, site: Site
) -> None:
    page = signed_in("giangvien").page
    page.goto(f"{prefix}/teaching/")
    course = page.locator("main a[href*='/teaching/']").first.get_attribute("href")
    assert course is not None
    addresses = ["/teaching/", course.removeprefix(prefix), lesson_addresses(site)[-1]]
    assert on_pages(page, addresses, prefix) == []


@pytest.mark.parametrize("language", ["vi", "en"])
def test_our_pages_of_the_administration_have_no_violations(
    signed_in: Callable[[str], Learner], language: str
) -> None:
    page = signed_in("quantri").page
    page.goto("/admin/account/")
    page.locator("select[name=locale-preferred_language]").select_option(language)
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_load_state()
    addresses = ["/admin/health/", "/admin/reports/attention/"]
    addresses += [
        f"/admin/snippets/{name}/"
        for name in (
            "content/legalreference",
            "quizzes/question",
            "quizzes/quiz",
            "task/workplacetask",
            "video/video",
        )
    ]
    found = on_pages(page, addresses)
    assert page.locator("html").get_attribute("lang") == language
    assert [each for each in found if WAGTAILS_OWN not in each] == []
