"""Questions to be arranged, and their pages, for tests."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from django.template.loader import render_to_string
from hypothesis import settings
from hypothesis import strategies as st

from quizzes.bodies import data_of, raw_of
from quizzes.contracts import Fields, QuestionType

KEYS = ("k7", "x2", "b9", "m1", "q4", "c3", "z8")  # neither in order nor in the reverse of it

patient = settings(deadline=None)  # the first page waits for its template

junk_values = st.none() | st.booleans() | st.integers(-3, 9) | st.text(max_size=4)
junk = st.recursive(
    junk_values | st.sampled_from(KEYS),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=3), inner, max_size=4)
    ),
    max_leaves=12,
)
junk_answers = st.dictionaries(
    st.sampled_from(["order", "places", "pairs", "groups", "ratings", "other"]), junk, max_size=4
)
junk_fields = st.dictionaries(
    st.sampled_from(["", *KEYS]) | st.text(max_size=4),
    st.lists(st.sampled_from(["1", "2", "3", "-1", "٣", "0", "-", *KEYS]) | st.text(), max_size=3),
    max_size=8,
).map(Fields)


def shared(**own: Any) -> dict[str, Any]:
    """The data of a question with this own part."""
    return {"prompt": "<p>Câu hỏi?</p>", "explanation": "", "hints": [], "basis": [], **own}


def page(template: str, own: dict[str, Any]) -> str:
    """What the template shows of a question at position 3."""
    return render_to_string(template, {"question": SimpleNamespace(position=3, own=own)})


def asked(kind: QuestionType, data: Any, answer: Any = None, arrangement: Any = None) -> str:
    """The page that asks."""
    return page(kind.ask_template, kind.ask(data, arrangement or {}, answer))


def reviewed(kind: QuestionType, data: Any, answer: Any, arrangement: Any = None) -> str:
    """The page that shows what was answered and what is right."""
    return page(kind.review_template, kind.review(data, arrangement or {}, answer))


def errors(kind: QuestionType, data: Any) -> list[str]:
    """What stops publication."""
    return [str(each.message) for each in kind.problems(data) if each.is_error]


def warnings(kind: QuestionType, data: Any) -> list[str]:
    """What authors should know besides."""
    return [str(each.message) for each in kind.problems(data) if not each.is_error]


def check_any_input(kind: QuestionType, data: Any, fields: Fields, answer: Any) -> None:
    """Whatever is sent and whatever was stored: nothing raises, and a score is a score."""
    parsed = kind.parse(data, fields)
    for each in (parsed, answer):
        if each is not None:
            assert 0.0 <= kind.score(data, each) <= 1.0
            assert kind.is_complete(data, each) in (True, False)
            assert isinstance(kind.describe(data, each), str)
            assert all(isinstance(comment, str) for comment in kind.comments(data, each))
        assert set(kind.replies(data, each)) <= set(kind.possible(data))
        kind.ask(data, each if isinstance(each, dict) else {}, each)
        kind.review(data, each if isinstance(each, dict) else {}, each)


def through_the_editor(kind: QuestionType, written: dict[str, Any]) -> Any:
    """The kind's own part of a version, of what somebody wrote."""
    block = kind.body()
    return data_of(block, block.to_python(raw_of(block, written)))
