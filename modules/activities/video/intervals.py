"""Seconds that were played, as intervals [from, to) in whole seconds. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

Interval = tuple[int, int]

LONGEST = 12 * 3600  # seconds; no lesson has a longer video
MOST = 500  # intervals in one report
SPEED = 2  # the fastest playback that counts
SLACK = 15  # seconds that may be ahead of the clock: a report takes time to arrive


def read_intervals(value: Any, duration: int) -> list[Interval]:
    """The intervals in a report, cut to the video (`duration` 0: not known).

    Raises ValueError for what is no list of at most MOST pairs of whole numbers.
    """
    if not isinstance(value, list) or len(value) > MOST:
        raise ValueError("a list of intervals is wanted")
    end = duration or LONGEST
    found = []
    for pair in value:
        if not isinstance(pair, list) or len(pair) != 2:
            raise ValueError("an interval has two ends")
        first, last = pair
        if type(first) is not int or type(last) is not int:
            raise ValueError("an interval is in whole seconds")
        first, last = max(first, 0), min(last, end)
        if first < last:
            found.append((first, last))
    return found


def merged(intervals: Iterable[Interval]) -> list[Interval]:
    """The same seconds in as few intervals as possible, in order."""
    found: list[Interval] = []
    for first, last in sorted(intervals):
        if first >= last:
            continue
        if found and first <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], last))
        else:
            found.append((first, last))
    return found


def seconds_in(intervals: Iterable[Interval]) -> int:
    """How many seconds merged `intervals` hold."""
    return sum(last - first for first, last in intervals)


def without(new: Iterable[Interval], known: Iterable[Interval]) -> list[Interval]:
    """The parts of `new` that are not in `known`, in order."""
    left = merged(new)
    for known_first, known_last in merged(known):
        rest: list[Interval] = []
        for first, last in left:
            rest += [(first, min(last, known_first)), (max(first, known_last), last)]
        left = merged(rest)
    return left


def first_seconds(intervals: Iterable[Interval], limit: int) -> list[Interval]:
    """The first `limit` seconds of `intervals`, in their order."""
    found: list[Interval] = []
    for first, last in intervals:
        if limit <= 0:
            break
        length = min(last - first, limit)
        found.append((first, first + length))
        limit -= length
    return found


def accept(
    known: Iterable[Interval], reported: Iterable[Interval], *, elapsed: float, spare: float
) -> tuple[list[Interval], float]:
    """What is known after a report, and the allowance that is left for the next one.

    Nobody plays more than SPEED seconds of a video in one second of the clock: of the new seconds
    only as many are taken as `elapsed` seconds since the last report, and `spare` left over from
    it, allow. The player reports the rest again, so an honest learner loses nothing.
    """
    known = merged(known)
    allowed = spare + SPEED * max(elapsed, 0.0)
    taken = first_seconds(without(reported, known), int(allowed))
    left = min(float(SLACK), allowed - seconds_in(taken))
    return merged([*known, *taken]), left
