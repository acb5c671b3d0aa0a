"""Numbers as people write them, in Vietnamese, in English and in between. Pure.

A comma and a point may each part decimals or group thousands, so "1.500" is one and a half or
fifteen hundred: reading gives all that a text can mean. Who compares counts the best of them, for
whoever knows the number must not fail by how it is written.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.utils.formats import get_format

from lms.plugins.vietnamese import nfc

EPSILON = 1e-13  # of the numbers compared: what computing with binary fractions may lose
LONGEST = 200  # characters; no number is longer
PERCENT = "%"

_RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻"
_LOWERED = str.maketrans(_RAISED, "0123456789+-")
_SIGNS = {**dict.fromkeys(map(ord, "−–—‐‑"), "-"), **dict.fromkeys(map(ord, "⁄∕÷"), "/")}
_END = " .,;:!?"

_DIGITS = r"(?:[0-9]+(?:[ .,][0-9]+)*|[.,][0-9]+)"
_TEN = rf"10(?:\^ ?(?P<power>[+-]?[0-9]{{1,6}})|(?P<raised>[{_RAISED}]{{1,6}}))"
_FORMS = [
    re.compile(rf"(?P<sign>[+-]?) ?{form}")
    for form in (
        rf"(?P<number>{_DIGITS}) ?[x×*·⋅.] ?{_TEN}",
        _TEN,
        rf"(?P<number>{_DIGITS}) ?[eE](?P<power>[+-]?[0-9]{{1,6}})",
        rf"(?P<number>{_DIGITS}) ?/ ?(?P<below>{_DIGITS})",
        rf"(?P<number>{_DIGITS})",
    )
]
# What groups thousands, what parts decimals.
_WRITINGS = [
    re.compile(rf"(?P<whole>{whole})(?:[{part}](?P<rest>[0-9]+))?")
    for group, part in ((".", ","), (" ", ","), (",", "."), (" ", "."), ("", ",."))
    for whole in [rf"[1-9][0-9]{{0,2}}(?:[{group}][0-9]{{3}})+" if group else "[0-9]*"]
]


def quantity(text: str) -> tuple[list[float], str]:
    """All numbers that the beginning of `text` can mean, and what stands after it: a unit."""
    if len(text) > LONGEST:
        return [], ""
    text = _folded(text)
    for form in _FORMS:
        found = form.match(text)
        if found:
            parts = found.groupdict()
            numbers = [-each if parts["sign"] == "-" else each for each in _meant(parts)]
            finite = (each + 0.0 for each in numbers if math.isfinite(each))
            return list(dict.fromkeys(finite)), text[found.end() :].strip(_END)
    return [], ""


def readings(text: str) -> list[float]:
    """All numbers that `text` can mean, none where it is no number.

    "12%" is 0.12, and 12 where percents are asked for.
    """
    numbers, rest = quantity(text)
    return with_percent(numbers, rest) if rest else numbers


def with_percent(numbers: list[float], rest: str) -> list[float]:
    """What the numbers can mean with `rest` after them: nothing unless it says percent."""
    if unit_key(rest) not in (PERCENT, "phầntrăm", "percent"):
        return []
    return [*numbers, *(each / 100 for each in numbers)]


def number_of(value: Any) -> float | None:
    """A number of an author's, None where it is none to compute with."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def is_within(number: float, value: float, tolerance: float) -> bool:
    """Whether `number` is `value`, give or take `tolerance`, both ends included."""
    blur = EPSILON * max(abs(number), abs(value))
    return math.isfinite(number) and abs(number - value) <= tolerance + blur


def written(number: float) -> str:
    """`number` in the language of the page: `quantity` reads it back as it is."""
    exact = Decimal(repr(number)).normalize() + 0
    power = exact.adjusted()
    if exact and not -7 <= power < 16:
        return f"{_grouped(exact.scaleb(-power).normalize())}×10^{power}"
    return _grouped(exact)


def unit_key(name: str) -> str:
    """The same for all ways to write a unit: "m²", "m2", "m^2". Capitals matter: "Mg", "mg"."""
    text = unicodedata.normalize("NFKC", nfc(name)).translate(_SIGNS)
    return "".join(text.replace("^", "").split()).strip(_END)


def _folded(text: str) -> str:
    """Full-width and other forms of signs as ASCII, except raised digits, which are powers."""
    parts = []
    for sign in nfc(text):
        plain = sign if sign in _RAISED else unicodedata.normalize("NFKC", sign)
        parts.append(f" {plain}" if "⁄" in plain and sign != "⁄" else plain)  # 2½ is no 21/2
    return " ".join("".join(parts).translate(_SIGNS).split()).rstrip(_END)


def _meant(parts: dict[str, str | None]) -> Iterator[float]:
    number = parts.get("number") or "1"
    if below := parts.get("below"):
        for divisor in map(float, _plain(below)):
            if divisor:
                yield from (float(each) / divisor for each in _plain(number))
                whole, _space, top = number.rpartition(" ")  # 2 1/2
                for each in _plain(whole):
                    yield from (float(each) + float(more) / divisor for more in _plain(top))
        return
    power = parts.get("power") or (parts.get("raised") or "0").translate(_LOWERED)
    if re.fullmatch("[+-]?[0-9]+", power):
        yield from (float(f"{each}e{power}") for each in _plain(number))


def _plain(digits: str) -> Iterator[str]:
    """The readings of digits with commas, points and spaces among them, as Python writes them."""
    for writing in _WRITINGS:
        found = writing.fullmatch(digits)
        if found and digits:
            whole = re.sub("[ .,]", "", found["whole"])
            yield f"{whole or 0}.{found['rest'] or 0}"


def _grouped(exact: Decimal) -> str:
    marks = {",": get_format("THOUSAND_SEPARATOR"), ".": get_format("DECIMAL_SEPARATOR")}
    return f"{exact:,f}".translate(str.maketrans(marks))
