"""What our own middleware costs: the same answer with and without it, in one process.

    python -m benchmarks.middleware

Prints microseconds of CPU for each of ours: what a request takes less when that one is left out.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any

import django
from django.http import HttpRequest, HttpResponse
from django.urls import path

from benchmarks.sites import ROOT, database, manage, site_environment

REQUESTS = 400
ROUNDS = 30


def main() -> int:
    """Measure and print."""
    if "--inside" in sys.argv:
        sys.stdout.write(json.dumps(_measure()) + "\n")
        return 0
    for name, microseconds in run().items():
        print(f"{name:60} {microseconds:8.1f} µs")
    return 0


def run() -> dict[str, float]:
    """Microseconds by name, in a process of its own with production settings, on SQLite."""
    with database("sqlite") as base, tempfile.TemporaryDirectory(prefix="lms-bench-") as folder:
        environment = site_environment(base, folder)
        manage(environment, "migrate", "-v0")
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.middleware", "--inside"],
            env=environment, cwd=ROOT, check=True, capture_output=True, text=True,
        )  # fmt: skip
        found: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
        return found


def _measure() -> dict[str, float]:
    """A visitor asks for a page that no view does any work for."""
    django.setup()
    from django.conf import settings  # noqa: PLC0415 -- needs settings
    from django.test import override_settings  # noqa: PLC0415 -- as above

    everything = list(settings.MIDDLEWARE)
    own = [name for name in everything if name.startswith("lms.")]
    stacks = {"all": everything} | {
        name: [each for each in everything if each != name] for name in own
    }
    asking = {}
    taken: dict[str, list[float]] = {name: [] for name in stacks}
    with override_settings(ROOT_URLCONF="benchmarks.middleware"):
        for name, stack in stacks.items():
            with override_settings(MIDDLEWARE=stack):
                asking[name] = _handler()
        for _ in range(ROUNDS):  # in turn: what else the machine does weighs on all of them
            for name, ask in asking.items():
                began = time.process_time()
                for _ in range(REQUESTS):
                    ask()
                taken[name].append((time.process_time() - began) / REQUESTS * 1e6)
    whole = taken["all"]
    found = {"a request through all middleware": statistics.median(whole)}
    for name in own:
        pairs = zip(whole, taken[name], strict=True)
        found[name.rpartition(".")[2]] = statistics.median(all_ - less for all_, less in pairs)
    return found


def _handler() -> Callable[[], Any]:
    from django.core.handlers.wsgi import WSGIHandler  # noqa: PLC0415 -- needs settings
    from django.test import RequestFactory  # noqa: PLC0415 -- as above

    handler, factory = WSGIHandler(), RequestFactory()

    def ask() -> Any:
        return handler.get_response(factory.get("/nothing/", headers={"host": "127.0.0.1"}))

    answer = ask()
    assert answer.content == b"x", answer.status_code
    return ask


def nothing(request: HttpRequest) -> HttpResponse:
    """A view of no cost: what remains is what surrounds it."""
    return HttpResponse("x")


urlpatterns = [path("nothing/", nothing)]

if __name__ == "__main__":
    sys.exit(main())
