from __future__ import annotations

import datetime as dt

import pytest
from django.contrib.auth import authenticate, get_user
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import translation
from django.utils.module_loading import import_string

from lms.people.models import RoleGrant, User
from lms.people.services.roles import grant_role
from lms.people.tests.factories import PASSWORD, UserFactory
from lms.settings import base

pytestmark = pytest.mark.django_db

MISMATCH = {
    "vi": "Tên đăng nhập (hoặc số điện thoại) và mật khẩu không khớp.",
    "en": "The user name (or phone number) and the password do not go together.",
}
LOCKED = "Đã nhập sai quá nhiều lần."


@pytest.fixture(autouse=True)
def no_attempts_yet() -> None:
    cache.clear()


@pytest.fixture
def hoa() -> User:
    return UserFactory(username="hòa.nt", phone="0912345678")


def sign_in(client: Client, login: str, password: str = PASSWORD, language: str = "vi"):
    with translation.override(language):
        address = reverse("account_login")
    return client.post(address, {"login": login, "password": password})


def errors(response) -> list[str]:
    return list(response.context["form"].non_field_errors())


@pytest.mark.parametrize(
    "login",
    [
        "hòa.nt",
        "HÒA.NT",
        " ho\u0300a.nt ",
        "0912345678",
        "0912 345 678",
        "+84912345678",
        "84 912.345.678",
    ],
)
def test_sign_in_by_user_name_or_phone_however_typed(client: Client, hoa: User, login: str) -> None:
    assert sign_in(client, login).status_code == 302
    assert client.session["_auth_user_id"] == str(hoa.pk)


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("login", ["hòa.nt", "0912345678", "nobody", "0900000000"])
def test_wrong_password_says_the_same_of_every_login(
    client: Client, hoa: User, login: str, language: str
) -> None:
    response = sign_in(client, login, "sai", language)
    assert response.status_code == 200
    (message,) = errors(response)
    assert message.startswith(MISMATCH[language])
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize(
    "typed",
    [
        ["hòa.nt", "HÒA.NT", " hòa.nt", "Hòa.nt", "ho\u0300a.nt"],
        ["0912345678", "0912 345 678", "+84912345678", "84912345678", "0912.345.678"],
        ["nobody"] * 5,
        ["0900000000", "0900 000 000", "+84900000000", "84900000000", "0900.000.000"],
    ],
)
def test_lock_out_after_five_attempts_says_nothing_of_who_exists(
    client: Client, hoa: User, typed: list[str]
) -> None:
    answers = [errors(sign_in(client, login, "sai"))[0] for login in typed]
    assert [answer.startswith(MISMATCH["vi"]) for answer in answers] == [True] * 5
    (locked,) = errors(sign_in(client, typed[0], PASSWORD))
    assert locked.startswith(LOCKED)
    assert "_auth_user_id" not in client.session


def test_lock_out_of_one_login_leaves_others_alone(client: Client, hoa: User) -> None:
    for _ in range(6):
        sign_in(client, "nobody", "sai")
    assert sign_in(client, "hòa.nt").status_code == 302


def test_sixty_people_sign_in_behind_one_address(hoa: User) -> None:
    assert [sign_in(Client(), "hòa.nt").status_code for _ in range(60)] == [302] * 60


def test_closed_account_cannot_sign_in(client: Client) -> None:
    user = UserFactory(is_active=False)
    assert sign_in(client, user.username).url == reverse("account_inactive")
    assert "_auth_user_id" not in client.session
    assert authenticate(None, username=user.username, password=PASSWORD) is None


def test_account_without_password_cannot_sign_in(client: Client, hoa: User) -> None:
    hoa.set_unusable_password()
    hoa.save()
    (message,) = errors(sign_in(client, "hòa.nt", "sai"))
    assert message.startswith(MISMATCH["vi"])


def test_sign_up_is_closed(client: Client) -> None:
    address = reverse("account_signup")
    new = {"username": "moi", "password1": PASSWORD, "password2": PASSWORD}
    assert client.get(address).context.get("form") is None
    client.post(address, new)
    assert list(User.objects.filter(username="moi")) == []


def test_account_and_person_cost_one_query_per_request(
    rf, client: Client, hoa: User, django_assert_num_queries
) -> None:
    client.force_login(hoa)
    request = rf.get("/")
    request.session = client.session
    assert request.session["_auth_user_id"] == str(hoa.pk)
    with django_assert_num_queries(1):
        assert get_user(request).person.full_name == hoa.person.full_name


def test_argon2_hashes_passwords_outside_tests() -> None:
    assert issubclass(import_string(base.PASSWORD_HASHERS[0]), Argon2PasswordHasher)


# --- groups of roles --------------------------------------------------------------------------


def may_enter_admin(user: User) -> bool:
    return User.objects.get(pk=user.pk).has_perm("wagtailadmin.access_admin")


@pytest.mark.parametrize(
    ("role", "enters"),
    [
        ("learner", False),
        ("instructor", True),
        ("reviewer", True),
        ("observer", False),
        ("administrator", True),
    ],
)
def test_role_opens_the_admin(role: str, enters: bool) -> None:
    user = UserFactory()
    grant_role(user=user, role=role)
    assert may_enter_admin(user) is enters


def test_role_that_lapsed_closes_the_admin_before_the_group_is_left(client: Client) -> None:
    user = UserFactory()
    grant_role(user=user, role="instructor", valid_from=dt.date(2020, 1, 1))
    assert may_enter_admin(user) is True
    RoleGrant.objects.filter(user=user).update(valid_to=dt.date(2021, 1, 1))
    assert may_enter_admin(user) is False
    assert [group.name for group in user.groups.all()] == ["instructor"]
    sign_in(client, user.username)
    assert list(user.groups.all()) == []


def test_role_that_began_since_is_joined_at_sign_in(client: Client) -> None:
    user = UserFactory()
    RoleGrant.objects.create(user=user, role="reviewer")
    own = Group.objects.create(name="Nhóm riêng")
    user.groups.add(own)
    sign_in(client, user.username)
    assert {group.name for group in user.groups.all()} == {"reviewer", "Nhóm riêng"}
