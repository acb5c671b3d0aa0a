"""Which tables a backup holds, as the migrations of the database describe them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection, models
from django.db.migrations.loader import MigrationLoader
from django.utils.translation import gettext as _

from lms.operations.backup import codecs
from lms.operations.errors import BackupError

Node = tuple[str, str]  # app and name of a migration

#: Left empty: who is signed in, results of jobs, and the search index, which is made anew.
LEFT_OUT_MODELS = frozenset(
    {"sessions.Session", "usersessions.UserSession", "django_tasks_database.DBTaskResult"}
)
LEFT_OUT_APPS = frozenset({"wagtailsearch", "modelsearch"})


@dataclass(frozen=True)
class Column:
    """A column: its name, what Django calls its kind, digits behind the point of a decimal."""

    name: str
    kind: str
    places: int = 0


@dataclass(frozen=True)
class Table:
    """A table of the backup. `label` is the model's, which is its name in the file."""

    label: str
    name: str
    key: str
    columns: tuple[Column, ...]
    model: type[models.Model]


@dataclass(frozen=True)
class Schema:
    """All tables at one state of the migrations."""

    tables: tuple[Table, ...]
    emptied: tuple[str, ...]  # names of those that are left out


def loader() -> MigrationLoader:
    """The migrations of this site and which of them have run."""
    return MigrationLoader(connection)


def applied(loaded: MigrationLoader) -> set[Node]:
    """The migrations that have run in this database."""
    return {node for node in loaded.graph.nodes if node in loaded.applied_migrations}


def pending(loaded: MigrationLoader) -> list[Node]:
    """Those that have not."""
    return sorted(node for node in loaded.graph.nodes if node not in loaded.applied_migrations)


def leaves(loaded: MigrationLoader, nodes: Iterable[Node]) -> list[Node]:
    """The last migration of each app among `nodes`."""
    within = set(nodes)
    return sorted(
        node
        for node in within
        if not any(
            child.key in within and child.key[0] == node[0]
            for child in loaded.graph.node_map[node].children
        )
    )


def schema_at(loaded: MigrationLoader, nodes: Iterable[Node]) -> Schema:
    """The tables once exactly `nodes` have run; raises BackupError for a field nobody knows."""
    state = loaded.project_state(leaves(loaded, nodes))
    kept, emptied = [], []
    for model in state.apps.get_models(include_auto_created=True):
        meta = model._meta
        if not meta.managed or meta.proxy:
            continue
        if meta.label in LEFT_OUT_MODELS or meta.app_label in LEFT_OUT_APPS:
            emptied.append(meta.db_table)
        else:
            kept.append(_table(model))
    return Schema(tuple(sorted(kept, key=lambda table: table.label)), tuple(sorted(emptied)))


def _table(model: type[models.Model]) -> Table:
    meta = model._meta
    return Table(meta.label, meta.db_table, str(meta.pk.column), tuple(_columns(model)), model)


def _columns(model: type[models.Model]) -> Iterator[Column]:
    for field in model._meta.local_concrete_fields:
        if getattr(field, "generated", False):
            continue
        told: Any = field
        while told.remote_field:
            told = told.target_field
        kind = told.get_internal_type()
        if not codecs.is_known(kind):
            raise BackupError(
                _(
                    "%(field)s is a %(kind)s, which no backup can carry. Ask whoever made this"
                    " plugin, or leave it out with LMS_PLUGINS_DISABLED."
                )
                % {"field": field, "kind": kind}
            )
        yield Column(str(field.column), kind, getattr(told, "decimal_places", None) or 0)


def unclaimed(schema: Schema) -> list[str]:
    """Tables of the database that no installed app speaks for, such as those of an old plugin."""
    known = {table.name for table in schema.tables} | set(schema.emptied)
    known |= {"django_migrations", "operations_restore"}
    return sorted(
        name
        for name in connection.introspection.table_names()
        if name not in known and not name.startswith(schema.emptied)
    )
