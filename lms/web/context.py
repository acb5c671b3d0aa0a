"""What base.html needs on every page. Costs one query at most, and only for signed-in people."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import translate_url
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from lms.people.rights import rights_of


def site(request: HttpRequest) -> dict[str, Any]:
    """Names, rights and language links; nothing of it is computed unless a template asks."""
    user = getattr(request, "user", None)
    signed_in = user is not None and user.is_authenticated
    return {
        "account_name": SimpleLazyObject(lambda: account_name(user)) if signed_in else "",
        "can_teach": SimpleLazyObject(lambda: rights_of(user).sees_learners) if signed_in else False,
        "can_author": SimpleLazyObject(lambda: rights_of(user).may_author) if signed_in else False,
        "language_links": SimpleLazyObject(lambda: language_links(request)),
    }


def account_name(user: Any) -> str:
    """The person's full name, else the user name."""
    person = user.person
    return person.full_name if person is not None else user.get_username()


def language_links(request: HttpRequest) -> list[dict[str, Any]]:
    """The same page in every language of the site.

    A view that knows better (a page translated under another address) sets
    `request.language_urls` to {code: url}.
    """
    known: dict[str, str] = getattr(request, "language_urls", {})
    current = get_language()
    path = request.get_full_path()
    links = []
    for code, name in settings.LANGUAGES:
        with override(code):
            url = known.get(code) or translate_url(path, code)
            links.append(
                {"code": code, "name": _(str(name)), "url": url, "current": code == current}
            )
    return links
