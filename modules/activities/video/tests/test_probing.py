from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modules.activities.video.probing import NotAVideo, probe
from modules.activities.video.tests.factories import CLIP, box, make_mp4


def found(content: bytes):
    return probe(io.BytesIO(content))


def test_probe_of_webm_reads_its_duration():
    assert (found(CLIP).kind, found(CLIP).seconds) == ("webm", 20.0)


@pytest.mark.parametrize("version", [0, 1])
def test_probe_of_mp4_reads_its_duration(version):
    result = found(make_mp4(93.5, version=version))
    assert (result.kind, result.seconds) == ("mp4", 93.5)


def test_probe_of_mp4_with_a_large_box_before_the_index():
    head, rest = make_mp4(7)[:20], make_mp4(7)[20:]
    large = (1).to_bytes(4, "big") + b"mdat" + (16 + 3).to_bytes(8, "big") + b"abc"
    assert found(head + large + rest).seconds == 7


def test_probe_of_mp4_that_does_not_say_how_long_it_is():
    assert found(make_mp4(None)).seconds is None


def test_probe_leaves_the_file_at_its_beginning():
    file = io.BytesIO(CLIP)
    file.seek(7)
    probe(file)
    assert file.tell() == 0


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html><script>alert(1)</script>",
        b"\x00\x00\x00\x18ftyp",
        b"MZ" + bytes(100),
        make_mp4(brand=b"qt  "),
        make_mp4()[:30],
        CLIP.replace(b"webm", b"mkv\0"),
        CLIP[:4],
        box(b"ftyp", b"isom" + bytes(4)),
    ],
)
def test_probe_refuses_what_is_no_video(content):
    with pytest.raises(NotAVideo):
        found(content)


@given(st.binary(max_size=300), st.integers(0, 60), st.sampled_from([CLIP[:400], make_mp4()]))
def test_probe_of_damaged_files_never_fails_otherwise(noise, at, whole):
    damaged = whole[:at] + noise + whole[at:]
    try:
        result = found(damaged)
    except NotAVideo:
        return
    assert result.seconds is None or result.seconds > 0
