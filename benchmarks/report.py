"""The figures as Markdown, for the screen and for docs/performance.md."""

from __future__ import annotations

import os
import platform
from datetime import date

from benchmarks import people_import, sign_ins
from benchmarks.client import Measured
from benchmarks.pages import Run
from benchmarks.roles import COMMUNES, PEOPLE
from benchmarks.sites import BROWSERS

TARGETS = {
    "home": 4.0,
    "course page": 4.0,
    "lesson page": 3.5,
    "save answer": 4.0,
    "submit": 6.0,
}
ROLE_HOME = 5.0
FLAT = 1.2


def of_pages(runs: list[Run], rounds: int) -> list[str]:
    """What requests cost, by engine."""
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
            *(_row(name, each, TARGETS[name]) for name, each in run.pages.items()),
            "",
            f"Where each role begins, in a province of {PEOPLE:,} people in {COMMUNES} communes:",
            "",
            "| home of the | CPU ms per request | times the bare view | target "
            "| requests per second |",
            "|---|---:|---:|---:|---:|",
            *(_row(name, each, ROLE_HOME) for name, each in run.roles.items()),
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
    return lines


def _row(name: str, each: Measured, target: float) -> str:
    return f"| {name} | {each.cpu_ms:.2f} | {each.ratio:.1f} | {target} | {each.per_second:.0f} |"


def of_import(found: dict[str, dict[str, float]], rows: int) -> list[str]:
    """How long a list of people takes, by engine."""
    lines = [
        f"### A list of {rows:,} people",
        "",
        f"| in seconds, but for MB | {' | '.join(found)} | at most |",
        "|---|" + "---:|" * (len(found) + 1),
    ]
    for name in next(iter(found.values())):
        budget = people_import.BUDGETS.get(name)
        values = " | ".join(f"{each[name]:.2f}" for each in found.values())
        lines.append(f"| {name} | {values} | {f'{budget:.0f}' if budget else '–'} |")
    return [*lines, ""]


def of_sign_ins(found: dict[str, sign_ins.Rush]) -> list[str]:
    """How a rush of sign-ins went, by engine."""
    people = next(iter(found.values())).people
    lines = [
        f"### {people} sign-ins, {sign_ins.AT_ONCE} at once",
        "",
        "| engine | seconds (at most 60 for 500) | errors | one takes, s | 95 % at most, s "
        "| CPU ms each | web processes, MB |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {engine} | {each.seconds:.1f} | {len(each.errors)} | {each.median:.2f} "
        f"| {each.slow:.2f} | {each.cpu_ms:.0f} | {each.megabytes} |"
        for engine, each in found.items()
    ]
    return [*lines, ""]


def of_middleware(found: dict[str, float]) -> list[str]:
    """What surrounds a request costs."""
    lines = ["### Our middleware", "", "| what | µs of CPU |", "|---|---:|"]
    return [*lines, *(f"| {name} | {value:.0f} |" for name, value in found.items()), ""]
