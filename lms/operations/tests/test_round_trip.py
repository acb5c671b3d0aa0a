"""What was backed up is what is restored: every row, every file, and a site that works."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from lms.operations.backup.restoring import check
from lms.operations.backup.schema import loader, pending
from lms.operations.errors import NotEmpty
from lms.operations.tests.sites import (
    FILES,
    FILL,
    Site,
    Sites,
    back_up,
    bring_back,
    quiet,
    rewritten,
    runs_on_postgresql,
)
from lms.people.models import Person
from lms.web.demo import PASSWORD

pytestmark = [pytest.mark.usefixtures("unblocked"), pytest.mark.postgresql]


def test_backup_is_for_its_owner_only(backup: Path) -> None:
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    assert [path.name for path in backup.parent.iterdir()] == [backup.name]


def test_backup_says_what_it_holds(backup: Path, full: Site) -> None:
    found = check(backup, quiet())

    assert found.manifest.rows == sum(map(len, full.contents().values()))
    assert (found.totals.media_files, found.totals.media_bytes) == (
        len(FILES),
        sum(map(len, FILES.values())),
    )


def test_restored_site_holds_the_same_rows_and_files(
    backup: Path, full: Site, sites: Sites
) -> None:
    target = sites.new()

    bring_back(backup, target)

    assert target.sums() == full.sums()
    assert target.contents() == full.contents()
    assert target.files() == full.files() == FILES
    assert sum(rows for rows, _sum in target.sums().values()) > 1000
    _works(target)


NEWEST = ["learning", "0003_assignments"]
ITS_TABLES = (
    "learning.AssignedPerson",
    "learning.Assignment",
    "learning.Assignment_positions",
    "learning.Assignment_units",
)


def _older(manifest: dict[str, Any]) -> None:
    manifest["migrations"].remove(NEWEST)
    for label in ITS_TABLES:
        manifest["tables"].pop(label)


def _without_its_tables(name: str, content: bytes) -> tuple[str, bytes] | None:
    return None if name.split("/")[1:2] and name.split("/")[1] in ITS_TABLES else (name, content)


@pytest.fixture
def older(backup: Path, tmp_path: Path) -> Path:
    """The backup as the version before assignments would have made it."""
    return rewritten(backup, tmp_path / "older.tar", manifest=_older, members=_without_its_tables)


def test_older_backup_is_restored_and_brought_up_to_date(
    older: Path, full: Site, sites: Sites
) -> None:
    target = sites.new(tables=False)

    bring_back(older, target)

    found = target.contents()
    assert [label for label in ITS_TABLES if found[label]] == []
    with target.active():
        assert pending(loader()) == []
    # What runs after migrating makes these anew, the newest last: their ids are others.
    made_anew = {"contenttypes.ContentType", "auth.Permission"}
    before = full.contents()
    kept = found.keys() - made_anew - set(ITS_TABLES)
    assert {label: found[label] for label in kept} == {label: before[label] for label in kept}
    assert target.files() == FILES
    _works(target)


def test_older_backup_is_refused_by_a_database_that_is_further(older: Path, sites: Sites) -> None:
    target = sites.new()
    before = target.contents()

    with pytest.raises(NotEmpty, match="learning.0003_assignments"):
        bring_back(older, target)

    assert target.contents() == before


def _works(site: Site) -> None:
    """People sign in and see their work; the record agrees; new rows get ids of their own."""
    with site.active():
        client = Client()
        answer = client.post(reverse("account_login"), {"login": "hocvien", "password": PASSWORD})
        assert answer.status_code == 302
        home = client.get(reverse("web:home"))
        assert home.status_code == 200
        assert "Đảng viên mới" in home.content.decode()
        call_command("rebuild_progress", check=True, verbosity=0)
        highest = Person.objects.order_by("-pk").values_list("pk", flat=True)[0]
        assert Person.objects.create(full_name="Người mới").pk == highest + 1


@pytest.mark.postgresql
def test_site_moves_from_sqlite_to_postgresql(sites: Sites, tmp_path: Path) -> None:
    if not runs_on_postgresql():
        pytest.skip("the run on PostgreSQL does this")
    source, target = sites.new(engine="sqlite"), sites.new()
    filled = source.run("-c", FILL)
    assert filled.returncode == 0, filled.stderr
    path = tmp_path / "site.tar"
    made = source.run("manage.py", "backup", str(path))
    assert made.returncode == 0, made.stderr

    bring_back(path, target)

    assert target.sums() == source.sums()
    assert target.contents() == source.contents()
    assert target.files() == source.files() == FILES
    _works(target)


def test_backup_of_a_restored_site_is_the_same_again(
    backup: Path, full: Site, sites: Sites, tmp_path: Path
) -> None:
    first, second = sites.new(), sites.new()
    bring_back(backup, first)

    bring_back(back_up(first, tmp_path / "second.tar"), second)

    assert second.contents() == full.contents()
    assert second.files() == FILES
