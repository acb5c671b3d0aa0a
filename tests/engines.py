"""On PostgreSQL only the tests that say something about it: the others have run on SQLite already.

Left out are those that use no database, and those marked `one_engine`: they read pages or files
whose queries other tests ask on both.

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


def is_for_both(item: pytest.Item) -> bool:
    """Whether the test is to run on PostgreSQL too."""
    if item.get_closest_marker("postgresql") is not None:
        return True
    return uses_database(item) and item.get_closest_marker("one_engine") is None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what says nothing about PostgreSQL."""
    if "sqlite3" in str(settings.DATABASES["default"]["ENGINE"]) or os.environ.get("LMS_TEST_ALL"):
        return
    left_out = {item for item in items if not is_for_both(item)}
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
