"""The second factor: codes of an app, passkeys, and who must have one before going on.

Anybody may set one up. LMS_SECOND_FACTOR_ROLES names the roles that see the data of others and
must: whoever holds one of them is sent to the set-up, whatever page is asked for, until it is done.
"""

from __future__ import annotations

import base64
import hashlib
import io
import logging
import secrets
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import segno
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.contrib import messages
from django.core.checks import CheckMessage, Error, register
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    JsonResponse,
)
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lms.people.models import User
from lms.people.rights import rights_of
from lms.people.roles import Role
from lms.plugins.prepared import Prepared

logger = logging.getLogger(__name__)

#: What counts as a second factor: recovery codes stand in for one of these.
FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
_FACTORS_OF: Prepared[int] = Prepared(
    lambda user_id: Authenticator.objects.filter(user_id=user_id, type__in=FACTORS).values_list(
        "pk", flat=True
    ),
    int,
)
#: Pages that a person without the factor may still open: to set it up, and to leave.
OPEN = frozenset(
    {
        "account_change_password",
        "account_inactive",
        "account_login",
        "account_logout",
        "account_reauthenticate",
        "account_set_password",
        "media-public",
        "usersessions_list",
    }
)


def has_second_factor(user: User) -> bool:
    """Whether the account has a code app or a passkey. One query."""
    return bool(_FACTORS_OF(user.pk))


def must_have_second_factor(user: User) -> bool:
    """Whether a role that the account holds today is one of LMS_SECOND_FACTOR_ROLES."""
    required = settings.LMS_SECOND_FACTOR_ROLES
    return bool(required) and not rights_of(user).roles.isdisjoint(required)


def lacks_second_factor(user: User) -> bool:
    """Whether the account must have a factor and has none.

    For accounts without such a role this asks for their rights only, which pages do anyway.
    """
    return must_have_second_factor(user) and not has_second_factor(user)


class RequireSecondFactor:
    """Middleware: who lacks a required factor sets one up before anything else.

    Pages lead there; what a program asks for is refused with the reason.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """An answer in place of the page's own, or None to go on."""
        if not settings.LMS_SECOND_FACTOR_ROLES or not request.user.is_authenticated:
            return None
        name = (request.resolver_match.url_name if request.resolver_match else None) or ""
        if name in OPEN or name.startswith("mfa_") or not lacks_second_factor(request.user):
            return None
        reason = _("Your role needs a second step at sign-in. Set it up first, then go on.")
        if not _is_page(request):
            return JsonResponse({"error": "second_factor_required", "reason": reason}, status=403)
        messages.warning(request, reason)
        return HttpResponseRedirect(reverse("mfa_index"))


def _is_page(request: HttpRequest) -> bool:
    """Whether a person at a browser waits for a page, and not a program for data."""
    if request.headers.get("X-Requested-With") or request.content_type == "application/json":
        return False
    accepted = request.headers.get("Accept", "*/*")
    return "text/html" in accepted or "application/json" not in accepted


class FactorAdapter(DefaultMFAAdapter):
    """Our words for allauth's second factors; their secrets are encrypted in the database."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": gettext_lazy(
            "This code is not right, or no longer valid. Try the next one."
        ),
        "cannot_delete_authenticator": gettext_lazy(
            "Your role needs a second step at sign-in. Set up another one before you remove this."
        ),
    }

    def get_totp_label(self, user: User) -> str:
        """What the code app shows below the site's name."""
        return user.username

    def build_totp_svg(self, url: str) -> str:
        """The QR code on a white ground: a dark page would hide a black one."""
        picture = io.BytesIO()
        segno.make(url, error="m", micro=False).save(
            picture, kind="svg", border=3, light="white", omitsize=True, xmldecl=False
        )
        return picture.getvalue().decode()

    def generate_authenticator_name(self, user: User, type: str) -> str:
        number = Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1
        return _("Passkey %(number)d") % {"number": number}

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        entity: dict[str, str] = super().get_public_key_credential_rp_entity()
        return entity | {"name": settings.WAGTAIL_SITE_NAME}

    def _get_user_identifier(self, user: User) -> str:
        return user.username

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Whether something is left that the person's role asks for."""
        user = authenticator.user
        if authenticator.type not in FACTORS or not must_have_second_factor(user):
            return True
        return bool(set(_FACTORS_OF(user.pk)) - {authenticator.pk})

    def encrypt(self, text: str) -> str:
        """For the database: whoever gets hold of a backup has no second factors with it."""
        return _cipher(*_keys()).encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """The secret; under another LMS_SECRET_KEY one that no code fits, never an error page."""
        try:
            return _cipher(*_keys()).decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            logger.error(
                "The secret of a second factor cannot be read: LMS_SECRET_KEY is not the one that "
                "it was stored with. Put the old key into LMS_SECRET_KEY_FALLBACKS."
            )
            return base64.b32encode(secrets.token_bytes(20)).decode()


def _keys() -> tuple[str, ...]:
    return (settings.SECRET_KEY, *map(str, settings.SECRET_KEY_FALLBACKS))


@lru_cache(maxsize=4)
def _cipher(*keys: str) -> MultiFernet:
    digests = [hashlib.sha256(b"second factor:" + key.encode()).digest() for key in keys]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])


@register
def check_roles(**kwargs: Any) -> list[CheckMessage]:
    """LMS_SECOND_FACTOR_ROLES names roles that exist and that see the data of others."""
    possible = {role.value for role in Role if role != Role.LEARNER}
    return [
        Error(
            f"LMS_SECOND_FACTOR_ROLES: {name!r} is no role that a second factor can be asked of.",
            hint=f"Roles: {', '.join(sorted(possible))}.",
            id="people.E001",
        )
        for name in settings.LMS_SECOND_FACTOR_ROLES
        if name not in possible
    ]
