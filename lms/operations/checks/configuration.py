"""The settings of a site with real people."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from django.conf import settings
from django.core.cache import cache
from django.utils.translation import gettext as _

from lms.operations.checks.findings import Finding, advice, check, error, warning

OPEN_KEYS = ("for development only", "for tests only", "django-insecure-")
KEY_LENGTH, KEY_VARIETY = 50, 5
PROBE = "lms:doctor"


@check(database=False)
def debug_is_off() -> Iterator[Finding]:
    """Visitors do not see the inside of the site."""
    if settings.DEBUG:
        yield error(
            _("DEBUG is on: with every error visitors see the inside of the site."),
            _("Run the site with DJANGO_SETTINGS_MODULE=lms.settings.production."),
        )


@check(database=False)
def secret_key_is_secret() -> Iterator[Finding]:
    """Nobody can guess the key that sessions and codes stand on."""
    key = str(settings.SECRET_KEY)
    if key.startswith(OPEN_KEYS) or len(key) < KEY_LENGTH or len(set(key)) < KEY_VARIETY:
        yield error(
            _("The secret key is known to everybody or too short."),
            _(
                "Set LMS_SECRET_KEY to 50 random characters or more. Everybody signs in anew;"
                " second factors are set up anew."
            ),
        )


@check(database=False)
def hosts_are_named() -> Iterator[Finding]:
    """The site answers to its own names only."""
    if not settings.ALLOWED_HOSTS or "*" in settings.ALLOWED_HOSTS:
        yield error(
            _("The site answers to any host name."),
            _("Set LMS_HOSTS to its own names, comma-separated."),
        )


@check(database=False)
def connections_are_encrypted() -> Iterator[Finding]:
    """Passwords travel by TLS only."""
    if not (
        settings.SECURE_SSL_REDIRECT
        and settings.SESSION_COOKIE_SECURE
        and settings.CSRF_COOKIE_SECURE
    ):
        yield error(
            _("Passwords travel in the open: the site does not insist on HTTPS."),
            _("Put a proxy with TLS before it (docs/operate.md) and set LMS_TLS=1."),
        )
    elif not settings.SECURE_HSTS_SECONDS:
        yield warning(
            _("Browsers are not told to come by HTTPS only."),
            _("Set SECURE_HSTS_SECONDS once HTTPS works."),
        )


@check(database=False)
def address_is_set() -> Iterator[Finding]:
    """Links in notices and on slips lead to this site."""
    address = urlsplit(str(settings.WAGTAILADMIN_BASE_URL))
    if address.hostname in {"127.0.0.1", "localhost", "testserver", None}:
        yield warning(
            _("Links that the site gives out lead to %(address)s.")
            % {"address": settings.WAGTAILADMIN_BASE_URL},
            _("Set LMS_BASE_URL to its address, such as https://hoc.example.vn."),
        )


@check(database=False)
def cache_is_shared() -> Iterator[Finding]:
    """Failed sign-ins are counted once, not once per process."""
    backend = str(settings.CACHES["default"]["BACKEND"]).rpartition(".")[2]
    if backend in {"LocMemCache", "DummyCache"}:
        yield error(
            _("Each process counts failed sign-ins for itself (%(backend)s).")
            % {"backend": backend},
            _("Use the production settings, or give CACHES a cache that all processes share."),
        )


@check(database=False)
def cache_answers() -> Iterator[Finding]:
    """Without it nobody can sign in: failed tries could not be counted."""
    try:
        cache.set(PROBE, PROBE, timeout=60)
        kept = cache.get(PROBE)
    except Exception as problem:  # noqa: BLE001 -- each cache has errors of its own
        yield error(
            _("The cache does not answer: %(error)s")
            % {"error": str(problem).strip() or type(problem).__name__},
            _(
                "Start Redis and look at LMS_REDIS (docs/operate.md says which package it needs),"
                " or look whether LMS_CACHE_FILE can be written."
            ),
        )
        return
    if kept != PROBE:
        yield error(
            _("The cache forgets at once what it was given."),
            _("Use the production settings, or give CACHES a cache that all processes share."),
        )


@check(database=False)
def second_factor_is_asked_for() -> Iterator[Finding]:
    """Who sees the data of others signs in with more than a password."""
    if not settings.LMS_SECOND_FACTOR_ROLES:
        yield advice(
            _("Nobody needs a second factor, not even administrators."),
            _("Set LMS_SECOND_FACTOR_ROLES=administrator,centre_manager (docs/sign-in.md)."),
        )
