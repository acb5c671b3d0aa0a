"""The way in with a code: two steps, one answer to guesses, nothing that tells who exists."""

from __future__ import annotations

import datetime as dt
import re
from types import SimpleNamespace

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from lms.people.codes import code_for, in_groups
from lms.people.models import ActivationCode, Person, User
from lms.people.services.activating import issue_code
from lms.people.tests.factories import (
    PASSWORD,
    AppointmentFactory,
    PersonFactory,
    RoleGrantFactory,
    UnitFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

NEW = "sông núi bốn mùa"
UNKNOWN = "Không có mã này"


@pytest.fixture(autouse=True)
def no_guesses_yet() -> None:
    cache.clear()


@pytest.fixture
def place() -> SimpleNamespace:
    unit = UnitFactory(name="Xã Suối Vân")
    person = PersonFactory(full_name="Lò Thị Mận")
    AppointmentFactory(person=person, unit=unit)
    officer = RoleGrantFactory(role="unit_officer", unit=unit).user
    return SimpleNamespace(unit=unit, person=person, officer=officer)


def a_code(place: SimpleNamespace, person: Person | None = None) -> str:
    code = issue_code(person=person or place.person, by=place.officer)
    return code_for(code.uuid, code.digest)


def active(place: SimpleNamespace) -> User:
    user = UserFactory()
    AppointmentFactory(person=user.person, unit=place.unit)
    return user


def main_of(response) -> str:
    """The text of the page's own part, without the token of its form."""
    main = response.content.decode().partition("<main")[2].partition("</main>")[0]
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", main)


def signed_in_as(client: Client) -> int | None:
    found = client.session.get("_auth_user_id")
    return int(found) if found else None


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_scanned_address_asks_for_no_more_than_a_press(client: Client, place, prefix) -> None:
    code = a_code(place)
    response = client.get(f"{prefix}/activate/?code={code}")
    assert response.status_code == 200
    assert response.context["code"] == in_groups(code)
    assert "Lò Thị Mận" not in response.content.decode()
    assert "no-store" in response["Cache-Control"]
    assert response["Referrer-Policy"] == "strict-origin"
    assert ActivationCode.objects.get().used_at is None


def test_right_code_and_any_other_give_the_same_page_to_a_get(client: Client, place) -> None:
    right, wrong = a_code(place), "222222222222"
    pages = [
        main_of(client.get(f"/activate/?code={code}")).replace(in_groups(code), "")
        for code in (right, wrong)
    ]
    assert pages[0] == pages[1]


def test_code_then_password_lead_home(client: Client, place) -> None:
    code = a_code(place)
    first = client.post("/activate/", {"code": code.lower()})
    assert first.status_code == 200
    assert (first.context["full_name"], first.context["username"]) == ("Lò Thị Mận", "man.lt")
    assert signed_in_as(client) is None
    form = {"code": first.context["code"], "password1": NEW, "password2": NEW}
    done = client.post("/activate/", form)
    assert (done.status_code, done.url) == (302, "/home/")
    user = User.objects.get(person=place.person)
    assert signed_in_as(client) == user.pk
    assert client.get("/home/").status_code == 200
    assert done["Referrer-Policy"] == "strict-origin"


@pytest.mark.parametrize(
    ("passwords", "told"),
    [
        ({"password1": NEW, "password2": "khác"}, "không giống nhau"),
        ({"password1": "", "password2": ""}, "Nhập mật khẩu mới"),
        ({"password1": "12345678901", "password2": "12345678901"}, "chỉ gồm chữ số"),
        ({"password1": NEW}, "không giống nhau"),
        ({"password1": "á" * 1001, "password2": "á" * 1001}, "quá dài"),
    ],
)
def test_password_that_is_refused_can_be_typed_again(client: Client, place, passwords, told):
    code = a_code(place)
    response = client.post("/activate/", {"code": code, **passwords})
    assert response.status_code == 422
    assert response.context["full_name"] == "Lò Thị Mận"
    assert told in response.context["refusal"]
    assert PASSWORD not in response.content.decode()
    assert signed_in_as(client) is None
    again = client.post("/activate/", {"code": code, "password1": NEW, "password2": NEW})
    assert again.status_code == 302


def test_code_used_twice_says_so_to_whoever_holds_it(client: Client, place) -> None:
    code = a_code(place)
    form = {"code": code, "password1": NEW, "password2": NEW}
    assert client.post("/activate/", form).status_code == 302
    for data in ({"code": code}, form):
        other = Client()
        response = other.post("/activate/", data)
        assert response.status_code == 422
        assert response.context["refusal"].startswith("Mã này đã dùng rồi")
        assert "Lò Thị Mận" not in response.content.decode()
        assert signed_in_as(other) is None


def test_late_and_replaced_codes_say_so(client: Client, place) -> None:
    first = a_code(place)
    second = a_code(place)
    refused = client.post("/activate/", {"code": first})
    assert refused.status_code == 422
    assert "không còn dùng được" in refused.context["refusal"]
    ActivationCode.objects.filter(revoked_at=None).update(
        expires_at=timezone.now() - dt.timedelta(seconds=1)
    )
    late = client.post("/activate/", {"code": second})
    assert late.status_code == 422
    assert "chỉ dùng được đến" in late.context["refusal"]


def test_guesses_get_one_answer_whoever_exists(client: Client, place) -> None:
    a_code(place)
    answers = {
        client.post("/activate/", {"code": code, **more}).context["refusal"]
        for code in ("222222222222", "man.lt", "", "hoa1", "0912345678")
        for more in ({}, {"password1": NEW, "password2": NEW})
    }
    assert len(answers) == 1
    assert answers.pop().startswith(UNKNOWN)


def test_guesses_at_one_code_are_stopped_and_leave_others_alone(client: Client, place) -> None:
    code = a_code(place)
    guesses = [code[:4] + f"{n:08d}".replace("1", "2") for n in range(11)]
    statuses = [client.post("/activate/", {"code": guess}).status_code for guess in guesses]
    assert statuses == [422] * 10 + [429]
    refused = Client(REMOTE_ADDR="10.0.0.9").post("/activate/", {"code": code})
    assert refused.status_code == 429
    other = PersonFactory()
    AppointmentFactory(person=other, unit=place.unit)
    assert client.post("/activate/", {"code": a_code(place, other)}).status_code == 200


def test_guesses_from_one_address_are_stopped_for_a_minute(client: Client, place) -> None:
    code = a_code(place)
    for n in range(100):
        guess = f"{n:04d}XXXXXXXX"
        assert client.post("/activate/", {"code": guess}).status_code == 422
    assert client.post("/activate/", {"code": code}).status_code == 429
    assert Client(REMOTE_ADDR="10.0.0.9").post("/activate/", {"code": code}).status_code == 200


def test_class_of_sixty_behind_one_address_gets_in(place) -> None:
    for _ in range(60):
        person = PersonFactory()
        AppointmentFactory(person=person, unit=place.unit)
        code = a_code(place, person)
        client = Client()
        assert client.post("/activate/", {"code": f"9{code[1:]}"}).status_code in {200, 422}
        form = {"code": code, "password1": NEW, "password2": NEW}
        assert client.post("/activate/", form).status_code == 302


def test_new_password_ends_the_sessions_of_the_account(client: Client, place) -> None:
    user = active(place)
    elsewhere = Client()
    elsewhere.force_login(user)
    assert elsewhere.get("/home/").status_code == 200
    form = {"code": a_code(place, user.person), "password1": NEW, "password2": NEW}
    assert client.post("/activate/", form).status_code == 302
    assert client.get("/home/").status_code == 200
    assert elsewhere.get("/home/").status_code == 302


def test_second_factor_is_asked_for_and_stays(client: Client, place) -> None:
    user = active(place)
    TOTP.activate(user, "JBSWY3DPEHPK3PXP")
    form = {"code": a_code(place, user.person), "password1": NEW, "password2": NEW}
    done = client.post("/activate/", form)
    assert (done.status_code, done.url) == (302, "/account/security/authenticate/")
    assert signed_in_as(client) is None
    assert client.get("/home/").status_code == 302
    assert Authenticator.objects.filter(user=user).count() == 1


def test_somebody_who_was_signed_in_here_before_is_signed_out(client: Client, place) -> None:
    client.force_login(place.officer)
    code = a_code(place)
    form = {"code": code, "password1": NEW, "password2": NEW}
    assert client.post("/activate/", form).status_code == 302
    assert signed_in_as(client) == User.objects.get(person=place.person).pk


def test_form_needs_its_token(place) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/activate/", {"code": a_code(place)}).status_code == 403


def test_lost_password_page_leads_to_the_code(client: Client) -> None:
    assert 'href="/activate/lost-password/"' in client.get("/account/login/").content.decode()
    for prefix in ("", "/en"):
        response = client.get(f"{prefix}/activate/lost-password/")
        assert response.status_code == 200
        assert f'action="{prefix}/activate/"' in main_of(response)


@pytest.mark.parametrize("method", ["put", "delete"])
def test_other_methods_are_refused(client: Client, method: str) -> None:
    assert getattr(client, method)("/activate/").status_code == 405


# --- sign-up ----------------------------------------------------------------------------------

VISITOR = {
    "full_name": "Vi\u0300 Thị Mới",  # one letter with its mark apart
    "phone": "0912 345 678",
    "username": "Moi.VT",
    "password1": NEW,
    "password2": NEW,
}


def test_sign_up_is_closed_unless_opened(client: Client) -> None:
    page = client.get("/account/signup/")
    assert page.status_code == 200
    assert "Trung tâm bồi dưỡng cấp tài khoản" in main_of(page)
    assert client.post("/account/signup/", VISITOR).status_code == 200
    assert User.objects.count() == 0
    assert "/account/signup/" not in client.get("/account/login/").content.decode()


def test_open_sign_up_makes_a_person_and_a_learner(client: Client, settings) -> None:
    settings.LMS_SIGNUP_OPEN = True
    assert "/account/signup/" in client.get("/account/login/").content.decode()
    assert client.get("/account/signup/").status_code == 200
    done = client.post("/account/signup/", VISITOR)
    assert (done.status_code, done.url) == (302, "/home/")
    user = User.objects.get()
    assert (user.username, user.phone, user.email) == ("moi.vt", "+84912345678", "")
    assert user.person is not None
    assert user.person.full_name == "Vì Thị Mới"
    assert list(user.role_grants.values_list("role", flat=True)) == ["learner"]
    assert signed_in_as(client) == user.pk


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"full_name": " "}, "full_name"),
        ({"full_name": "12 3"}, "full_name"),
        ({"phone": "12"}, "phone"),
        ({"username": "có rồi"}, "username"),
        ({"username": "0912345678"}, "username"),
        ({"username": "Da.Co"}, "username"),
        ({"password1": "12345678", "password2": "12345678"}, "password1"),
        ({"password2": "khác"}, "password2"),
    ],
)
def test_open_sign_up_says_what_is_wrong(client: Client, settings, wrong, field: str) -> None:
    settings.LMS_SIGNUP_OPEN = True
    UserFactory(username="da.co")
    response = client.post("/account/signup/", {**VISITOR, **wrong})
    assert list(response.context["form"].errors) == [field]
    assert User.objects.count() == 1
    assert Person.objects.count() == 1


def test_open_sign_up_does_not_tell_whose_a_phone_is(client: Client, settings) -> None:
    settings.LMS_SIGNUP_OPEN = True
    UserFactory(phone="0912345678")
    assert client.post("/account/signup/", VISITOR).status_code == 302
    assert User.objects.get(username="moi.vt").phone is None
