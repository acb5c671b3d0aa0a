"""Orders that learners give: starting, reading and comparing them. Pure.

`slots` is an order with one entry for each place: what stands there, None where nothing does. For
the measures the entries are the places, counted from 0, where they belong.
"""

from __future__ import annotations

import random
from bisect import bisect_left
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from itertools import combinations, pairwise
from typing import Any

from lms.plugins.contracts import Json
from quizzes.contracts import Fields

Slots = Sequence[int | None]


# --- starting
def mixed(keys: Sequence[str], look: Mapping[str, Hashable], chance: random.Random) -> list[str]:
    """`keys`, which are in a right order, in another one.

    `look`: what cannot be told apart looks the same. The outcome never looks right, unless all
    looks the same: a right order is moved round by one, which can only look as before if each
    looks as the next.
    """
    order = list(keys)
    chance.shuffle(order)
    if [look[key] for key in order] == [look[key] for key in keys]:
        order = order[1:] + order[:1]
    return order


def started(arrangement: Json, keys: Sequence[str], look: Mapping[str, Hashable]) -> list[str]:
    """The order in which an attempt began; without one (a preview), always the same mixture."""
    kept = known(arrangement.get("order"), keys)
    if kept:
        return kept + [key for key in keys if key not in kept]
    chance = random.Random("".join(sorted(keys)))  # noqa: S311 -- no secret
    return mixed(keys, look, chance)


# --- reading
def known(given: Any, keys: Iterable[str]) -> list[str]:
    """What of `given` is among `keys`, in its order, each once; nothing if it is no list."""
    found = [key for key in given if isinstance(key, str)] if isinstance(given, list) else []
    return [key for key in dict.fromkeys(found) if key in set(keys)]


def read_places(fields: Fields, keys: Sequence[str]) -> Json | None:
    """The answer that a form gives: each part is a key, its value a place from 1 on.

    `{"order": [key, …]}` where every key has a place of its own. Else the answer is not complete:
    "order" holds what has a place of its own, and "places" all that was given, so that a page can
    show it again as it was.
    """
    places: dict[str, int] = {}
    for key in keys:
        text = str(fields.get(key) or "").strip()
        if text.isascii() and text.isdecimal() and 1 <= int(text[:4]) <= len(keys):
            places[key] = int(text[:4])
    if not places:
        return None
    order = [key for key in slots_of({"order": [], "places": places}, keys) if key is not None]
    return {"order": order} if len(order) == len(keys) else {"order": order, "places": places}


def places_of(answer: Json | None, keys: Sequence[str]) -> dict[str, int]:
    """The place from 1 on that the answer gives each key; several may have been given the same."""
    if not isinstance(answer, dict):
        return {}
    given = answer.get("places")
    if isinstance(given, dict):
        inside = range(1, len(keys) + 1)
        return {key: int(given[key]) for key in keys if given.get(key) in inside}
    return {key: at for at, key in enumerate(known(answer.get("order"), keys), 1)}


def slots_of(answer: Json | None, keys: Sequence[str]) -> list[str | None]:
    """What stands at each place. Where two were given one place, none of them stands there."""
    slots: list[str | None] = [None] * len(keys)
    taken: set[int] = set()
    for key, place in places_of(answer, keys).items():
        slots[place - 1] = None if place in taken else key
        taken.add(place)
    return slots


def is_whole(answer: Json | None, keys: Sequence[str]) -> bool:
    """Whether every key has a place of its own."""
    return None not in slots_of(answer, keys)


# --- measures, all from 0 to 1, of two or more
def all_or_nothing(slots: Slots) -> float:
    """1 for the right order, else 0."""
    return float(list(slots) == list(range(len(slots))))


def places(slots: Slots) -> float:
    """p ÷ n, where p of n stand at their right place."""
    return len(at_place(slots)) / max(1, len(slots))


def neighbours(slots: Slots) -> float:
    """s ÷ (n − 1), where s of the n − 1 pairs of neighbours of the right order are neighbours."""
    return _share(sum(_follows(one, next_) for one, next_ in pairwise(slots)), len(slots) - 1)


def longest_run(slots: Slots) -> float:
    """(r − 1) ÷ (n − 1), where r is how many stand rightly to each other at most.

    They need not be neighbours: r is the length of the longest increasing subsequence. One item
    alone is in order in whatever answer, so r ÷ n would give the reversed order a share; this
    gives it nothing.
    """
    return _share(max(0, len(in_run(slots)) - 1), len(slots) - 1)


def pairs(slots: Slots) -> float:
    """c ÷ (n(n − 1) ÷ 2), where c of all pairs stand in the right order to each other.

    That is (τ + 1) ÷ 2 of Kendall's τ: the reversed order earns nothing, chance half.
    """
    standing = [each for each in slots if each is not None]
    concordant = sum(one < other for one, other in combinations(standing, 2))
    return _share(concordant, len(slots) * (len(slots) - 1) // 2)


MEASURES: dict[str, Callable[[Slots], float]] = {
    measure.__name__: measure
    for measure in (all_or_nothing, places, neighbours, longest_run, pairs)
}


def at_place(slots: Slots) -> set[int]:
    """What stands at its right place."""
    return {each for at, each in enumerate(slots) if each == at}


def after_neighbour(slots: Slots) -> set[int]:
    """What stands right after what it should; the first, where it stands first."""
    found = {
        following
        for one, following in pairwise(slots)
        if following is not None and _follows(one, following)
    }
    return found | {0} if slots and slots[0] == 0 else found


def in_run(slots: Slots) -> set[int]:
    """A largest set of what stands in the right order to each other (patience sorting)."""
    tops: list[int] = []
    before: dict[int, int | None] = {}
    for each in slots:
        if each is None:
            continue
        at = bisect_left(tops, each)
        before[each] = tops[at - 1] if at else None
        tops[at : at + 1] = [each]
    found: set[int] = set()
    last = tops[-1] if tops else None
    while last is not None:
        found.add(last)
        last = before[last]
    return found


# --- nearness to an order in which several may stand at the same height
def nearness(slots: Sequence[str | None], height: Mapping[str, float]) -> float:
    """1 − D ÷ M: how near an order comes to that of the heights, the highest first.

    D is Spearman's footrule, the sum of |place − right place| (Diaconis and Graham 1977,
    "Spearman's footrule as a measure of disarray"). Those of the same height are right in any
    order: their right places are taken in the order of the answer, which is the choice that makes
    D least. M is the most that D can be: that of the reversed order, since none has fewer of the
    right first k among its first k, for whatever k (n² ÷ 2 rounded down where no heights are the
    same). What has no place counts as standing at the place farthest from its own.
    """
    upside_down = sorted(height, key=height.__getitem__)
    worst = disarray(upside_down, height)
    if not worst:
        return float(None not in slots)
    return max(0.0, 1 - disarray(slots, height) / worst)


def disarray(slots: Sequence[str | None], height: Mapping[str, float]) -> int:
    """Spearman's footrule between an order and that of the heights, the D of `nearness`."""
    place = {key: at for at, key in enumerate(slots) if key is not None}
    last = len(height) - 1
    right = sorted(height, key=lambda key: (-height[key], place.get(key, last)))
    return sum(
        abs(place[key] - at) if key in place else max(at, last - at) for at, key in enumerate(right)
    )


def _follows(one: int | None, following: int | None) -> bool:
    return one is not None and following == one + 1


def _share(part: int, whole: int) -> float:
    return part / whole if whole > 0 else 0.0
