"""What holds for every kind of question that comes with the quizzes."""

from __future__ import annotations

import random
from typing import Any

import pytest
from django.template.loader import render_to_string
from hypothesis import given
from hypothesis import strategies as st

from quizzes.contracts import Fields, QuestionType, question_types
from quizzes.models import Question
from quizzes.question_types import BUILT_IN
from quizzes.tests.factories import make_placed, make_question, make_quiz
from quizzes.tests.samples import WRITTEN
from quizzes.tests.test_play import learner_of, page

KINDS = [kind for kind in BUILT_IN if kind.key in WRITTEN]
JUNK = st.dictionaries(st.text(max_size=12), st.lists(st.text(max_size=30), max_size=4), max_size=6)


def content(kind: QuestionType) -> dict[str, Any]:
    question = Question(code="mau", prompt="<p>Hỏi?</p>", explanation="<p>KEYEXPLANATION</p>")
    question.write(kind.key, WRITTEN[kind.key])
    return {
        **{"prompt": question.prompt, "explanation": question.explanation},
        **{"hints": [], "basis": [], **question.own},
    }


def of(keys: list[QuestionType]) -> Any:
    return pytest.mark.parametrize("kind", keys, ids=lambda kind: kind.key)


SCORED = [kind for kind in KINDS if not kind.marked_by_person]


@of(KINDS)
def test_sample_has_no_errors(kind: QuestionType) -> None:
    assert [str(each.message) for each in kind.problems(content(kind)) if each.is_error] == []


@of(SCORED)
def test_solution_earns_everything_and_can_be_told(kind: QuestionType) -> None:
    data = content(kind)
    solution = kind.solution(data)
    assert solution is not None
    assert kind.score(data, solution) == 1.0
    assert kind.is_complete(data, solution)
    assert kind.describe(data, solution)


@of(KINDS)
@given(sent=JUNK)
def test_junk_in_a_form_is_no_error_and_scores_within_bounds(
    kind: QuestionType, sent: dict[str, list[str]]
) -> None:
    data = content(kind)
    answer = kind.parse(data, Fields(sent))
    if answer is None or kind.marked_by_person:
        return
    assert 0.0 <= kind.score(data, answer) <= 1.0


@of(SCORED)
def test_answer_to_an_older_version_is_no_error(kind: QuestionType) -> None:
    data = content(kind)
    solution = kind.solution(data)
    other = content(kind)
    for rows in other.values():
        for row in rows if isinstance(rows, list) else ():
            if isinstance(row, dict) and "key" in row:
                row["key"] = f"x{row['key'][:10]}"
    assert 0.0 <= kind.score(other, solution or {}) <= 1.0
    kind.describe(other, solution or {})
    kind.review(other, kind.arrange(other, random.Random(1), shuffle=True), solution)


@of(KINDS)
@pytest.mark.django_db
def test_page_that_asks_says_nothing_of_the_key(kind: QuestionType) -> None:
    placed = make_placed(
        make_quiz(make_question(kind=kind.key, written=WRITTEN[kind.key])), intro=""
    )
    client = learner_of(placed)
    placed.begin()
    html = page(client, placed)
    assert "Câu hỏi số" in html
    assert not [word for word in ("KEYFEEDBACK", "KEYEXPLANATION", "correct") if word in html]
    assert 'name="a1' in html


@of(SCORED)
@pytest.mark.django_db
def test_statistics_know_every_reply(kind: QuestionType) -> None:
    data = content(kind)
    replies = kind.replies(data, kind.solution(data))
    assert replies
    assert all(0.0 <= each.credit <= 1.0 for each in replies)
    assert kind.replies(data, None) == [] or list(kind.replies(data, None)) == []


@of(KINDS)
def test_labels_tell_kinds_apart(kind: QuestionType) -> None:
    labels = [str(each.label) for each in question_types]
    assert labels.count(str(kind.label)) == 1
    assert str(kind.description)


def test_review_template_of_each_kind_exists() -> None:
    for kind in BUILT_IN:
        for name in (kind.ask_template, kind.review_template):
            assert render_to_string(name, {"question": {"own": {}, "position": 1}}) is not None
