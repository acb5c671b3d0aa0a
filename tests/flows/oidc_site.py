"""The site with sign-in at the provider of tests/provider, and a person who walks between both."""

from __future__ import annotations

import html
import importlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.test import Client
from django.urls import clear_url_caches, reverse

import lms.urls
from lms.people.models import User
from lms.people.tests.factories import PASSWORD
from lms.web import account_urls
from tests.provider.running import CLIENT_ID, CLIENT_SECRET, Provider, Visitor

CALLBACK = "http://testserver/account/oidc/callback/"


@contextmanager
def configured(settings: Any, provider: Provider) -> Iterator[None]:
    """The settings and the addresses of a site whose operator set the provider up."""
    settings.LMS_OIDC_ISSUER = provider.url
    settings.LMS_OIDC_CLIENT_ID = CLIENT_ID
    settings.LMS_OIDC_SECRET = CLIENT_SECRET
    settings.LMS_OIDC_NAME = "Cổng cán bộ"
    with addresses_with_oidc():
        yield


@contextmanager
def addresses_with_oidc() -> Iterator[None]:
    """The addresses as they are when a site starts with a provider in its settings."""
    without = account_urls.urlpatterns
    account_urls.urlpatterns = account_urls.patterns(with_oidc=True)
    _read_addresses_anew()
    yield
    account_urls.urlpatterns = without
    _read_addresses_anew()


def _read_addresses_anew() -> None:
    importlib.reload(lms.urls)
    clear_url_caches()


class Traveller:
    """One browser: its cookies here, and its cookies at the provider."""

    def __init__(self, provider: Provider) -> None:
        self.here = Client()
        self.there = Visitor(provider)

    def begin(self, prefix: str = "", **more: str) -> str:
        """Press the button on the sign-in page; the provider's address that follows."""
        return self.link(self.here.post(f"{prefix}/account/oidc/login/", more))

    def link(self, page: Any) -> str:
        """The provider's address on the page that leaves for it."""
        assert page.status_code == 200, getattr(page, "url", page)
        found = re.findall(r'http-equiv="refresh"\s+content="0;url=([^"]+)"', page.content.decode())
        assert len(found) == 1
        return html.unescape(found[0])

    def go(self, username: str, *, prefix: str = "", **more: str) -> Any:
        """Sign in at the provider and come back; what the site answers."""
        return self.back(self.there.sign_in(self.begin(prefix, **more), username))

    def back(self, address: str) -> Any:
        """Follow the provider's answer to the site."""
        assert address.startswith(CALLBACK)
        return self.here.get(address.removeprefix("http://testserver"))

    def sign_in_here(self, user: User) -> None:
        """With the password, which is said twice: linking asks for it again."""
        self.here.post(reverse("account_login"), {"login": user.username, "password": PASSWORD})
        self.here.post(reverse("account_reauthenticate"), {"password": PASSWORD})

    @property
    def user_id(self) -> int | None:
        """Who is signed in here."""
        found = self.here.session.get("_auth_user_id")
        return int(found) if found else None
