"""Find Chromium for the browser tests, or install it where we may.

As a program, it prints the path: LMS_CHROMIUM=$(python .ci/chromium.py)
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from debian import install

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


class NoChromium(Exception):
    """Chromium is not here and cannot be installed; says why."""


def find() -> str | None:
    """Return the path of a Chromium that starts, or None. LMS_CHROMIUM goes first."""
    for name in (os.environ.get("LMS_CHROMIUM", ""), *NAMES):
        path = shutil.which(name) if name else None
        if path and subprocess.run([path, "--version"], capture_output=True).returncode == 0:
            return path
    return None


def find_or_install() -> str:
    """Return the path of Chromium, installing it (and a font with Vietnamese) where we may."""
    path = find()
    if path is None:
        problem = install("chromium", "fonts-dejavu-core")
        path = find()
        if path is None:
            raise NoChromium(problem or "it was installed but does not start")
    return path


if __name__ == "__main__":
    try:
        print(find_or_install())
    except NoChromium as reason:
        sys.exit(f"Chromium: {reason}")
