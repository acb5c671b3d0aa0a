"""What a site with real people must not start with, beyond what its settings refuse themselves."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError

from lms.environment import env_file
from lms.people.models import User
from lms.web.demo import NAMESPACE, PEOPLE


def demo_usernames() -> list[str]:
    """User names of accounts that belong to the invented people, whatever they are called now."""
    invented = [uuid.uuid5(NAMESPACE, someone.name) for someone in PEOPLE]
    found = User.objects.filter(person__uuid__in=invented, is_active=True)
    return sorted(found.values_list("username", flat=True))


def refuse_the_unsafe() -> None:
    """Raise ImproperlyConfigured where a production site must not serve people.

    A database that does not answer yet, or has no tables, is no reason: /healthz tells of it.
    """
    if not settings.LMS_PRODUCTION:
        return
    problems = [str(message.msg) for message in unsafe()]
    if problems:
        raise ImproperlyConfigured(" ".join(problems))


def unsafe() -> list[Error]:
    """What is unsafe, and what to do about it."""
    found = []
    if settings.DEBUG:
        found.append(
            Error(
                "DEBUG is on: visitors would see the inside of the site with every error."
                " Take DEBUG = True out of the settings.",
                id="operations.E001",
            )
        )
    backend = str(settings.CACHES["default"]["BACKEND"])
    if backend.endswith("RedisCache") and find_spec("redis") is None:
        found.append(
            Error(
                "LMS_REDIS is set, but the package redis is not installed. Run"
                ' `.venv/bin/python -m pip install "redis>=5"`, or take LMS_REDIS out of .env.',
                id="operations.E003",
            )
        )
    try:
        usernames = demo_usernames()
    except DatabaseError:
        usernames = []
    if usernames:
        found.append(
            Error(
                f"Accounts of the demo are in this database ({', '.join(usernames)}); everybody"
                " knows their password. A site with real people begins with an empty database:"
                " name another in .env, then run `manage.py make_site --continue`.",
                id="operations.E002",
            )
        )
    return found


def check_safety(app_configs: Any, **kwargs: Any) -> Sequence[CheckMessage]:
    """For `manage.py check --deploy`."""
    found: list[CheckMessage] = list(unsafe())
    path = env_file()
    if path is not None and path.is_file() and path.stat().st_mode & 0o077:
        found.append(
            Warning(
                f"Others on this machine can read {path.name}, which holds the secret key.",
                hint=f"chmod 600 {path.name}",
                id="operations.W001",
            )
        )
    if settings.LMS_PRODUCTION and not settings.SECURE_SSL_REDIRECT:
        found.append(
            Warning(
                "LMS_TLS=0: passwords and names travel readable for everybody on the network.",
                hint="Set up TLS (docs/operate.md), then take LMS_TLS away.",
                id="operations.W002",
            )
        )
    return found
