"""Behaviours are pure: what a question earns after tries, and what may be shown meanwhile."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizzes.behaviours import BUILT_IN
from quizzes.behaviours.adaptive import Adaptive
from quizzes.behaviours.at_end import AtEnd
from quizzes.behaviours.at_once import AtOnce
from quizzes.behaviours.certainty import Certainty
from quizzes.behaviours.manual import Manual
from quizzes.behaviours.several_tries import SeveralTries
from quizzes.contracts import Behaviour, Fields, Stage, Try, Tuning

fractions = st.one_of(st.sampled_from([0.0, 0.5, 1.0]), st.floats(0, 1))
answers = st.sampled_from("abcd").map(lambda key: {"options": [key]})
extras = st.sampled_from([{}, {"certainty": 1}, {"certainty": 2}, {"certainty": 3}])
a_try = st.builds(Try, answers, fractions, extras)
tunings = st.builds(Tuning, st.integers(1, 5), st.floats(0, 1), st.integers(0, 3))


def tried(*fractions: float) -> list[Try]:
    """Different answers that were checked, of which the n-th is so right."""
    return [Try({"options": [str(at)]}, each, {}) for at, each in enumerate(fractions)]


@pytest.mark.parametrize("behaviour", BUILT_IN, ids=lambda each: each.key)
@given(tries=st.lists(a_try, max_size=6), last=st.none() | a_try, tuning=tunings)
def test_nothing_earns_more_than_everything(
    behaviour: Behaviour, tries: list[Try], last: Try | None, tuning: Tuning
) -> None:
    earned = behaviour.mark(tries, last, tuning).fraction
    assert earned is None or behaviour.lowest <= earned <= 1.0


@pytest.mark.parametrize("behaviour", BUILT_IN, ids=lambda each: each.key)
@given(tuning=tunings)
def test_no_answer_earns_nothing(behaviour: Behaviour, tuning: Tuning) -> None:
    assert behaviour.mark([], None, tuning).fraction == 0.0


@pytest.mark.parametrize(
    "behaviour", [AtEnd(), AtOnce(), SeveralTries(), Adaptive()], ids=lambda each: each.key
)
@given(more=fractions, less=fractions, before=st.lists(fractions, max_size=3), tuning=tunings)
def test_a_better_answer_never_earns_less(
    behaviour: Behaviour, more: float, less: float, before: list[float], tuning: Tuning
) -> None:
    low, high = sorted([more, less])
    tries = tried(*before)
    worse = behaviour.mark(tries, Try({"options": ["z"]}, low, {}), tuning).fraction
    better = behaviour.mark(tries, Try({"options": ["z"]}, high, {}), tuning).fraction
    assert worse is not None
    assert better is not None
    assert better >= worse


@pytest.mark.parametrize("behaviour", BUILT_IN, ids=lambda each: each.key)
@given(tries=st.lists(a_try, max_size=6), tuning=tunings)
def test_key_is_shown_only_where_the_answer_stands(
    behaviour: Behaviour, tries: list[Try], tuning: Tuning
) -> None:
    stage = behaviour.stage(tries, tuning)
    assert not (stage.shows_key and stage.is_open)
    assert 0 <= stage.hints <= tuning.hints
    assert behaviour.has_check or stage == Stage()


@pytest.mark.parametrize(
    ("checked", "earned"),
    [((1.0,), 1.0), ((0.0, 1.0), 0.75), ((0.0, 0.5, 1.0), 0.5), ((0.0, 0.0, 0.0), 0.0)],
)
def test_each_further_try_costs_its_penalty(checked: tuple[float, ...], earned: float) -> None:
    tries = tried(*checked)
    assert SeveralTries().mark(tries, tries[-1], Tuning(3, 0.25)).fraction == earned


def test_answer_left_unchecked_is_one_more_try() -> None:
    last = Try({"options": ["z"]}, 1.0, {})
    assert SeveralTries().mark(tried(0.0), last, Tuning(3, 0.25)).fraction == 0.75
    assert SeveralTries().mark(tried(0.0, 0.0, 0.0), last, Tuning(3, 0.25)).fraction == 0.0


def test_tries_run_out_and_hints_come_one_by_one() -> None:
    tuning = Tuning(3, 0.25, hints=2)
    stages = [SeveralTries().stage(tried(*([0.0] * n)), tuning) for n in range(4)]
    assert [each.tries_left for each in stages] == [3, 2, 1, 0]
    assert [each.hints for each in stages] == [0, 1, 2, 2]
    assert [each.is_open for each in stages] == [True, True, True, False]
    assert [each.shows_key for each in stages] == [False, False, False, True]


def test_right_answer_closes_the_question() -> None:
    for behaviour in (AtOnce(), SeveralTries(), Adaptive()):
        stage = behaviour.stage(tried(1.0), Tuning())
        assert (stage.is_open, stage.shows_key) == (False, True)


def test_first_check_counts_where_feedback_comes_at_once() -> None:
    later = Try({"options": ["z"]}, 1.0, {})
    assert AtOnce().mark(tried(0.5), later, Tuning()).fraction == 0.5
    assert AtOnce().mark([], later, Tuning()).fraction == 1.0


def test_best_try_counts_and_the_same_answer_again_costs_nothing() -> None:
    wrong = Try({"options": ["a"]}, 0.0, {})
    right = Try({"options": ["b"]}, 1.0, {})
    tuning = Tuning(penalty=0.25)
    assert Adaptive().mark([wrong, wrong, right], right, tuning).fraction == 0.75
    partly = Try({"options": ["c"]}, 0.9, {})
    assert Adaptive().mark([partly, wrong], wrong, tuning).fraction == 0.9


@pytest.mark.parametrize(
    ("certainty", "right", "wrong"), [(1, 1 / 3, 0.0), (2, 2 / 3, -2 / 3), (3, 1.0, -2.0)]
)
def test_certainty_is_marked_by_the_published_scheme(
    certainty: int, right: float, wrong: float
) -> None:
    extra = {"certainty": certainty}
    marks = [
        Certainty().mark([], Try({"options": ["a"]}, each, extra), Tuning()).fraction
        for each in (1.0, 0.0)
    ]
    assert marks == pytest.approx([right, wrong])


@given(st.dictionaries(st.text(max_size=8), st.lists(st.text(max_size=5), max_size=3)))
def test_certainty_reads_nothing_else(sent: dict[str, list[str]]) -> None:
    extra = Certainty().parse(Fields(sent))
    assert extra in ({}, {"certainty": 1}, {"certainty": 2}, {"certainty": 3})


def test_person_marks_every_answer() -> None:
    assert Manual().mark([], Try({"text": "…"}, 0.0, {}), Tuning()).fraction is None
