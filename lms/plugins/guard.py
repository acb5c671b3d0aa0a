"""The wall between the platform and plugin code: every call into a plugin goes through it."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from django.conf import settings
from django.db import connections, transaction

logger = logging.getLogger("lms.plugins")

READS = re.compile(r"\s*(SELECT|WITH|EXPLAIN|PRAGMA|SHOW|SAVEPOINT|RELEASE|ROLLBACK)\b", re.I)
HIDDEN_WRITE = re.compile(
    r"^\s*WITH\b.*\b(INSERT\s+INTO|UPDATE\s|DELETE\s+FROM|MERGE\s)", re.I | re.S
)


class PluginFailure(Exception):
    """A plugin raised, or wrote where it may only read. The cause is chained."""

    def __init__(self, plugin: str, operation: str) -> None:
        super().__init__(f"{plugin} failed in {operation}")
        self.plugin = plugin
        self.operation = operation


class WriteRefused(Exception):
    """A plugin tried to write to the database in an operation that only reads."""


@contextmanager
def guard(plugin: str, operation: str, *, writes: bool = True) -> Iterator[None]:
    """Run plugin code so that its faults stay its own; raises PluginFailure when it fails.

    With `writes`, the block is a savepoint: what the plugin wrote is undone when it fails.
    Without, INSERT, UPDATE and DELETE are refused before they reach the database, at no cost
    in queries. With LMS_PLUGINS_STRICT (development of plugins, tests) the plugin's own
    exception is raised.
    """
    try:
        with ExitStack() as stack:
            if writes:
                stack.enter_context(transaction.atomic())
            else:
                for connection in connections.all():
                    stack.enter_context(_only_reading(connection))
            yield
    except Exception as error:
        if settings.LMS_PLUGINS_STRICT:
            raise
        logger.exception("plugin %s failed in %s", plugin, operation)
        raise PluginFailure(plugin, operation) from error


@contextmanager
def _only_reading(connection: Any) -> Iterator[None]:
    refused = False
    before = connection.needs_rollback if connection.in_atomic_block else False

    def refuse_writes(
        execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]
    ) -> Any:
        nonlocal refused
        if not READS.match(sql) or HIDDEN_WRITE.match(sql):
            refused = True
            raise WriteRefused(f"this operation may only read: {sql[:80]}")
        return execute(sql, params, many, context)

    try:
        with connection.execute_wrapper(refuse_writes):
            yield
    finally:
        # A refused write inside an outer atomic block marks the whole transaction for rollback,
        # though nothing reached the database: put the flag back as it was. Also when the plugin
        # swallowed the refusal, or made another exception of it.
        if refused and connection.in_atomic_block:
            connection.needs_rollback = before
