"""Every page of the management area, as a manager and as the administrator see it.

In both languages, light and dark, on a phone and at a desk: axe-core finds nothing, nothing is
wider than the window, and no script fails. What the pages show is made first, by the pages
themselves.
"""

from __future__ import annotations

import itertools
import re
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.urls import URLPattern, reverse
from django.utils import translation
from playwright.sync_api import Browser, Page, expect

from lms.people.roles import Role
from lms.web.manage.units import ACTIONS
from lms.web.manage.urls import urlpatterns
from tests.browser.conftest import DESK, PHONE, Watch
from tests.browser.hands import Pointer
from tests.browser.sites import Site
from tests.browser.test_accessibility import COLOURS, LOOKS, RUN
from tests.browser.test_first_morning import fill_in, spreadsheet
from tests.browser.walk import Learner

# The administrator sees every page that anybody sees. The other language: on a phone.
ON_A_PHONE = ((PHONE, "light", {}),)
EVERYWHERE = (*ON_A_PHONE, (DESK, "dark", COLOURS))
Looks = tuple[tuple[Any, str, dict[str, Any]], ...]
POST, UNIT = "Bí thư chi bộ", "Xã Mây Thượng"
NEW_PERSON, SLIP_FOR = "Bế Thị Sáng", "Lâm Văn Trung"
TWICE = (("Cà Thị Hương", "Cà Thị Hưong"), ("Mè Văn Tới", "Mè Văn Tới"))
#: What else the pages show when they are asked for it, by the name of the address.
ASKED = {
    "manage-people": ("?q=van", "?q=khong+co+ai"),
    "manage-slips": ("?q=lam+van+trung",),
    "manage-duplicates": ("?q=me+van",),
    "manage-assign": ("?q=van",),
    "manage-assignment": ("?state=behind",),
    "manage-import": ("?show=refused", "?show=unsure"),
    "manage-content-reports": ("?state=answered",),
    "manage-unit-report": ("?by=successor",),
    "manage-units": ("?on=2024-01-01",),
}


# --- something to show ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def site(
    template: Path, tmp_path_factory: pytest.TempPathFactory, browser: Browser
) -> Iterator[Site]:
    """The demo with imports in every state, slips, likely duplicates and a merge."""
    made = Site(tmp_path_factory.mktemp("manage"), template)
    try:
        context = browser.new_context(base_url=made.url, locale="vi-VN", viewport=DESK)
        context.set_default_timeout(20_000)
        page = context.new_page()
        manager = Learner(page, Pointer(page))
        manager.sign_in("quanly")
        manager.arrives()
        import_lists(manager)
        print_a_slip(manager)
        merge_somebody(manager)
        context.close()
        yield made
    finally:
        made.close()


def send(manager: Learner, name: str, *rows: tuple[str, ...]) -> None:
    page = manager.page
    page.goto("/manage/imports/")
    page.get_by_label("Danh sách người").set_input_files(spreadsheet(name, *rows))
    manager.hands.press(manager.button("Gửi và xem"))
    expect(page.locator("h1")).to_have_text("Các cột ghi gì?")


def import_lists(manager: Learner) -> None:
    """One list in each state: taken over, checked, sent, discarded."""
    page = manager.page
    new = (SLIP_FOR, "12/03/1980", "0912 555 111", POST, UNIT)
    wrong = ("Nguyễn Hỏng", "31/02/1980", "12", POST, "Xã Không Có")
    send(manager, "da-nhap.xlsx", new, wrong)
    manager.hands.press(manager.button("Kiểm tra mọi dòng"))
    manager.hands.press(manager.button("Nhập 1 người"))
    expect(manager.main).to_contain_text("Đã nhập danh sách")

    someone = (NEW_PERSON, "12/03/1981", "0912 555 222", POST, UNIT)
    unknown = ("Lê Văn Mới", "02/09/1975", "", "Trưởng ban thôn", UNIT)
    known = ("Quách Thị Ánh Tuyết", "", "", POST, UNIT)
    send(manager, "da-kiem-tra.xlsx", someone, unknown, wrong, known)
    manager.hands.press(manager.button("Kiểm tra mọi dòng"))
    expect(page.locator("h1")).to_have_text("Xem trước kết quả")

    send(manager, "da-bo.xlsx", someone)
    manager.hands.press(manager.button("Bỏ danh sách này"))
    expect(page.locator("h1")).to_have_text("Nhập danh sách")
    send(manager, "da-gui.xlsx", someone)


def print_a_slip(manager: Learner) -> None:
    manager.page.goto("/manage/slips/?q=lam+van+trung")
    manager.hands.press(manager.button("Lập 1 phiếu"))
    expect(manager.page.locator(".slip")).to_have_count(1)


def merge_somebody(manager: Learner) -> None:
    """Two who are in the list twice, of whom one is put right."""
    page = manager.page
    for name in itertools.chain(*TWICE):
        page.goto("/admin/person/new/")
        for field, text in (("position", POST), ("unit", UNIT)):
            choice = page.locator(f"main form [name={field}]")
            choice.select_option(choice.locator("option", has_text=text).get_attribute("value"))
        fill_in(page, full_name=name, birth_date="1981-05-06", valid_from="2025-07-01")
    page.goto("/manage/duplicates/?q=me+van")
    page.goto("/manage/duplicates/")
    manager.hands.press(manager.main.get_by_role("link", name=re.compile("^So sánh")).first)
    manager.hands.press(manager.button("Xem trước khi gộp"))
    manager.hands.press(manager.button("Gộp hai hồ sơ"))
    expect(manager.main).to_contain_text("Đã gộp")


# --- all addresses -------------------------------------------------------------------------------


def uuids(site: Site, query: str, *values: object) -> list[uuid.UUID]:
    return [uuid.UUID(str(found)) for (found,) in site.rows(query, *values)]


def known(site: Site) -> dict[str, list[object]]:
    """What can stand in the addresses, by the name that it has in them."""
    person = "SELECT uuid FROM people_person WHERE full_name = ?"
    pair = uuids(site, f"{person} OR full_name = ? ORDER BY id", *TWICE[0])
    posts = site.rows(
        "SELECT post.id FROM people_appointment AS post JOIN people_person AS person"
        " ON person.id = person_id WHERE person.full_name = ?",
        SLIP_FOR,
    )
    return {
        "person_uuid": [*uuids(site, person, SLIP_FOR)],
        "post_id": [posts[0][0]],
        "first": pair[:1],
        "second": pair[1:],
        "merge_uuid": uuids(site, "SELECT uuid FROM people_personmerge")[:1],
        "unit_uuid": uuids(site, "SELECT uuid FROM people_unit WHERE code = 'mt'"),
        "name": [*ACTIONS],
        "assignment_uuid": uuids(site, "SELECT uuid FROM learning_assignment")[:1],
        "import_uuid": uuids(site, "SELECT uuid FROM people_peopleimport ORDER BY id"),
        "report_uuid": uuids(site, "SELECT uuid FROM feedback_contentreport ORDER BY id"),
        "kind": ["csv"],
    }


def addresses(pattern: URLPattern, values: dict[str, list[object]]) -> Iterator[str]:
    """Every address of this pattern with what can stand in it, in the language that is on."""
    names = list(pattern.pattern.converters)
    for combination in itertools.product(*(values[name] for name in names)):
        kwargs = dict(zip(names, combination, strict=True))
        address = reverse(f"web:{pattern.name}", kwargs=kwargs)
        if pattern.name == "manage-merge":
            yield f"{address}?keep={kwargs['first']}"
            continue
        for query in ("", *ASKED.get(str(pattern.name), ())):
            yield address + query


def is_page(page: Page, address: str) -> bool:
    """Whether a look at the address gives a page: not a file, and not a mere command."""
    answer = page.request.get(address)
    if answer.status == 405 or "attachment" in answer.headers.get("content-disposition", ""):
        return False
    # Without two people to compare, that page says what is missing.
    wanted = 422 if "/chosen/" in address else 200
    assert answer.status == wanted, f"{address}: {answer.status}"
    return True


def faults(page: Page, looked_at: Looks) -> Iterator[str]:
    """What axe finds on the page, and what sticks out of the window, in these looks."""
    page.evaluate(AXE_SCRIPT)
    for window, look, rules in looked_at:
        page.emulate_media(**LOOKS[look], reduced_motion="reduce")
        page.set_viewport_size(window)
        where = f"{page.url} {look} {window['width']}"
        for found in page.evaluate(RUN, rules):
            yield f"{where}: {' '.join(found.split())}"[:500]
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            yield f"{where}: wider than the window"


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_menu_begins_at_the_page_where_one_is(
    open_page: Callable[..., Page], watch: Watch, scripts: bool
) -> None:
    page = open_page(java_script_enabled=scripts)
    person = Learner(page, Pointer(page))
    person.sign_in("quanly")
    person.arrives()
    for address in ("/manage/", "/manage/units/"):
        for window in (PHONE, DESK):
            page.set_viewport_size(window)
            page.goto(address)
            expect(page.locator(".manage-menu [aria-current]")).to_be_in_viewport(ratio=0.9)
            expect(page.locator("header.top")).to_be_in_viewport(ratio=0.9)


@pytest.mark.parametrize(
    ("username", "role", "least", "language", "looked_at"),
    [
        ("quantri", Role.ADMINISTRATOR, 40, "vi", EVERYWHERE),
        ("quantri", Role.ADMINISTRATOR, 40, "en", ON_A_PHONE),
    ],
    ids=["Vietnamese", "English"],
)
def test_pages_of_the_management_area_have_no_violations(
    open_page: Callable[..., Page],
    watch: Watch,
    site: Site,
    username: str,
    role: Role,
    least: int,
    language: str,
    looked_at: Looks,
) -> None:
    watch.expected = ("422 (Unprocessable",)
    page = open_page()
    person = Learner(page, Pointer(page))
    person.sign_in(username)
    person.arrives()
    values, found, seen = known(site), [], 0
    with translation.override(language):
        wanted = [
            list(addresses(pattern, values))
            for pattern in urlpatterns
            if role in pattern.callback.roles
        ]
    for address in itertools.chain(*(each for each in wanted if is_page(page, each[0]))):
        page.goto(address)
        expect(page.locator("html")).to_have_attribute("lang", language)
        found += faults(page, looked_at)
        seen += 1
    assert found == []
    assert seen >= least
