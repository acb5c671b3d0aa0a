"""Public media in parts, so that phones can seek; nothing outside the public folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from lms.web.views.media import byte_range

CONTENT = bytes(range(256)) * 4


@pytest.fixture
def film() -> str:
    folder = Path(settings.MEDIA_ROOT) / "public" / "video"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "phim.mp4").write_bytes(CONTENT)
    (Path(settings.MEDIA_ROOT) / "kin.txt").write_text("kín")
    return "/media/public/video/phim.mp4"


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", None),
        ("items=0-1", None),
        ("bytes=-", None),
        ("bytes=0-", (0, 1023)),
        ("bytes=100-199", (100, 199)),
        ("bytes=1000-5000", (1000, 1023)),
        ("bytes=-10", (1014, 1023)),
        ("bytes=-5000", (0, 1023)),
        ("bytes=1024-", (0, -1)),
        ("bytes=9-3", (0, -1)),
        ("bytes=-0", (0, -1)),
    ],
)
def test_byte_range_reads_one_range(header: str, expected: tuple[int, int] | None) -> None:
    assert byte_range(header, 1024) == expected


def test_file_is_served_whole_and_in_parts(client: Client, film: str) -> None:
    whole = client.get(film)
    assert (whole.status_code, body(whole)) == (200, CONTENT)
    part = client.get(film, headers={"Range": "bytes=10-19"})
    assert (part.status_code, body(part)) == (206, CONTENT[10:20])
    assert part["Content-Range"] == "bytes 10-19/1024"
    beyond = client.get(film, headers={"Range": "bytes=5000-"})
    assert (beyond.status_code, beyond["Content-Range"]) == (416, "bytes */1024")


def test_nothing_outside_the_public_folder_is_served(client: Client, film: str) -> None:
    for path in ("video/../../kin.txt", "..%2fkin.txt", "/etc/passwd", "video", "khong-co.mp4"):
        assert client.get(f"/media/public/{path}").status_code == 404


def test_media_can_never_run_as_a_page(client: Client, film: str) -> None:
    response = client.get(film)
    assert "sandbox" in response["Content-Security-Policy"]
    assert response["X-Content-Type-Options"] == "nosniff"
