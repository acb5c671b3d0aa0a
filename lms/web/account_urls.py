"""Addresses of accounts, below /account/: allauth's views, only those that this site needs.

There is no e-mail here: no confirmation of addresses, no reset of passwords by mail.
"""

from __future__ import annotations

from allauth.account import views as account
from django.urls import URLPattern, URLResolver, include, path

from lms.people import oidc
from lms.web.views import security


def patterns(*, with_oidc: bool) -> list[URLPattern | URLResolver]:
    """The addresses, with or without sign-in by another system."""
    return [
        path("login/", account.login, name="account_login"),
        path("logout/", account.logout, name="account_logout"),
        path("inactive/", account.account_inactive, name="account_inactive"),
        path("signup/", account.signup, name="account_signup"),
        path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
        path("password/change/", account.password_change, name="account_change_password"),
        path("password/set/", account.password_set, name="account_set_password"),
        path("sessions/", security.sessions, name="usersessions_list"),
        path("security/", security.index, name="mfa_index"),
        path("security/", include("allauth.mfa.urls")),
        *(oidc.patterns() if with_oidc else []),
    ]


urlpatterns = patterns(with_oidc=oidc.is_configured())
