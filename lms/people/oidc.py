"""Sign-in with the accounts of another system, by OpenID Connect. Off unless an issuer is set.

allauth keeps the links between accounts; the conversation with the provider is stricter than
allauth's: PKCE, a nonce, and a signature that is checked even where the standard would let it be.

Whose account it is (docs/sign-in.md): the one that its owner linked while signed in; or, where the
operator names a claim as authoritative, the one whose user name or phone number the claim gives.
"""

from __future__ import annotations

import hashlib
import logging
from typing import Any
from urllib.parse import urlencode, urlsplit

from allauth.account.adapter import get_adapter as get_account_adapter
from allauth.account.decorators import reauthentication_required
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter, get_adapter
from allauth.socialaccount.helpers import complete_social_login
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialLogin
from allauth.socialaccount.providers.base import AuthProcess
from allauth.socialaccount.providers.openid_connect.provider import (
    OpenIDConnectProvider,
    OpenIDConnectProviderAccount,
)
from allauth.socialaccount.views import connections
from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.crypto import get_random_string
from django.utils.translation import get_language, override
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from lms.people.errors import CannotMakeAccount
from lms.people.models import User
from lms.people.oidc_client import OidcClient, OidcFailure, conversation
from lms.people.owners import CannotMatch, owner_of
from lms.people.services.accounts import check_username, create_account, create_person

logger = logging.getLogger(__name__)

SCOPE_OF_CLAIM = {"phone_number": "phone", "email": "email"}
#: Why somebody was not signed in: what the page says, and its status.
REASONS = {
    "state": (_("This sign-in is too old, or was begun in another window. Begin it anew."), 401),
    "answer": (_("%(name)s gave an answer that cannot be trusted. Nothing was changed."), 401),
    "down": (_("%(name)s does not answer at the moment. Try again in a few minutes."), 503),
    "cancelled": (_("The sign-in at %(name)s was cancelled."), 401),
    "unknown": (_("This account of %(name)s does not belong to any account here yet."), 403),
    "staff": (
        _("Accounts that see the data of others are not linked with %(name)s by themselves."),
        403,
    ),
    "taken": (_("The account here is linked with another account of %(name)s."), 403),
}


def is_configured() -> bool:
    """Whether the operator set a provider up."""
    return bool(settings.LMS_OIDC_ISSUER and settings.LMS_OIDC_CLIENT_ID)


def name() -> str:
    """What people know the provider by."""
    return settings.LMS_OIDC_NAME or urlsplit(settings.LMS_OIDC_ISSUER).netloc


@register
def check_settings(**kwargs: Any) -> list[CheckMessage]:
    """All of the provider is set, or nothing; and it is spoken to by TLS."""
    issuer, client = settings.LMS_OIDC_ISSUER, settings.LMS_OIDC_CLIENT_ID
    found: list[CheckMessage] = []
    if bool(issuer) != bool(client):
        found.append(
            Error("Set LMS_OIDC_ISSUER and LMS_OIDC_CLIENT_ID together.", id="people.E002")
        )
    where = urlsplit(issuer)
    is_near = where.hostname in {"127.0.0.1", "localhost", "::1"}
    if issuer and not (where.scheme == "https" or (where.scheme == "http" and is_near)):
        found.append(Error("LMS_OIDC_ISSUER must begin with https://.", id="people.E003"))
    return found


class OidcIdentity(OpenIDConnectProviderAccount):
    """A linked account as a page shows it."""

    def to_str(self) -> str:
        """What the person knows it by."""
        known = self.account.extra_data
        return str(known.get("preferred_username") or known.get("name") or self.account.uid)


class OidcProvider(OpenIDConnectProvider):
    """allauth's provider, with our client and without what requests could slip in."""

    account_class = OidcIdentity
    oauth2_adapter_class = OidcClient

    def get_login_url(self, request: HttpRequest, **kwargs: Any) -> str:
        return reverse("oidc_login")

    def get_callback_url(self) -> str:
        return reverse("oidc_callback")

    def get_default_scope(self) -> list[str]:
        asked = SCOPE_OF_CLAIM.get(settings.LMS_OIDC_USERNAME_CLAIM)
        return ["openid", "profile", *([asked] if asked else [])]

    def extract_uid(self, data: dict[str, Any]) -> str:
        return str(data["sub"])

    def extract_extra_data(self, data: dict[str, Any]) -> dict[str, Any]:
        """What is kept: what shows whose account it is, and nothing else that the provider says."""
        claim = settings.LMS_OIDC_USERNAME_CLAIM
        kept = {"sub", "name", "preferred_username", claim, f"{claim}_verified"}
        return {key: data[key] for key in kept & data.keys()}

    def extract_common_fields(self, data: dict[str, Any]) -> dict[str, Any]:
        return {}

    def extract_email_addresses(self, data: dict[str, Any]) -> list[Any]:
        return []

    def leave_for(self, request: HttpRequest, process: str) -> str:
        """The provider's address that the browser goes to next; the way back is remembered."""
        nonce = get_random_string(32)
        following = get_account_adapter().is_safe_url(request.POST.get("next", ""))
        response = self.redirect(
            request,
            process,
            next_url=request.POST["next"] if following else None,
            scope=self.get_scope(),
            auth_params={"nonce": nonce},
            nonce=nonce,
            language=get_language(),
        )
        if not isinstance(response, HttpResponseRedirect):
            raise OidcFailure("answer")
        return response.url


class OidcAccountAdapter(DefaultSocialAccountAdapter):
    """The one provider, from the settings and never from the database; and whose account it is."""

    error_messages = DefaultSocialAccountAdapter.error_messages | {
        "no_password": _(
            "This account has no password yet. Set one first: without it nothing would open the "
            "account any more."
        ),
        "connected_other": _("That account is linked with another account here already."),
    }

    def list_apps(
        self, request: HttpRequest, provider: str | None = None, client_id: str | None = None
    ) -> list[SocialApp]:
        if not is_configured():
            return []
        issuer = settings.LMS_OIDC_ISSUER
        # Part of the key of every link: subjects of another issuer are other people. Links with an
        # issuer that was set before are still shown, and can be removed.
        key = f"oidc-{hashlib.sha256(issuer.encode()).hexdigest()[:16]}"
        app = SocialApp(
            provider=OidcProvider.id,
            provider_id=key if provider in (None, OidcProvider.id) else provider,
            name=name(),
            client_id=settings.LMS_OIDC_CLIENT_ID,
            secret=settings.LMS_OIDC_SECRET,
            settings={"server_url": issuer, "oauth_pkce_enabled": True},
        )
        fits = app.provider_id.startswith("oidc-") and client_id in (None, app.client_id)
        return [app] if fits else []

    def get_provider(
        self, request: HttpRequest, provider: str, client_id: str | None = None
    ) -> OidcProvider:
        return OidcProvider(request, app=self.get_app(request, provider, client_id))

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: Any) -> User:
        user: User = sociallogin.user
        return user

    def get_connect_redirect_url(self, request: HttpRequest, socialaccount: SocialAccount) -> str:
        return reverse("mfa_index")

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Link the identity with the account that the operator's rule gives, if it gives one."""
        if sociallogin.is_existing or sociallogin.state.get("process") == AuthProcess.CONNECT:
            return
        account = sociallogin.account
        try:
            user = owner_of(account.extra_data, provider=account.provider)
            if user is not None:
                account.user = sociallogin.user = user
                with transaction.atomic():
                    account.save()
                logger.info("account %s linked with %s", user.pk, account.provider)
        except CannotMatch as refused:
            raise ImmediateHttpResponse(_failed(refused.why)) from refused
        except IntegrityError as problem:  # the same person in two windows at once
            raise ImmediateHttpResponse(_failed("state")) from problem

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        if not settings.LMS_SIGNUP_OPEN:
            raise ImmediateHttpResponse(_failed("unknown"))
        return True

    @transaction.atomic
    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form: Any = None) -> User:
        """A new person with an account, where the operator opened sign-up."""
        claims = sociallogin.account.extra_data
        known_as = str(claims.get("preferred_username") or "")
        try:
            username = check_username(known_as) if known_as else ""
        except CannotMakeAccount:
            username = ""
        person = create_person(full_name=str(claims.get("name") or known_as or claims["sub"]))
        user = create_account(person=person, username=username)
        sociallogin.user = user
        sociallogin.save(request, connect=True)
        return user


def _provider(request: HttpRequest) -> OidcProvider:
    found: OidcProvider = get_adapter(request).get_provider(request, OidcProvider.id)
    return found


def _failed(why: str) -> HttpResponse:
    """To the page that says it: the address of this one holds a code that nobody need keep."""
    return redirect(f"{reverse('oidc_failed')}?{urlencode({'why': why})}")


def _leave(request: HttpRequest, process: str) -> HttpResponse:
    try:
        with conversation():
            address = _provider(request).leave_for(request, process)
    except OidcFailure as failure:
        logger.warning("sign-in at %s could not begin: %s", settings.LMS_OIDC_ISSUER, failure)
        return _failed(failure.why)
    # A page, not a redirect: browsers hold an answer to a form to the form-action of our policy.
    return render(request, "socialaccount/leaving.html", {"address": address, "name": name()})


@never_cache
def login(request: HttpRequest) -> HttpResponse:
    """From the sign-in page to the provider."""
    if request.user.is_authenticated:
        return redirect("mfa_index")
    if request.method != "POST":
        return redirect("account_login")
    return _leave(request, AuthProcess.LOGIN)


@never_cache
@require_POST
@reauthentication_required(app="allauth.socialaccount")  # type: ignore[untyped-decorator]
def connect(request: HttpRequest) -> HttpResponse:
    """From the security page to the provider, to link the account there with this one."""
    return _leave(request, AuthProcess.CONNECT)


@never_cache
def callback(request: HttpRequest) -> HttpResponse:
    """Back from the provider."""
    provider = _provider(request)
    try:
        state = provider.unstash_redirect_state(request, request.GET.get("state", ""))
    except PermissionDenied:
        return _failed("state")
    with override(state.get("language") or settings.LANGUAGE_CODE):
        if "error" in request.GET:
            is_cancelled = request.GET["error"] == "access_denied"
            return _failed("cancelled" if is_cancelled else "answer")
        try:
            with conversation():
                claims = OidcClient(request, provider.sub_id).claims(request.GET["code"], state)
        except OidcFailure as failure:
            logger.warning("sign-in at %s failed: %s", settings.LMS_OIDC_ISSUER, failure)
            return _failed(failure.why)
        found = provider.sociallogin_from_response(request, claims)
        found.state = state
        answer: HttpResponse = complete_social_login(request, found)
        return answer


@never_cache
def failed(request: HttpRequest) -> HttpResponse:
    """Says why somebody was not signed in, and what to do."""
    why = request.GET.get("why", "")
    message, status = REASONS.get(why, REASONS["state"])
    context = {"why": why, "message": message % {"name": name()}, "name": name()}
    return render(request, "socialaccount/failed.html", context, status=status)


def patterns() -> list[URLPattern]:
    """The addresses, below /account/, while a provider is set up."""
    return [
        path("oidc/login/", login, name="oidc_login"),
        path("oidc/connect/", connect, name="oidc_connect"),
        path("oidc/callback/", callback, name="oidc_callback"),
        path("oidc/failed/", failed, name="oidc_failed"),
        path("linked/", connections, name="socialaccount_connections"),
    ]
