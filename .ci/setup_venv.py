"""Build .venv with what the requirements files pin; do nothing when it is already there.

Run it with the Python that the environment shall have: python3 .ci/setup_venv.py
"""

from __future__ import annotations

import hashlib
import importlib.util
import subprocess
import sys
from pathlib import Path

from debian import install

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "requirements.sha256"
REQUIREMENTS = ("requirements.txt", "requirements-dev.txt")


def fingerprint() -> str:
    """Return what the environment depends on, as one line: the pinned versions and the Python."""
    digest = hashlib.sha256()
    for name in REQUIREMENTS:
        digest.update((ROOT / name).read_bytes())
    digest.update(str(sys.version_info[:2]).encode())
    return digest.hexdigest()


def is_usable() -> bool:
    """Tell whether .venv holds a Python of the same version that starts, with pip in it."""
    report = "import pip, sys; print(sys.version_info[:2])"
    try:
        run = subprocess.run([PYTHON, "-c", report], capture_output=True, text=True)
    except OSError:
        return False
    return run.stdout.strip() == str(sys.version_info[:2])


def build() -> None:
    """Make the environment anew."""
    if importlib.util.find_spec("ensurepip") is None:
        # Debian and Ubuntu keep this part of Python in a package of its own.
        package = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
        if problem := install(package):
            sys.exit(f"This Python cannot make virtual environments: install {package} ({problem})")
    print(f"Building {VENV} with Python {sys.version.split()[0]} ...", flush=True)
    subprocess.run([sys.executable, "-m", "venv", "--clear", VENV], check=True)


def main() -> None:
    wanted = fingerprint()
    if STAMP.exists() and STAMP.read_text() == wanted and PYTHON.exists():
        return
    if not is_usable():
        build()
    print("Installing the pinned packages; the first time this takes a minute ...", flush=True)
    pip = [PYTHON, "-m", "pip", "--disable-pip-version-check"]
    # Twice quiet: warnings about a mirror's missing folders would bury an error.
    arguments = [part for name in REQUIREMENTS for part in ("-r", ROOT / name)]
    install_run = subprocess.run([*pip, "install", "-qq", *arguments])
    if install_run.returncode or subprocess.run([*pip, "check"]).returncode:
        sys.exit("Installing the packages failed; the lines above say why.")
    STAMP.write_text(wanted)


if __name__ == "__main__":
    main()
