"""The first morning of a centre: from an empty site to learners who see what they are to study."""

from __future__ import annotations

import datetime as dt
import io
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from openpyxl import Workbook
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import DESK, Watch
from tests.browser.course_text import course_title, lessons
from tests.browser.hands import Pointer
from tests.browser.sites import ROOT, Site, environment
from tests.browser.walk import Learner

ADMINISTRATOR, PASSWORD = "quantri", "nui cao bien rong"
MANAGER, MANAGER_NAME = "binh.ht", "Hoàng Thị Bình"
NEW = "sông núi bốn mùa"
CENTRE = "Trung tâm chính trị xã Suối Mây"
UNITS = ("Xã Suối Mây", "Xã Đồi Chè")
POSITION = "Bí thư chi bộ"
HEADINGS = ("Họ và tên", "Ngày sinh", "Điện thoại", "Chức vụ", "Đơn vị")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def spreadsheet(name: str, *rows: tuple[str, ...]) -> dict[str, object]:
    """A file of people as a browser sends it: a title, an empty row, the headings, `rows`."""
    book, out = Workbook(), io.BytesIO()
    sheet = book.worksheets[0]
    for row in (("DANH SÁCH HỌC VIÊN",), (), HEADINGS, *rows):
        sheet.append(row)
    book.save(out)
    return {"name": name, "mimeType": XLSX, "buffer": out.getvalue()}


class EmptySite(Site):
    """A site as `make site` makes it, on the settings written for it: nobody but one person."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.log = folder, folder / "server.log"
        data = folder / "data"
        flags = ["--hosts", "127.0.0.1", "--no-tls", "--database", "sqlite", "--data", str(data)]
        flags += ["--name", "Trần Thị An", "--username", ADMINISTRATOR, "--password-stdin"]
        made = subprocess.run(
            [sys.executable, "manage.py", "make_site", *flags],
            cwd=ROOT, env=self._environment(data / "static"), input=f"{PASSWORD}\n", text=True,
            capture_output=True, check=False,
        )  # fmt: skip
        assert made.returncode == 0, made.stdout + made.stderr
        self._process = self._serve(data / "static")
        try:
            self._wait()
        except BaseException:
            self.close()
            raise

    def _environment(self, static: Path) -> dict[str, str]:
        found = environment(self.folder, "lms.settings.production").items()
        kept = {name: value for name, value in found if not name.startswith(("LMS_", "DJANGO_"))}
        return {**kept, "LMS_ENV_FILE": str(self.folder / ".env")}  # which says all the rest


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Site]:
    """A site made this morning, on which the administrator has let the manager in."""
    made = EmptySite(tmp_path_factory.mktemp("empty"))
    try:
        context = browser.new_context(base_url=made.url, locale="vi-VN", viewport=DESK)
        context.set_default_timeout(20_000)
        let_the_manager_in(context.new_page(), set_up(context.new_page()))
        context.close()
        yield made
    finally:
        made.close()


# --- the administrator ---------------------------------------------------------------------------


def add(page: Page, screen: str, **fields: str) -> None:
    """Fill in a form of the administration, lists by what they show, and save it."""
    page.goto(f"/admin/{screen}/new/")
    fill_in(page, **fields)


def fill_in(page: Page, **fields: str) -> None:
    for name, value in fields.items():
        field = page.locator(f"main form [name={name}]")
        if field.evaluate("field => field.tagName") == "SELECT":
            field.select_option(label=value)
        else:
            field.fill(value)
    page.get_by_role("button", name="Tạo", exact=True).click()
    expect(page.locator(".messages .success")).to_be_visible()


def add_unit(admin: Learner, name: str) -> None:
    admin.page.goto("/manage/units/new/")
    admin.hands.fill(admin.page.get_by_label("Tên đơn vị", exact=True), name)
    admin.page.get_by_label("Loại", exact=True).select_option(label="Xã")
    admin.hands.choose(admin.page.get_by_label("Cấp cao nhất"))
    admin.hands.press(admin.button("Xem trước thay đổi"))
    admin.hands.press(admin.button("Thực hiện thay đổi"))
    expect(admin.page.locator("h1")).to_have_text(name)


def set_up(page: Page) -> str:
    """Units, a post, a centre that serves them, and its manager; gives the manager's code."""
    admin = Learner(page, Pointer(page))
    admin.sign_in(ADMINISTRATOR, PASSWORD)
    page.wait_for_url("**/manage/")

    page.goto("/manage/units/new/")  # an empty site has no kinds of unit, and says where to begin
    admin.hands.press(admin.link("Thêm loại đầu tiên"))
    fill_in(page, code="xa", name="Xã")
    for unit in UNITS:
        add_unit(admin, unit)
    add(page, "position", code="bi-thu-chi-bo", name=POSITION)
    add(page, "trainingcentre", name=CENTRE, unit=UNITS[0])
    for unit in UNITS:
        add(page, "centreservice", centre=CENTRE, unit=unit)

    add(page, "person", full_name=MANAGER_NAME)
    page.goto("/manage/people/?q=hoang+thi+binh")
    admin.hands.press(admin.link(MANAGER_NAME))
    expect(page.locator("h1")).to_have_text(MANAGER_NAME)
    person = page.url
    admin.hands.press(admin.main.locator("summary", has_text="Tự chọn tên đăng nhập"))
    admin.hands.fill(page.get_by_label("Tên đăng nhập"), MANAGER)
    admin.hands.press(admin.button("Tạo tài khoản"))
    expect(admin.main).to_contain_text(MANAGER)

    page.goto("/admin/rolegrant/new/")
    page.get_by_role("button", name="Chọn tài khoản").click()
    page.locator(".modal").get_by_role("link", name=MANAGER).click()
    expect(page.locator(".modal")).to_have_count(0)
    fill_in(page, role="quản lý trung tâm", centre=CENTRE)

    page.goto(person)
    admin.hands.press(admin.button("Lập phiếu kích hoạt"))
    return page.locator(".slip-code").inner_text()


def let_the_manager_in(page: Page, code: str) -> None:
    page.context.clear_cookies()
    use_code(Learner(page, Pointer(page)), code)


def use_code(someone: Learner, code: str) -> None:
    """From a slip to the page that one's role begins with."""
    page = someone.page
    page.goto(f"/activate/?code={code.replace('-', '')}")
    someone.hands.press(someone.button("Tiếp tục"))
    for label in ("Mật khẩu mới", "Nhập lại mật khẩu mới"):
        someone.hands.fill(page.get_by_label(label, exact=True), NEW)
    someone.hands.press(someone.button("Lưu và vào học"))
    expect(someone.main).to_contain_text("Đã đặt mật khẩu.")


# --- the manager and a learner -------------------------------------------------------------------


@dataclass(frozen=True)
class Morning:
    """One list of people of one unit, its last row with a fault, and a learner of it."""

    unit: str
    names: tuple[str, str, str]
    wrong: str

    @property
    def file(self) -> dict[str, object]:
        """The list as the commune sent it."""
        rows = [
            (name, f"0{at}/03/1980", "", POSITION, self.unit)
            for at, name in enumerate(self.names, 1)
        ]
        return spreadsheet("danh-sach.xlsx", *rows, (self.wrong, "", "12", POSITION, self.unit))


WITH_SCRIPTS = Morning(UNITS[0], ("Lò Văn Một", "Quàng Thị Hai", "Tòng Văn Ba"), "Cà Văn Sai")
WITHOUT = Morning(UNITS[1], ("Giàng A Tư", "Sùng Thị Năm", "Thào A Sáu"), "Vàng A Lỗi")
WRONG_ROW = "7"  # a title, an empty row and the headings stand above four rows


def bring_in(manager: Learner, morning: Morning) -> None:
    """Send the list, look at what would happen, and take it over without the row that is wrong."""
    page = manager.page
    manager.hands.press(page.locator(".tabs a[href*='/manage/']"))
    manager.hands.press(manager.link("Nhập danh sách người học"))
    page.get_by_label("Danh sách người").set_input_files(morning.file)
    manager.hands.press(manager.button("Gửi và xem"))
    expect(page.locator("h1")).to_have_text("Các cột ghi gì?")
    manager.hands.press(manager.button("Kiểm tra mọi dòng"))
    expect(page.locator("h1")).to_have_text("Xem trước kết quả")
    manager.hands.press(manager.main.get_by_role("link", name=re.compile("^1 không nhận")))
    wrong = manager.main.get_by_role("row").filter(has_text=morning.wrong)
    expect(wrong.locator("td").first).to_have_text(WRONG_ROW)
    expect(wrong).to_contain_text("“12” không phải số điện thoại.")
    manager.hands.press(manager.button("Nhập 3 người"))
    expect(manager.main).to_contain_text("Đã nhập danh sách")
    stayed_out = manager.main.locator("tbody tr")
    expect(stayed_out).to_have_count(1)  # its number and the reason are kept, the name is not
    expect(stayed_out.locator("td").first).to_have_text(WRONG_ROW)
    expect(stayed_out).not_to_contain_text(morning.wrong)


def print_slips(manager: Learner, morning: Morning) -> str:
    """For those who were just brought in; gives the code of the first of them."""
    manager.hands.press(manager.link("In phiếu cho những người này"))
    manager.hands.press(manager.button("Lập 3 phiếu"))
    slips = manager.page.locator(".slip")
    expect(slips).to_have_count(3)
    assert sorted(slips.locator("h3").all_inner_texts()) == sorted(morning.names)
    return slips.filter(has_text=morning.names[0]).locator(".slip-code").inner_text()


def give_course(manager: Learner, morning: Morning, day: str) -> None:
    """To everybody of the unit, who are first shown."""
    page = manager.page
    menu = page.locator(".manage-menu")
    manager.hands.press(menu.get_by_role("link", name="Khóa học đã giao"))
    manager.hands.press(manager.main.get_by_role("link", name="Giao khóa học", exact=True))
    page.get_by_label("Khóa học", exact=True).select_option(label=course_title())
    manager.hands.choose(
        manager.main.locator("label.option", has_text=morning.unit).locator("input")
    )
    manager.hands.fill(page.get_by_label("Hạn hoàn thành"), day)
    manager.hands.press(manager.button("Xem ai được giao"))
    expect(page.locator("h1")).to_have_text("Những ai được giao khóa học")
    expect(manager.main).to_contain_text("3 người sẽ được ghi danh")
    expect(manager.main).to_contain_text(f"Hạn hoàn thành {day}.")
    for name in morning.names:
        expect(manager.main.get_by_role("row").filter(has_text=name)).to_have_count(1)
    manager.hands.press(manager.button("Giao cho 3 người"))
    expect(manager.main).to_contain_text("Đã giao khóa học cho 3 người.")


@pytest.mark.parametrize(
    ("scripts", "morning"),
    [(True, WITH_SCRIPTS), (False, WITHOUT)],
    ids=["with scripts", "without scripts"],
)
def test_manager_brings_people_in_and_they_see_their_course(
    open_page: Callable[..., Page], watch: Watch, scripts: bool, morning: Morning
) -> None:
    page = open_page(viewport=DESK, java_script_enabled=scripts)
    manager = Learner(page, Pointer(page))
    manager.sign_in(MANAGER, NEW)
    manager.arrives()
    bring_in(manager, morning)
    code = print_slips(manager, morning)
    day = (dt.date.today() + dt.timedelta(days=30)).strftime("%d/%m/%Y")
    give_course(manager, morning, day)

    phone = open_page(java_script_enabled=scripts)
    learner = Learner(phone, Pointer(phone))
    use_code(learner, code)
    phone.wait_for_url("**/home/")
    expect(phone.locator("h1")).to_have_text(f"Chào {morning.names[0]}")
    card = learner.main.locator("article.card", has_text=course_title())
    expect(card).to_contain_text(day)
    learner.hands.press(learner.link("Bắt đầu"))
    expect(phone.locator("h1")).to_have_text(lessons()[0].title)
