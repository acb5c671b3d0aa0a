"""What is measured of one engine: pages, what is written, role homes, and how pages grow."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field

from benchmarks.client import Browser, Measured, Subject, compare
from benchmarks.seed import PASSWORD
from benchmarks.sites import BROWSERS, Site, bare_site, our_site

# What grows, from, to, and how the two databases are seeded. What a learner has done is the same
# on both sides: more of that is more to read and to draw, whatever the size of the course.
SIZES = (
    (
        "lessons of the course",
        10,
        1000,
        ("--lessons", "10", "--done", "9"),
        ("--lessons", "1000", "--done", "9"),
    ),
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
    roles: dict[str, Measured] = field(default_factory=dict)
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


def _homes_of(site: Site) -> dict[str, Subject]:
    """Where each role begins: one account of each, in as many browsers as there are learners."""
    found = {"learner": Subject(site.server, site.browsers, _asking("/home/"))}
    for role, username in site.places["roles"].items():
        first = Browser(site.server)
        first.sign_in(username, PASSWORD)
        browsers = [Browser(site.server, dict(first.cookies)) for _ in range(BROWSERS)]
        found[role.replace("_", " ")] = Subject(site.server, browsers, _asking("/manage/"))
    return found


def run_roles(engine: str, rounds: int) -> dict[str, Measured]:
    """The home of each role, in a province of a thousand people."""
    with bare_site(engine) as bare, our_site(engine, "--lessons", "60", "--roles") as site:
        homes = _homes_of(site)
        found = compare(
            [Subject(bare.server, bare.browsers, _asking("/")), *homes.values()], rounds
        )
    return dict(zip(homes, found[1:], strict=True))


def run_engine(engine: str, rounds: int, *, sizes: bool) -> Run:
    """All figures of one engine that are costs of a request."""
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
    run = Run(engine, first, found, run_roles(engine, rounds))
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
