"""Puts back what migrations made, after a test that had to commit.

A test with `django_db(transaction=True)` empties every table when it ends, the root page, the role
groups and the languages included. Django expects such tests to run last; spread over workers by
file they do not, so each leaves the tables as it found them. Loaded by `addopts` in pyproject.toml.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connection

ROWS: pytest.StashKey[str] = pytest.StashKey()


def commits(item: pytest.Item) -> bool:
    """Whether the test writes for good, as `transaction=True` says."""
    marker = item.get_closest_marker("django_db")
    return marker is not None and bool(marker.kwargs.get("transaction"))


@pytest.fixture(autouse=True)
def rows_of_migrations(request: pytest.FixtureRequest) -> None:
    """Before the first test that commits: the rows that every test may count on."""
    if not commits(request.node) or ROWS in request.config.stash:
        return
    request.getfixturevalue("django_db_setup")
    blocker: Any = request.getfixturevalue("django_db_blocker")
    with blocker.unblock():
        request.config.stash[ROWS] = connection.creation.serialize_db_to_string()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(
    item: pytest.Item, nextitem: pytest.Item | None
) -> Generator[None, None, None]:
    """After the test's own database fixture has emptied the tables, fill them again."""
    yield
    # After the last test there is no database any more, and nobody to fill it for.
    if nextitem is not None and commits(item) and ROWS in item.config.stash:
        from pytest_django.plugin import (  # noqa: PLC0415 -- the plugin is loaded by now
            blocking_manager_key,
        )

        with item.config.stash[blocking_manager_key].unblock():
            # Django's own flush has made content types and permissions anew, with other ids.
            call_command("flush", verbosity=0, interactive=False, inhibit_post_migrate=True)
            connection.creation.deserialize_db_from_string(item.config.stash[ROWS])
            _count_on()


def _count_on() -> None:
    """Let ids go on after those of the rows put back: flushing has set the counters to 1."""
    with connection.cursor() as cursor:
        for sql in connection.ops.sequence_reset_sql(no_style(), apps.get_models()):
            cursor.execute(sql)
