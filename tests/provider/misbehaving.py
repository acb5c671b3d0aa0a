"""What the provider says of people, and the lies that tests ask it for.

A test writes lies into `lies.json` in the provider's folder: claims to put in the place of the
right ones in the ID token ("id_token") or in the answer about a person ("userinfo"), what to say
of itself ("metadata"), or to sign with a key that it never published ("foreign_key": true).
"""

from __future__ import annotations

import json
import time
from typing import Any

from allauth.idp.oidc.adapter import DefaultOIDCAdapter
from allauth.idp.oidc.models import PrivateKey
from django.conf import settings

from tests.provider.keys import new_key


def lies() -> dict[str, Any]:
    """What the running test asked for."""
    path = settings.FOLDER / "lies.json"
    found: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    return found


class Adapter(DefaultOIDCAdapter):
    """allauth's own, bent where a lie was asked for."""

    scope_display = DefaultOIDCAdapter.scope_display | {"phone": "View your phone number"}

    def get_user_sub(self, client: Any, user: Any) -> str:
        return f"person-{user.pk}"

    def get_user_by_sub(self, client: Any, sub: str) -> Any:
        return super().get_user_by_sub(client, sub.removeprefix("person-"))

    def get_claims(self, purpose: str, user: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        claims: dict[str, Any] = super().get_claims(purpose, user, *args, **kwargs)
        return claims | lies().get("userinfo", {}) if purpose == "userinfo" else claims

    def populate_id_token(self, id_token: dict[str, Any], *args: Any, **kwargs: Any) -> None:
        wrong = lies().get("id_token", {})
        if "expired" in wrong:
            past = int(time.time()) - wrong.pop("expired")
            id_token.update({"iat": past - 300, "exp": past})
        id_token.update(wrong)
        for name in [name for name, value in id_token.items() if value is None]:
            del id_token[name]

    def populate_server_metadata(self, data: dict[str, Any]) -> None:
        data.update(lies().get("metadata", {}))

    def get_signing_key(self) -> PrivateKey:
        return PrivateKey(pem=new_key()) if lies().get("foreign_key") else super().get_signing_key()
