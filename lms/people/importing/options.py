"""What a person chose for a whole import, as it is kept in a JSON column."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

NEW: Final = "new"
"""Chosen for a position: it is to be made."""


@dataclass(frozen=True)
class Options:
    """`on`: the day from which posts hold. `unit`, `position`: of rows that name none.

    `accounts`: whether those who have no account get one. `units`, `positions`: what was chosen
    for a text that is not known, by the text as `plain_name` writes it: an id, or NEW.
    """

    on: dt.date
    unit: int | None = None
    position: int | None = None
    accounts: bool = True
    units: Mapping[str, int] = field(default_factory=dict)
    positions: Mapping[str, int | str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """For the column."""
        return {
            "on": self.on.isoformat(),
            "unit": self.unit,
            "position": self.position,
            "accounts": self.accounts,
            "units": dict(self.units),
            "positions": dict(self.positions),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any], today: dt.date) -> Options:
        """From the column; empty, it is what a new import begins with."""
        return cls(
            on=dt.date.fromisoformat(data["on"]) if data.get("on") else today,
            unit=data.get("unit"),
            position=data.get("position"),
            accounts=data.get("accounts", True),
            units=data.get("units", {}),
            positions=data.get("positions", {}),
        )
