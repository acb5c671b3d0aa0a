"""Install Debian packages where this machine lets us: as root, with apt-get."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys


def install(*packages: str) -> str:
    """Install the packages and return "", or return why that was not possible."""
    if os.environ.get("LMS_NO_INSTALL"):
        return "LMS_NO_INSTALL is set"
    if not shutil.which("apt-get"):
        return "there is no apt-get here"
    if os.geteuid() != 0:
        return f"only root may run: apt-get install {' '.join(packages)}"
    print(f"Installing {' '.join(packages)} ...", file=sys.stderr, flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (["update"], ["install", "--yes", "--no-install-recommends", *packages]):
        run = subprocess.run(
            ["apt-get", "--quiet", *arguments],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        # A list that could not be refreshed may still hold the packages.
        if run.returncode and arguments[0] == "install":
            return f"apt-get install failed:\n{run.stdout[-2000:]}"
    return ""
