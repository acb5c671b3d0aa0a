"""For the test suite. Plugin faults raise, unless a test turns LMS_PLUGINS_STRICT off."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from lms.settings.base import *

DEBUG = False
SECRET_KEY = "for tests only"  # noqa: S105 -- not a secret
ALLOWED_HOSTS = ["*"]
LMS_PLUGINS_STRICT = True
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
if "sqlite3" in str(DATABASES["default"]["ENGINE"]):
    # A file, not memory: tests of many tabs write from several connections, as sites do.
    DATABASES["default"]["TEST"] = {
        "NAME": os.path.join(
            tempfile.gettempdir(), f"lms-test-{os.getuid()}-{os.getppid()}-{os.getpid()}.sqlite3"
        )
    }
MEDIA_ROOT = Path(os.environ.get("LMS_TEST_MEDIA") or tempfile.mkdtemp(prefix="lms-media-"))
if not os.environ.get("LMS_TEST_MEDIA"):
    atexit.register(shutil.rmtree, MEDIA_ROOT, ignore_errors=True)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
TASKS = {
    "default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"},
    "lms": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"},
}
WAGTAILADMIN_BASE_URL = "http://testserver"
LMS_STATE_DIR = None  # tests that want one name a folder of their own
