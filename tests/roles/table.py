"""Reads docs/roles.md: which role sees which fact, and which role opens which address."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "roles.md"

#: The columns of both tables, in the words of the page.
ASKERS = (
    "visitor",
    "learner",
    "instructor",
    "reviewer",
    "unit officer",
    "centre manager",
    "observer",
    "administrator",
)
REACHES = {"–", "own", "course", "unit", "all"}
ANSWERS = {"yes", "–"}


@dataclass(frozen=True)
class Row:
    """A line of a table: its first cell, and what it says for each of ASKERS."""

    name: str
    cells: dict[str, str]


def rows_below(heading: str) -> list[Row]:
    """The lines of the table that follows `heading`; its columns must be those of ASKERS."""
    text = PAGE.read_text(encoding="utf-8")
    part = text.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    lines = [line for line in part.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    header, _rule, *body = cells
    if tuple(header[1:]) != ASKERS:
        raise ValueError(f"the columns below {heading!r} are not {ASKERS}")
    return [
        Row(re.sub(r"[`*]", "", first), dict(zip(ASKERS, rest, strict=True)))
        for first, *rest in body
    ]


def facts() -> dict[str, dict[str, str]]:
    """{fact: {asker: how far they see it}}; the reach is one of REACHES."""
    found = {row.name: row.cells for row in rows_below("Facts")}
    for name, cells in found.items():
        if not REACHES.issuperset(cells.values()):
            raise ValueError(f"{name}: only {sorted(REACHES)} may stand there")
    return found


def addresses() -> dict[str, frozenset[str]]:
    """{address: the askers that may open it}."""
    found = {row.name: row.cells for row in rows_below("Addresses")}
    for name, cells in found.items():
        if not ANSWERS.issuperset(cells.values()):
            raise ValueError(f"{name}: only {sorted(ANSWERS)} may stand there")
    return {
        name: frozenset(asker for asker, cell in cells.items() if cell == "yes")
        for name, cells in found.items()
    }
