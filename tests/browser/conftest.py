from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
)

from tests.browser.prepare import LEARNERS, learner_name
from tests.browser.sites import Site, prepare

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The prepared site that all others are copies of: made once, also with several workers.

    LMS_BROWSER_SITE names a folder that keeps it between runs, for work on the tests themselves.
    """
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    return prepare(Path(os.environ.get("LMS_BROWSER_SITE") or shared / "browser-site"))


@pytest.fixture(scope="session")
def site(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site for tests that leave the course as it is; each uses a learner of its own."""
    made = Site(tmp_path_factory.mktemp("site"), template)
    yield made
    made.close()


_numbers = itertools.count()


@pytest.fixture
def number() -> int:
    """Which of the unused learners this test has."""
    found = next(_numbers)
    assert found < LEARNERS, "make more learners in tests/browser/prepare.py"
    return found


@pytest.fixture
def username(number: int) -> str:
    """The user name of a learner who has done nothing yet."""
    return learner_name(number)


@pytest.fixture(scope="session")
def browser(chromium: Browser) -> Browser:
    """The browser that all packages share."""
    return chromium


class Watch:
    """Notes what no page of ours may do: speak to others, break its own rules, fail in a script."""

    def __init__(self, home: str) -> None:
        self.home = home
        self.foreign: list[str] = []
        self.problems: list[str] = []
        self.expected: tuple[str, ...] = ()

    def context(self, context: BrowserContext) -> None:
        context.on("request", self._request)
        context.on("console", self._console)
        context.on("weberror", lambda error: self.problems.append(str(error.error)))

    def _request(self, request: Request) -> None:
        if not request.url.startswith((f"{self.home}/", "data:", "blob:")):
            self.foreign.append(request.url)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not any(text in message.text for text in self.expected):
            self.problems.append(f"{message.page and message.page.url}: {message.text}")


@pytest.fixture
def watch(site: Site) -> Iterator[Watch]:
    """What `open_page` watches; a test may name errors that it expects."""
    made = Watch(site.url)
    yield made
    assert made.foreign == []
    assert made.problems == []
    assert site.faults() == ""


@pytest.fixture
def open_page(browser: Browser, site: Site, watch: Watch) -> Iterator[Callable[..., Page]]:
    """Opens pages, each in a browser of its own (other cookies): a phone unless told otherwise."""
    opened: list[BrowserContext] = []

    def make(**options: object) -> Page:
        settings = {"viewport": PHONE, "base_url": site.url, "locale": "vi-VN", **options}
        context = browser.new_context(**settings)
        context.set_default_timeout(20_000)
        watch.context(context)
        opened.append(context)
        return context.new_page()

    yield make
    for context in opened:
        context.close()
