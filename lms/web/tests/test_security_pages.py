"""Pages about one's account: in our form and both languages, none as allauth ships it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from allauth.socialaccount.models import SocialAccount
from django.core.cache import cache
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver

from lms.people.models import User
from lms.people.oidc import REASONS
from lms.people.tests.factories import PASSWORD, UserFactory
from lms.web import account_urls
from lms.web.views.security import signed_in_on
from tests.flows.conftest import unanswered
from tests.flows.oidc_site import addresses_with_oidc
from tests.flows.test_admin_in_vietnamese import Texts

__all__ = ["unanswered"]
pytestmark = pytest.mark.django_db
PREFIXES = {"vi": "", "en": "/en"}
ANDROID = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36"
# A passkey as a browser made it once: only its shape matters here.
PASSKEY = {
    "name": "Điện thoại",
    "credential": {"clientExtensionResults": {"credProps": {"rk": True}}},
}

#: Every address below /account/, by what it takes to see it. A new one must be put here.
FOR_VISITORS = ["login/", "inactive/", "signup/", "oidc/failed/"]
FOR_ANYBODY = [
    "security/",
    "security/webauthn/",
    "password/change/",
    "logout/",
    "reauthenticate/",
    "linked/",
]
AFTER_THE_PASSWORD = ["security/totp/activate/"]
WITH_FACTORS = [
    "security/",
    "security/reauthenticate/",
    "security/webauthn/",
    "security/totp/deactivate/",
    "security/recovery-codes/",
    "security/recovery-codes/generate/",
]
SHOWN_ELSEWHERE = {
    "password/set/": "an account without a password",
    "security/authenticate/": "the second step of a sign-in",
    "security/webauthn/add/": "a real device: tests/browser/test_second_factor.py",
    "security/webauthn/reauthenticate/": "a real device",
    "security/webauthn/keys/<int:pk>/edit/": "a passkey",
    "security/webauthn/keys/<int:pk>/remove/": "a passkey",
}
NO_PAGES = {
    "oidc/login/": "leads away",
    "oidc/connect/": "leads away",
    "oidc/callback/": "leads back",
    "security/webauthn/login/": "data for a script",
    "security/recovery-codes/download/": "a text file",
    "sessions/": "a button",
}


@pytest.fixture(autouse=True)
def no_attempts_yet() -> None:
    cache.clear()


@pytest.fixture
def with_oidc(settings: Any) -> Iterator[None]:
    settings.LMS_OIDC_ISSUER = "https://id.example.vn"
    settings.LMS_OIDC_CLIENT_ID = "site"
    settings.LMS_OIDC_NAME = "Cổng cán bộ"
    with addresses_with_oidc():
        yield


@pytest.fixture
def user() -> User:
    return UserFactory(username="hoa", person__full_name="Nguyễn Thị Hòa")


@pytest.fixture
def signed_in(user: User) -> Client:
    """A browser in which the password was said twice."""
    client = Client(headers={"user-agent": ANDROID})
    client.post("/account/login/", {"login": "hoa", "password": PASSWORD})
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    return client


def addresses(patterns: list[URLPattern | URLResolver], before: str = "") -> set[str]:
    """Every address that the patterns answer."""
    found = set()
    for each in patterns:
        here = before + str(each.pattern)
        if isinstance(each, URLResolver):
            found |= addresses(each.url_patterns, here)
        else:
            found.add(here)
    return found


def check(page: HttpResponse, language: str, unanswered: list[str]) -> None:
    """The page stands in our form, in its language, and runs no script of its own."""
    html = page.content.decode()
    assert 'class="brand"' in html
    assert re.search(r'<html lang="(\w+)"', html)[1] == language
    assert len(re.findall(r"<h1", html)) == 1
    scripts = re.findall(r"<script([^>]*)>", html)
    assert [each for each in scripts if "src=" not in each and "application/json" not in each] == []
    assert re.findall(r"\son\w+=|style=|<style", html) == []
    assert "'unsafe-inline'" not in page.headers["Content-Security-Policy"]
    for field in re.findall(r"<(?:input|select|textarea)[^>]*>", html):
        known = dict(re.findall(r'\s(type|id)="([^"]*)"', field))
        if known.get("type") not in ("hidden", "checkbox", "radio") and "id" in known:
            assert f'for="{known["id"]}"' in html, field
    if language == "vi":
        assert unanswered == []
        assert Texts(html).english() == set()
    unanswered.clear()


def test_every_address_is_known_here() -> None:
    known = {*FOR_VISITORS, *FOR_ANYBODY, *AFTER_THE_PASSWORD, *WITH_FACTORS}
    assert addresses(account_urls.patterns(with_oidc=True)) == (
        known | SHOWN_ELSEWHERE.keys() | NO_PAGES.keys()
    )


@pytest.mark.parametrize("language", PREFIXES)
@pytest.mark.parametrize("is_open", [False, True])
def test_pages_for_visitors(
    client: Client,
    with_oidc: None,
    settings: Any,
    language: str,
    is_open: bool,
    unanswered: list[str],
) -> None:
    settings.LMS_SIGNUP_OPEN = is_open
    for address in FOR_VISITORS:
        check(client.get(f"{PREFIXES[language]}/account/{address}"), language, unanswered)
    for why in REASONS:
        page = client.get(f"{PREFIXES[language]}/account/oidc/failed/?why={why}")
        check(page, language, unanswered)


@pytest.mark.parametrize("language", PREFIXES)
def test_pages_for_anybody(
    signed_in: Client, with_oidc: None, language: str, unanswered: list[str]
) -> None:
    for address in [*FOR_ANYBODY, *AFTER_THE_PASSWORD]:
        page = signed_in.get(f"{PREFIXES[language]}/account/{address}")
        assert page.status_code == 200, address
        check(page, language, unanswered)


@pytest.mark.parametrize("language", PREFIXES)
def test_pages_for_people_with_factors(
    signed_in: Client, user: User, with_oidc: None, language: str, unanswered: list[str]
) -> None:
    TOTP.activate(user, "JBSWY3DPEHPK3PXP")
    RecoveryCodes.activate(user)
    key = Authenticator.objects.create(user=user, type="webauthn", data=PASSKEY)
    SocialAccount.objects.create(
        user=user, provider="oidc-x", uid="1", extra_data={"preferred_username": "hoa"}
    )
    one = [f"security/webauthn/keys/{key.pk}/{each}/" for each in ("edit", "remove")]
    for address in [*WITH_FACTORS, *one, "linked/"]:
        page = signed_in.get(f"{PREFIXES[language]}/account/{address}")
        assert page.status_code == 200, address
        check(page, language, unanswered)


@pytest.mark.parametrize("language", PREFIXES)
def test_pages_after_mistakes_say_what_was_wrong(
    signed_in: Client, language: str, unanswered: list[str]
) -> None:
    prefix = PREFIXES[language]
    signed_in.get(f"{prefix}/account/security/totp/activate/")
    for address, typed in (
        ("security/totp/activate/", {"code": "000000"}),
        ("reauthenticate/", {"password": "sai"}),
        ("password/change/", {"oldpassword": "sai", "password1": "1", "password2": "2"}),
    ):
        page = signed_in.post(f"{prefix}/account/{address}", typed)
        assert page.status_code == 200, address
        assert "errorlist" in page.content.decode(), address
        check(page, language, unanswered)


@pytest.mark.parametrize("language", PREFIXES)
def test_second_step_of_a_sign_in(
    client: Client, user: User, language: str, unanswered: list[str]
) -> None:
    TOTP.activate(user, "JBSWY3DPEHPK3PXP")
    prefix = PREFIXES[language]
    client.post(f"{prefix}/account/login/", {"login": "hoa", "password": PASSWORD})
    address = f"{prefix}/account/security/authenticate/"
    check(client.get(address), language, unanswered)
    check(client.post(address, {"code": "000000"}), language, unanswered)


@pytest.mark.parametrize("language", PREFIXES)
def test_account_without_a_password(
    user: User, language: str, client: Client, unanswered: list[str]
) -> None:
    user.set_unusable_password()
    user.save()
    client.force_login(user)
    for address in ("security/", "password/set/"):
        check(client.get(f"{PREFIXES[language]}/account/{address}"), language, unanswered)


@pytest.mark.parametrize("language", PREFIXES)
def test_messages_and_codes_on_paper(
    signed_in: Client, user: User, language: str, unanswered: list[str]
) -> None:
    prefix = PREFIXES[language]
    TOTP.activate(user, "JBSWY3DPEHPK3PXP")
    for address in ("security/recovery-codes/generate/", "security/totp/deactivate/"):
        page = signed_in.post(f"{prefix}/account/{address}", follow=True)
        assert 'class="messages"' in page.content.decode()
        check(page, language, unanswered)
    TOTP.activate(user, "JBSWY3DPEHPK3PXP")
    codes = RecoveryCodes.activate(user).get_unused_codes()
    paper = signed_in.get(f"{prefix}/account/security/recovery-codes/download/")
    assert paper.headers["Content-Type"] == "text/plain"
    lines = paper.content.decode().split("\n")
    assert [line for line in lines if line.isdigit()] == codes
    assert "Nguyễn Thị Hòa (hoa)" in lines
    assert unanswered == [] or language == "en"


def test_recovery_codes_show_once_more_only_what_is_left(signed_in: Client, user: User) -> None:
    codes = RecoveryCodes.activate(user)
    TOTP.activate(user, "JBSWY3DPEHPK3PXP")
    used, *left = codes.get_unused_codes()
    assert codes.validate_code(used) is True
    page = signed_in.get("/account/security/recovery-codes/").content.decode()
    assert re.findall(r'<code class="stat">(\d+)</code>', page) == left


def test_codes_are_not_shown_at_an_open_computer(user: User, client: Client) -> None:
    TOTP.activate(user, "JBSWY3DPEHPK3PXP")
    RecoveryCodes.activate(user)
    client.force_login(user)
    for address in ("", "download/", "generate/"):
        answer = client.get(f"/account/security/recovery-codes/{address}")
        assert answer.url.startswith("/account/reauthenticate/")


# --- where the account is signed in -----------------------------------------------------------


def test_page_lists_where_the_account_is_signed_in(signed_in: Client, user: User) -> None:
    Client(headers={"user-agent": "x"}).post(
        "/account/login/", {"login": "hoa", "password": PASSWORD}
    )
    found = signed_in_on(user, signed_in.session.session_key)
    assert [(each.device, each.ip, each.is_this) for each in found] == [
        ("Chrome, Android", "127.0.0.1", True),
        ("Thiết bị không rõ tên", "127.0.0.1", False),
    ]
    html = signed_in.get("/account/security/").content.decode()
    assert "Chrome, Android" in html
    assert "Đăng xuất mọi thiết bị khác" in html


def test_others_are_signed_out_and_this_one_stays(signed_in: Client, user: User) -> None:
    others = [Client(), Client()]
    stranger = Client()
    UserFactory(username="khac")
    for each in others:
        each.post("/account/login/", {"login": "hoa", "password": PASSWORD})
    stranger.post("/account/login/", {"login": "khac", "password": PASSWORD})
    page = signed_in.post("/account/sessions/", follow=True)
    assert "Đã đăng xuất mọi thiết bị khác." in page.content.decode()
    assert [each.get("/home/").status_code for each in others] == [302, 302]
    assert [each.get("/home/").status_code for each in (signed_in, stranger)] == [200, 200]
    assert len(signed_in_on(user, signed_in.session.session_key)) == 1


def test_sessions_that_a_new_password_ended_are_not_listed(signed_in: Client, user: User) -> None:
    Client().post("/account/login/", {"login": "hoa", "password": PASSWORD})
    new = "mot-mat-khau-khac-9"
    signed_in.post(
        "/account/password/change/",
        {"oldpassword": PASSWORD, "password1": new, "password2": new},
    )
    user.refresh_from_db()
    assert len(signed_in_on(user, signed_in.session.session_key)) == 1


def test_queries_of_the_page_do_not_grow_with_the_sessions(signed_in: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert signed_in.get("/account/security/").status_code == 200
        return len(captured)

    queries()
    before = queries()
    for _ in range(5):
        Client().post("/account/login/", {"login": "hoa", "password": PASSWORD})
    assert queries() == before
    assert before <= 9


def test_looking_at_the_page_changes_nothing(signed_in: Client) -> None:
    with CaptureQueriesContext(connection) as captured:
        signed_in.get("/account/security/")
    written = [q["sql"] for q in captured.captured_queries if not q["sql"].startswith("SELECT")]
    assert written == []


def test_address_of_the_button_alone_ends_nothing(signed_in: Client, user: User) -> None:
    Client().post("/account/login/", {"login": "hoa", "password": PASSWORD})
    assert signed_in.get("/account/sessions/").url == "/account/security/"
    assert len(signed_in_on(user, signed_in.session.session_key)) == 2


def test_visitors_are_sent_to_sign_in(client: Client) -> None:
    for address in ("security/", "sessions/", "security/webauthn/add/"):
        answer = client.get(f"/account/{address}")
        assert answer.status_code == 302
        assert answer.url.startswith(("/account/login/", "/account/reauthenticate/"))


def test_passkey_sign_in_gives_its_question_as_data(client: Client) -> None:
    answer = client.get("/account/security/webauthn/login/", headers={"accept": "application/json"})
    question = answer.json()["request_options"]["publicKey"]
    assert question["userVerification"] == "required"
    assert question["rpId"] == "testserver"


def test_passkey_that_nobody_made_opens_nothing(client: Client, user: User) -> None:
    client.get("/account/security/webauthn/login/", headers={"accept": "application/json"})
    for credential in ("", "{}", "[]", '{"response": {"userHandle": "MQ"}}', "no json"):
        answer = client.post("/account/security/webauthn/login/", {"credential": credential})
        assert answer.url == "/account/login/"
    assert "_auth_user_id" not in client.session


def test_secret_in_the_picture_is_the_one_that_is_typed(signed_in: Client) -> None:
    page = signed_in.get("/account/security/totp/activate/")
    assert f"secret={page.context['form'].secret}" in page.context["totp_url"]
    assert page.context["totp_svg"].startswith('<svg xmlns="http://www.w3.org/2000/svg"')
    assert 'fill="#fff"' in page.context["totp_svg"]
