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
        failed |= _engine(engine, people)
    return int(failed)


def _engine(engine: str, people: int) -> bool:
    with database(engine) as base, tempfile.TemporaryDirectory(prefix="lms-bench-") as folder:
        environment = site_environment(base, folder)
        manage(environment, "messages", "compile")
        manage(environment, "collectstatic", "--noinput", "-v0")
        manage(environment, "migrate", "-v0")
        _run(environment, "-m", "benchmarks.seed", "--learners", str(people), "--lessons", "10")
        with serve("lms.wsgi", environment, ready="/account/login/") as server:
            return _rush(engine, server, [f"do{number}" for number in range(people)])


def _rush(engine: str, server: Server, users: list[str]) -> bool:
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
    late = seconds > SECONDS * len(users) / PEOPLE
    middle, slow = statistics.median(taken), statistics.quantiles(taken, n=20)[-1]
    print(
        f"{engine}: {len(users)} signed in within {seconds:.1f} s (at most {SECONDS:.0f} for"
        f" {PEOPLE}), {len(errors)} errors; one took {middle:.2f} s, 95 % at most {slow:.2f} s;"
        f" {cpu * 1000 / len(users):.0f} ms of CPU each; web at most {most // 1024} MB;"
        f" load of the machine {os.getloadavg()[0]:.1f}"
    )
    for error in errors[:5]:
        print(f"  {error}")
    return bool(errors) or late


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
