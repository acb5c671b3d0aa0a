"""For `make run` on one's own machine: errors shown, plugin faults raised where they happen."""

from __future__ import annotations

from lms.settings.base import *

DEBUG = True
SECRET_KEY = "for development only: production reads LMS_SECRET_KEY"  # noqa: S105 -- not a secret
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]", "testserver"]
INTERNAL_IPS = ["127.0.0.1"]
LMS_PLUGINS_STRICT = False
EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
