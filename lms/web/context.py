"""What base.html needs on every page. Costs one query at most, and only for signed-in people."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import get_script_prefix
from django.utils.functional import SimpleLazyObject as Lazily
from django.utils.translation import get_language, override

from lms.people import oidc
from lms.people.rights import rights_of
from lms.web.manage.menu import entries_for


def site(request: HttpRequest) -> dict[str, Any]:
    """Names, rights and language links; nothing of it is computed unless a template asks."""
    user = getattr(request, "user", None)
    signed_in = user is not None and user.is_authenticated
    return {
        "account_name": Lazily(lambda: account_name(user)) if signed_in else "",
        "can_author": signed_in and Lazily(lambda: rights_of(user).may_author),
        "manage_menu": signed_in and Lazily(lambda: entries_for(rights_of(user).roles)),
        "signup_open": settings.LMS_SIGNUP_OPEN,
        "oidc_name": oidc.name() if oidc.is_configured() else "",
        "language_links": Lazily(lambda: language_links(request)),
    }


def account_name(user: Any) -> str:
    """The person's full name, else the user name."""
    person = user.person
    return str(person.full_name if person is not None else user.get_username())


def language_links(request: HttpRequest) -> list[dict[str, Any]]:
    """The same page in every language of the site.

    A view that knows better (a page translated under another address) sets
    `request.language_urls` to {code: url}.
    """
    known: dict[str, str] = getattr(request, "language_urls", {})
    current = get_language()
    path = request.get_full_path()
    return [
        {
            "code": code,
            "name": _name_of(code),
            "url": known.get(code) or _in_language(request, path, code),
            "current": code == current,
        }
        for code, _ in settings.LANGUAGES
    ]


@cache
def _name_of(code: str) -> str:
    """The name of a language in that language."""
    with override(code):
        return str(dict(settings.LANGUAGES)[code])


def _in_language(request: HttpRequest, path: str, code: str) -> str:
    """`path` under the prefix of `code`: below it, addresses are the same in every language."""
    if request.resolver_match is None:
        return path  # an address that leads nowhere has no other form
    mounted = get_script_prefix().rstrip("/")
    rest = path.removeprefix(mounted)
    current = get_language()
    if current != settings.LANGUAGE_CODE:
        rest = rest.removeprefix(f"/{current}") or "/"
    prefix = "" if code == settings.LANGUAGE_CODE else f"/{code}"
    return f"{mounted}{prefix}{rest}"
