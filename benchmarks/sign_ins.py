"""500 people sign in within a minute on two workers: `python -m benchmarks.sign_ins`.

Each opens the page with the form, sends it, and opens the page that follows. Prints how long all
and each took, and the most memory that the web processes had; ends with 1 on an error or when late.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.client import Browser, Unexpected
from benchmarks.seed import PASSWORD
from benchmarks.server import Server, serve
from benchmarks.sites import ROOT, _run, database, manage, site_environment

PEOPLE = 500
SECONDS = 60.0
AT_ONCE = 16  # people who press the button at the same moment


def main() -> int:
    """Measure; 1 when somebody could not get in, or the minute was not enough."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=PEOPLE)
    people = parser.parse_args().people
    failed = False
    for engine in ["sqlite"] + (["postgresql"] if os.environ.get("LMS_POSTGRESQL_URL") else []):
        found = run(engine, people)
        print(
            f"{engine}: {people} signed in within {found.seconds:.1f} s (at most {SECONDS:.0f} for"
            f" {PEOPLE}), {len(found.errors)} errors; one took {found.median:.2f} s, 95 % at most"
            f" {found.slow:.2f} s; {found.cpu_ms:.0f} ms of CPU each; web at most"
            f" {found.megabytes} MB; load of the machine {os.getloadavg()[0]:.1f}"
        )
        for error in found.errors[:5]:
            print(f"  {error}")
        failed |= bool(found.errors) or found.seconds > SECONDS * people / PEOPLE
    return int(failed)


@dataclass(frozen=True)
class Rush:
    """How it went: all of it, one sign-in (the middle one, and the slowest of twenty), errors."""

    people: int
    seconds: float
    median: float
    slow: float
    cpu_ms: float
    megabytes: int
    errors: list[str]


def run(engine: str, people: int = PEOPLE) -> Rush:
    """The figures of one engine."""
    with database(engine) as base, tempfile.TemporaryDirectory(prefix="lms-bench-") as folder:
        environment = site_environment(base, folder)
        manage(environment, "messages", "compile")
        manage(environment, "collectstatic", "--noinput", "-v0")
        manage(environment, "migrate", "-v0")
        _run(environment, "-m", "benchmarks.seed", "--learners", str(people), "--lessons", "10")
        with serve("lms.wsgi", environment, ready="/account/login/") as server:
            return _rush(server, [f"do{number}" for number in range(people)])


def _rush(server: Server, users: list[str]) -> Rush:
    taken: list[float] = []
    errors: list[str] = []
    waiting = list(users)
    most = 0
    done = threading.Event()

    def sign_in() -> None:
        while True:
            try:
                user = waiting.pop()
            except IndexError:
                return
            began = time.perf_counter()
            try:
                browser = Browser(server)
                browser.sign_in(user, PASSWORD)
                if "/account/logout/" not in browser.get("/home/"):
                    errors.append(f"{user} was not signed in")
            except (Unexpected, OSError) as error:
                errors.append(f"{user}: {error}"[:200])
            taken.append(time.perf_counter() - began)

    def watch() -> None:
        nonlocal most
        while not done.wait(0.2):
            most = max(most, sum(_pss(pid) for pid in [server.pid, *server.workers()]))

    watcher = threading.Thread(target=watch)
    watcher.start()
    began, cpu = time.perf_counter(), server.cpu_seconds()
    threads = [threading.Thread(target=sign_in) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - began
    cpu = server.cpu_seconds() - cpu
    done.set()
    watcher.join()
    return Rush(
        people=len(users),
        seconds=seconds,
        median=statistics.median(taken),
        slow=statistics.quantiles(taken, n=20)[-1],
        cpu_ms=cpu * 1000 / len(users),
        megabytes=most // 1024,
        errors=errors,
    )


def _pss(pid: int) -> int:
    """Kilobytes that a process takes, its part of what is shared."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    return next(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:"))


if __name__ == "__main__":
    os.chdir(ROOT)
    sys.exit(main())
