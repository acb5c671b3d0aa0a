from __future__ import annotations

import dataclasses
import io
import os
import struct
import tracemalloc
import unicodedata
import zipfile
import zlib
from pathlib import Path
from typing import Any

import pytest

from lms.plugins.archive import PACKAGE, ArchiveError, ArchiveLimits, open_archive

MB = 1024 * 1024
SMALL = ArchiveLimits(MB, max_entries=20, max_entry_bytes=64 * 1024, max_total_bytes=256 * 1024)


@dataclasses.dataclass
class Raw:
    """One entry as it shall stand in the file, true or not."""

    name: str
    data: bytes = b"x"
    method: int = 0
    flags: int = 0x800
    size: int | None = None
    crc: int | None = None
    attributes: int = 0o100644 << 16
    system: int = 3
    local: dict[str, Any] = dataclasses.field(default_factory=dict)  # what its header says else
    offset: int | None = None  # None writes a header of its own

    def fields(self, **other: Any) -> tuple[bytes, bytes]:
        packed = self.data
        plain = zlib.decompress(packed, -15) if self.method == 8 and self.size is None else packed
        say: dict[str, Any] = {
            "name": self.name,
            "flags": self.flags,
            "method": self.method,
            "crc": zlib.crc32(plain) if self.crc is None else self.crc,
            "size": len(plain) if self.size is None else self.size,
        } | other
        name = say["name"].encode()
        numbers = (say["flags"], say["method"], 0, 0, say["crc"], len(packed), say["size"])
        return struct.pack("<5H3LH", 20, *numbers, len(name)), name


def archive(
    *entries: Raw,
    before: bytes = b"",
    gap: bytes = b"",
    after: bytes = b"",
    count: int | None = None,
    disk: int = 0,
    zip64: bool = False,
) -> io.BytesIO:
    """A zip file, of which everything can be made up."""
    body, directory = bytearray(before), bytearray()
    for entry in entries:
        at = len(body) if entry.offset is None else entry.offset
        if entry.offset is None:
            fields, name = entry.fields(**entry.local)
            body += b"PK\3\4" + fields + b"\0\0" + name + entry.data
        fields, name = entry.fields()
        directory += b"PK\1\2" + bytes([20, entry.system]) + fields
        directory += struct.pack("<4H2L", 0, 0, 0, 0, entry.attributes, at) + name
    count = len(entries) if count is None else count
    numbers = (count, count, len(directory), len(body))
    end = b""
    if zip64:
        end = b"PK\6\6" + struct.pack("<Q2H2L4Q", 44, 45, 45, 0, 0, *numbers)
        end += b"PK\6\7" + struct.pack("<LQL", 0, len(body) + len(directory), 1)
        numbers = (0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF)
    end += b"PK\5\6" + struct.pack("<2H2H2LH", disk, disk, *numbers, 0)
    return io.BytesIO(bytes(body) + bytes(directory) + gap + end + after)


def deflated(plain: bytes) -> bytes:
    packer = zlib.compressobj(9, wbits=-15)
    return packer.compress(plain) + packer.flush()


def folder(name: str) -> Raw:
    return Raw(name, b"", attributes=0o040755 << 16)


def zipped(files: dict[str, bytes]) -> io.BytesIO:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in files.items():
            file.writestr(name, data)
    return out


def refusal(file: io.BytesIO | Path, limits: ArchiveLimits = SMALL) -> str:
    """The rule by which an archive is refused, at the door or when all of it is read."""
    with pytest.raises(ArchiveError) as caught, open_archive(file, limits) as opened:
        opened.verify()
    return caught.value.rule


def test_archive_gives_names_and_content() -> None:
    file = zipped({"h5p.json": b"{}", "nội dung/": b"", "nội dung/ảnh.png": b"\x89PNG" * 9})
    file.seek(7)
    with open_archive(file, PACKAGE) as opened:
        assert opened.names() == ["h5p.json", "nội dung/ảnh.png"]
        assert opened.size("h5p.json") == len(opened.read("h5p.json")) == 2
        assert b"".join(opened.chunks("nội dung/ảnh.png")) == b"\x89PNG" * 9
        assert ("h5p.json" in opened, "nội dung/" in opened) == (True, False)
    assert file.tell() == 0
    assert not file.closed


def test_archive_finds_names_in_any_composition(tmp_path: Path) -> None:
    decomposed = unicodedata.normalize("NFD", "ảnh.png")
    with open_archive(archive(Raw(decomposed)), SMALL) as opened:
        assert opened.names() == ["ảnh.png"]
        assert opened.read(decomposed) == opened.read("ảnh.png") == b"x"
        opened.extract_to(tmp_path / "out", [decomposed])
    assert os.listdir(tmp_path / "out") == ["ảnh.png"]


def test_archive_opens_copies_to_seek_in() -> None:
    with open_archive(zipped({"a": b"0123456789"}), SMALL) as opened, opened.open("a") as copy:
        copy.seek(4)
        assert copy.read() == b"456789"


def test_archive_of_nothing_and_with_zip64_records_is_accepted() -> None:
    with open_archive(archive(), SMALL) as opened:
        assert opened.names() == []
    with open_archive(archive(Raw("a"), zip64=True), SMALL) as opened:
        assert opened.read("a") == b"x"


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("/etc/passwd", "path-absolute"),
        ("C:/x", "path-absolute"),
        ("c:x", "path-absolute"),
        ("\\\\server\\share", "path-absolute"),
        ("//server/share", "path-absolute"),
        ("../x", "path-climbs"),
        ("a/../../x", "path-climbs"),
        ("a\\..\\x", "path-climbs"),
        ("a\\x", "path-backslash"),
        ("./x", "path-not-plain"),
        ("a//x", "path-not-plain"),
        ("", "path-not-plain"),
        ("a\0.png", "name-control"),
        ("a\n.png", "name-control"),
        ("a\x85b", "name-control"),
        ("gnp.\u202eexe", "name-control"),
        ("a:b", "path-absolute"),
        ("ab:stream", "name-reserved"),
        ("what?", "name-reserved"),
        ("CON", "name-reserved"),
        ("a/nul.txt", "name-reserved"),
        ("Lpt1 .x", "name-reserved"),
        ("COM¹", "name-reserved"),
        ("a./b", "name-reserved"),
        ("a /b", "name-reserved"),
        ("ă" * 121, "name-too-long"),
        ("a/" * 17 + "b", "too-deep"),
        ("x.zip", "nested-archive"),
        ("x.H5P", "nested-archive"),
    ],
)
def test_archive_with_a_bad_name_is_refused(name: str, rule: str) -> None:
    assert refusal(archive(Raw("good"), Raw(name))) == rule


@pytest.mark.parametrize("name", ["con2", "console.log", "a.b.c", ".well", "a b", "a..b", "comò"])
def test_archive_with_a_name_like_a_bad_one_is_accepted(name: str) -> None:
    with open_archive(archive(Raw(name)), SMALL) as opened:
        assert opened.names() == [name]


@pytest.mark.parametrize(
    ("names", "rule"),
    [
        (("a", "a"), "duplicate"),
        (("a/", "a/"), "duplicate"),
        (("Ảnh.png", "ảnh.PNG"), "case-twin"),
        (("ế", unicodedata.normalize("NFD", "ế")), "duplicate"),
        (("ế", unicodedata.normalize("NFD", "Ế")), "case-twin"),
        (("straße", "STRASSE"), "case-twin"),
        (("a", "a/"), "case-twin"),
        (("a", "b", "a/b"), "file-and-folder"),
        (("A/b/c", "a/B"), "file-and-folder"),
    ],
)
def test_archive_with_two_names_for_one_file_is_refused(names: tuple[str, ...], rule: str) -> None:
    assert refusal(archive(*(folder(n) if n.endswith("/") else Raw(n) for n in names))) == rule


@pytest.mark.parametrize(
    ("entry", "rule"),
    [
        (Raw("a", b"/etc/passwd", attributes=0o120777 << 16), "link"),
        (Raw("a", attributes=0x400, system=0), "link"),
        (Raw("a", attributes=0o010644 << 16), "special-file"),
        (Raw("a", attributes=0o020644 << 16), "special-file"),
        (Raw("a", attributes=0o040755 << 16), "special-file"),
        (Raw("a/", b"", attributes=0o100644 << 16), "special-file"),
        (Raw("a/", b"hidden", attributes=0o040755 << 16), "size-mismatch"),
        (Raw("a", flags=0x801), "encrypted"),
        (Raw("a", flags=0x840), "encrypted"),
        (Raw("a", local={"flags": 0x801}), "encrypted"),
        (Raw("a", flags=0x820), "unsupported"),
        (Raw("a", method=12), "unsupported"),
        (Raw("a", local={"name": "b"}), "header-mismatch"),
        (Raw("a", local={"name": "../../b"}), "header-mismatch"),
        (Raw("a", local={"method": 8}), "header-mismatch"),
        (Raw("a", local={"size": 9}), "header-mismatch"),
        (Raw("a", local={"crc": 9}), "header-mismatch"),
        (Raw("a", offset=3), "header-mismatch"),
        (Raw("a", size=9), "size-mismatch"),
        (Raw("a", crc=9), "damaged"),
        (Raw("a", b"garbage!", method=8, size=9, crc=9), "damaged"),
        (Raw("a", deflated(b"x" * 99)[:-1], method=8, size=99, crc=9), "damaged"),
        (
            Raw("a", deflated(b"x" * 99), method=8, size=10, crc=zlib.crc32(b"x" * 10)),
            "size-mismatch",
        ),
        (Raw("a", deflated(b"x" * 99), method=8, size=100, crc=0), "size-mismatch"),
        (Raw("a", deflated(b"x") + b"hidden", method=8), "size-mismatch"),
    ],
)
def test_archive_with_a_bad_entry_is_refused(entry: Raw, rule: str) -> None:
    assert refusal(archive(Raw("good"), entry)) == rule


@pytest.mark.parametrize(
    ("file", "rule"),
    [
        (io.BytesIO(b""), "not-an-archive"),
        (io.BytesIO(b"PK\3\4" + b"x" * 99), "not-an-archive"),
        (archive(Raw("a"), before=b"%PDF-1.7"), "extra-data"),
        (archive(Raw("a"), gap=b"MZ"), "extra-data"),
        (archive(Raw("a"), after=b"<script>"), "extra-data"),
        (archive(Raw("a"), disk=1), "unsupported"),
        (archive(Raw("a"), Raw("b"), count=1), "damaged"),
        (archive(Raw("a"), count=2), "damaged"),
        (io.BytesIO(b"\x89PNG" + archive(Raw("a")).getvalue()), "extra-data"),
        (io.BytesIO(archive(Raw("a")).getvalue()[5:]), "damaged"),
        (archive(*(Raw(str(n)) for n in range(21))), "too-many-entries"),
        (archive(Raw("a", b"x" * MB)), "file-too-large"),
    ],
)
def test_archive_with_a_bad_frame_is_refused(file: io.BytesIO, rule: str) -> None:
    assert refusal(file) == rule


def test_archive_bombs_are_refused_at_the_door() -> None:
    zeros = Raw("a", deflated(bytes(9 * MB)), method=8)
    assert refusal(archive(zeros), PACKAGE) == "ratio"
    assert refusal(archive(zeros)) == "entry-too-large"
    packed = deflated(bytes(MB))
    tame = [Raw(f"{n}", packed, method=8) for n in range(20)]  # below the floor, one by one
    assert refusal(archive(*tame), PACKAGE) == "ratio"
    assert refusal(archive(*(Raw(f"{n}", bytes(50_000)) for n in range(6)))) == "total-too-large"


def test_archive_bomb_beside_large_files_is_refused() -> None:
    noise = Raw("noise", os.urandom(MB))
    assert refusal(archive(noise, Raw("a", deflated(bytes(2 * MB)), method=8)), PACKAGE) == "ratio"


@pytest.mark.parametrize(("at", "data"), [(-98, b"PK\6\7"), (-34, b"\1"), (-10, b"\1\0\0\0")])
def test_archive_with_two_truths_about_its_directory_is_refused(at: int, data: bytes) -> None:
    file = bytearray(archive(Raw("a"), zip64=True).getvalue())
    file[at : at + len(data)] = data  # zip64 record; where it is; size by the narrow record
    assert refusal(io.BytesIO(bytes(file))) == "damaged"


def test_archive_cut_off_while_it_is_read_is_refused() -> None:
    file = archive(Raw("a", b"x" * 999))
    with open_archive(file, SMALL) as opened:
        file.truncate(99)
        with pytest.raises(ArchiveError, match="damaged"):
            opened.verify()


def test_archive_bomb_by_overlap_is_refused() -> None:
    inner = archive(Raw("b", deflated(bytes(60_000)), method=8)).getvalue()
    header_and_data = inner[: inner.index(b"PK\1\2")]  # quoted in the data of a, and used by b
    quoting = Raw("a", header_and_data)
    inside = Raw("b", deflated(bytes(60_000)), method=8, offset=31)
    assert refusal(archive(quoting, inside)) == "overlap"


def test_archive_of_lies_is_stopped_at_its_word() -> None:
    bomb = Raw("a", deflated(bytes(50 * MB)), method=8, size=10, crc=0)
    tracemalloc.start()
    try:
        with open_archive(archive(bomb), SMALL) as opened, pytest.raises(ArchiveError) as caught:
            opened.read("a")
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert caught.value.rule == "size-mismatch"
    assert peak < 2 * MB


@pytest.mark.parametrize(
    ("zip64", "count", "rule"),
    [
        (True, 100_000, "too-many-entries"),
        (False, 0xFFFF, "too-many-entries"),
        (False, 9, "damaged"),  # the directory goes on after the ninth
    ],
)
def test_archive_of_100000_entries_is_refused_in_little_memory(
    zip64: bool, count: int, rule: str
) -> None:
    many = archive(*(Raw(str(n), b"") for n in range(100_000)), count=count, zip64=zip64)
    tracemalloc.start()
    try:
        assert refusal(many, PACKAGE) == rule
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 8 * MB


def test_archive_in_archives_is_an_entry_and_never_opened() -> None:
    nested = b"x"
    for _level in range(5):
        nested = zipped({"self.zip": nested}).getvalue()
    assert refusal(io.BytesIO(nested)) == "nested-archive"
    with open_archive(io.BytesIO(nested), dataclasses.replace(SMALL, allow_nested=True)) as opened:
        assert opened.names() == ["self.zip"]


def test_archive_limits_name_the_suffixes() -> None:
    limits = dataclasses.replace(SMALL, allowed_suffixes=frozenset({".json", ".png"}))
    with open_archive(zipped({"a/b.JSON": b"", "c.php.png": b""}), limits) as opened:
        assert len(opened.names()) == 2
    assert refusal(zipped({"a.png.php": b""}), limits) == "suffix"
    assert refusal(zipped({".htaccess": b""}), limits) == "suffix"


def test_read_beyond_what_the_caller_wants_is_refused() -> None:
    with open_archive(zipped({"a": b"x" * 100}), SMALL) as opened:
        assert len(opened.read("a", max_bytes=100)) == 100
        with pytest.raises(ArchiveError, match="entry-too-large"):
            opened.read("a", max_bytes=99)
        with pytest.raises(ArchiveError, match="missing"):
            opened.open("b")


def everything(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_extract_writes_the_files_below_the_folder(tmp_path: Path) -> None:
    files = {"a.txt": b"a", "b/c/d.txt": b"d" * 200_000}
    (tmp_path / "out").mkdir()
    with open_archive(zipped(files), PACKAGE) as opened:
        opened.extract_to(tmp_path / "out")
        opened.extract_to(tmp_path / "new" / "part", ["a.txt"])
    assert everything(tmp_path / "out") == files
    assert everything(tmp_path / "new") == {"part/a.txt": b"a"}


def test_extract_leaves_nothing_when_an_entry_is_refused(tmp_path: Path) -> None:
    with open_archive(archive(Raw("a"), Raw("b", crc=1)), SMALL) as opened:
        for names in (None, ["a", "c"], ["a", "../a"]):
            with pytest.raises(ArchiveError):
                opened.extract_to(tmp_path / "out", names)
    assert list(tmp_path.iterdir()) == []


def test_extract_over_a_folder_with_files_or_a_link_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine").write_bytes(b"1")
    (tmp_path / "empty").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "empty")
    with open_archive(zipped({"a": b"a"}), SMALL) as opened:
        for name in ("full", "link"):
            with pytest.raises(FileExistsError):
                opened.extract_to(tmp_path / name)
    assert everything(tmp_path) == {"full/mine": b"1"}
