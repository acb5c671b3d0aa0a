"""The guard on real files: packages of others, Office documents, and files with bytes changed."""

from __future__ import annotations

import ast
import inspect
import io
import zipfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from lms.plugins import archive
from lms.plugins.archive import (
    DOCUMENT,
    MESSAGES,
    PACKAGE,
    SPREADSHEET,
    ArchiveError,
    check_ooxml,
    open_archive,
)
from tests.shared_data import shared_data

CONTENT_TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Override PartName="/word/document.xml" ContentType="application/vnd.'
    'openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
)
PLAIN_DOCX = {
    "[Content_Types].xml": CONTENT_TYPES.encode(),
    "_rels/.rels": b"<Relationships/>",
    "word/document.xml": "<w:document>Xã Hòa Lạc</w:document>".encode(),
}


def zipped(files: dict[str, bytes]) -> io.BytesIO:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in files.items():
            file.writestr(name, data)
    return out


def workbook() -> io.BytesIO:
    book, out = openpyxl.Workbook(), io.BytesIO()
    for row in range(2_000):
        book.active.append([f"Nguyễn Văn {row}", "Chủ tịch Ủy ban nhân dân xã", "0912345678"])
    book.save(out)
    return out


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("zip-slip.zip", "path-climbs"),
        ("zip-slip-win.zip", "path-climbs"),
        ("zip-slip.tar", "not-an-archive"),
        ("zip-slip-win.tar", "not-an-archive"),
    ],
)
def test_archives_that_climb_are_refused_and_leave_nothing(
    name: str, rule: str, tmp_path: Path
) -> None:
    path = shared_data("zip-hostile", name)
    with pytest.raises(ArchiveError) as caught, open_archive(path, PACKAGE) as opened:
        opened.extract_to(tmp_path / "out")
    assert caught.value.rule == rule
    assert list(tmp_path.iterdir()) == []


def test_all_hostile_archives_are_known_to_the_test_above() -> None:
    names = sorted(path.name for path in shared_data("zip-hostile").iterdir())
    assert names == ["zip-slip-win.tar", "zip-slip-win.zip", "zip-slip.tar", "zip-slip.zip"]


def test_real_packages_of_h5p_are_accepted_whole() -> None:
    packages = sorted(shared_data("h5p", "valid").glob("*.h5p"))
    assert len(packages) >= 16
    for path in packages:
        with zipfile.ZipFile(path) as plain, open_archive(path, PACKAGE) as opened:
            files = {info.filename: info for info in plain.infolist() if not info.is_dir()}
            assert opened.names() == list(files)
            assert all(opened.read(name) == plain.read(name) for name in files)


def test_workbook_and_document_are_accepted() -> None:
    with open_archive(workbook(), SPREADSHEET) as opened:
        check_ooxml(opened, "xlsx")
    with open_archive(zipped(PLAIN_DOCX), DOCUMENT) as opened:
        check_ooxml(opened, "docx")


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"[Content_Types].xml": b"<Types/>"}, "not-ooxml"),
        ({"word/vbaProject.bin": b"x"}, "macros"),
        ({"word/VBADATA.xml": b"x"}, "macros"),
        ({"word/activeX/activeX1.bin": b"x"}, "macros"),
        (
            {"[Content_Types].xml": b"application/vnd.ms-word.document.macroEnabled.main+xml"},
            "macros",
        ),
        (
            {"word/document.xml": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a/>'},
            "xml-entities",
        ),
        (
            {"word/document.xml": '<!DOCTYPE a SYSTEM "file:///etc/passwd">'.encode("utf-16")},
            "xml-entities",
        ),
        ({"word/media/image1.png": b" " * 65_530 + b"<!DOCTYPE a>"}, "xml-entities"),
    ],
)
def test_document_with_macros_or_entities_is_refused(changes: dict[str, bytes], rule: str) -> None:
    with (
        pytest.raises(ArchiveError) as caught,
        open_archive(zipped(PLAIN_DOCX | changes), DOCUMENT) as opened,
    ):
        check_ooxml(opened, "docx")
    assert caught.value.rule == rule


def test_archive_that_is_no_document_is_refused_as_one() -> None:
    for kind in ("xlsx", "docx"):
        with (
            pytest.raises(ArchiveError, match="not-ooxml"),
            open_archive(zipped({"a": b"b"}), DOCUMENT) as opened,
        ):
            check_ooxml(opened, kind)
    with (
        pytest.raises(ArchiveError, match="not-ooxml"),
        open_archive(workbook(), SPREADSHEET) as opened,
    ):
        check_ooxml(opened, "docx")


SAMPLE = zipped({"a.txt": b"hello " * 50, "b/c.bin": bytes(range(256)), "b/d": b""}).getvalue()
changes = st.lists(st.tuples(st.integers(0, len(SAMPLE) - 1), st.binary(max_size=6)), max_size=4)


@hypothesis_settings(deadline=None, max_examples=400)
@given(changes=changes, cut=st.integers(0, len(SAMPLE)))
@example(changes=[], cut=0)
def test_damage_is_refused_or_harmless_and_never_a_crash(
    changes: list[tuple[int, bytes]], cut: int
) -> None:
    damaged = bytearray(SAMPLE)
    for at, data in changes:
        damaged[at : at + len(data)] = data
    if cut % 3 == 0:
        del damaged[cut:]
    try:
        with open_archive(io.BytesIO(bytes(damaged)), PACKAGE) as opened:
            read = {name: opened.read(name) for name in opened.names()}
    except ArchiveError:
        return
    # What the guard lets through, the readers of others read alike.
    with zipfile.ZipFile(io.BytesIO(bytes(damaged))) as plain:
        assert read == {i.filename: plain.read(i) for i in plain.infolist() if not i.is_dir()}


def test_every_rule_has_a_message_and_every_message_a_rule() -> None:
    tree = ast.parse(inspect.getsource(archive))
    used = {
        constant.value
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "ArchiveError"
        for constant in ast.walk(call.args[0])
        if isinstance(constant, ast.Constant)
    }
    by_name = {"name-control", "name-reserved", "name-too-long", "too-deep"}
    by_name |= {"path-absolute", "path-climbs", "path-backslash", "path-not-plain"}
    assert used | by_name == set(MESSAGES)


def test_refusal_says_what_and_where_in_printable_text() -> None:
    error = ArchiveError("link", "a\u202eb\n" + "c" * 500)
    assert (
        error.message % error.params == f"“a�b�{'c' * 196}” in the archive is not an ordinary file."
    )
