"""For a site with real people, from the environment and the file `.env` (docs/operate.md).

Refuses to start with DEBUG, on an open or short secret key, or without host names; with accounts of
the demo in the database it refuses in lms/wsgi.py and in `manage.py check --deploy`.
"""

from __future__ import annotations

import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from lms import environment

environment.load()
# Not until the file is read: base looks into the environment.
from lms.settings.base import *  # noqa: E402

HOW = "Write it into .env, or have `manage.py make_site` write that file (docs/operate.md)."
OPEN_KEYS = ("for development only", "for tests only", "django-insecure", "change")
YES = {"1", "true", "yes", "on"}

DEBUG = False
for name in ("DEBUG", "DJANGO_DEBUG", "LMS_DEBUG"):
    if os.environ.get(name, "").lower() in YES:
        raise ImproperlyConfigured(
            f"{name} is on in the environment: a site with real people must not show its inside."
            f" Take {name} away; for work on the program use lms.settings.dev."
        )
SECRET_KEY = os.environ.get("LMS_SECRET_KEY", "")
if len(SECRET_KEY) < 50 or SECRET_KEY.startswith(OPEN_KEYS) or len(set(SECRET_KEY)) < 10:
    raise ImproperlyConfigured(
        "LMS_SECRET_KEY is missing, too short or known to everybody: it must be 50 or more random"
        f" characters. {HOW}"
    )
# Keys of before, so that sessions and second factors made with them go on working.
SECRET_KEY_FALLBACKS = csv_from_env("LMS_SECRET_KEY_FALLBACKS")
ALLOWED_HOSTS = csv_from_env("LMS_HOSTS")
if not ALLOWED_HOSTS or "*" in ALLOWED_HOSTS:
    raise ImproperlyConfigured(
        "LMS_HOSTS must name the addresses of this site, such as hoc.example.vn, with commas"
        f" between them; * is none. {HOW}"
    )
CSRF_TRUSTED_ORIGINS = [f"https://{host.lstrip('.')}" for host in ALLOWED_HOSTS]
LMS_PRODUCTION = True

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
# Shared by all processes, so that a limit counts once: by Redis for a site on several servers, on
# one server by a file (lms/people/shared_cache.py says why a file, and why this kind).
CACHES["default"] = (
    {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": os.environ["LMS_REDIS"],
    }
    if os.environ.get("LMS_REDIS")
    else {
        "BACKEND": "lms.people.shared_cache.SharedFileCache",
        "LOCATION": os.environ.get("LMS_CACHE_FILE")
        or Path(os.environ.get("LMS_SQLITE") or BASE_DIR / "db.sqlite3").with_name("cache.sqlite3"),
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
)
# Limits count by address: behind a proxy it is the one that the proxy wrote down.
ALLAUTH_TRUSTED_PROXY_COUNT = int(os.environ.get("LMS_PROXIES", "1"))

SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = os.environ.get("LMS_TLS", "1") == "1"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = SECURE_SSL_REDIRECT
if SECURE_SSL_REDIRECT:
    # With this prefix browsers take the cookie only over TLS and only from this very host.
    SESSION_COOKIE_NAME = "__Host-session"
    CSRF_COOKIE_NAME = "__Host-csrf"
SECURE_HSTS_SECONDS = 31_536_000 if SECURE_SSL_REDIRECT else 0

LOGGING["handlers"]["console"]["formatter"] = os.environ.get("LMS_LOG", "json")
LOGGING["loggers"] |= {
    "lms.requests": {"level": "INFO"},
    # Each answer has its line already; only what broke is told again, with where.
    "django.request": {"level": "ERROR"},
    "django.security.DisallowedHost": {"level": "CRITICAL"},  # scanners knock all day long
}
