"""Where tests find the data made by others, which is not part of this repository."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def shared_data(*parts: str) -> Path:
    """The path of a file or folder of the shared data (LMS_SHARED_DATA, else ../shared/data).

    Where it is missing the test is skipped; with CI=true it fails, so that nobody takes a run
    without this data for a whole one.
    """
    given = os.environ.get("LMS_SHARED_DATA")
    base = Path(given) if given else ROOT.parent / "shared" / "data"
    path = base.joinpath(*parts)
    if path.exists():
        return path
    message = f"shared test data are missing: {'/'.join(parts) or 'the whole folder'}"
    if os.environ.get("CI") == "true":
        pytest.fail(message)
    pytest.skip(message, allow_module_level=True)
