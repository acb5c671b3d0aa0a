"""`make bench`: the pages that learners wait for, on SQLite and PostgreSQL, beside a bare view.

Prints milliseconds of CPU per request and ratios to the bare view, measured in turn with it, and
writes them to docs/performance.md. `--quick` asks less often, leaves large sizes out and keeps
nothing; `--pages` leaves only the large sizes out.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date

from benchmarks.client import Browser, Measured, Subject, compare
from benchmarks.sites import BROWSERS, ROOT, Site, bare_site, our_site

REPORT = ROOT / "docs" / "performance.md"
MARK = "<!-- figures: everything below is written by `make bench` -->"
TARGETS = {
    "home": 4.0,
    "course page": 4.0,
    "lesson page": 3.5,
    "save answer": 4.0,
    "submit": 6.0,
}
FLAT = 1.2
# What grows, from, to, and how the two databases are seeded.
SIZES = (
    ("lessons of the course", 10, 1000, ("--lessons", "10"), ("--lessons", "1000")),
    (
        "enrolments in the course",
        1,
        50_000,
        ("--lessons", "60", "--learners", "1"),
        ("--lessons", "60", "--learners", "1", "--crowd", "49999"),
    ),
)


@dataclass
class Run:
    """The figures of one engine. `flat`: what grows, from, to, cost per page at both, ratio."""

    engine: str
    bare: Measured
    pages: dict[str, Measured]
    flat: list[tuple[str, int, int, dict[str, tuple[Measured, Measured]]]] = field(
        default_factory=list
    )


def _asking(path: str) -> Callable[[Browser, int], object]:
    return lambda browser, _number: browser.get(path)


def pages_of(site: Site) -> dict[str, Subject]:
    """The pages that are read."""
    addresses = {
        "home": "/home/",
        "course page": site.places["course"],
        "lesson page": site.places["lesson"],
    }
    return {
        name: Subject(site.server, site.browsers, _asking(path)) for name, path in addresses.items()
    }


class Sittings:
    """The quizzes that the browsers are sitting."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.activity = f"/learn/activities/{site.places['activity']}/"
        self.open: dict[int, tuple[str, list[tuple[str, str]]]] = {}

    def start(self, browser: Browser, _number: int) -> None:
        """Begin, as from the card in the lesson; one that is open is gone on with."""
        browser.get(self.site.places["lesson"])
        browser.post(f"{self.activity}start/")
        self.open[id(browser)] = _form(browser.get(self.activity))

    def save(self, browser: Browser, number: int) -> None:
        """Give one answer, as the page does by itself."""
        attempt, answers = self.open[id(browser)]
        name, value = answers[number % len(answers)]
        address = f"/x/quizzes/attempts/{attempt}/answers/{re.sub(r'[^0-9]', '', name)}/"
        browser.post(address, {name: value}, expect=200)

    def submit(self, browser: Browser, _number: int) -> None:
        """Hand everything in."""
        attempt, answers = self.open[id(browser)]
        browser.post(f"{self.activity}submit/", {"attempt": attempt, **dict(answers)})


def _form(page: str) -> tuple[str, list[tuple[str, str]]]:
    """(attempt, [(field, a value of it)]) of the question page."""
    attempt = re.search(r'name="attempt" value="([0-9a-f-]{36})"', page)
    fields = dict(
        re.findall(r'<input type="(?:radio|checkbox)" name="([^"]+)" value="([^"]+)"', page)
    )
    if attempt is None or not fields:
        raise AssertionError("the question page holds no form")
    return attempt[1], sorted(fields.items())


def run_engine(engine: str, rounds: int, *, sizes: bool) -> Run:
    """All figures of one engine."""
    with bare_site(engine) as bare, our_site(engine, "--lessons", "200") as site:
        yardstick = Subject(bare.server, bare.browsers, _asking("/"))
        sittings = Sittings(site)
        # Written first: then home and lesson show what was handed in, as they do in real life.
        writing = {
            "save answer": Subject(site.server, site.browsers, sittings.save, sittings.start),
            "submit": Subject(site.server, site.browsers, sittings.submit, sittings.start),
        }
        written = compare([yardstick, *writing.values()], rounds)[1:]
        reading = pages_of(site)
        first, *read = compare([yardstick, *reading.values()], rounds)
    found = dict(zip([*reading, *writing], [*read, *written], strict=True))
    run = Run(engine, first, found)
    if sizes:
        run.flat = [_grown(engine, rounds, *each) for each in SIZES]
    return run


def _grown(
    engine: str, rounds: int, what: str, small: int, large: int,
    small_seed: tuple[str, ...], large_seed: tuple[str, ...],
) -> tuple[str, int, int, dict[str, tuple[Measured, Measured]]]:  # fmt: skip
    """Both sizes of one thing, page by page in turn."""
    with ExitStack() as stack:
        learners = 1 if "--learners" in small_seed else BROWSERS
        few, many = (
            pages_of(stack.enter_context(our_site(engine, *seed, learners=learners)))
            for seed in (small_seed, large_seed)
        )
        found = {}
        for name in few:
            before, after = compare([few[name], many[name]], rounds)
            found[name] = (before, after)
    return what, small, large, found


def report(runs: list[Run], rounds: int) -> str:
    """The figures as Markdown."""
    lines = [
        f"Measured on {date.today():%d/%m/%Y}, {os.cpu_count()} cores, Python "
        f"{platform.python_version()}, gunicorn with 2 workers of 4 threads; {BROWSERS} learners,"
        " a course of 200 lessons of which each has done 50. Medians of "
        f"{rounds} rounds of {BROWSERS} requests; load of the machine at the end: "
        f"{os.getloadavg()[2]:.1f}.",
        "",
    ]
    for run in runs:
        lines += [
            f"### {run.engine}",
            "",
            "| page | CPU ms per request | times the bare view | target | requests per second |",
            "|---|---:|---:|---:|---:|",
            f"| bare view | {run.bare.cpu_ms:.2f} | 1.0 | – | {run.bare.per_second:.0f} |",
        ]
        lines += [
            f"| {name} | {each.cpu_ms:.2f} | {each.ratio:.1f} | {TARGETS[name]} "
            f"| {each.per_second:.0f} |"
            for name, each in run.pages.items()
        ]
        if run.flat:
            lines += [
                "",
                f"| what grows | page | CPU ms, small | CPU ms, large | ratio (target: {FLAT}) |",
                "|---|---|---:|---:|---:|",
            ]
        for what, small, large, pages in run.flat:
            lines += [
                f"| {what}: {small:,} to {large:,} | {name} | {few.cpu_ms:.2f} "
                f"| {many.cpu_ms:.2f} | {many.ratio:.2f} |"
                for name, (few, many) in pages.items()
            ]
        lines.append("")
    return "\n".join(lines)


def main() -> int:
    """Measure, print, keep. 0 also when a target is missed: figures are kept, not asserted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--pages", action="store_true")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--engine", choices=("sqlite", "postgresql"))
    options = parser.parse_args()
    engines = ["sqlite"] + (["postgresql"] if os.environ.get("LMS_POSTGRESQL_URL") else [])
    if options.engine:
        engines = [options.engine]
    rounds = 4 if options.quick else options.rounds
    sizes = not (options.quick or options.pages)
    text = report([run_engine(engine, rounds, sizes=sizes) for engine in engines], rounds)
    sys.stdout.write(text + "\n")
    if not (options.quick or options.engine):
        before = REPORT.read_text(encoding="utf-8").partition(MARK)[0]
        REPORT.write_text(f"{before}{MARK}\n\n{text}", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
