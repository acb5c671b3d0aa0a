"""Killed, out of room, not allowed: what is there afterwards, and how it goes on."""

from __future__ import annotations

import os
import shutil
import signal
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings
from django.utils import translation

from lms.operations.backup import making, marks
from lms.operations.backup.making import make_backup
from lms.operations.backup.restoring import check
from lms.operations.errors import BackupError, Interrupted
from lms.operations.tests.sites import (
    FILES,
    Site,
    Sites,
    back_up,
    bring_back,
    quiet,
    rewritten,
)

pytestmark = [pytest.mark.usefixtures("unblocked"), pytest.mark.postgresql]

# Works with small chunks and dies as by `kill -9` once so many steps of a phase are done.
KILLED = """
import os, signal, sys
import django; django.setup()
from lms.operations.backup import dumping, media
from lms.operations.backup.progress import Progress
dumping.CHUNK_ROWS, media.INDEX_EVERY = 50, 1
class Mortal(Progress):
    steps = 0
    def begin(self, phase, *args, **kwargs):
        self.phase = phase; self.steps = 0; super().begin(phase, *args, **kwargs)
    def step(self, by):
        self.steps += 1
        if self.phase.startswith(os.environ["DIE_IN"]) and self.steps == int(os.environ["DIE_AT"]):
            os.kill(os.getpid(), signal.SIGKILL)
        super().step(by)
from django.core.management import call_command
from lms.operations.management.commands import backup, restore
backup.Progress = restore.Progress = Mortal
call_command(*sys.argv[1:], lang="en")
"""
# Files may not grow beyond so many bytes: for a program that is what a full disk is like.
LIMITED = """
import os, resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (int(os.environ["LIMIT"]),) * 2)
import django; django.setup()
from django.core.management import CommandError, call_command
try:
    call_command(*sys.argv[1:], lang="en")
except CommandError as error:
    print(error)
    raise SystemExit(3)
"""


@pytest.fixture
def copy(full: Site, tmp_path: Path) -> Site:
    """The full site, with further files."""
    folder = tmp_path / "media"
    shutil.copytree(full.media, folder)
    for number in range(5):
        (folder / f"z{number}.bin").write_bytes(os.urandom(200_000))
    return Site(full.database, folder, full.url)


def _kill(site: Site, phase: str, at: int, *command: str) -> None:
    done = site.run("-c", KILLED, *command, environment={"DIE_IN": phase, "DIE_AT": str(at)})
    assert done.returncode == -signal.SIGKILL, done.stderr


def test_backup_killed_among_the_tables_starts_anew(copy: Site, tmp_path: Path) -> None:
    path = tmp_path / "site.tar"
    _kill(copy, "Tables", 20, "backup", str(path))
    assert (path.exists(), path.with_name("site.tar.part").exists()) == (False, True)

    done = copy.run("manage.py", "backup", str(path), "--lang", "en")

    assert done.returncode == 0
    assert "tables are not whole: starting anew" in done.stderr
    assert check(path, quiet()).totals.media_files == len(FILES) + 5
    assert not path.with_name("site.tar.part").exists()


def test_backup_killed_among_the_files_goes_on(
    copy: Site, full: Site, sites: Sites, tmp_path: Path
) -> None:
    path = tmp_path / "site.tar"
    _kill(copy, "Files", 6, "backup", str(path))
    assert not path.exists()
    half = path.with_name("site.tar.part").read_bytes()

    done = copy.run("manage.py", "backup", str(path), "--lang", "en")

    assert "Going on with the backup" in done.stderr
    assert path.read_bytes()[: len(half) // 2] == half[: len(half) // 2]
    target = sites.new()
    bring_back(path, target)
    assert target.contents() == full.contents()
    assert target.files() == copy.files()


@pytest.mark.parametrize(("phase", "at"), [("Tables", 7), ("Files", 2)])
def test_killed_restore_goes_on(
    backup: Path, full: Site, sites: Sites, tmp_path: Path, phase: str, at: int
) -> None:
    target = sites.new()
    _kill(target, phase, at, "restore", str(backup))
    with target.active():
        assert marks.exist()

    other = rewritten(backup, tmp_path / "other.tar", manifest=lambda found: found.update(site="x"))
    with pytest.raises(Interrupted), target.active():
        bring_back(other, target)
    done = target.run("manage.py", "restore", str(backup), "--lang", "en")

    assert done.returncode == 0, done.stderr
    assert "Going on with the restore" in done.stderr
    assert target.contents() == full.contents()
    assert target.files() == FILES
    with target.active():
        assert not marks.exist()


def test_backup_that_does_not_fit_is_said_and_goes_on_elsewhen(copy: Site, tmp_path: Path) -> None:
    path = tmp_path / "site.tar"
    size = back_up(copy, tmp_path / "whole.tar").stat().st_size

    done = copy.run("-c", LIMITED, "backup", str(path), environment={"LIMIT": str(size - 300_000)})

    assert done.returncode == 3, done.stderr
    assert "cannot be written: File too large. Make room" in done.stdout
    assert "goes on from where it stopped" in done.stdout
    assert not path.exists()
    assert copy.run("manage.py", "backup", str(path)).returncode == 0
    assert check(path, quiet()).totals.media_files == len(FILES) + 5


def test_backup_without_room_for_the_tables_leaves_nothing(
    backup: Path, copy: Site, tmp_path: Path
) -> None:
    path = tmp_path / "new" / "site.tar"
    with tarfile.open(backup) as tar:
        within = tar.getmember("tables/wagtailcore.Revision/000001.jsonl.gz").offset_data

    done = copy.run("-c", LIMITED, "backup", str(path), environment={"LIMIT": str(within)})

    assert done.returncode == 3, done.stderr
    assert list(path.parent.iterdir()) == []


def test_files_that_do_not_fit_are_said_and_come_later(
    copy: Site, full: Site, sites: Sites, tmp_path: Path
) -> None:
    (copy.media / "big.bin").write_bytes(b"\0" * 60_000_000)
    path = back_up(copy, tmp_path / "site.tar")
    target = sites.new()

    done = target.run("-c", LIMITED, "restore", str(path), environment={"LIMIT": "50000000"})

    assert done.returncode == 3, done.stderr
    assert "Then call restore again; it goes on" in done.stdout
    assert "big.bin" not in target.files()
    assert not list(target.media.rglob("*.restoring"))
    bring_back(path, target)
    assert target.files() == copy.files()
    assert target.contents() == full.contents()


@pytest.fixture
def at_full(full: Site) -> Iterator[None]:
    with full.active(), translation.override("en"):
        yield


@pytest.mark.usefixtures("at_full")
def test_backup_where_nobody_can_write_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")

    with pytest.raises(BackupError, match="cannot be written"):
        make_backup(tmp_path / "file" / "site.tar", quiet())


@pytest.mark.usefixtures("at_full")
def test_backup_overwrites_nothing(tmp_path: Path) -> None:
    (tmp_path / "site.tar").write_text("precious")

    with pytest.raises(BackupError, match="exists already"):
        make_backup(tmp_path / "site.tar", quiet())

    assert (tmp_path / "site.tar").read_text() == "precious"


@pytest.mark.usefixtures("at_full")
def test_backup_among_the_files_it_holds_is_refused(full: Site) -> None:
    with pytest.raises(BackupError, match="may not lie among the files"):
        make_backup(full.media / "site.tar", quiet())

    assert full.files() == FILES


@pytest.mark.usefixtures("at_full")
def test_second_backup_to_the_same_file_waits_for_its_turn(tmp_path: Path) -> None:
    path = tmp_path / "site.tar"
    with making._alone_with(path.with_name("site.tar.part")):
        with pytest.raises(BackupError, match="Another backup is being written"):
            make_backup(path, quiet())
        assert path.with_name("site.tar.part").exists()


@pytest.mark.usefixtures("at_full")
def test_command_names_backups_by_time_and_keeps_the_newest(tmp_path: Path) -> None:
    old = ["hanh-trang-20200101-000000.tar", "hanh-trang-20210101-000000.tar", "mine.tar"]
    for name in old:
        (tmp_path / name).write_text("")
    with override_settings(LMS_BACKUP_DIR=str(tmp_path)):
        call_command("backup", keep=2)

    left = sorted(path.name for path in tmp_path.iterdir())
    assert left[0] == old[1]
    assert left[1] > "hanh-trang-2026"
    assert left[2:] == ["mine.tar"]


@pytest.mark.usefixtures("at_full")
def test_command_without_a_place_says_which_setting_to_make() -> None:
    with override_settings(LMS_BACKUP_DIR=""), pytest.raises(CommandError, match="LMS_BACKUP_DIR"):
        call_command("backup", lang="en")
