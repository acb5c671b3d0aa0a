"""Numbers in keys that people type: "12,5", "12,5 ± 0,1", "200 ± 5%"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

_DIGITS: Final = r"\d{1,15}(?:[.,]\d{1,10})?"
_NUMBER: Final = re.compile(
    rf"(?P<value>[+-]?{_DIGITS})(?:\s*(?:±|\+/-|\+-)\s*(?P<off>{_DIGITS})\s*(?P<percent>%)?)?"
)
_TWO_WAYS: Final = re.compile(r"[+-]?(?:[1-9]\d{0,2}[.,]\d{3}|0\d.*)")  # 1.500 is 1500 or 1,5


@dataclass(frozen=True)
class PlainNumber:
    """A number, and how far off an answer may be."""

    value: float
    tolerance: float = 0.0
    is_relative: bool = False

    def written(self) -> dict[str, Any]:
        """As an answer of a numeric question."""
        kind = "relative" if self.is_relative else "absolute"
        return {"value": self.value, "tolerance": self.tolerance, "tolerance_kind": kind}

    def __str__(self) -> str:
        if not self.tolerance:
            return with_comma(self.value)
        return f"{with_comma(self.value)} ± {with_comma(self.tolerance)}{'%' * self.is_relative}"


def number_in(text: str) -> PlainNumber | None:
    """The number that `text` is; None where it is none, or could be two: "1.500", "007"."""
    found = _NUMBER.fullmatch(text.replace("−", "-").strip().rstrip("."))
    if not found or any(_TWO_WAYS.fullmatch(found[name] or "") for name in ("value", "off")):
        return None
    value, off = (float((found[name] or "0").replace(",", ".")) for name in ("value", "off"))
    return PlainNumber(value, off, bool(found["percent"]))


def with_comma(number: float) -> str:
    """A number as it is written here: without groups, decimals after a comma."""
    return f"{number:.10f}".rstrip("0").rstrip(".").replace(".", ",")
