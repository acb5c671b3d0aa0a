from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modules.activities.video.intervals import (
    LONGEST,
    MOST,
    SLACK,
    accept,
    first_seconds,
    merged,
    read_intervals,
    seconds_in,
    without,
)

interval = st.tuples(st.integers(0, 120), st.integers(0, 120)).map(lambda pair: tuple(sorted(pair)))
intervals = st.lists(interval, max_size=12)


def as_set(found) -> set[int]:
    return {second for first, last in found for second in range(first, last)}


@given(intervals)
def test_merged_holds_the_same_seconds_apart_and_in_order(found):
    result = merged(found)
    assert as_set(result) == as_set(found)
    assert all(a[1] < b[0] for a, b in zip(result, result[1:], strict=False))
    assert seconds_in(result) == len(as_set(found))
    assert merged(result) == result


@given(intervals, intervals)
def test_merged_does_not_mind_the_order(a, b):
    assert merged([*a, *b]) == merged([*b, *a]) == merged([*merged(a), *merged(b)])


@given(intervals, intervals)
def test_without_is_the_difference(new, known):
    assert as_set(without(new, known)) == as_set(new) - as_set(known)


@given(intervals, st.integers(-5, 200))
def test_first_seconds_takes_no_more(found, limit):
    taken = first_seconds(merged(found), limit)
    assert seconds_in(taken) == min(max(limit, 0), len(as_set(found)))
    assert as_set(taken) <= as_set(found)


@given(intervals, intervals, st.floats(0, 100), st.floats(0, SLACK))
def test_accept_never_gains_more_than_the_clock_allows(known, reported, elapsed, spare):
    result, left = accept(known, reported, elapsed=elapsed, spare=spare)
    gained = seconds_in(result) - seconds_in(merged(known))
    assert as_set(known) <= as_set(result) <= as_set(known) | as_set(reported)
    assert 0 <= gained <= spare + 2 * elapsed
    assert 0 <= left <= SLACK


@given(intervals, intervals, st.floats(0, 100))
def test_accept_of_the_same_again_changes_nothing(known, reported, elapsed):
    once, left = accept(known, reported, elapsed=elapsed, spare=1000)
    again, _ = accept(once, reported, elapsed=0, spare=1000)
    assert again == once == merged([*known, *reported])


@given(st.lists(st.tuples(intervals, st.floats(0, 20)), max_size=10))
def test_accept_over_many_reports_stays_within_the_clock(reports):
    known, spare, clock = [], float(SLACK), 0.0
    for reported, elapsed in reports:
        known, spare = accept(known, reported, elapsed=elapsed, spare=spare)
        clock += elapsed
    assert seconds_in(known) <= SLACK + 2 * clock


def test_accept_of_an_honest_player_takes_all():
    known, spare = [], float(SLACK)
    for end in range(15, 301, 15):
        known, spare = accept(known, [(0, end)], elapsed=15, spare=spare)
    assert known == [(0, 300)]


def test_accept_when_the_clock_was_set_back_takes_what_is_spare():
    known, left = accept([], [(0, 100)], elapsed=-50, spare=SLACK)
    assert (known, left) == ([(0, SLACK)], 0)


def test_read_intervals_cuts_to_the_video():
    assert read_intervals([[-5, 3], [10, 99], [30, 20], [25, 40]], 20) == [(0, 3), (10, 20)]
    assert read_intervals([[0, 10**9]], 0) == [(0, LONGEST)]


@pytest.mark.parametrize(
    "value",
    [None, 5, "x", {"0": 5}, [5], [[1]], [[1, 2, 3]], [["1", "2"]], [[1.5, 2]], [[True, 2]],
     [[None, 2]], [[float("nan"), 2]], [[0, 1]] * (MOST + 1)],
)  # fmt: skip
def test_read_intervals_refuses_what_is_no_list_of_pairs(value):
    with pytest.raises(ValueError):
        read_intervals(value, 20)
