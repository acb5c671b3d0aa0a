"""One Chromium for the browser tests of all packages. Loaded by `addopts` in pyproject.toml.

Playwright's plain interface can be started once in a thread, so tests of different packages that
run in one process must share it.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

# Chromium must not speak to anybody but our server; nor may a page make it.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser that LMS_CHROMIUM names, or the one on the PATH; skips without."""
    path = os.environ.get("LMS_CHROMIUM") or shutil.which("chromium")
    if path is None:
        pytest.skip("no Chromium: LMS_CHROMIUM is not set")
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield made
        made.close()
