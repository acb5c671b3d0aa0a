from __future__ import annotations

import time
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from lms.people.errors import CannotRemoveFactor
from lms.people.models import RecordAccess, User
from lms.people.second_factor import FactorAdapter, check_roles
from lms.people.services.roles import grant_role
from lms.people.services.second_factors import may_remove_second_factor, remove_second_factor
from lms.people.tests.factories import PASSWORD, CentreFactory, UserFactory

pytestmark = pytest.mark.django_db
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture(autouse=True)
def no_attempts_yet() -> None:
    cache.clear()


@pytest.fixture
def hoa() -> User:
    return UserFactory(username="hoa")


@pytest.fixture
def administrator() -> User:
    user = UserFactory(username="quantri")
    grant_role(user=user, role="administrator")
    return user


def code(secret: str = SECRET, steps: int = 0) -> str:
    """What the app shows now, or so many half minutes later."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))


def sign_in(client: Client, user: User) -> Any:
    return client.post(reverse("account_login"), {"login": user.username, "password": PASSWORD})


def is_signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def confirm(client: Client) -> None:
    """Say the password once more, as the pages ask before they change anything."""
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})


# --- setting up and signing in ----------------------------------------------------------------


def test_code_app_is_set_up_and_asked_for_at_the_next_sign_in(client: Client, hoa: User) -> None:
    sign_in(client, hoa)
    address = reverse("mfa_activate_totp")
    assert client.get(address).url.startswith(reverse("account_reauthenticate"))
    confirm(client)
    secret = client.get(address).context["form"].secret
    wrong = client.post(address, {"code": "000000"})
    assert (wrong.status_code, Authenticator.objects.count()) == (200, 0)
    with_codes = client.post(address, {"code": code(secret)})
    assert with_codes.url == reverse("mfa_view_recovery_codes")
    codes = client.get(with_codes.url).context["unused_codes"]
    assert len(codes) == 10

    other = Client()
    assert sign_in(other, hoa).url == reverse("mfa_authenticate")
    assert is_signed_in(other) is False
    refused = other.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert (refused.status_code, is_signed_in(other)) == (200, False)
    other.post(reverse("mfa_authenticate"), {"code": code(secret)})
    assert is_signed_in(other) is True

    third = Client()
    sign_in(third, hoa)
    third.post(reverse("mfa_authenticate"), {"code": codes[0]})
    assert is_signed_in(third) is True
    fourth = Client()
    sign_in(fourth, hoa)
    fourth.post(reverse("mfa_authenticate"), {"code": codes[0]})
    assert is_signed_in(fourth) is False


def test_code_is_taken_once(hoa: User) -> None:
    TOTP.activate(hoa, SECRET)
    now, answers = code(), []
    for _ in range(2):
        client = Client()
        sign_in(client, hoa)
        client.post(reverse("mfa_authenticate"), {"code": now})
        answers.append(is_signed_in(client))
    assert answers == [True, False]


def test_clock_of_a_phone_may_be_half_a_minute_off(hoa: User) -> None:
    factor = TOTP.activate(hoa, SECRET)
    assert [factor.validate_code(code(steps=steps)) for steps in (-1, 1, 3)] == [True, True, False]


def test_guessing_codes_locks_the_second_step(hoa: User) -> None:
    TOTP.activate(hoa, SECRET)
    client = Client()
    sign_in(client, hoa)
    for _ in range(5):
        client.post(reverse("mfa_authenticate"), {"code": "000000"})
    client.post(reverse("mfa_authenticate"), {"code": code()})
    assert is_signed_in(client) is False


def test_secrets_are_not_readable_in_the_database(hoa: User, settings: Any) -> None:
    factor = TOTP.activate(hoa, SECRET)
    codes = RecoveryCodes.activate(hoa).generate_codes()
    stored = " ".join(str(data) for data in Authenticator.objects.values_list("data", flat=True))
    assert SECRET not in stored
    assert factor.validate_code(code()) is True

    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another key"
    again = RecoveryCodes(Authenticator.objects.get(type="recovery_codes"))
    assert again.generate_codes() == codes


def test_under_a_foreign_key_no_code_fits_and_nothing_breaks(hoa: User, settings: Any) -> None:
    TOTP.activate(hoa, SECRET)
    codes = RecoveryCodes.activate(hoa).generate_codes()
    settings.SECRET_KEY = "another key"
    client = Client()
    sign_in(client, hoa)
    for typed in (code(), codes[0], format_hotp_value(hotp_value("", int(time.time()) // 30))):
        response = client.post(reverse("mfa_authenticate"), {"code": typed})
        assert response.status_code == 200
    assert is_signed_in(client) is False
    assert FactorAdapter().decrypt("garbage") != FactorAdapter().decrypt("garbage")


# --- required of some roles -------------------------------------------------------------------


@pytest.fixture
def required(settings: Any) -> None:
    settings.LMS_SECOND_FACTOR_ROLES = ["administrator", "centre_manager"]


def manager() -> User:
    user = UserFactory()
    grant_role(user=user, role="centre_manager", centre=CentreFactory())
    return user


PAGES = ["/home/", "/courses/", "/record/", "/admin/", "/teaching/", "/en/home/"]


@pytest.mark.parametrize("address", PAGES)
def test_role_without_factor_is_sent_to_the_set_up(
    client: Client, required: None, address: str
) -> None:
    client.force_login(manager())
    response = client.get(address)
    prefix = "/en" if address.startswith("/en/") else ""
    assert (response.status_code, response.url) == (302, f"{prefix}/account/security/")


def test_set_up_leads_on_without_a_loop(client: Client, required: None) -> None:
    user = manager()
    sign_in(client, user)
    page = client.get("/home/", follow=True)
    assert [address for address, _ in page.redirect_chain] == ["/account/security/"]
    assert page.status_code == 200
    assert client.get(reverse("mfa_add_webauthn")).url.startswith(reverse("account_reauthenticate"))
    confirm(client)
    secret = client.get(reverse("mfa_activate_totp")).context["form"].secret
    client.post(reverse("mfa_activate_totp"), {"code": code(secret)})
    assert client.get(reverse("mfa_view_recovery_codes")).status_code == 200
    assert client.get("/home/").status_code == 200


def test_who_lacks_the_factor_can_leave(client: Client, required: None) -> None:
    client.force_login(manager())
    client.post(reverse("account_logout"))
    assert is_signed_in(client) is False


@pytest.mark.parametrize(
    "asked",
    [
        {"HTTP_ACCEPT": "application/json"},
        {"HTTP_X_REQUESTED_WITH": "XMLHttpRequest"},
        {"content_type": "application/json", "data": "{}"},
    ],
)
def test_programs_are_refused_with_the_reason(
    client: Client, required: None, asked: dict[str, str]
) -> None:
    client.force_login(manager())
    response = client.post("/search/", **asked)
    assert response.status_code == 403
    assert response.json() == {
        "error": "second_factor_required",
        "reason": "Vai trò này cần bước xác minh thứ hai khi đăng nhập. Hãy thiết lập trước, "
        "rồi làm tiếp.",
    }


def test_role_with_a_factor_goes_on(client: Client, required: None) -> None:
    user = manager()
    TOTP.activate(user, SECRET)
    client.force_login(user)
    assert client.get("/home/").status_code == 200


def test_recovery_codes_alone_are_no_factor(client: Client, required: None) -> None:
    user = manager()
    RecoveryCodes.activate(user)
    client.force_login(user)
    assert client.get("/home/").status_code == 302


def test_role_that_begins_while_signed_in_is_stopped_at_once(
    client: Client, required: None, hoa: User
) -> None:
    client.force_login(hoa)
    assert client.get("/home/").status_code == 200
    grant_role(user=hoa, role="administrator")
    assert client.get("/home/").status_code == 302


def test_superuser_counts_as_administrator(client: Client, required: None) -> None:
    client.force_login(UserFactory(is_superuser=True))
    assert client.get("/home/").status_code == 302


def test_visitors_and_static_files_are_left_alone(client: Client, required: None) -> None:
    assert client.get("/courses/").status_code == 200
    client.force_login(manager())
    assert client.get("/media/public/none.png").status_code == 404


@pytest.mark.parametrize("address", ["/home/", "/courses/", "/record/", "/search/?q=x"])
def test_learners_pay_no_query_for_it(
    client: Client, hoa: User, settings: Any, address: str
) -> None:
    client.force_login(hoa)

    def queries() -> int:
        client.get(address)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        return len(captured)

    before = queries()
    settings.LMS_SECOND_FACTOR_ROLES = ["administrator", "centre_manager"]
    assert queries() == before


def test_last_factor_of_such_a_role_stays(client: Client, required: None) -> None:
    user = manager()
    factor = TOTP.activate(user, SECRET).instance
    adapter = FactorAdapter()
    assert adapter.can_delete_authenticator(factor) is False
    Authenticator.objects.create(user=user, type="webauthn", data={"name": "x", "credential": {}})
    assert adapter.can_delete_authenticator(factor) is True
    learner = TOTP.activate(UserFactory(), SECRET).instance
    assert adapter.can_delete_authenticator(learner) is True


def test_turning_off_the_last_factor_is_refused_with_the_reason(
    client: Client, required: None
) -> None:
    user = manager()
    TOTP.activate(user, SECRET)
    sign_in(client, user)
    client.post(reverse("mfa_authenticate"), {"code": code()})
    confirm(client)
    page = client.post(reverse("mfa_deactivate_totp"))
    assert page.status_code == 200
    assert Authenticator.objects.filter(user=user, type="totp").count() == 1


def test_setting_names_roles_that_exist(settings: Any) -> None:
    settings.LMS_SECOND_FACTOR_ROLES = ["administrator", "learner", "boss"]
    assert [error.msg.split("'")[1] for error in check_roles()] == ["learner", "boss"]
    settings.LMS_SECOND_FACTOR_ROLES = ["observer", "unit_officer"]
    assert check_roles() == []


# --- lost factors -----------------------------------------------------------------------------


def test_administrator_removes_a_lost_factor(administrator: User, hoa: User) -> None:
    TOTP.activate(hoa, SECRET)
    RecoveryCodes.activate(hoa)
    signed_in = Client()
    signed_in.force_login(hoa)
    UserSession.objects.create(
        user=hoa, ip="127.0.0.1", session_key=signed_in.session.session_key, user_agent=""
    )
    assert may_remove_second_factor(user=hoa, by=administrator) is True
    assert remove_second_factor(user=hoa, by=administrator) == 2
    assert Authenticator.objects.count() == 0
    assert signed_in.get("/home/").status_code == 302
    assert Session.objects.count() == 0
    access = RecordAccess.objects.get()
    assert (access.person, access.by, access.act, access.subject) == (
        hoa.person,
        administrator,
        "changed",
        "second_factor",
    )
    client = Client()
    sign_in(client, hoa)
    assert is_signed_in(client) is True


def test_nobody_removes_their_own_that_way(administrator: User) -> None:
    TOTP.activate(administrator, SECRET)
    assert may_remove_second_factor(user=administrator, by=administrator) is False
    with pytest.raises(CannotRemoveFactor):
        remove_second_factor(user=administrator, by=administrator)
    assert Authenticator.objects.count() == 1
    assert RecordAccess.objects.count() == 0


def test_only_administrators_remove_factors(hoa: User) -> None:
    TOTP.activate(hoa, SECRET)
    by = manager()
    assert may_remove_second_factor(user=hoa, by=by) is False
    with pytest.raises(CannotRemoveFactor):
        remove_second_factor(user=hoa, by=by)
    assert Authenticator.objects.count() == 1


def test_nothing_to_remove_leaves_no_trace(administrator: User, hoa: User) -> None:
    assert remove_second_factor(user=hoa, by=administrator) == 0
    assert RecordAccess.objects.count() == 0


@pytest.mark.parametrize("login", ["hoa", "HOA", "0912 345 678"])
def test_operator_removes_a_factor_at_the_server(login: str, capsys: Any) -> None:
    user = UserFactory(username="hoa", phone="0912345678")
    TOTP.activate(user, SECRET)
    call_command("reset_second_factor", login)
    assert Authenticator.objects.count() == 0
    assert (RecordAccess.objects.get().person, RecordAccess.objects.get().by) == (user.person, None)
    call_command("reset_second_factor", login)
    said = capsys.readouterr().out.splitlines()
    assert said == [
        "Removed from hoa: 1 (app, passkeys, recovery codes).",
        "hoa has no second step; nothing was changed.",
    ]


def test_operator_hears_of_a_name_that_is_not_there() -> None:
    with pytest.raises(CommandError, match="There is no account 'nobody'"):
        call_command("reset_second_factor", "nobody")


def test_page_of_the_person_offers_it_to_administrators_only(
    client: Client, administrator: User, hoa: User
) -> None:
    page = reverse("web:manage-person", args=[hoa.person.uuid])
    button = reverse("web:manage-person-second-step", args=[hoa.person.uuid])
    client.force_login(administrator)
    assert button not in client.get(page).content.decode()
    TOTP.activate(hoa, SECRET)
    assert button in client.get(page).content.decode()
    assert client.get(button).status_code == 405
    client.force_login(manager())
    assert client.post(button).status_code == 403
    assert Authenticator.objects.count() == 1
    client.force_login(administrator)
    assert client.post(button).url == page
    assert Authenticator.objects.count() == 0
    assert RecordAccess.objects.get(act="changed").by == administrator


def test_page_of_oneself_refuses_it(client: Client, administrator: User) -> None:
    TOTP.activate(administrator, SECRET)
    client.force_login(administrator)
    button = reverse("web:manage-person-second-step", args=[administrator.person.uuid])
    answer = client.post(button)
    assert answer.status_code == 422
    assert "Bảo mật tài khoản" in answer.content.decode()
    assert Authenticator.objects.count() == 1
