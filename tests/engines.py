"""On PostgreSQL only the tests that use a database: the others have run on SQLite already.

Loaded by `addopts` in pyproject.toml; `LMS_TEST_ALL=1` runs all.
"""

from __future__ import annotations

import os

import pytest
from django.conf import settings

#: What a test asks for when it uses the database without the marker.
FIXTURES = {"db", "transactional_db", "django_db_setup", "live_server"}


def uses_database(item: pytest.Item) -> bool:
    """Whether the test says, by marker or fixture, that it uses the database."""
    if item.get_closest_marker("django_db") is not None:
        return True
    return not FIXTURES.isdisjoint(getattr(item, "fixturenames", ()))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what says nothing about PostgreSQL."""
    if "sqlite3" in str(settings.DATABASES["default"]["ENGINE"]) or os.environ.get("LMS_TEST_ALL"):
        return
    pure = [
        item
        for item in items
        if not uses_database(item) and item.get_closest_marker("postgresql") is None
    ]
    if pure:
        config.hook.pytest_deselected(items=pure)
        items[:] = [item for item in items if item not in set(pure)]
