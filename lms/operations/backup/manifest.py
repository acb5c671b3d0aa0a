"""What stands first in a backup: which site, which day, which tables, which migrations."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from django.conf import settings
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from lms.operations.backup.schema import Node, Schema
from lms.operations.errors import Damaged, Newer, NotABackup, RestoreError

PRODUCT = "hanh-trang backup"
FORMAT = 1


@dataclass(frozen=True)
class Manifest:
    """The backup's description of itself."""

    made_at: str
    engine: str
    site: str
    versions: dict[str, str]
    migrations: list[list[str]]
    tables: dict[str, dict[str, Any]]  # label: {"columns": [...], "rows": n}
    media_files: int
    media_bytes: int
    key_print: str = ""
    product: str = PRODUCT
    format: int = FORMAT

    @property
    def has_our_key(self) -> bool:
        """Whether it was made under the secret key of this site, or one that it still honours."""
        keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
        return self.key_print in {print_of_key(str(key)) for key in keys}

    @property
    def made(self) -> str:
        """When it was made, as a person of this site reads it."""
        moment = dt.datetime.fromisoformat(self.made_at)
        return timezone.localtime(moment).strftime("%d/%m/%Y %H:%M")

    @property
    def nodes(self) -> set[Node]:
        """The migrations that had run where the backup was made."""
        return {(app, name) for app, name in self.migrations}

    @property
    def rows(self) -> int:
        """Rows of all tables."""
        return sum(table["rows"] for table in self.tables.values())

    def as_json(self) -> bytes:
        """As it stands in the file."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1).encode()


def print_of_key(key: str) -> str:
    """Tells one secret key from another, and nothing about either."""
    return salted_hmac("lms.operations.backup", "key", secret=key, algorithm="sha256").hexdigest()


def tables_of(schema: Schema, rows: Iterable[int]) -> dict[str, dict[str, Any]]:
    """What the manifest says of the tables."""
    return {
        table.label: {"columns": [column.name for column in table.columns], "rows": number}
        for table, number in zip(schema.tables, rows, strict=True)
    }


def read_manifest(content: bytes) -> Manifest:
    """The manifest in this JSON. Raises NotABackup, Newer or Damaged."""
    try:
        found = json.loads(content)
        product, number = found["product"], found["format"]
    except (ValueError, KeyError, TypeError) as error:
        raise NotABackup(_("This file is no backup of such a site.")) from error
    if product != PRODUCT or not isinstance(number, int):
        raise NotABackup(_("This file is no backup of such a site."))
    if number > FORMAT:
        raise Newer(
            _(
                "This backup was made by a newer version of the software (format %(theirs)d; this"
                " one reads up to %(ours)d). Install that version, then restore."
            )
            % {"theirs": number, "ours": FORMAT}
        )
    try:
        return Manifest(**found)
    except TypeError as error:
        raise Damaged(_("The backup is damaged: its description cannot be read.")) from error


def check_migrations(manifest: Manifest, loaded: MigrationLoader) -> None:
    """Refuse a backup whose tables this site does not know. Raises Newer or RestoreError."""
    unknown = sorted(manifest.nodes - set(loaded.graph.nodes))
    if not unknown:
        return
    here = {app for app, _name in loaded.graph.nodes}
    missing = sorted({app for app, _name in unknown} - here)
    if missing:
        raise RestoreError(
            _(
                "The backup holds data of apps that are not installed here: %(apps)s. Install"
                " those plugins (see LMS_PLUGINS_DISABLED, LMS_PLUGINS_ALLOWED), then restore."
            )
            % {"apps": ", ".join(missing)}
        )
    raise Newer(
        _(
            "This backup was made by a newer version of the software: %(names)s is not known"
            " here. Install that version, then restore."
        )
        % {"names": ", ".join(f"{app}.{name}" for app, name in unknown[:3])}
    )


def check_columns(manifest: Manifest, schema: Schema) -> None:
    """Refuse a backup whose tables are not those of its own migrations. Raises RestoreError."""
    ours = {table.label: [column.name for column in table.columns] for table in schema.tables}
    theirs = {label: table["columns"] for label, table in manifest.tables.items()}
    wrong = sorted(
        label for label in ours.keys() | theirs.keys() if ours.get(label) != theirs.get(label)
    )
    if wrong:
        raise RestoreError(
            _(
                "The tables of the backup are not those of this software: %(tables)s. Restore with"
                " the version and the plugins it was made with: %(versions)s."
            )
            % {
                "tables": ", ".join(wrong[:5]),
                "versions": ", ".join(f"{n} {v}" for n, v in manifest.versions.items()),
            }
        )
