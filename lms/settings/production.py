"""For a site with real people. Refuses to start on a default key or without its host names."""

from __future__ import annotations

import os

from django.core.exceptions import ImproperlyConfigured

from lms.settings.base import *

DEBUG = False
SECRET_KEY = os.environ.get("LMS_SECRET_KEY", "")
if len(SECRET_KEY) < 50:
    raise ImproperlyConfigured("Set LMS_SECRET_KEY to at least 50 random characters.")
ALLOWED_HOSTS = csv_from_env("LMS_HOSTS")
if not ALLOWED_HOSTS:
    raise ImproperlyConfigured("Set LMS_HOSTS to the host names of this site, comma-separated.")
CSRF_TRUSTED_ORIGINS = [f"https://{host.lstrip('.')}" for host in ALLOWED_HOSTS]

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
if os.environ.get("LMS_REDIS"):
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": os.environ["LMS_REDIS"],
        }
    }

SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = os.environ.get("LMS_TLS", "1") == "1"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT
SECURE_HSTS_SECONDS = 31_536_000 if SECURE_SSL_REDIRECT else 0
