"""Sign-in with the accounts of another system, against a real provider in a process of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from allauth.socialaccount.models import SocialAccount
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, reverse

from lms.people.models import Person, User
from lms.people.oidc import check_settings
from lms.people.services.roles import grant_role
from lms.people.tests.factories import CentreFactory, UserFactory
from tests.flows.oidc_site import CALLBACK, Traveller, configured
from tests.provider.running import Provider

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    made = Provider(tmp_path_factory.mktemp("provider"), CALLBACK)
    yield made
    made.close()


@pytest.fixture
def site(provider: Provider, settings: Any) -> Iterator[None]:
    cache.clear()
    provider.lie()
    with configured(settings, provider):
        yield


@pytest.fixture
def traveller(site: None, provider: Provider) -> Traveller:
    return Traveller(provider)


@pytest.fixture
def by_user_name(settings: Any) -> None:
    settings.LMS_OIDC_USERNAME_CLAIM = "preferred_username"


@pytest.fixture
def hoa() -> User:
    return UserFactory(username="hoa")


def why(response: Any) -> str:
    """The reason that the site gave for not signing somebody in."""
    assert response.status_code == 302
    address, _, query = response.url.partition("?why=")
    assert address.endswith("/account/oidc/failed/")
    return query


# --- switched off -----------------------------------------------------------------------------


def test_without_settings_there_is_no_button_and_no_address(client: Client) -> None:
    page = client.get("/account/login/").content.decode()
    assert "oidc" not in page
    for address in ("login", "callback", "failed", "connect"):
        assert client.get(f"/account/oidc/{address}/").status_code == 404
    with pytest.raises(NoReverseMatch):
        reverse("oidc_login")


def test_button_costs_no_query(site: None, client: Client) -> None:
    client.get("/account/login/")
    with CaptureQueriesContext(connection) as captured:
        page = client.get("/account/login/").content.decode()
    assert "Cổng cán bộ" in page
    assert [query["sql"] for query in captured.captured_queries] == []


@pytest.mark.parametrize(
    ("issuer", "client_id", "found"),
    [
        ("", "", []),
        ("https://id.example.vn", "site", []),
        ("http://127.0.0.1:8046", "site", []),
        ("http://id.example.vn", "site", ["people.E003"]),
        ("https://id.example.vn", "", ["people.E002"]),
        ("", "site", ["people.E002"]),
    ],
)
def test_settings_are_checked(settings: Any, issuer: str, client_id: str, found: list[str]) -> None:
    settings.LMS_OIDC_ISSUER, settings.LMS_OIDC_CLIENT_ID = issuer, client_id
    assert [error.id for error in check_settings()] == found


# --- linked by the person ---------------------------------------------------------------------


def test_person_links_the_account_and_signs_in_with_it(
    traveller: Traveller, provider: Provider, hoa: User
) -> None:
    traveller.sign_in_here(hoa)
    left = traveller.link(traveller.here.post("/account/oidc/connect/"))
    back = traveller.back(traveller.there.sign_in(left, "an.nv"))
    assert back.url == "/account/security/"
    linked = SocialAccount.objects.get()
    assert (linked.user, linked.extra_data) == (
        hoa,
        {"sub": linked.uid, "name": "Nguyễn Văn An", "preferred_username": "an.nv"},
    )
    other = Traveller(provider)
    assert other.go("an.nv").url == "/home/"
    assert other.user_id == hoa.pk
    assert User.objects.count() == 1


def test_linking_asks_for_the_password_first(traveller: Traveller, hoa: User) -> None:
    traveller.here.force_login(hoa)
    asked = traveller.here.post("/account/oidc/connect/")
    assert asked.url.startswith("/account/reauthenticate/")


def test_account_of_somebody_else_is_not_linked_again(
    traveller: Traveller, provider: Provider, hoa: User
) -> None:
    traveller.sign_in_here(hoa)
    traveller.back(
        traveller.there.sign_in(
            traveller.link(traveller.here.post("/account/oidc/connect/")), "hoa"
        )
    )
    other = Traveller(provider)
    other.sign_in_here(UserFactory(username="khac"))
    other.back(other.there.sign_in(other.link(other.here.post("/account/oidc/connect/")), "hoa"))
    assert SocialAccount.objects.get().user == hoa


def test_link_is_removed_unless_it_is_the_only_way_in(
    traveller: Traveller, hoa: User, by_user_name: None
) -> None:
    traveller.go("hoa")
    linked = SocialAccount.objects.get()
    hoa.refresh_from_db()
    hoa.set_unusable_password()
    hoa.save()
    traveller.here.force_login(hoa)
    page = traveller.here.post("/account/linked/", {"account": linked.pk})
    assert (page.status_code, SocialAccount.objects.count()) == (200, 1)
    assert "chưa có mật khẩu" in page.content.decode()
    hoa.set_password("mat-khau-thu-1")
    hoa.save()
    traveller.sign_in_here(hoa)
    traveller.here.post("/account/linked/", {"account": linked.pk})
    assert SocialAccount.objects.count() == 0


def test_link_with_an_issuer_of_before_opens_nothing_and_is_shown(
    traveller: Traveller, hoa: User
) -> None:
    SocialAccount.objects.create(user=hoa, provider="oidc-before", uid="person-1")
    assert why(traveller.go("hoa")) == "unknown"
    traveller.here.force_login(hoa)
    assert traveller.here.get("/account/linked/").status_code == 200
    assert traveller.here.get("/account/security/").context["is_linked"] is True


# --- matched by the operator's rule -----------------------------------------------------------


def test_same_user_name_is_matched_where_the_operator_says_so(
    traveller: Traveller, provider: Provider, hoa: User, by_user_name: None
) -> None:
    assert traveller.go("hoa").url == "/home/"
    assert traveller.user_id == hoa.pk
    assert SocialAccount.objects.get().user == hoa
    again = Traveller(provider)
    again.go("hoa")
    assert (again.user_id, SocialAccount.objects.count()) == (hoa.pk, 1)


def test_same_phone_number_is_matched_however_it_is_written(
    traveller: Traveller, by_user_name: None
) -> None:
    user = UserFactory(phone="+84 912 345 678")
    traveller.go("0912345678")
    assert traveller.user_id == user.pk


def test_verified_phone_claim(traveller: Traveller, provider: Provider, settings: Any) -> None:
    settings.LMS_OIDC_USERNAME_CLAIM = "phone_number"
    user = UserFactory(phone="0987654321")
    claims = {"phone_number": "+84987654321", "phone_number_verified": False}
    provider.lie(userinfo=claims)
    assert why(traveller.go("an.nv")) == "unknown"
    provider.lie(userinfo=claims | {"phone_number_verified": True})
    traveller.go("an.nv")
    assert traveller.user_id == user.pk


def test_same_user_name_means_nothing_unless_the_operator_says_so(
    traveller: Traveller, hoa: User
) -> None:
    assert why(traveller.go("hoa")) == "unknown"
    assert (traveller.user_id, SocialAccount.objects.count()) == (None, 0)


def test_unknown_person_gets_a_page_that_says_what_to_do(
    traveller: Traveller, by_user_name: None
) -> None:
    response = traveller.go("nguoila")
    assert why(response) == "unknown"
    page = traveller.here.get(response.url)
    assert page.status_code == 403
    assert "chưa gắn với tài khoản nào ở đây" in page.content.decode()
    assert (User.objects.count(), Person.objects.count()) == (0, 0)


def test_unknown_person_gets_an_account_where_sign_up_is_open(
    traveller: Traveller, provider: Provider, by_user_name: None, settings: Any
) -> None:
    settings.LMS_SIGNUP_OPEN = True
    assert traveller.go("nguoila").url == "/home/"
    user = User.objects.get()
    assert (user.pk, user.username, user.person.full_name) == (
        traveller.user_id,
        "nguoila",
        "Lò Văn Pành",
    )
    assert [grant.role for grant in user.role_grants.all()] == ["learner"]
    assert user.has_usable_password() is False
    again = Traveller(provider)
    again.go("nguoila")
    assert (again.user_id, User.objects.count()) == (user.pk, 1)


def test_open_sign_up_takes_no_user_name_away(
    traveller: Traveller, hoa: User, settings: Any
) -> None:
    settings.LMS_SIGNUP_OPEN = True
    traveller.go("hoa")
    assert traveller.user_id != hoa.pk
    assert User.objects.get(pk=traveller.user_id).username != "hoa"


@pytest.mark.parametrize("open_sign_up", [False, True])
def test_roles_that_see_others_are_not_linked_by_themselves(
    traveller: Traveller, by_user_name: None, settings: Any, open_sign_up: bool
) -> None:
    settings.LMS_SIGNUP_OPEN = open_sign_up
    user = UserFactory(username="quanly")
    grant_role(user=user, role="centre_manager", centre=CentreFactory())
    assert why(traveller.go("quanly")) == "staff"
    assert (traveller.user_id, SocialAccount.objects.count()) == (None, 0)
    assert User.objects.count() == 1
    settings.LMS_OIDC_LINK_STAFF = True
    traveller.go("quanly")
    assert traveller.user_id == user.pk


@pytest.mark.parametrize("flag", ["is_superuser", "is_staff"])
def test_special_accounts_are_not_linked_by_themselves(
    traveller: Traveller, by_user_name: None, flag: str
) -> None:
    UserFactory(username="hoa", **{flag: True})
    assert why(traveller.go("hoa")) == "staff"


def test_user_name_that_was_given_to_somebody_else_opens_nothing(
    traveller: Traveller, hoa: User, by_user_name: None
) -> None:
    traveller.go("hoa")
    SocialAccount.objects.update(uid="person-of-before")
    other = Traveller(traveller.there.provider)
    assert why(other.go("hoa")) == "taken"
    assert (other.user_id, SocialAccount.objects.count()) == (None, 1)


def test_closed_account_is_not_opened(
    traveller: Traveller, provider: Provider, hoa: User, by_user_name: None
) -> None:
    User.objects.update(is_active=False)
    assert why(traveller.go("hoa")) == "unknown"
    User.objects.update(is_active=True)
    traveller.go("hoa")
    User.objects.update(is_active=False)
    other = Traveller(provider)
    assert other.go("hoa").url == "/account/inactive/"
    assert other.user_id is None


# --- around it --------------------------------------------------------------------------------


def test_second_factor_is_asked_for_here_as_well(
    traveller: Traveller, hoa: User, by_user_name: None
) -> None:
    TOTP.activate(hoa, "JBSWY3DPEHPK3PXP")
    assert traveller.go("hoa").url == "/account/security/authenticate/"
    assert traveller.user_id is None


def test_english_stays_english(traveller: Traveller, hoa: User, by_user_name: None) -> None:
    assert traveller.go("hoa", prefix="/en").url == "/en/home/"
    other = Traveller(traveller.there.provider)
    failed = other.go("nguoila", prefix="/en")
    assert failed.url.startswith("/en/account/oidc/failed/")
    assert "does not belong to any account" in other.here.get(failed.url).content.decode()


@pytest.mark.parametrize(
    ("following", "reached"),
    [("/record/", "/record/"), ("https://elsewhere.example/", "/home/"), ("", "/home/")],
)
def test_way_leads_back_to_where_the_person_was_going(
    traveller: Traveller, hoa: User, by_user_name: None, following: str, reached: str
) -> None:
    assert traveller.go("hoa", next=following).url == reached


def test_address_alone_begins_nothing(traveller: Traveller, hoa: User) -> None:
    """A link on another site must not start a sign-in: only the button's form does."""
    assert traveller.here.get("/account/oidc/login/").url == "/account/login/"
    assert "socialaccount_states" not in traveller.here.session
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/account/oidc/login/").status_code == 403


def test_callback_address_is_one_for_both_languages(traveller: Traveller) -> None:
    for prefix in ("", "/en"):
        assert "redirect_uri=http%3A%2F%2Ftestserver%2Faccount%2Foidc%2Fcallback%2F" in (
            traveller.begin(prefix)
        )
