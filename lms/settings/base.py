"""Settings that hold everywhere. `dev`, `test` and `production` say what differs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.utils.translation import gettext_lazy as _

from lms.plugins.discovery import discover

BASE_DIR = Path(__file__).resolve().parents[2]


def csv_from_env(name: str) -> list[str]:
    """The comma-separated values of an environment variable, blanks left out."""
    return [part.strip() for part in os.environ.get(name, "").split(",") if part.strip()]


def database_from_url(url: str) -> dict[str, object]:
    """Django's DATABASES entry for `postgres://user:pw@host:port/name` (a socket: `?host=/dir`)."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ValueError("DATABASE_URL must begin with postgres:// (SQLite is used without it)")
    query = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.get("host", parts.hostname or ""),
        "PORT": query.get("port", str(parts.port or "")),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
    }


def sqlite_database(name: str | Path) -> dict[str, object]:
    """SQLite as a real engine: WAL, writers queue at BEGIN (IMMEDIATE) instead of failing later."""
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(name),
        "CONN_MAX_AGE": 600,  # opening it, with the statements below, costs a millisecond
        "OPTIONS": {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": (
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-20000;"
                " PRAGMA mmap_size=134217728; PRAGMA temp_store=MEMORY;"
            ),
        },
    }


# --- plugins ---------------------------------------------------------------------------------
BUILT_IN_PLUGINS = [
    "quizzes.apps.QuizzesConfig",
    "modules.activities.task.apps.TaskConfig",
    "modules.activities.video.apps.VideoConfig",
]
LMS_PLUGINS_ALLOWED: list[str] | None = csv_from_env("LMS_PLUGINS_ALLOWED") or None
LMS_PLUGINS_DISABLED = csv_from_env("LMS_PLUGINS_DISABLED")
LMS_PLUGINS_STRICT = False
LMS_PLUGIN_SETTINGS: dict[str, dict[str, object]] = {}
LMS_PLUGINS = discover(BUILT_IN_PLUGINS, allowed=LMS_PLUGINS_ALLOWED, disabled=LMS_PLUGINS_DISABLED)

# --- applications ----------------------------------------------------------------------------
# Plugins stand before wagtail.*: every type is registered before Wagtail collects hooks.
INSTALLED_APPS = [
    "lms.plugins.apps.PluginsConfig",
    "lms.people.apps.PeopleConfig",
    "modules.content.apps.ContentConfig",
    "lms.learning.apps.LearningConfig",
    "lms.feedback.apps.FeedbackConfig",
    "lms.web.apps.WebConfig",
    "lms.operations.apps.OperationsConfig",
    *LMS_PLUGINS.apps,
    "wagtail.contrib.simple_translation",
    "wagtail.contrib.settings",
    "wagtail.contrib.redirects",
    "wagtail.embeds",
    "wagtail.sites",
    "lms.people.apps.UsersConfig",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.locales",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "django_tasks",
    "django_tasks_db",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "lms.people.apps.SessionsConfig",
    "csp",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
]
MIDDLEWARE = [
    "lms.operations.middleware.RequestMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "lms.web.policy.PolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "lms.operations.middleware.LimitBodies",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "lms.people.second_factor.RequireSecondFactor",
]
ROOT_URLCONF = "lms.urls"
WSGI_APPLICATION = "lms.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "lms.web.context.site",
            ]
        },
    }
]

# --- data ------------------------------------------------------------------------------------
DATABASES = {
    "default": (
        database_from_url(os.environ["DATABASE_URL"])
        if os.environ.get("DATABASE_URL")
        else sqlite_database(os.environ.get("LMS_SQLITE", BASE_DIR / "db.sqlite3"))
    )
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# "default" counts failed sign-ins: production takes one that all processes share. "renditions" is
# what Wagtail asks for each picture of a page, so it stays in the memory of the process.
CACHES: dict[str, dict[str, object]] = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    "renditions": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "renditions",
    },
}
# Two aliases: Wagtail's own jobs run at once (its search index must not wait for a worker);
# ours go to a queue in the database. Which worker runs is the operator's choice.
TASKS = {
    "default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"},
    "lms": {"BACKEND": "django_tasks_db.DatabaseBackend"},
}

# --- people ----------------------------------------------------------------------------------
AUTH_USER_MODEL = "people.User"
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "web:home"
LMS_DESK_URL = "web:manage-desk"  # where those begin who have a role beyond learning
LOGOUT_REDIRECT_URL = "/"
AUTHENTICATION_BACKENDS = ["lms.people.sign_in.PersonBackend"]
ACCOUNT_ADAPTER = "lms.people.sign_in.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}  # the backend takes a phone number there as well
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_FORMS = {"signup": "lms.people.sign_up.SignUpForm"}
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PRESERVE_USERNAME_CASING = True
ACCOUNT_EMAIL_NOTIFICATIONS = False
# The same answer and the same limit for names that exist and names that do not.
ACCOUNT_PREVENT_ENUMERATION = True
# A whole class signs in behind one address within a minute.
ACCOUNT_RATE_LIMITS = {
    "login_failed": "5/5m/key,100/m/ip",
    "login": "600/m/ip",
    # Codes that were never given out; the key is how they begin.
    "code_guessed": "10/10m/key,100/m/ip",
    "content_report": "10/h/user",
}
ACCOUNT_USER_DISPLAY = "lms.people.sign_in.display_name"
ACCOUNT_SESSION_REMEMBER = None  # the person chooses
# Visitors make accounts themselves only where the operator wants it.
LMS_SIGNUP_OPEN = os.environ.get("LMS_SIGNUP_OPEN", "") == "1"
# How long the code on a slip is good, and one for a lost password.
LMS_SLIP_DAYS = int(os.environ.get("LMS_SLIP_DAYS", "14"))
LMS_LOST_PASSWORD_HOURS = int(os.environ.get("LMS_LOST_PASSWORD_HOURS", "24"))
MFA_ADAPTER = "lms.people.second_factor.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
# A training room signs in with passkeys behind one address, too; there is no secret to guess.
MFA_RATE_LIMITS = {"webauthn_login": "600/m/ip"}
MFA_TOTP_ISSUER = "Hành Trang"
MFA_TOTP_TOLERANCE = 1  # clocks of phones run half a minute early or late
# Roles that must have a second factor before they get any further (see docs/sign-in.md).
LMS_SECOND_FACTOR_ROLES = csv_from_env("LMS_SECOND_FACTOR_ROLES")
# Sign-in with the accounts of another system (OpenID Connect); without an issuer there is none.
LMS_OIDC_ISSUER = os.environ.get("LMS_OIDC_ISSUER", "").rstrip("/")
LMS_OIDC_CLIENT_ID = os.environ.get("LMS_OIDC_CLIENT_ID", "")
LMS_OIDC_SECRET = os.environ.get("LMS_OIDC_SECRET", "")
LMS_OIDC_NAME = os.environ.get("LMS_OIDC_NAME", "")
LMS_OIDC_USERNAME_CLAIM = os.environ.get("LMS_OIDC_USERNAME_CLAIM", "")
LMS_OIDC_LINK_STAFF = os.environ.get("LMS_OIDC_LINK_STAFF", "") == "1"
SOCIALACCOUNT_ADAPTER = "lms.people.oidc.OidcAccountAdapter"
SOCIALACCOUNT_REAUTHENTICATION_REQUIRED = True
SOCIALACCOUNT_REQUESTS_TIMEOUT = 10
PASSWORD_HASHERS = [
    "lms.people.hashing.SmallArgon2",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

# --- languages and time ----------------------------------------------------------------------
LANGUAGE_CODE = "vi"
LANGUAGES = [("vi", _("Vietnamese")), ("en", _("English"))]
WAGTAIL_CONTENT_LANGUAGES = LANGUAGES
WAGTAILADMIN_PERMITTED_LANGUAGES = LANGUAGES
WAGTAIL_I18N_ENABLED = True
LOCALE_PATHS = [BASE_DIR / "lms" / "locale"]
FORMAT_MODULE_PATH = ["lms.formats"]
USE_I18N = True
USE_TZ = True
USE_THOUSAND_SEPARATOR = True
TIME_ZONE = "Asia/Ho_Chi_Minh"

# --- files -----------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = Path(os.environ.get("LMS_STATIC_ROOT", BASE_DIR / "static"))
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "lms.web.styling.StyleFinder",  # the pages' style sheet, made of its parts
]
MEDIA_URL = "/media/"
MEDIA_ROOT = Path(os.environ.get("LMS_MEDIA_ROOT", BASE_DIR / "media"))
LMS_RICHTEXT_BACKEND = "nh3"
LMS_IMPORT_ROWS = 20_000  # people in one file
LMS_IMPORT_BYTES = 16 * 1024 * 1024

# --- Wagtail ---------------------------------------------------------------------------------
WAGTAIL_SITE_NAME = "Hành Trang"
WAGTAILADMIN_BASE_URL = os.environ.get("LMS_BASE_URL", "http://127.0.0.1:8000")
WAGTAILADMIN_LOGIN_URL = "account_login"
WAGTAIL_FRONTEND_LOGIN_URL = "/account/login/"
WAGTAIL_DATE_FORMAT = "%d/%m/%Y"
WAGTAIL_DATETIME_FORMAT = "%d/%m/%Y %H:%M"
# The admin must not call home: offices run this on closed networks.
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAIL_USER_TIME_ZONES = [TIME_ZONE]
WAGTAIL_PASSWORD_RESET_ENABLED = False
WAGTAIL_EMAIL_MANAGEMENT_ENABLED = False
WAGTAIL_WORKFLOW_REQUIRE_REAPPROVAL_ON_EDIT = True
WAGTAIL_MODERATION_ENABLED = True
WAGTAIL_FINISH_WORKFLOW_ACTION = "modules.content.services.approving.publish_approved"
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "wagtail.search.backends.database"}}
WAGTAILDOCS_EXTENSIONS = ["docx", "odt", "pdf", "pptx", "rtf", "txt", "xlsx", "zip"]
WAGTAILDOCS_SERVE_METHOD = "serve_view"

# --- security --------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "EXCLUDE_URL_PREFIXES": ("/admin/",),
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "media-src": ["'self'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "frame-src": ["'self'", "https://www.youtube-nocookie.com", "https://player.vimeo.com"],
        "object-src": ["'none'"],
        "base-uri": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'self'"],
    },
}
X_FRAME_OPTIONS = "SAMEORIGIN"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_ENGINE = "lms.people.sessions"
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"
CSRF_FAILURE_VIEW = "lms.web.views.errors.csrf_failure"
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000  # Wagtail's editor posts long forms
# What else browsers are told: this site uses none of these powers, but for playing videos.
_VIDEOS = ["self", '"https://www.youtube-nocookie.com"', '"https://player.vimeo.com"']
LMS_PERMISSIONS: dict[str, list[str]] = {
    **dict.fromkeys(
        ("accelerometer", "browsing-topics", "camera", "display-capture", "geolocation")
        + ("gyroscope", "magnetometer", "microphone", "midi", "payment", "usb", "serial"),
        [],
    ),
    "fullscreen": _VIDEOS,
    "picture-in-picture": _VIDEOS,
    "publickey-credentials-create": ["self"],
    "publickey-credentials-get": ["self"],
}

# --- how much may be sent --------------------------------------------------------------------
MEGABYTE = 2**20
WAGTAILIMAGES_MAX_UPLOAD_SIZE = 10 * MEGABYTE
WAGTAILIMAGES_MAX_IMAGE_PIXELS = 64_000_000
LMS_DOCUMENT_BYTES = 50 * MEGABYTE
WAGTAILDOCS_DOCUMENT_FORM_BASE = "lms.operations.forms.SizedDocumentForm"
LMS_ANSWER_BYTES = 10 * MEGABYTE  # one file of an answer
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * MEGABYTE  # a form without its files
DATA_UPLOAD_MAX_NUMBER_FILES = 50
# A whole request, by how its address begins; what is not named here takes forms only.
LMS_BODY_LIMIT = DATA_UPLOAD_MAX_MEMORY_SIZE + MEGABYTE
LMS_BODY_LIMITS = {
    # Videos; how large one may be is a setting of that plugin.
    "/admin/": int(os.environ.get("LMS_UPLOAD_MEGABYTES", "512")) * MEGABYTE,
    "/manage/": LMS_IMPORT_BYTES + MEGABYTE,
    "/x/quizzes/files/": 5 * LMS_ANSWER_BYTES + LMS_BODY_LIMIT,
}

# --- operating -------------------------------------------------------------------------------
# Counts and signs of life of the running processes: files that a restart of the machine may lose.
LMS_STATE_DIR: str | None = os.environ.get("LMS_STATE_DIR") or (
    f"{os.environ.get('LMS_SQLITE') or BASE_DIR / 'db.sqlite3'}.state"
)
LMS_PRODUCTION = False  # lms.settings.production: a site with real people
# Where `manage.py backup` puts its files and `manage.py doctor` looks for them.
LMS_BACKUP_DIR = os.environ.get("LMS_BACKUP_DIR", "")
LMS_METRICS_TOKEN = os.environ.get("LMS_METRICS_TOKEN", "")
LMS_LOG = os.environ.get("LMS_LOG", "lines")  # or "json"
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "lines": {
            "()": "lms.operations.logs.LineFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s: %(message)s",
        },
        "json": {"()": "lms.operations.logs.JsonFormatter"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": LMS_LOG}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "lms": {"level": "INFO"},
        # Who started runserver sees them anyway; production turns them on.
        "lms.requests": {"level": "WARNING"},
    },
}
