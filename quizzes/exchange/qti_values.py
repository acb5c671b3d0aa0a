"""What an item of QTI declares: variables, right responses, and what responses are worth.

"Assessment, Section and Item Information Model", 2.2 and 3.0: responseDeclaration,
outcomeDeclaration, mapping, areaMapping. Values of all base types are plain Python here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Final
from xml.etree.ElementTree import Element

from lms.plugins.vietnamese import nfc
from quizzes.exchange.qti_xml import check_count, first, named, number_in

Scalar = str | float | bool | tuple[str, ...]
NUMERIC: Final = ("float", "integer")
MOST: Final = 300  # values that one response names


@dataclass(frozen=True)
class Value:
    """What a variable holds: one or more of a base type. NULL is None, never an empty one."""

    items: tuple[Scalar, ...]
    ordered: bool = False

    def same(self, other: Value) -> bool:
        """The `match` operator: containers of no order are bags."""
        if self.ordered or other.ordered or len(self.items) == 1:
            return self.items == other.items
        return Counter(self.items) == Counter(other.items)


@dataclass(frozen=True)
class Worth:
    """One entry of a mapping: what a value earns."""

    key: str
    value: float
    case_matters: bool = False


@dataclass(frozen=True)
class Worths:
    """A mapping: entries, what others earn, and between what the sum is kept."""

    entries: tuple[Worth, ...]
    default: float = 0.0
    lower: float | None = None
    upper: float | None = None

    def kept(self, total: float) -> float:
        """`total` between the bounds."""
        if self.lower is not None:
            total = max(total, self.lower)
        return total if self.upper is None else min(total, self.upper)


@dataclass(frozen=True)
class Area:
    """One entry of an area mapping."""

    shape: str
    coords: str
    value: float


@dataclass(frozen=True)
class Variable:
    """A response or an outcome as the item declares it."""

    identifier: str
    cardinality: str = "single"
    base_type: str = "string"
    correct: tuple[str, ...] = ()
    default: tuple[str, ...] = ()
    worths: Worths | None = None
    areas: tuple[Area, ...] = ()
    elsewhere: float = 0.0  # what a point in none of the areas earns

    def value(self, *texts: str) -> Value | None:
        """These texts as a value of this variable."""
        return value_of(texts, self.base_type, ordered=self.cardinality == "ordered")

    def worth(self, scalar: Scalar) -> float:
        """What one value earns by the mapping; with the exact entry first, then any capitals."""
        if self.worths is None:
            return 0.0
        if scalar in self._exactly:
            return self._exactly[scalar]
        if isinstance(scalar, str) and self.base_type == "string":
            return self._folded.get(scalar.casefold(), self.worths.default)
        return self.worths.default

    @cached_property
    def _exactly(self) -> dict[Scalar, float]:
        entries = self.worths.entries if self.worths else ()
        return {scalar_of(each.key, self.base_type): each.value for each in reversed(entries)}

    @cached_property
    def _folded(self) -> dict[str, float]:
        entries = self.worths.entries if self.worths else ()
        return {
            nfc(each.key).casefold(): each.value
            for each in reversed(entries)
            if not each.case_matters
        }

    def total(self, value: Value | None) -> float:
        """The `mapResponse` operator: each different value counts once."""
        if self.worths is None:
            return 0.0
        if value is None:
            return self.worths.kept(0.0)
        return self.worths.kept(sum(self.worth(each) for each in dict.fromkeys(value.items)))


def scalar_of(text: str, base_type: str) -> Scalar:
    """A text as a value of a base type; as it is where it cannot be one."""
    text = nfc(text)
    if base_type in NUMERIC:
        number = number_in(text)
        return text.strip() if number is None else number
    if base_type == "boolean":
        return text.strip() in ("true", "1")
    if base_type in ("pair", "directedPair", "point"):
        parts = tuple(text.split())
        return tuple(sorted(parts)) if base_type == "pair" else parts
    return text.strip()


def value_of(texts: Iterable[str], base_type: str, *, ordered: bool = False) -> Value | None:
    """Texts as a value; NULL where there are none."""
    items = tuple(scalar_of(text, base_type) for text in texts)
    return Value(items, ordered) if items else None


def variables(root: Element, name: str) -> dict[str, Variable]:
    """The variables that elements of this name declare."""
    found = [_variable(each) for each in named(root, name)]
    return {each.identifier: each for each in found}


def _variable(element: Element) -> Variable:
    area_mapping = first(element, "areaMapping")
    for each in ("areaMapping", "mapping", "correctResponse"):
        check_count(len(first(element, each) or ()), MOST)
    areas = tuple(
        Area(each.get("shape", ""), each.get("coords", ""), _figure(each, "mappedValue"))
        for each in named(area_mapping, "areaMapEntry")
    )
    return Variable(
        element.get("identifier", ""),
        element.get("cardinality", "single"),
        element.get("baseType", "string"),
        _texts(first(element, "correctResponse")),
        _texts(first(element, "defaultValue")),
        _worths(first(element, "mapping")),
        areas,
        0.0 if area_mapping is None else _figure(area_mapping, "defaultValue"),
    )


def _texts(parent: Element | None) -> tuple[str, ...]:
    found = ("".join(each.itertext()).strip() for each in named(parent, "value"))
    return tuple(text for text in found if text)


def _worths(mapping: Element | None) -> Worths | None:
    if mapping is None:
        return None
    entries = tuple(
        Worth(
            each.get("mapKey", "").strip(),
            _figure(each, "mappedValue"),
            each.get("caseSensitive") in ("true", "1"),
        )
        for each in named(mapping, "mapEntry")
    )
    lower, upper = (number_in(mapping.get(name)) for name in ("lowerBound", "upperBound"))
    return Worths(entries, _figure(mapping, "defaultValue"), lower, upper)


def _figure(element: Element, name: str) -> float:
    return number_in(element.get(name)) or 0.0
