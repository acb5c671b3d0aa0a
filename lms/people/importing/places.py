"""Units and positions by the words of a file: found, ambiguous, or suggested."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any, Final

from lms.people.importing.duplicates import normal_name, plain_name
from lms.people.importing.options import NEW, Options
from lms.people.models import Position, Unit, UnitKind, UnitSuccession
from lms.people.models.units import below
from lms.people.rights import EVERYTHING, Rights

SUGGESTED: Final = 5
STEP_OF_PATH: Final = Unit.steplen
_BETWEEN: Final = re.compile(r"\s*[,;/>–—|]\s*|\s+-\s+")


@dataclass(frozen=True)
class Found:
    """What a text names: an id (for a position perhaps NEW), else why not and what it may be."""

    id: int | str | None = None
    fault: str = ""
    suggestions: tuple[int, ...] = ()


@dataclass(frozen=True)
class Reach:
    """Where the person who sends the file looks after people."""

    paths: tuple[str, ...]
    is_administrator: bool = False

    @classmethod
    def of(cls, rights: Rights) -> Reach:
        """As the rights say; whoever only observes has none."""
        if rights.is_administrator:
            return cls((EVERYTHING,), True)
        return cls(rights.unit_paths)

    def units(self) -> Any:
        """All units in it, of any time."""
        return Unit.objects.filter(below(self.paths))


@dataclass
class _Names:
    """Ids by every way of writing a name."""

    exact: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    plain: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    codes: dict[str, int] = field(default_factory=dict)

    def add(self, key: int, *names: str, code: str = "") -> None:
        for name in names:
            if name:
                self.exact[normal_name(name)].add(key)
                self.plain[plain_name(name)].add(key)
        if code:
            self.codes[code.casefold()] = key

    def find(self, text: str) -> set[int]:
        """All that are called so: with the marks, by the code, then without marks."""
        if exact := self.exact.get(normal_name(text)):
            return exact
        if (code := self.codes.get(text.casefold())) is not None:
            return {code}
        return self.plain.get(plain_name(text), set())


class Units:
    """The units of a reach that exist on a day."""

    def __init__(self, reach: Reach, options: Options) -> None:
        self._chosen, self._default = options.units, options.unit
        self._names, self._others = _Names(), _Names()
        self._paths: dict[int, str] = {}
        self.names: dict[int, str] = {}
        standing = set(reach.units().at(options.on).values_list("pk", flat=True))
        rows = reach.units().values_list("pk", "name", "short_name", "code", "path")
        for pk, name, short, code, path in rows:
            names = self._names if pk in standing else self._others
            names.add(pk, name, short, code=code)
            if pk in standing:
                self.names[pk], self._paths[pk] = name, path
        self._kinds = {
            plain_name(re.sub(r"\([^)]*\)", "", name))
            for name in UnitKind.objects.values_list("name", flat=True)
        }
        self._heirs = _heirs(options.on)
        self._predecessors: _Names | None = None
        self._known: dict[tuple[str, str], Found] = {}

    def labels(self) -> list[tuple[int, str]]:
        """Each with a name to choose it by, in the order of the tree, indented below the first."""
        ordered = sorted(self._paths.items(), key=lambda each: each[1])
        top = min((len(path) for path in self._paths.values()), default=0)
        return [
            (pk, f"{'– ' * ((len(path) - top) // STEP_OF_PATH)}{self.names[pk]}")
            for pk, path in ordered
        ]

    def is_name(self, text: str) -> bool:
        """Whether a unit is called so."""
        return bool(self._names.exact.get(normal_name(text)))

    def find(self, text: str, code: str = "") -> Found:
        """The unit of a row that says `text` and `code`."""
        key = (text, code)
        if key not in self._known:
            self._known[key] = self._find(text, code)
        return self._known[key]

    def _find(self, text: str, code: str) -> Found:
        if code and (found := self._names.codes.get(code.casefold())) is not None:
            return Found(found)
        if not text and not code:
            if self._default in self.names:
                return Found(self._default)
            return Found(fault="unit-missing")
        words = text or code
        chosen = self._chosen.get(plain_name(words))
        if chosen in self.names:
            return Found(chosen)
        named = self._names.find(words) or self._within(words)
        if len(named) == 1:
            return Found(next(iter(named)))
        if named:
            return Found(fault="unit-ambiguous", suggestions=tuple(sorted(named))[:SUGGESTED])
        suggestions = self._suggest(words)
        fault = "unit-not-then" if self._others.find(words) else "unit-unknown"
        return Found(fault=fault, suggestions=suggestions)

    def _within(self, words: str) -> set[int]:
        """ "Văn phòng, Xã Suối Vân", in either order: a unit below another one."""
        parts = [part for part in _BETWEEN.split(words) if part]
        if len(parts) != 2:
            return set()
        for inner, outer in (parts, parts[::-1]):
            above = [self._paths[pk] for pk in self._names.find(outer)]
            found = {
                pk
                for pk in self._names.find(inner)
                if any(self._paths[pk].startswith(path) for path in above)
            }
            if found:
                return found
        return set()

    def _suggest(self, words: str) -> tuple[int, ...]:
        """Units that took the place of one that was called so, then those with a like name."""
        if self._predecessors is None:
            self._predecessors = _Names()
            for pk, name, short, code in Unit.objects.filter(pk__in=self._heirs).values_list(
                "pk", "name", "short_name", "code"
            ):
                self._predecessors.add(pk, name, short, code=code)
        found: dict[int, None] = {}
        for old in sorted(self._predecessors.find(words)):
            found.update(dict.fromkeys(pk for pk in self._heirs[old] if pk in self.names))
        bare = self._without_kind(plain_name(words))
        for plain, keys in self._names.plain.items():
            if len(found) >= SUGGESTED:
                break
            if bare and (self._without_kind(plain) == bare or f" {bare} " in f" {plain} "):
                found.update(dict.fromkeys(sorted(keys)))
        return tuple(found)[:SUGGESTED]

    def _without_kind(self, plain: str) -> str:
        for kind in self._kinds:
            if plain.startswith(f"{kind} "):
                return plain.removeprefix(f"{kind} ")
        return plain


def _heirs(on: dt.date) -> dict[int, list[int]]:
    """{unit: the units that stand in its place on that day}, whatever way there."""
    steps: dict[int, list[int]] = defaultdict(list)
    for before, after in (
        UnitSuccession.objects.filter(on__lte=on)
        .order_by("pk")
        .values_list("predecessor_id", "successor_id")
    ):
        steps[before].append(after)
    found = {}
    for unit in list(steps):
        ahead, reached = list(steps[unit]), dict[int, None]()
        while ahead:
            after = ahead.pop(0)
            if after in reached:
                continue
            reached[after] = None
            ahead += steps.get(after, [])
        found[unit] = list(reached)
    return found


class Positions:
    """The positions of the site."""

    def __init__(self, options: Options, *, may_make: bool) -> None:
        self._chosen, self._default = options.positions, options.position
        self._may_make = may_make
        self._names = _Names()
        self.names: dict[int, Position] = {}
        for position in Position.objects.all():
            self._names.add(position.pk, position.name, position.name_en, code=position.code)
            self.names[position.pk] = position
        self._known: dict[str, Found] = {}

    def find(self, text: str) -> Found:
        """The position of a row that says `text`."""
        if text not in self._known:
            self._known[text] = self._find(text)
        return self._known[text]

    def _find(self, text: str) -> Found:
        if not text:
            if self._default in self.names:
                return Found(self._default)
            return Found(fault="position-missing")
        named = self._names.find(text)
        if len(named) == 1:
            return Found(next(iter(named)))
        chosen = self._chosen.get(plain_name(text))
        if chosen in self.names:
            return Found(chosen)
        if chosen == NEW and self._may_make and not named:
            return Found(NEW)
        bare = plain_name(text)
        like = [
            key
            for plain, keys in self._names.plain.items()
            for key in sorted(keys)
            if f" {plain} " in f" {bare} " or f" {bare} " in f" {plain} "
        ]
        suggestions = tuple(dict.fromkeys([*sorted(named), *like]))
        return Found(fault="position-unknown", suggestions=suggestions[:SUGGESTED])
