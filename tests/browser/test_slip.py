"""From a list of names to somebody who signs in: the manager prints slips, a learner uses one."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK, Watch
from tests.browser.hands import Pointer
from tests.browser.sites import Site
from tests.browser.test_accessibility import violations
from tests.browser.walk import Learner

NEW = "sông núi bốn mùa"
ON_A_SHEET = 8
TO_PRINT = re.compile(r"(\d+) phiếu để in")


def manager(open_page: Callable[..., Page], **options: object) -> Learner:
    """The centre manager at a desk, signed in, at the list of people."""
    page = open_page(viewport=DESK, **options)
    someone = Learner(page, Pointer(page))
    someone.sign_in("quanly")
    someone.hands.press(page.locator(".tabs a[href*='/manage/']"))
    menu = page.locator(".manage-menu")
    someone.hands.press(menu.get_by_role("link", name="Nhân sự"))
    expect(page.locator("h1")).to_have_text("Nhân sự")
    return someone


def find(someone: Learner, words: str) -> None:
    """Narrow the list."""
    someone.hands.fill(someone.page.get_by_label("Tên hoặc số điện thoại"), words)
    someone.hands.press(someone.button("Tìm"))


def slip_of(someone: Learner, words: str) -> tuple[str, str]:
    """Make a slip for the one person whom `words` find: user name and code as printed."""
    find(someone, words)
    expect(someone.main.locator("tbody tr")).to_have_count(1)
    someone.hands.press(someone.link("Phiếu kích hoạt"))
    someone.hands.press(someone.button("Lập 1 phiếu"))
    slip = someone.page.locator(".slip")
    expect(slip).to_have_count(1)
    return slip.locator(".slip-name").inner_text(), slip.locator(".slip-code").inner_text()


@pytest.mark.parametrize(
    ("scripts", "words", "full_name"),
    [(True, "giang a phu", "Giàng A Phử"), (False, "thao a sung", "Thào A Sùng")],
    ids=["with scripts", "without scripts"],
)
def test_learner_gets_in_with_a_slip_and_signs_in_again(
    open_page: Callable[..., Page], watch: Watch, scripts: bool, words: str, full_name: str
) -> None:
    watch.expected = ("422 (Unprocessable",)
    username, code = slip_of(manager(open_page, java_script_enabled=scripts), words)
    assert re.fullmatch(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", code)

    phone = open_page(java_script_enabled=scripts)
    learner = Learner(phone, Pointer(phone))
    address = f"/activate/?code={code.replace('-', '')}"
    referrers: list[str] = []
    phone.on("request", lambda request: referrers.append(request.headers.get("referer", "")))
    phone.goto(address)
    expect(phone.get_by_label("Mã", exact=True)).to_have_value(code)
    assert full_name not in learner.main.inner_text()
    learner.hands.press(learner.button("Tiếp tục"))
    expect(learner.main).to_contain_text(f"Mã này cấp cho {full_name}.")
    expect(phone.get_by_label("Tên đăng nhập")).to_have_value(username)
    first = phone.get_by_label("Mật khẩu mới", exact=True)
    learner.hands.fill(first, NEW)
    if scripts:
        learner.hands.choose(phone.get_by_label("Hiện mật khẩu đang gõ"))
        expect(first).to_have_attribute("type", "text")
    learner.hands.fill(phone.get_by_label("Nhập lại mật khẩu mới"), NEW)
    learner.hands.press(learner.button("Lưu và vào học"))
    phone.wait_for_url("**/home/")
    expect(learner.main).to_contain_text("Đã đặt mật khẩu.")
    assert [each for each in referrers if "code" in each] == []

    learner.sign_out()
    learner.sign_in(username, NEW)
    phone.wait_for_url("**/home/")
    learner.sign_out()
    phone.goto(address)
    learner.hands.press(learner.button("Tiếp tục"))
    expect(phone.get_by_role("alert")).to_contain_text("Mã này đã dùng rồi.")
    expect(phone.get_by_label("Mã", exact=True)).to_have_value(code)


def test_lost_password_is_set_anew_with_a_code_read_out(
    open_page: Callable[..., Page], watch: Watch, site: Site
) -> None:
    someone = manager(open_page)
    username, code = slip_of(someone, "hoang thi diep luc")
    elsewhere = open_page()
    learner = Learner(elsewhere, Pointer(elsewhere))
    elsewhere.goto(f"/activate/?code={code}")
    learner.hands.press(learner.button("Tiếp tục"))
    for label in ("Mật khẩu mới", "Nhập lại mật khẩu mới"):
        learner.hands.fill(elsewhere.get_by_label(label, exact=True), NEW)
    learner.hands.press(learner.button("Lưu và vào học"))
    elsewhere.wait_for_url("**/home/")

    someone.page.goto("/manage/people/")
    find(someone, "diep luc")
    someone.hands.press(someone.link("Hoàng Thị Diệp Lục"))
    expect(someone.main).to_contain_text("đang dùng")
    someone.hands.press(someone.button("Cấp mã khi quên mật khẩu"))
    read_out = someone.page.locator(".stat").inner_text()
    assert read_out != code

    phone = open_page()
    phone.goto("/account/login/")
    caller = Learner(phone, Pointer(phone))
    caller.hands.press(caller.link("Quên mật khẩu?"))
    typed = read_out.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    caller.hands.fill(phone.get_by_label("Mã", exact=True), typed)
    caller.hands.press(caller.button("Tiếp tục"))
    for label in ("Mật khẩu mới", "Nhập lại mật khẩu mới"):
        caller.hands.fill(phone.get_by_label(label, exact=True), f"{NEW} hai")
    caller.hands.press(caller.button("Lưu và vào học"))
    phone.wait_for_url("**/home/")
    elsewhere.goto("/home/")
    expect(elsewhere.locator("h1")).to_have_text("Đăng nhập")  # the old session has ended
    rows = site.rows(
        "SELECT purpose, used_at IS NULL FROM people_activationcode AS code"
        " JOIN people_user AS account ON account.id = user_id WHERE username = ? ORDER BY code.id",
        username,
    )
    assert rows == [("first", 0), ("reset", 0)]


def test_slips_are_cut_from_sheets_of_eight(open_page: Callable[..., Page]) -> None:
    someone = manager(open_page)
    someone.hands.press(someone.link("Phiếu kích hoạt"))
    someone.hands.press(someone.main.get_by_role("button", name=re.compile("^Lập")))
    page = someone.page
    heading = page.get_by_role("heading", name=TO_PRINT)  # a press ends before the page is whole
    slips = int(TO_PRINT.fullmatch(heading.inner_text())[1])
    page.wait_for_load_state()
    expect(page.locator(".slip")).to_have_count(slips)
    assert slips > ON_A_SHEET
    printed = page.pdf(prefer_css_page_size=True)
    sheets = -(-slips // ON_A_SHEET)
    assert len(re.findall(rb"/Type /Page\b(?!s)", printed)) == sheets
    sizes = {
        tuple(map(float, each.split())) for each in re.findall(rb"/MediaBox \[([^\]]+)\]", printed)
    }
    (size,) = sizes
    assert [round(each / 72 * 25.4) for each in size[2:]] == [210, 297]  # A4
    page.emulate_media(media="print")
    boxes = [each.bounding_box() for each in page.locator(".sheet").first.locator(".slip").all()]
    millimetre = 96 / 25.4
    assert {
        (round(box["width"] / millimetre), round(box["height"] / millimetre)) for box in boxes
    } == {(97, 70)}
    spilled = page.evaluate(
        "() => [...document.querySelectorAll('.slip')]"
        ".filter(each => each.scrollHeight > each.clientHeight + 1"
        " || each.scrollWidth > each.clientWidth + 1).length"
    )
    assert spilled == 0


@pytest.mark.parametrize("prefix", ["", "/en"], ids=["vi", "en"])
def test_pages_of_people_and_codes_have_no_violations(
    open_page: Callable[..., Page], watch: Watch, prefix: str
) -> None:
    watch.expected = ("422 (Unprocessable",)
    someone = manager(open_page)
    page = someone.page
    found = []
    page.goto(f"{prefix}/manage/people/?q=van")
    found += violations(page)
    page.locator("tbody a").first.click()
    page.wait_for_load_state()
    person = page.url
    found += violations(page)
    page.locator("form[action$='/code/new/'] button").click()
    page.wait_for_url("**/code/")
    found += violations(page)
    code = page.locator(".slip-code").inner_text()
    for address in (f"{person}edit/", f"{prefix}/manage/slips/", f"{prefix}/manage/slips/print/"):
        page.goto(address)
        found += violations(page)
    page.goto(f"{person}edit/")
    page.locator("input[name=phone]").fill("12")
    page.locator("main form button[type=submit]").click()
    page.get_by_role("alert").or_(page.locator(".errorlist")).first.wait_for()
    found += violations(page)

    visitor = open_page()
    visitor.goto(f"{prefix}/activate/?code=222222222222")
    found += violations(visitor)
    visitor.locator("main form button").click()
    visitor.get_by_role("alert").wait_for()
    found += violations(visitor)
    visitor.goto(f"{prefix}/activate/?code={code}")
    visitor.locator("main form button").click()
    visitor.locator("#id_password1").wait_for()
    found += violations(visitor)
    for address in ("/activate/lost-password/", "/account/signup/", "/account/login/"):
        visitor.goto(prefix + address)
        found += violations(visitor)
    assert found == []
