"""Sign-in by another system when something is wrong: a clear page, and nothing half done."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
import pytest
import requests
from allauth.core import context
from allauth.socialaccount.models import SocialAccount, SocialToken
from cryptography.hazmat.primitives import serialization
from django.test import RequestFactory

from lms.people.models import User
from lms.people.oidc import _provider
from lms.people.oidc_client import OidcClient, OidcFailure, conversation
from lms.people.tests.factories import UserFactory
from tests.flows.oidc_site import CALLBACK, Traveller, configured
from tests.provider.keys import new_key
from tests.provider.running import CLIENT_ID, Provider

pytestmark = [pytest.mark.django_db, pytest.mark.one_engine]

SAID = {
    "state": "Lần đăng nhập này đã quá lâu",
    "answer": "trả lời không đáng tin cậy",
    "down": "hiện không trả lời",
    "cancelled": "đã bị hủy",
}
STATUS = {"state": 401, "answer": 401, "down": 503, "cancelled": 401}


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    made = Provider(tmp_path_factory.mktemp("provider"), CALLBACK)
    yield made
    made.close()


@pytest.fixture
def hoa() -> User:
    return UserFactory(username="hoa")


@pytest.fixture
def traveller(provider: Provider, settings: Any, hoa: User) -> Iterator[Traveller]:
    settings.LMS_OIDC_USERNAME_CLAIM = "preferred_username"
    provider.lie()
    with configured(settings, provider):
        yield Traveller(provider)


def changed(address: str, **values: str) -> str:
    """The address with other values in its query."""
    parts = urlsplit(address)
    query = {name: found[0] for name, found in parse_qs(parts.query).items()} | values
    return parts._replace(query=urlencode(query)).geturl()


def is_refused(traveller: Traveller, response: Any, reason: str) -> None:
    """The page says so, and neither a link nor a session came of it; the right way still works."""
    assert (response.status_code, response.url) == (302, f"/account/oidc/failed/?why={reason}")
    page = traveller.here.get(response.url)
    assert page.status_code == STATUS[reason]
    assert SAID[reason] in page.content.decode()
    assert (traveller.user_id, SocialAccount.objects.count()) == (None, 0)
    assert (User.objects.count(), SocialToken.objects.count()) == (1, 0)


def works(traveller: Traveller, hoa: User) -> None:
    """Nothing is left over of what failed before."""
    traveller.there.provider.lie()
    assert traveller.go("hoa").url == "/home/"
    assert traveller.user_id == hoa.pk


def test_state_that_is_not_ours(traveller: Traveller, hoa: User) -> None:
    back = traveller.there.sign_in(traveller.begin(), "hoa")
    is_refused(traveller, traveller.back(changed(back, state="invented")), "state")
    works(traveller, hoa)


def test_answer_for_another_browser(traveller: Traveller, provider: Provider) -> None:
    """An attacker's answer slipped to somebody: that browser never asked for it."""
    back = traveller.there.sign_in(traveller.begin(), "hoa")
    victim = Traveller(provider)
    is_refused(victim, victim.back(back), "state")


def test_answer_used_twice(traveller: Traveller) -> None:
    back = traveller.there.sign_in(traveller.begin(), "hoa")
    assert traveller.back(back).url == "/home/"
    traveller.here.post("/account/logout/")
    again = traveller.back(back)
    assert again.url == "/account/oidc/failed/?why=state"
    assert traveller.user_id is None


@pytest.mark.parametrize("query", ["", "?code=x", "?state=", "?state=x&error=access_denied"])
def test_callback_without_a_sign_in(traveller: Traveller, query: str) -> None:
    is_refused(traveller, traveller.back(f"{CALLBACK}{query}"), "state")


def test_state_older_than_ten_minutes(
    traveller: Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    back = traveller.there.sign_in(traveller.begin(), "hoa")
    later = time.time() + 601
    monkeypatch.setattr(time, "time", lambda: later)
    is_refused(traveller, traveller.back(back), "state")


def test_code_that_the_provider_never_gave(traveller: Traveller, hoa: User) -> None:
    back = traveller.there.sign_in(traveller.begin(), "hoa")
    is_refused(traveller, traveller.back(changed(back, code="invented")), "answer")
    works(traveller, hoa)


def test_code_is_missing(traveller: Traveller) -> None:
    state = parse_qs(urlsplit(traveller.begin()).query)["state"][0]
    is_refused(traveller, traveller.back(f"{CALLBACK}?state={state}"), "answer")


def test_code_of_another_sign_in(traveller: Traveller, provider: Provider) -> None:
    """Codes are bound to who asked, by PKCE and the nonce: another person's does not fit."""
    stolen = traveller.there.sign_in(traveller.begin(), "hoa")
    thief = Traveller(provider)
    own = parse_qs(urlsplit(thief.begin()).query)["state"][0]
    is_refused(thief, thief.back(changed(stolen, state=own)), "answer")


@pytest.mark.parametrize(
    "lies",
    [
        {"id_token": {"nonce": "another"}},
        {"id_token": {"nonce": None}},
        {"id_token": {"iss": "https://elsewhere.example"}},
        {"id_token": {"aud": "another-site"}},
        {"id_token": {"aud": [CLIENT_ID, "another-site"], "azp": "another-site"}},
        {"id_token": {"expired": 300}},
        {"id_token": {"exp": None}},
        {"id_token": {"sub": "person-999"}},
        {"id_token": {"sub": ""}, "userinfo": {"sub": ""}},
        {"id_token": {"iat": 99_999_999_999}},
        {"userinfo": {"sub": "person-999"}},
        {"userinfo": {"sub": None}},
        {"foreign_key": True},
        {"metadata": {"userinfo_endpoint": "http://127.0.0.1:9/"}},
    ],
    ids=str,
)
def test_provider_that_says_something_wrong(
    traveller: Traveller, provider: Provider, hoa: User, lies: dict[str, Any]
) -> None:
    back = traveller.there.sign_in(traveller.begin(), "hoa")
    provider.lie(**lies)
    is_down = "metadata" in lies
    is_refused(traveller, traveller.back(back), "down" if is_down else "answer")
    works(traveller, hoa)


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://elsewhere.example"},
        {"issuer": None},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": None},
        {"token_endpoint": "ftp://127.0.0.1/"},
    ],
    ids=str,
)
def test_provider_that_says_something_wrong_of_itself(
    traveller: Traveller, provider: Provider, hoa: User, metadata: dict[str, Any]
) -> None:
    provider.lie(metadata=metadata)
    is_refused(traveller, traveller.here.post("/account/oidc/login/"), "answer")
    works(traveller, hoa)


def test_provider_that_is_down_when_the_sign_in_begins(
    traveller: Traveller, hoa: User, settings: Any, provider: Provider
) -> None:
    settings.LMS_OIDC_ISSUER = "http://127.0.0.1:9"
    is_refused(traveller, traveller.here.post("/account/oidc/login/"), "down")
    settings.LMS_OIDC_ISSUER = provider.url
    works(traveller, hoa)


def test_provider_that_goes_down_while_somebody_signs_in(
    settings: Any, hoa: User, tmp_path: Any
) -> None:
    settings.LMS_OIDC_USERNAME_CLAIM = "preferred_username"
    short = Provider(tmp_path, CALLBACK)
    with configured(settings, short):
        traveller = Traveller(short)
        back = traveller.there.sign_in(traveller.begin(), "hoa")
        short.close()
        is_refused(traveller, traveller.back(back), "down")


def test_something_else_at_the_address_of_the_provider(
    traveller: Traveller, settings: Any, provider: Provider
) -> None:
    settings.LMS_OIDC_ISSUER = f"{provider.url}/accounts/login"
    is_refused(traveller, traveller.here.post("/account/oidc/login/"), "answer")


def test_wrong_secret_of_the_site(traveller: Traveller, settings: Any, hoa: User) -> None:
    right, settings.LMS_OIDC_SECRET = settings.LMS_OIDC_SECRET, "wrong"
    is_refused(traveller, traveller.go("hoa"), "answer")
    settings.LMS_OIDC_SECRET = right
    works(traveller, hoa)


def test_person_who_cancels_there(traveller: Traveller, hoa: User) -> None:
    back = traveller.there.sign_in(traveller.begin(), "hoa", grant=False)
    is_refused(traveller, traveller.back(back), "cancelled")
    works(traveller, hoa)


def test_failure_page_takes_no_text_from_its_address(traveller: Traveller) -> None:
    page = traveller.here.get("/account/oidc/failed/?why=<b>call+0900</b>")
    assert page.status_code == 401
    assert "0900" not in page.content.decode().partition("<main")[2]


# --- forged tokens ----------------------------------------------------------------------------


@pytest.fixture
def verified(traveller: Traveller, provider: Provider) -> Callable[[str], Any]:
    """Has the site check a token with the keys that the provider publishes."""

    def check(token: str) -> Any:
        request = RequestFactory().get("/account/oidc/callback/")
        with context.request_context(request), conversation():
            return OidcClient(request, _provider(request).sub_id)._verified(token, CLIENT_ID)

    return check


def claims(provider: Provider) -> dict[str, Any]:
    now = int(time.time())
    return {
        "iss": provider.url,
        "aud": CLIENT_ID,
        "sub": "person-1",
        "iat": now,
        "exp": now + 300,
        "nonce": "n",
    }


def published(provider: Provider) -> dict[str, Any]:
    found = requests.get(f"{provider.url}/.well-known/jwks.json", timeout=10).json()["keys"]
    assert len(found) == 1
    return found[0]


def test_token_of_the_provider_is_taken(provider: Provider, verified: Any) -> None:
    own = (provider.folder / "key.pem").read_text()
    kid = published(provider)["kid"]
    token = jwt.encode(claims(provider), own, algorithm="RS256", headers={"kid": kid})
    assert verified(token) == claims(provider) | {
        name: verified(token)[name] for name in ("iat", "exp")
    }
    without_name = jwt.encode(claims(provider), own, algorithm="RS256")
    assert verified(without_name)["sub"] == "person-1"


def test_forged_tokens_are_not(provider: Provider, verified: Any) -> None:
    key = published(provider)
    public = jwt.PyJWK(key).key
    pem = public.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    names = {"kid": key["kid"]}
    own = (provider.folder / "key.pem").read_text()
    head, body, signature = jwt.encode(
        claims(provider), own, algorithm="RS256", headers=names
    ).split(".")
    other_body = jwt.encode(
        claims(provider) | {"sub": "person-2"}, own, algorithm="RS256", headers=names
    ).split(".")[1]
    forged = {
        "signed by another key": jwt.encode(
            claims(provider), new_key(), algorithm="RS256", headers=names
        ),
        "unsigned": jwt.encode(claims(provider), None, algorithm="none", headers=names),
        "signed with the public key as a secret": _hmac(claims(provider), pem, names),
        "with other contents": f"{head}.{other_body}.{signature}",
        "without signature": f"{head}.{body}.",
        "no token": "garbage",
        "empty": "",
    }
    taken = []
    for kind, token in forged.items():
        try:
            verified(token)
        except OidcFailure as refused:
            assert refused.why == "answer"
        else:
            taken.append(kind)
    assert taken == []


def _hmac(payload: dict[str, Any], secret: bytes, headers: dict[str, str]) -> str:
    """What jwt.encode refuses to do: sign with HMAC and a public key."""

    def part(data: bytes) -> str:
        return base64.urlsafe_b64encode(data).rstrip(b"=").decode()

    signed = ".".join(
        part(json.dumps(each).encode())
        for each in ({"alg": "HS256", "typ": "JWT", **headers}, payload)
    )
    return f"{signed}.{part(hmac.new(secret, signed.encode(), hashlib.sha256).digest())}"
