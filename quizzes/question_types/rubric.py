"""Marking by criteria: what levels were chosen, and what that earns. Pure.

A rubric is `[{"key", "name", "levels": [{"key", "name", "points"}]}]`; what a marker chose is
`{key of a criterion: key of a level}`. Without criteria a marker gives a plain fraction.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from lms.plugins.contracts import Json, Problem

Rubric = Sequence[Json]
Chosen = Mapping[str, Any]


def maximum(rubric: Rubric) -> float:
    """The most that can be earned: the best level of each criterion."""
    return sum(_best(criterion) for criterion in rubric)


def points(rubric: Rubric, chosen: Chosen) -> float:
    """What the chosen levels earn; a criterion without one earns nothing."""
    found = (_level(criterion, chosen) for criterion in rubric)
    return sum(_worth(level) for level in found if level is not None)


def missing(rubric: Rubric, chosen: Chosen) -> list[str]:
    """The keys of the criteria of which no level was chosen, in order."""
    return [criterion["key"] for criterion in rubric if _level(criterion, chosen) is None]


def fraction(rubric: Rubric, chosen: Chosen) -> float | None:
    """The share of the maximum that was earned, 0 to 1.

    None while a criterion is missing, and where there is nothing to earn: no criteria, or no
    points in them.
    """
    most = maximum(rubric)
    if most <= 0 or missing(rubric, chosen):
        return None
    return max(0.0, min(1.0, round(points(rubric, chosen) / most, 9)))


def problems(rubric: Rubric) -> Iterator[Problem]:
    """What is wrong with the criteria. None at all is right."""
    names: set[str] = set()
    for criterion in rubric:
        name = criterion["name"].strip()
        if not name:
            yield Problem(_("A criterion has no name."), field="body")
        elif name.casefold() in names:
            yield Problem(
                _("The criterion “%(name)s” is there twice.") % {"name": name}, field="body"
            )
        names.add(name.casefold())
        yield from _level_problems(criterion)
    if rubric and maximum(rubric) <= 0:
        yield Problem(_("No level of any criterion has points."), field="body")


def _level_problems(criterion: Json) -> Iterator[Problem]:
    name = {"name": criterion["name"]}
    levels = criterion["levels"]
    if len(levels) < 2:
        yield Problem(_("The criterion “%(name)s” needs at least two levels.") % name, field="body")
    if any(not level["name"].strip() for level in levels):
        yield Problem(_("A level of “%(name)s” has no name.") % name, field="body")
    if any(level["points"] is None for level in levels):
        yield Problem(_("A level of “%(name)s” has no points.") % name, field="body")
    if any(_worth(level) < 0 for level in levels):
        yield Problem(_("A level of “%(name)s” has less than 0 points.") % name, field="body")
    worths = [_worth(level) for level in levels]
    if len(set(worths)) < len(worths):
        yield Problem(
            _("Two levels of “%(name)s” have the same points.") % name,
            is_error=False,
            field="body",
        )


def _level(criterion: Json, chosen: Chosen) -> Json | None:
    key = chosen.get(criterion["key"])
    return next((level for level in criterion["levels"] if level["key"] == key), None)


def _worth(level: Json) -> float:
    return float(level["points"] or 0)


def _best(criterion: Json) -> float:
    return max((_worth(level) for level in criterion["levels"]), default=0.0)
