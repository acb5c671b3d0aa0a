"""A learner's browser as far as the measurements need one: cookies, forms, kept connections."""

from __future__ import annotations

import http.client
import http.cookies
import re
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import median
from urllib.parse import urlencode

from benchmarks.server import Server

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


class Unexpected(AssertionError):
    """A page answered otherwise than it should; a measurement of it would mean nothing."""


@dataclass
class Browser:
    """One signed-in person. `token` is the CSRF token of the last form seen."""

    server: Server
    cookies: dict[str, str] = field(default_factory=dict)
    token: str = ""
    _connection: http.client.HTTPConnection | None = None

    def request(
        self, method: str, path: str, data: dict[str, str] | None = None, *, expect: int = 200
    ) -> tuple[str, str]:
        """(body, Location) of the answer; raises Unexpected for another status."""
        if self._connection is None:
            self._connection = http.client.HTTPConnection(
                self.server.host, self.server.port, timeout=60
            )
        headers = {
            "Host": f"{self.server.host}:{self.server.port}",
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
        }
        body = None
        if data is not None:
            body = urlencode({"csrfmiddlewaretoken": self.token, **data})
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            self._connection.request(method, path, body, headers)
            response = self._connection.getresponse()
        except (http.client.HTTPException, ConnectionError):
            self._connection.close()
            self._connection.request(method, path, body, headers)
            response = self._connection.getresponse()
        text = response.read().decode("utf-8", "replace")
        for header in response.headers.get_all("Set-Cookie") or []:
            for name, morsel in http.cookies.SimpleCookie(header).items():
                self.cookies[name] = morsel.value
        if response.status != expect:
            raise Unexpected(f"{method} {path} gave {response.status}, not {expect}: {text[:300]}")
        if found := TOKEN.search(text):
            self.token = found[1]
        return text, response.headers.get("Location", "")

    def get(self, path: str, *, expect: int = 200) -> str:
        """The body of a page."""
        return self.request("GET", path, expect=expect)[0]

    def post(self, path: str, data: dict[str, str] | None = None, *, expect: int = 302) -> str:
        """Post a form; the body of the answer."""
        return self.request("POST", path, data or {}, expect=expect)[0]

    def sign_in(self, username: str, password: str) -> None:
        """Sign in by the form, as people do."""
        self.get("/account/login/")
        self.post("/account/login/", {"login": username, "password": password})


@dataclass(frozen=True)
class Measured:
    """What a request cost: the medians of some rounds. `ratio`: to the first subject's."""

    cpu_ms: float
    ratio: float
    per_second: float
    requests: int


@dataclass(frozen=True)
class Subject:
    """Something to measure: every browser asks once a round. `prepare` is not measured."""

    server: Server
    browsers: Sequence[Browser]
    ask: Callable[[Browser, int], object]
    prepare: Callable[[Browser, int], object] | None = None


def compare(subjects: Sequence[Subject], rounds: int) -> list[Measured]:
    """Measure the subjects in turn, round by round, after one round to warm up.

    Others may use the machine meanwhile: a ratio is taken between rounds that stood side by side,
    and the median of all rounds is what counts.
    """
    found: list[list[tuple[float, float]]] = [[] for _ in subjects]
    for number in range(rounds + 1):
        for subject, measured in zip(subjects, found, strict=True):
            if subject.prepare is not None:
                _round(subject, subject.prepare, number)
            before, began = subject.server.cpu_seconds(), time.perf_counter()
            _round(subject, subject.ask, number)
            seconds = time.perf_counter() - began
            if number:
                measured.append((subject.server.cpu_seconds() - before, seconds))
    answers = []
    for subject, measured in zip(subjects, found, strict=True):
        size = len(subject.browsers)
        pairs = zip(measured, found[0], strict=True)
        sizes = len(subjects[0].browsers) / size
        answers.append(
            Measured(
                median(cpu for cpu, _ in measured) * 1000 / size,
                median(own / first * sizes for (own, _), (first, _) in pairs),
                median(size / seconds for _, seconds in measured),
                size * rounds,
            )
        )
    return answers


def _round(subject: Subject, ask: Callable[[Browser, int], object], number: int) -> None:
    """Every browser asks once, four at a time."""
    lanes = 4
    failures: list[BaseException] = []

    def run(lane: int) -> None:
        try:
            for browser in subject.browsers[lane::lanes]:
                ask(browser, number)
        except BaseException as error:  # noqa: BLE001 -- raised again below, in the main thread
            failures.append(error)

    threads = [threading.Thread(target=run, args=(lane,)) for lane in range(lanes)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
