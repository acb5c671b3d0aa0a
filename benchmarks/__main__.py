"""`make bench`: what people wait for, on SQLite and PostgreSQL, beside a bare view.

Prints milliseconds of CPU per request and ratios to the bare view, measured in turn with it; then
how long an import and a rush of sign-ins take, and what our middleware costs. Writes all of it to
docs/performance.md. `--quick` asks less often, leaves large sizes and the rest out and keeps
nothing; `--pages` leaves only what is no page and the large sizes out.
"""

from __future__ import annotations

import argparse
import os
import sys

from benchmarks import middleware, people_import, report, sign_ins
from benchmarks.pages import run_engine
from benchmarks.sites import ROOT

REPORT = ROOT / "docs" / "performance.md"
MARK = "<!-- figures: everything below is written by `make bench` -->"
ROWS = 5000


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
    whole = not (options.quick or options.pages)
    runs = [run_engine(engine, rounds, sizes=whole) for engine in engines]
    lines = report.of_pages(runs, rounds)
    if whole:
        imports = {engine: people_import.run(engine, ROWS) for engine in engines}
        lines += report.of_import(imports, ROWS)
        lines += report.of_sign_ins({engine: sign_ins.run(engine) for engine in engines})
        lines += report.of_middleware(middleware.run())
    text = "\n".join(lines)
    sys.stdout.write(text + "\n")
    if not (options.quick or options.engine):
        before = REPORT.read_text(encoding="utf-8").partition(MARK)[0]
        REPORT.write_text(f"{before}{MARK}\n\n{text.rstrip()}\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
