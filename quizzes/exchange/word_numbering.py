"""Numbers and letters that Word puts before paragraphs by itself (ECMA-376 part 1, 17.9)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

_ROMAN: Final = (
    (1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"),
    (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"),
)  # fmt: skip
_PLACE: Final = re.compile(r"%([1-9])")
NO_LABEL: Final = ("bullet", "none")


@dataclass(frozen=True)
class Level:
    """One level of a list: how its numbers look, and where they begin."""

    form: str
    text: str  # "%1." or "Câu %1:"
    start: int = 1
    restarts: bool = True


@dataclass
class Numbering:
    """The lists of a document, with how far each has counted."""

    lists: dict[str, dict[int, Level]] = field(default_factory=dict)
    instances: dict[str, str] = field(default_factory=dict)  # w:num → w:abstractNum
    starts: dict[tuple[str, int], int] = field(default_factory=dict)
    overrides: dict[tuple[str, int], Level] = field(default_factory=dict)
    counts: dict[str, dict[int, int]] = field(default_factory=dict)
    begun: set[tuple[str, int]] = field(default_factory=set)

    def level(self, instance: str, at: int) -> Level | None:
        """A level of a list; None where there is none."""
        known = self.lists.get(self.instances.get(instance, ""), {})
        return self.overrides.get((instance, at)) or known.get(at)

    def next_label(self, instance: str, at: int) -> str:
        """What stands before the next paragraph at this level; "•" for a bullet."""
        level = self.level(instance, at)
        if level is None or instance == "0":
            return ""
        if level.form in NO_LABEL:
            return "•" if level.form == "bullet" else ""
        abstract = self.instances[instance]
        counts = self.counts.setdefault(abstract, {})
        for deeper in [each for each in counts if each > at]:
            below = self.level(instance, deeper)
            if below is None or below.restarts:
                del counts[deeper]
        start = self.starts.get((instance, at))
        if start is not None and (instance, at) not in self.begun:
            counts[at] = start
        else:
            counts[at] = counts.get(at, level.start - 1) + 1
        self.begun.add((instance, at))
        return _PLACE.sub(
            lambda found: self._shown(instance, counts, int(found[1]) - 1), level.text
        )

    def _shown(self, instance: str, counts: dict[int, int], at: int) -> str:
        level = self.level(instance, at)
        if level is None:
            return ""
        return shown(counts.get(at, level.start), level.form)


def shown(count: int, form: str) -> str:
    """A number in one of the forms of ST_NumberFormat that documents here use."""
    if form in ("upperLetter", "lowerLetter") and 0 < count <= 26 * 30:
        letter = chr(ord("A") + (count - 1) % 26) * ((count - 1) // 26 + 1)
        return letter if form == "upperLetter" else letter.lower()
    if form in ("upperRoman", "lowerRoman") and 0 < count < 4000:
        roman = "".join(_roman(count))
        return roman if form == "upperRoman" else roman.lower()
    return f"{count:02}" if form == "decimalZero" else str(count)


def _roman(count: int) -> Iterator[str]:
    for size, letters in _ROMAN:
        yield letters * (count // size)
        count %= size
