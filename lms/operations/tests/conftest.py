"""A site with everything in it and its backup, made once; empty sites as they are asked for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lms.operations.tests.sites import Site, Sites, back_up, fill


@pytest.fixture(scope="session")
def sites(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Iterator[Sites]:
    """Makes sites of the engine of this run, or of one that is named."""
    made = Sites(tmp_path_factory.mktemp("sites"))
    yield made
    made.close()


@pytest.fixture
def unblocked(django_db_blocker: Any) -> Iterator[None]:
    """These tests bring their own databases; none touches that of the run."""
    with django_db_blocker.unblock():
        yield


@pytest.fixture(scope="session")
def full(sites: Sites, django_db_blocker: Any) -> Site:
    """A site with a course, people and files; nobody may change it."""
    site = sites.new()
    with django_db_blocker.unblock(), site.active():
        fill()
    return site


@pytest.fixture(scope="session")
def backup(full: Site, tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Path:
    """The backup of that site."""
    with django_db_blocker.unblock():
        return back_up(full, tmp_path_factory.mktemp("backup") / "site.tar")
