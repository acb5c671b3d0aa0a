"""The file `.env` of a new site, and its first administrator."""

from __future__ import annotations

import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import validate_ipv46_address
from django.db import transaction

from lms.operations.errors import OperationsError
from lms.people.models import Role, RoleGrant, User
from lms.people.services.accounts import create_account, create_person, set_password
from lms.people.services.roles import grant_role

HOST = re.compile(r"(?!-)[a-z0-9-]{1,63}(\.(?!-)[a-z0-9-]{1,63})*")


class CannotMakeSite(OperationsError):
    """Something that was answered cannot be; or there is a site already."""


@dataclass(frozen=True)
class Answers:
    """What a site must be told. `database` empty: SQLite in the data folder."""

    hosts: tuple[str, ...]
    data: Path
    database: str = ""
    tls: bool = True

    def check(self) -> None:
        """Raise CannotMakeSite for what cannot be."""
        if not self.hosts:
            raise CannotMakeSite("Name at least one address of the site, such as hoc.example.vn.")
        for host in self.hosts:
            if not HOST.fullmatch(host) and not _is_address(host):
                raise CannotMakeSite(
                    f"“{host}” is no address: write only the name, such as hoc.example.vn, without"
                    " https:// and without a port."
                )
        if self.database and urlsplit(self.database).scheme not in {"postgres", "postgresql"}:
            raise CannotMakeSite(
                "The database must be written as postgres://user:password@host:5432/name; leave it"
                " out for SQLite."
            )
        if not self.data.is_absolute():
            raise CannotMakeSite(f"Give the whole path of the data folder, not “{self.data}”.")
        if "\n" in f"{self.database}{self.data}":
            raise CannotMakeSite("An answer must be one line.")


def _is_address(host: str) -> bool:
    try:
        validate_ipv46_address(host)
    except ValidationError:
        return False
    return True


def text_of(answers: Answers) -> str:
    """The lines of `.env`."""
    data = answers.data
    database = (
        f"DATABASE_URL={answers.database}"
        if answers.database
        else f"LMS_SQLITE={data / 'site.sqlite3'}"
    )
    scheme = "https" if answers.tls else "http"
    return "\n".join(
        [
            "# Settings of this site; docs/operate.md tells of each. Nobody else may read it:",
            "# the key signs sessions. Keep a copy of it with the backups, but not in them.",
            "DJANGO_SETTINGS_MODULE=lms.settings.production",
            f"LMS_SECRET_KEY={secrets.token_urlsafe(64)}",
            f"LMS_HOSTS={','.join(answers.hosts)}",
            f"LMS_BASE_URL={scheme}://{answers.hosts[0]}",
            *([] if answers.tls else ["LMS_TLS=0"]),
            database,
            f"LMS_MEDIA_ROOT={data / 'media'}",
            f"LMS_STATIC_ROOT={data / 'static'}",
            f"LMS_CACHE_FILE={data / 'cache.sqlite3'}",
            f"LMS_STATE_DIR={data / 'state'}",
            f"LMS_BACKUP_DIR={data / 'backups'}",
            "# Who sends this token may read /metrics from another machine.",
            f"LMS_METRICS_TOKEN={secrets.token_urlsafe(32)}",
            "",
        ]
    )


def write_env(path: Path, answers: Answers) -> None:
    """Write `.env`, for its owner only, and make the folders. Raises CannotMakeSite."""
    answers.check()
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise CannotMakeSite(
            f"There is a site here already: {path} exists and is left as it is. If it was left half"
            " made, go on with `manage.py make_site --continue`. For another site use another"
            " folder."
        ) from None
    except OSError as error:
        raise CannotMakeSite(f"{path} cannot be written: {error.strerror}.") from error
    with open(file, "w", encoding="utf-8") as env:
        env.write(text_of(answers))
    try:
        for name in ("media", "static", "state", "backups"):
            private = name in {"state", "backups"}
            (answers.data / name).mkdir(0o700 if private else 0o755, parents=True, exist_ok=True)
    except OSError as error:
        path.unlink()
        raise CannotMakeSite(
            f"The folder {answers.data} cannot be made or written to ({error.strerror}). Make it"
            " and give it to the account that you are using."
        ) from error


def has_administrator() -> bool:
    """Whether somebody holds the role of administrator."""
    return RoleGrant.objects.filter(
        role=Role.ADMINISTRATOR, valid_to=None, user__is_active=True
    ).exists()


@transaction.atomic
def make_administrator(*, full_name: str, username: str, password: str) -> User:
    """A person with an account and the role of administrator. Raises DomainError."""
    if not full_name.strip():
        raise CannotMakeSite("The administrator needs a name.")
    person = create_person(full_name=full_name)
    user = create_account(person=person, username=username)
    set_password(user=user, password=password)
    grant_role(user=user, role=Role.ADMINISTRATOR)
    return user
