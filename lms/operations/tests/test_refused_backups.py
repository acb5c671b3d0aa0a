"""What cannot be restored is refused in clear words, and the site stays as it was."""

from __future__ import annotations

import random
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from lms.operations.backup import media
from lms.operations.backup.progress import Progress
from lms.operations.backup.restoring import check, restore
from lms.operations.errors import Damaged, Newer, NotABackup, NotEmpty, RestoreError
from lms.operations.tests.sites import FILES, Site, Sites, bring_back, quiet, rewritten

pytestmark = [pytest.mark.usefixtures("unblocked"), pytest.mark.one_engine]


@pytest.fixture(scope="module")
def empty(sites: Sites) -> Site:
    """A site into which nothing may get in this module."""
    return sites.new()


@pytest.fixture(autouse=True)
def stays_as_it_was(empty: Site, unblocked: None) -> Any:
    """Every test here leaves that site without a row or a file more."""
    before = empty.contents()
    yield
    assert empty.contents() == before
    assert empty.files() == {}


def _refused(path: Path, target: Site, kind: type[RestoreError]) -> str:
    with pytest.raises(kind) as caught, translation.override("en"):
        bring_back(path, target)
    assert caught.type is kind
    return str(caught.value)


def _changed(path: Path, to: Path, change: Callable[[bytearray], None]) -> Path:
    content = bytearray(path.read_bytes())
    change(content)
    to.write_bytes(content)
    return to


def _places(backup: Path) -> dict[str, tarfile.TarInfo]:
    with tarfile.open(backup) as tar:
        return {member.name: member for member in tar}


@pytest.mark.parametrize(
    ("member", "named"),
    [
        ("tables/people.Person/000001.jsonl.gz", ""),
        ("media/documents/Tài liệu số 1.pdf", ""),
        ("index/000001.json", "manifest.json"),  # what it says of the first member
        ("end.json", ""),
    ],
)
def test_flipped_byte_is_found_and_named(
    backup: Path, empty: Site, tmp_path: Path, member: str, named: str
) -> None:
    at = _places(backup)[member].offset_data + 5

    def flip(content: bytearray) -> None:
        content[at] ^= 0x20

    said = _refused(_changed(backup, tmp_path / "bad.tar", flip), empty, Damaged)

    assert f"damaged at “{named or member}”" in said


def test_no_flipped_byte_anywhere_goes_unseen(backup: Path, tmp_path: Path) -> None:
    """Wherever a byte is flipped: it is found, or nothing that is restored has changed."""
    chance, size = random.Random(6), backup.stat().st_size
    heads = [each.offset + chance.randrange(512) for each in _places(backup).values()]
    original = backup.read_bytes()
    unseen = []
    for at in [*(chance.randrange(size) for _ in range(150)), *heads]:
        bad = bytearray(original)
        bad[at] ^= 1 << chance.randrange(8)
        (tmp_path / "bad.tar").write_bytes(bad)
        try:
            check(tmp_path / "bad.tar", quiet())
        except RestoreError:
            continue
        unseen.append(at)
        assert _members(tmp_path / "bad.tar") == _members(backup)
    assert len(unseen) < 60  # of some 250: what fills up blocks


def _members(path: Path) -> list[tuple[str, bytes]]:
    with tarfile.open(path) as tar:
        return [(each.name, tar.extractfile(each).read()) for each in tar]


@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.9, 0.99])
def test_file_that_was_cut_off_is_incomplete(
    backup: Path, empty: Site, tmp_path: Path, share: float
) -> None:
    def cut(content: bytearray) -> None:
        del content[int(len(content) * share) :]

    path = _changed(backup, tmp_path / "cut.tar", cut)

    assert "incomplete or damaged" in _refused(path, empty, Damaged)


def test_something_behind_the_end_is_damage(backup: Path, empty: Site, tmp_path: Path) -> None:
    path = tmp_path / "more.tar"
    path.write_bytes(backup.read_bytes())
    (tmp_path / "x.txt").write_text("x")
    with tarfile.open(path, "a") as tar:
        tar.add(tmp_path / "x.txt", "media/x.txt")

    assert "damaged at “media/x.txt”" in _refused(path, empty, Damaged)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"SQLite format 3\0" * 100, b"\0" * 2048])
def test_other_files_are_no_backups(empty: Site, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other.tar"
    path.write_bytes(content)

    assert _refused(path, empty, NotABackup) == "This file is no backup of such a site."


def test_tar_of_something_else_is_no_backup(empty: Site, tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text('{"name": "app", "format": 1, "product": "x"}')
    for name in ("manifest.json", "other.json"):
        with tarfile.open(tmp_path / "other.tar", "w") as tar:
            tar.add(tmp_path / "manifest.json", name)
        assert _refused(tmp_path / "other.tar", empty, NotABackup)


def test_missing_file_is_said(empty: Site, tmp_path: Path) -> None:
    assert "cannot be read" in _refused(tmp_path / "nowhere.tar", empty, RestoreError)


def test_newer_format_asks_for_the_newer_version(backup: Path, empty: Site, tmp_path: Path) -> None:
    def newer(manifest: dict[str, Any]) -> None:
        manifest["format"] = 2
        manifest["something"] = "that only the newer version knows"

    said = _refused(rewritten(backup, tmp_path / "n.tar", manifest=newer), empty, Newer)

    assert "newer version of the software (format 2" in said


def test_newer_migrations_ask_for_the_newer_version(
    backup: Path, empty: Site, tmp_path: Path
) -> None:
    def newer(manifest: dict[str, Any]) -> None:
        manifest["migrations"].append(["people", "0099_of_tomorrow"])

    said = _refused(rewritten(backup, tmp_path / "n.tar", manifest=newer), empty, Newer)

    assert "people.0099_of_tomorrow is not known here" in said


def test_data_of_a_plugin_that_is_not_here_ask_for_it(
    backup: Path, empty: Site, tmp_path: Path
) -> None:
    def more(manifest: dict[str, Any]) -> None:
        manifest["migrations"].append(["flashcards", "0001_initial"])

    said = _refused(rewritten(backup, tmp_path / "n.tar", manifest=more), empty, RestoreError)

    assert "apps that are not installed here: flashcards" in said


def test_other_columns_are_refused(backup: Path, empty: Site, tmp_path: Path) -> None:
    def other(manifest: dict[str, Any]) -> None:
        manifest["tables"]["people.Person"]["columns"].append("shoe_size")

    said = _refused(rewritten(backup, tmp_path / "n.tar", manifest=other), empty, RestoreError)

    assert "people.Person" in said


@pytest.mark.parametrize(
    "name", ["../../outside.txt", "/etc/outside.txt", "a/../../b", "a//b", "a\\b", "a/\x01"]
)
def test_names_that_lead_outside_are_refused(
    backup: Path, empty: Site, tmp_path: Path, name: str
) -> None:
    def renamed(member: str, content: bytes) -> tuple[str, bytes]:
        return (f"media/{name}" if member.startswith("media/") else member), content

    path = rewritten(backup, tmp_path / "n.tar", members=renamed)

    assert "is not allowed" in _refused(path, empty, Damaged)


def test_links_are_refused(backup: Path, empty: Site, tmp_path: Path) -> None:
    path = tmp_path / "link.tar"
    with tarfile.open(backup) as old, tarfile.open(path, "w") as new:
        for member in old:
            if member.name.startswith("media/"):
                member.type, member.linkname, member.size = tarfile.SYMTYPE, "/etc/passwd", 0
            new.addfile(member, old.extractfile(member) if member.isreg() else None)

    assert "damaged" in _refused(path, empty, Damaged)


def test_link_in_the_media_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "media").mkdir()
    (tmp_path / "media" / "away").symlink_to(tmp_path)

    with pytest.raises(Damaged):
        media.place_for(tmp_path / "media", "media/away/file.txt")


def test_site_with_people_is_not_empty(backup: Path, full: Site) -> None:
    before = full.contents()

    said = _refused(backup, full, NotEmpty)

    assert "not empty" in said
    assert "people, " in said
    assert full.contents() == before
    assert full.files() == FILES


def test_site_with_files_only_is_not_empty(backup: Path, sites: Sites) -> None:
    target = sites.new()
    (target.media / "old.pdf").write_bytes(b"old")

    assert str(target.media) in _refused(backup, target, NotEmpty)
    assert target.files() == {"old.pdf": b"old"}


def test_replacing_asks_first(backup: Path, full: Site, sites: Sites) -> None:
    target = sites.new()
    bring_back(backup, target)
    (target.media / "old.pdf").write_bytes(b"old")
    asked = []
    before = target.contents()

    def no(_manifest: Any, here: list[str]) -> bool:
        asked.extend(here)
        return False

    with target.active():
        assert restore(backup, quiet(), replace=True, confirm=no) is None
    assert asked
    assert target.contents() == before
    assert "old.pdf" in target.files()

    bring_back(backup, target, replace=True, confirm=lambda *_: True)

    assert target.contents() == full.contents()
    assert target.files() == FILES
    aside = next(target.media.parent.glob(f"{target.media.name}-before-*"))
    assert (aside / "old.pdf").read_bytes() == b"old"


def test_command_says_it_in_the_language_of_the_site(empty: Site, tmp_path: Path) -> None:
    path = tmp_path / "other.tar"
    path.write_bytes(b"no")
    with empty.active():
        for language, words in (("vi", "không phải là bản sao lưu"), ("en", "is no backup")):
            with pytest.raises(CommandError, match=words):
                call_command("restore", str(path), lang=language)


def test_progress_tells_phase_share_and_time_left() -> None:
    now = [0.0]
    progress = Progress(_Lines(), clock=lambda: now[0])
    with translation.override("en"):
        progress.begin("Tables (rows)", 4000)
        now[0] = 10.0
        progress.done = 1000
        assert progress.text() == "Tables (rows): 1,000/4,000 (25 %), 0:30 left"
        progress.end()


class _Lines:
    def isatty(self) -> bool:
        return False

    def write(self, text: str) -> None:
        assert text.endswith("\n")

    def flush(self) -> None:
        pass
