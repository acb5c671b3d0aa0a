"""The policy header is the one that django-csp would have made, wherever it is made."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from csp.constants import HEADER, NONCE, SELF
from csp.decorators import csp_exempt, csp_update
from csp.middleware import CSPMiddleware
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory, override_settings

from lms.web.policy import PolicyMiddleware


def plain(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


def with_nonce(request: HttpRequest) -> HttpResponse:
    return HttpResponse(str(request.csp_nonce))


def with_own_policy(request: HttpRequest) -> HttpResponse:
    response = HttpResponse()
    response.headers[HEADER] = "sandbox"
    return response


def test_plain_page_has_the_whole_policy() -> None:
    header = PolicyMiddleware(plain)(RequestFactory().get("/"))[HEADER]
    assert "default-src 'self'" in header
    assert "script-src 'self';" in f"{header};"
    assert "unsafe-inline" not in header


@pytest.mark.parametrize("path", ["/", "/khoa/", "/admin/", "/admin/pages/"])
@pytest.mark.parametrize("debug", [True, False])
@pytest.mark.parametrize(
    "view",
    [
        plain,
        with_own_policy,
        csp_exempt()(plain),
        csp_update({"img-src": ["https://example.org"]})(plain),
    ],
)
def test_header_is_that_of_django_csp(
    view: Callable[[HttpRequest], HttpResponse], path: str, debug: bool
) -> None:
    with override_settings(DEBUG=debug):
        ours = PolicyMiddleware(view)(RequestFactory().get(path))
        theirs = CSPMiddleware(view)(RequestFactory().get(path))
    assert ours.headers.get(HEADER) == theirs.headers.get(HEADER)


@override_settings(CONTENT_SECURITY_POLICY={"DIRECTIVES": {"script-src": [SELF, NONCE]}})
def test_nonce_of_a_page_is_in_its_header() -> None:
    response = PolicyMiddleware(with_nonce)(RequestFactory().get("/"))
    assert f"'nonce-{response.content.decode()}'" in response[HEADER]
