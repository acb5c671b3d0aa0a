"""Passkeys and codes of an app, with a device that Chromium plays."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import CDPSession, Page, expect

from tests.browser.conftest import PHONE, Watch
from tests.browser.hands import Pointer
from tests.browser.prepare import PASSWORD
from tests.browser.sites import Site
from tests.browser.test_accessibility import violations
from tests.browser.walk import Learner

PHONE_WITH_FINGERPRINT = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def page(open_page: Callable[..., Page], site: Site, watch: Watch) -> Page:
    """At the site's name: a passkey belongs to a name, never to a number such as 127.0.0.1."""
    watch.home = site.url.replace("127.0.0.1", "localhost")
    return open_page(base_url=watch.home)


@pytest.fixture
def learner(page: Page) -> Learner:
    return Learner(page, Pointer(page))


class Device:
    """The device in the person's hand."""

    def __init__(self, page: Page, **options: object) -> None:
        self.session: CDPSession = page.context.new_cdp_session(page)
        self.session.send("WebAuthn.enable")
        made = self.session.send(
            "WebAuthn.addVirtualAuthenticator", {"options": PHONE_WITH_FINGERPRINT | options}
        )
        self.known = {"authenticatorId": made["authenticatorId"]}

    def passkeys(self) -> list[dict[str, object]]:
        """What it keeps."""
        found: list[dict[str, object]] = self.session.send("WebAuthn.getCredentials", self.known)[
            "credentials"
        ]
        return found

    def refuse(self) -> None:
        """From now on the finger is the wrong one."""
        self.session.send("WebAuthn.setUserVerified", self.known | {"isUserVerified": False})


def open_security(learner: Learner) -> None:
    """By the menu under one's name."""
    top = learner.page.locator("header.top")
    top.locator("summary").click()
    top.get_by_role("link", name="Bảo mật tài khoản").click()
    expect(learner.page.locator("h1")).to_have_text("Bảo mật tài khoản")


def confirm(learner: Learner) -> None:
    """Say the password once more."""
    expect(learner.page.locator("h1")).to_have_text("Xác nhận chính chủ")
    learner.page.get_by_label("Mật khẩu", exact=True).fill(PASSWORD)
    learner.button("Tiếp tục").click()


def add_passkey(learner: Learner, name: str) -> None:
    """From the security page to the recovery codes that come with the first factor."""
    open_security(learner)
    learner.link("Thêm passkey").click()
    confirm(learner)
    expect(learner.page.locator("h1")).to_have_text("Thêm passkey")
    learner.page.get_by_label("Tên của passkey").fill(name)
    learner.button("Thêm").click()


def is_clean(page: Page) -> None:
    """axe finds nothing; the page is then again as a phone shows it."""
    assert list(violations(page)) == []
    page.emulate_media(media="screen", color_scheme="light")
    page.set_viewport_size(PHONE)


def is_home(learner: Learner) -> None:
    expect(learner.page.locator("h1")).to_contain_text("Chào ")


def test_passkey_is_added_and_opens_the_account(learner: Learner, username: str) -> None:
    page, device = learner.page, Device(learner.page)
    learner.sign_in(username)
    add_passkey(learner, "Điện thoại")
    expect(page.locator("h1")).to_have_text("Mã khôi phục")
    expect(learner.main.locator("code")).to_have_count(10)
    is_clean(page)
    assert [key["isResidentCredential"] for key in device.passkeys()] == [True]

    learner.sign_out()
    page.goto("/account/login/")
    is_clean(page)
    learner.button("Đăng nhập bằng passkey").click()
    is_home(learner)

    open_security(learner)
    expect(learner.main).to_contain_text("Điện thoại")
    is_clean(page)
    learner.link("Đổi tên hoặc gỡ").click()
    expect(learner.main.locator("tbody")).to_contain_text("đăng nhập không cần mật khẩu")
    is_clean(page)


def test_passkey_is_the_second_step_after_the_password(learner: Learner, username: str) -> None:
    page = learner.page
    Device(page)
    learner.sign_in(username)
    add_passkey(learner, "Điện thoại")
    learner.sign_out()
    learner.sign_in(username)
    expect(page.locator("h1")).to_have_text("Bước xác minh thứ hai")
    is_clean(page)
    learner.button("Dùng passkey").click()
    is_home(learner)


def test_old_security_key_is_a_second_step_only(learner: Learner, username: str) -> None:
    page = learner.page
    device = Device(
        page,
        protocol="u2f",
        transport="usb",
        hasResidentKey=False,
        hasUserVerification=False,
        isUserVerified=False,
    )
    learner.sign_in(username)
    open_security(learner)
    learner.link("Thêm passkey").click()
    confirm(learner)
    page.get_by_label("Dùng để đăng nhập không cần mật khẩu").uncheck()
    learner.button("Thêm").click()
    expect(page.locator("h1")).to_have_text("Mã khôi phục")
    assert [key["isResidentCredential"] for key in device.passkeys()] == [False]
    learner.sign_out()
    learner.sign_in(username)
    learner.button("Dùng passkey").click()
    is_home(learner)


def test_device_that_refuses_is_explained_and_the_password_still_works(
    learner: Learner, username: str
) -> None:
    page, device = learner.page, Device(learner.page)
    learner.sign_in(username)
    add_passkey(learner, "Điện thoại")
    learner.sign_out()
    device.refuse()
    page.goto("/account/login/")
    learner.button("Đăng nhập bằng passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("Chưa được: thiết bị chưa mở khóa")
    page.get_by_label("Tên đăng nhập hoặc số điện thoại").fill(username)
    page.get_by_label("Mật khẩu", exact=True).fill(PASSWORD)
    learner.button("Đăng nhập").click()
    expect(page.locator("h1")).to_have_text("Bước xác minh thứ hai")


def test_code_app_is_set_up_and_asked_for(learner: Learner, username: str) -> None:
    page = learner.page
    learner.sign_in(username)
    open_security(learner)
    learner.link("Thiết lập").click()
    confirm(learner)
    expect(page.locator("h1")).to_have_text("Thiết lập ứng dụng tạo mã")
    expect(page.get_by_role("img", name=re.compile("Mã QR"))).to_be_visible()
    is_clean(page)
    page.locator("summary", has_text="Không có máy ảnh?").click()
    secret = learner.main.locator("code").inner_text()

    def code(steps: int = 0) -> str:
        return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))

    page.get_by_label("Sáu chữ số trong ứng dụng").fill(code())
    learner.button("Bật").click()
    expect(page.locator("h1")).to_have_text("Mã khôi phục")
    spare = learner.main.locator("code").first.inner_text()
    learner.link("Đã cất mã, đi tiếp").click()
    is_home(learner)

    learner.sign_out()
    learner.sign_in(username)
    field = page.get_by_label("Mã trong ứng dụng, hoặc một mã khôi phục")
    field.fill("000000")
    learner.button("Đăng nhập").click()
    expect(learner.main).to_contain_text("Mã không đúng")
    field.fill(code())
    learner.button("Đăng nhập").click()
    is_home(learner)

    learner.sign_out()
    learner.sign_in(username)
    field.fill(spare)
    learner.button("Đăng nhập").click()
    is_home(learner)


@pytest.mark.parametrize("scripts", [True, False])
def test_at_a_number_instead_of_a_name_or_without_scripts_the_page_says_so(
    open_page: Callable[..., Page], site: Site, username: str, scripts: bool
) -> None:
    learner = Learner(page := open_page(java_script_enabled=scripts), Pointer(page))
    learner.sign_in(username)
    page.goto("/account/security/webauthn/add/")
    confirm(learner)
    if scripts:
        learner.button("Thêm").click()
        expect(page.get_by_role("alert")).to_contain_text("Hãy mở trang bằng tên miền")
    else:
        expect(learner.main).to_contain_text("Trình duyệt này chưa dùng được passkey ở đây")
        expect(learner.button("Thêm")).to_be_hidden()
