"""Run the checks and the tests, all of them whatever fails, and sum up at the end.

    python .ci/test.py [part ...]        no part: all of them

Parts: lint types migrations messages sqlite postgresql browser. What a part needs (PostgreSQL,
Chromium) is installed where we may; otherwise that part is skipped with a line that says so, and
with CI=true it fails. The last line counts everything, a check like a test.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import chromium
import postgresql

ROOT = Path(__file__).resolve().parents[1]
SHARED_DATA = ROOT.parent / "shared" / "data"
IN_CI = os.environ.get("CI", "").lower() in {"true", "1"}
WORKERS = os.environ.get("LMS_TEST_WORKERS") or str(min(os.cpu_count() or 1, 4))
PATIENCE = 20 * 60  # seconds for one engine: a test that hangs must not hang the run

MANAGE = ("manage.py",)
CHECKS: dict[str, dict[str, tuple[str, ...]]] = {
    "lint": {
        "ruff": ("-m", "ruff", "check", "."),
        "djlint": ("-m", "djlint", "--lint", "--quiet", "lms", "modules", "quizzes"),
        "import-linter": (
            "-c",
            "from importlinter.cli import lint_imports_command; lint_imports_command()",
        ),
    },
    "types": {"mypy": ("-m", "mypy")},
    "migrations": {
        "manage.py check": (*MANAGE, "check", "--fail-level", "WARNING"),
        "makemigrations --check": (*MANAGE, "makemigrations", "--check", "--dry-run"),
    },
    "messages": {"messages check": (*MANAGE, "messages", "check")},
}
# Not a check of its own: tests that read Vietnamese need the compiled catalogues.
COMPILE = (*MANAGE, "messages", "compile")
ENGINES = ("sqlite", "postgresql", "browser")


@dataclass
class Tally:
    """How many checks or tests of one kind passed, failed and were skipped."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped
        )

    def __str__(self) -> str:
        failed = f"{self.failed} failed, " if self.failed else ""
        return f"{self.passed} passed, {failed}{self.skipped} skipped"


def say(text: str) -> None:
    print(text, flush=True)


def missing(what: str, why: str) -> Tally:
    """Say that a part cannot run here; in CI that is a failure, elsewhere a skip."""
    say(f"{'FAILED' if IN_CI else 'SKIPPED'}: {what}: {why}")
    return Tally(failed=1) if IN_CI else Tally(skipped=1)


def environment(folder: Path, **extra: str) -> dict[str, str]:
    """Return the environment of a step: its own folder for temporary files, no database yet."""
    folder.mkdir(exist_ok=True)
    kept = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    return {**kept, "TMPDIR": str(folder), "DJANGO_SETTINGS_MODULE": "lms.settings.test", **extra}


def run_checks(parts: list[str], folder: Path) -> Tally:
    """Run the static checks of the parts, two at a time."""
    checks = [item for part in parts for item in CHECKS[part].items()]
    with ThreadPoolExecutor(max_workers=2) as pool:
        results = list(pool.map(lambda item: check_passes(*item, folder), checks))
    return Tally(passed=results.count(True), failed=results.count(False))


def check_passes(name: str, command: tuple[str, ...], folder: Path) -> bool:
    """Run one check; show its output if it fails."""
    begun = time.monotonic()
    run = subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=environment(folder / "checks"),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    took = time.monotonic() - begun
    line = f"{name:<24} {'FAILED' if run.returncode else 'passed'} {took:6.1f} s"
    say(f"{line}\n{run.stdout.rstrip()}" if run.returncode else line)
    return run.returncode == 0


def run_pytest(engine: str, folder: Path, selection: str, extra: Mapping[str, str]) -> Tally:
    """Run the selected tests on all cores and return the counts that pytest reports."""
    report = folder / f"{engine}.xml"
    begun = time.monotonic()
    # Twice quiet: pytest's own closing line would stand beside ours.
    command = [sys.executable, "-m", "pytest", "-qq", "-m", selection, "--durations=5"]
    command += ["-n", WORKERS, "--dist", "loadfile", f"--junitxml={report}"]
    run = subprocess.Popen(command, cwd=ROOT, env=environment(folder / engine, **extra))
    try:
        code = run.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        say(f"FAILED: {engine}: not done after {PATIENCE} s")
        return stop(run, report) + Tally(failed=1)
    except BaseException:
        stop(run, report)
        raise
    tally = counts(report)
    say(f"{engine}: {tally}, {time.monotonic() - begun:.0f} s")
    if code and not tally.failed:
        say(f"FAILED: {engine}: pytest ended with code {code} and names no failed test")
        tally += Tally(failed=1)
    return tally


def stop(run: subprocess.Popen[bytes], report: Path) -> Tally:
    """Interrupt pytest, which then ends its workers, and return what it had counted so far."""
    run.send_signal(signal.SIGINT)
    try:
        run.wait(30)
    except subprocess.TimeoutExpired:
        run.kill()
        run.wait()
    return counts(report)


def counts(report: Path) -> Tally:
    """Read the counts from the report that pytest writes; none if it wrote no report."""
    if not report.exists():
        return Tally()
    suites = list(ElementTree.parse(report).iter("testsuite"))  # noqa: S314 -- pytest's own file
    total, broken, failed, skipped = (
        sum(int(suite.get(name, 0)) for suite in suites)
        for name in ("tests", "errors", "failures", "skipped")
    )
    return Tally(max(0, total - broken - failed - skipped), broken + failed, skipped)


def run_engine(engine: str, folder: Path) -> Tally:
    """Run the tests of one engine with what it needs around them."""
    say(f"\n== {engine}")
    if engine == "sqlite":
        return run_pytest(engine, folder, "not browser", {})
    if engine == "postgresql":
        try:
            with postgresql.cluster() as url:
                return run_pytest(engine, folder, "not browser", {"DATABASE_URL": url})
        except postgresql.NoPostgreSQL as problem:
            return missing("PostgreSQL", str(problem))
    if importlib.util.find_spec("axe_playwright_python") is None:
        return missing("axe", "the package axe-playwright-python is not installed")
    try:
        path = chromium.find_or_install()
    except chromium.NoChromium as problem:
        return missing("Chromium", str(problem))
    # Playwright keeps an event loop in the tests' thread, where Django would refuse to work.
    environment = {"LMS_CHROMIUM": path, "DJANGO_ALLOW_ASYNC_UNSAFE": "true"}
    return run_pytest(engine, folder, "browser", environment)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", help=" ".join([*CHECKS, *ENGINES]))
    parts = parser.parse_args().parts or [*CHECKS, *ENGINES]
    if unknown := sorted(set(parts) - {*CHECKS, *ENGINES}):
        parser.error(f"unknown part: {', '.join(unknown)}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))

    begun = time.monotonic()
    tallies: dict[str, Tally] = {}
    folder = Path(tempfile.mkdtemp(prefix="lms-test-"))
    try:
        if checks := [part for part in CHECKS if part in parts]:
            tallies["checks"] = run_checks(checks, folder)
        engines = [engine for engine in ENGINES if engine in parts]
        if engines and not SHARED_DATA.is_dir():
            tallies["shared data"] = missing("../shared/data", "the tests that read it are skipped")
        if engines and not check_passes("messages compile", COMPILE, folder):
            tallies["catalogues"] = Tally(failed=1)
        for engine in engines:
            tallies[engine] = run_engine(engine, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)

    say(f"\nAll parts: {time.monotonic() - begun:.0f} s")
    for name, tally in tallies.items():
        say(f"{name}: {tally}")
    total = sum(tallies.values(), Tally())
    say(f"{total.passed} passed, {total.failed} failed, {total.skipped} skipped")
    return 1 if total.failed else 0


if __name__ == "__main__":
    sys.exit(main())
