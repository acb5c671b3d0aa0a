"""How many statements a quiz costs. Budgets of the question engine."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from quizzes.tests.factories import answers, make_placed, make_question, make_quiz, save_url
from quizzes.tests.samples import WRITTEN
from quizzes.tests.test_play import learner_of

pytestmark = pytest.mark.django_db
QUESTIONS = 20


def count(action: Any) -> int:
    """How many statements; what begins and ends transactions is none."""
    with CaptureQueriesContext(connection) as queries:
        response = action()
    assert response.status_code in (200, 302)
    return sum("SAVEPOINT" not in each["sql"] for each in queries)


@pytest.mark.parametrize("singly", [False, True], ids=["a page of five at once", "one by one"])
def test_whole_attempt_of_twenty_questions(singly: bool) -> None:
    """View, start, save everything, hand in, look at the result."""
    placed = make_placed(count=QUESTIONS)
    client = learner_of(placed)
    client.get("/home/")  # what is loaded once in a process is no part of an attempt
    spent = {"view": count(lambda: client.get(placed.url))}
    spent["start"] = count(lambda: client.post(f"{placed.url}start/"))
    attempt = placed.enrolment.attempts.get()
    given = answers(attempt, right=True)
    spent["page"] = count(lambda: client.get(placed.url))
    saves = []
    for first in range(0, QUESTIONS, 1 if singly else 5):
        some = {name: given[name] for name in list(given)[first : first + (1 if singly else 5)]}
        place = save_url(attempt, first + 1) if singly else save_url(attempt)
        saves.append(count(lambda place=place, some=some: client.post(place, some)))
    spent["submit"] = count(
        lambda: client.post(f"{placed.url}submit/", {"attempt": str(attempt.uuid)})
    )
    spent["result"] = count(lambda: client.get(placed.url))
    assert spent["page"] <= 12, spent
    assert spent["submit"] <= 20, spent
    assert max(saves) <= 8, saves
    assert sum(spent.values()) + sum(saves) <= (180 if singly else 120), (spent, saves)


def test_page_with_every_kind_costs_no_more_than_one_with_choices_alone() -> None:
    kinds = [key for key in WRITTEN if key != "hotspot"]
    placed = make_placed(make_quiz(*(make_question(kind=k, written=WRITTEN[k]) for k in kinds)))
    client = learner_of(placed)
    client.get("/home/")
    placed.begin()
    assert count(lambda: client.get(placed.url)) <= 12
