"""/metrics: numbers of the running site in the text format of Prometheus.

For programs on this machine, and for whoever has LMS_METRICS_TOKEN. Everybody else is told that
there is no such page.
"""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare

from lms.operations import gauges
from lms.operations.counters import AT, BUCKETS, CLASSES, GROUPS, WIDTH, Counters

#: A proxy leaves one of these; a request with them comes from further away than it looks.
FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP", "HTTP_X_FORWARDED_PROTO")
KEPT = 15.0  # seconds: what is counted in the database is not counted for every question
_gauges: dict[str, Any] = {"at": -KEPT, "found": []}


def answer(request: HttpRequest, counters: Counters) -> HttpResponse:
    """The numbers, or 404."""
    if not is_allowed(request):
        return HttpResponse("Not found\n", content_type="text/plain", status=404)
    text = "\n".join([*requests(counters.totals()), *database(), ""])
    response = HttpResponse(text, content_type="text/plain; version=0.0.4; charset=utf-8")
    response.headers["Cache-Control"] = "no-store"
    return response


def is_allowed(request: HttpRequest) -> bool:
    """Whether the token was sent, or the question comes straight from this machine."""
    scheme, _, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    if scheme == "Bearer" and settings.LMS_METRICS_TOKEN:
        return constant_time_compare(token.strip(), settings.LMS_METRICS_TOKEN)
    if any(name in request.META for name in FORWARDED):
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


def requests(totals: list[int]) -> Iterator[str]:
    """How many answers of which class, and how long they took, by part of the site."""
    yield "# HELP lms_requests_total Answers by part of the site and class of status."
    yield "# TYPE lms_requests_total counter"
    for group in GROUPS:
        for number, status in enumerate(CLASSES):
            if count := totals[AT[group] + number]:
                yield f'lms_requests_total{{group="{group}",status="{status}"}} {count}'
    yield "# HELP lms_request_seconds How long answers took."
    yield "# TYPE lms_request_seconds histogram"
    for group in GROUPS:
        first = AT[group] + len(CLASSES)
        counts = totals[first : first + len(BUCKETS) + 1]
        if not any(counts):
            continue
        below = 0
        for bound, count in zip((*BUCKETS, "+Inf"), counts, strict=True):
            below += count
            yield f'lms_request_seconds_bucket{{group="{group}",le="{bound}"}} {below}'
        seconds = totals[AT[group] + WIDTH - 1] / 1e6
        yield f'lms_request_seconds_sum{{group="{group}"}} {seconds:.6f}'
        yield f'lms_request_seconds_count{{group="{group}"}} {below}'


def database() -> Iterator[str]:
    """What is counted in the database, at most every 15 seconds; without one, that it is gone."""
    now = time.monotonic()
    if now - _gauges["at"] >= KEPT:
        try:
            _gauges.update(at=now, found=list(gauges.read()))
        except DatabaseError:
            _gauges.update(at=-KEPT, found=[])
            yield from ("# TYPE lms_database_up gauge", "lms_database_up 0")
            return
    yield from ("# TYPE lms_database_up gauge", "lms_database_up 1")
    for gauge in _gauges["found"]:
        yield f"# HELP {gauge.name} {gauge.help}"
        yield f"# TYPE {gauge.name} gauge"
        for labels, value in gauge.values:
            yield f"{gauge.name}{labels} {value:g}"
