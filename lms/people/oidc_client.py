"""The conversation of this site with a provider of OpenID Connect: what is asked and believed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import jwt
import requests
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from allauth.utils import build_absolute_uri
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.translation import override

SIGNED_WITH = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"]
LEEWAY = 60  # seconds that the clocks of the two servers may differ
LONGEST_SUBJECT = 191  # what the column holds; the standard allows 255, and nobody uses them


class OidcFailure(Exception):
    """The provider did not say who somebody is; `why` is a key of oidc.REASONS."""

    def __init__(self, why: str, detail: str = "") -> None:
        super().__init__(detail or why)
        self.why = why


@contextmanager
def conversation() -> Iterator[None]:
    """Turn what may go wrong between the two servers into an OidcFailure."""
    try:
        yield
    except requests.JSONDecodeError as problem:
        raise OidcFailure("answer", repr(problem)) from problem
    except requests.HTTPError as problem:
        is_ill = problem.response is not None and problem.response.status_code >= 500
        raise OidcFailure("down" if is_ill else "answer", repr(problem)) from problem
    except requests.RequestException as problem:
        raise OidcFailure("down", repr(problem)) from problem
    except (
        OAuth2Error,
        jwt.PyJWTError,
        AttributeError,
        KeyError,
        TypeError,
        ValueError,
    ) as problem:
        raise OidcFailure("answer", repr(problem)) from problem


class OidcClient(OpenIDConnectOAuth2Adapter):
    """Our side of the conversation with the provider."""

    @property
    def openid_config(self) -> dict[str, Any]:
        """What the provider says of itself; of the configured issuer, and reached as it is."""
        known: dict[str, Any] = super().openid_config
        if known["issuer"].rstrip("/") != settings.LMS_OIDC_ISSUER:
            raise ValueError(f"the provider calls itself {known['issuer']!r}")
        scheme = urlsplit(settings.LMS_OIDC_ISSUER).scheme
        for each in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            if urlsplit(known[each]).scheme != scheme:
                raise ValueError(f"{each} is {known[each]!r}")
        return known

    def get_callback_url(self, request: HttpRequest, app: Any) -> str:
        """One address whatever the language: providers know it letter by letter."""
        with override(settings.LANGUAGE_CODE):
            return str(build_absolute_uri(request, reverse("oidc_callback")))

    def claims(self, code: str, state: dict[str, Any]) -> dict[str, Any]:
        """Who it is, by the code that the provider sent the browser back with."""
        app = self.get_provider().app
        client = self.get_client(self.request, app)
        answer = client.get_access_token(code, pkce_code_verifier=state["pkce_code_verifier"])
        identity = self._verified(answer["id_token"], app.client_id)
        if not constant_time_compare(str(identity.get("nonce", "")), state["nonce"]):
            raise ValueError("the nonce is not ours")
        found = dict(identity)
        if self.openid_config.get("userinfo_endpoint"):
            about = self._fetch_user_info(answer["access_token"])
            if about["sub"] != identity["sub"]:
                raise ValueError("the two answers are about two people")
            found |= about
        if not isinstance(found["sub"], str) or not 0 < len(found["sub"]) <= LONGEST_SUBJECT:
            raise ValueError("no usable subject")
        return found

    def _verified(self, token: str, client_id: str) -> dict[str, Any]:
        with get_adapter().get_requests_session() as session:
            response = session.get(self.openid_config["jwks_uri"])
            response.raise_for_status()
        header = jwt.get_unverified_header(token)
        keys = [
            key
            for key in jwt.PyJWKSet.from_dict(response.json()).keys
            if key.public_key_use in (None, "sig")
            and ("kid" not in header or key.key_id == header["kid"])
        ]
        if len(keys) != 1:
            raise ValueError(f"no single key {header.get('kid')!r}")
        claims: dict[str, Any] = jwt.decode(
            token,
            keys[0],
            algorithms=SIGNED_WITH,
            audience=client_id,
            issuer=self.openid_config["issuer"],
            leeway=LEEWAY,
            options={"require": ["aud", "exp", "iat", "iss", "sub"]},
        )
        is_shared = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if is_shared and claims.get("azp") != client_id:
            raise ValueError("the token is for somebody else")
        return claims
