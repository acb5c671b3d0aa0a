"""A learner has single questions checked while the attempt is open."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from lms.learning.models import Attempt
from quizzes.models import Response
from quizzes.tests.factories import (
    Placed,
    answers,
    keys,
    make_placed,
    make_question,
    make_quiz,
    slots_of,
)
from quizzes.tests.test_play import SECRETS, learner_of, page

pytestmark = pytest.mark.django_db


def check_url(attempt: Attempt, position: int = 1) -> str:
    return f"/x/quizzes/attempts/{attempt.uuid}/checks/{position}/"


def begun(behaviour: str, **fields: Any) -> tuple[Placed, Client, Attempt]:
    placed = make_placed(behaviour=behaviour, **fields)
    return placed, learner_of(placed), placed.begin()


def check(client: Client, attempt: Attempt, *, right: bool, position: int = 1) -> Any:
    """Have the first question checked with a right or a wrong answer."""
    given = {f"a{position}": answers(attempt, right=right)[f"a{position}"]}
    return client.post(check_url(attempt, position), given, headers={"referer": "/x/"})


def test_checked_question_is_explained_and_closed_the_others_are_not() -> None:
    placed, client, attempt = begun("at_once", count=2)
    assert SECRETS[0] not in page(client, placed)
    assert check(client, attempt, right=False).status_code == 302
    html = page(client, placed)
    first, second = html.split('id="q-2"')
    assert "KEYFEEDBACK" in first
    assert "KEYEXPLANATION" in first
    assert 'name="a1"' not in first
    assert not [secret for secret in SECRETS if secret in second]


def test_answer_that_was_checked_stands() -> None:
    placed, client, attempt = begun("at_once", count=1)
    check(client, attempt, right=False)
    stood = Response.objects.get().answer
    check(client, attempt, right=True)
    client.post(f"/x/quizzes/attempts/{attempt.uuid}/answers/", answers(attempt, right=True))
    saved = client.post(
        f"/x/quizzes/attempts/{attempt.uuid}/answers/1/", answers(attempt, right=True)
    )
    assert (saved.status_code, saved.json()["code"]) == (409, "closed")
    assert Response.objects.get().answer == stood
    form = {"attempt": str(attempt.uuid), **answers(attempt, right=True)}
    client.post(f"{placed.url}submit/", form)
    assert Response.objects.get().fraction == 0.0


def test_wrong_try_gets_a_hint_and_comments_but_not_the_key() -> None:
    question = make_question(hints='[{"type": "hint", "value": "<p>Xem Điều 5</p>", "id": "h"}]')
    placed = make_placed(make_quiz(question, behaviour="several_tries", tries=2, penalty=50))
    client, attempt = learner_of(placed), placed.begin()
    assert "Xem Điều 5" not in page(client, placed)
    check(client, attempt, right=False)
    html = page(client, placed)
    assert "Xem Điều 5" in html
    assert "KEYFEEDBACK Sai một" in html
    assert "KEYFEEDBACK Đúng rồi" not in html
    assert "KEYEXPLANATION" not in html
    assert "is-right" not in html
    assert "Còn 1 lần thử" in html
    check(client, attempt, right=True)
    assert "KEYEXPLANATION" in page(client, placed)
    client.post(f"{placed.url}submit/", {"attempt": str(attempt.uuid)})
    assert Response.objects.get().fraction == 0.5


def test_same_check_sent_twice_is_one_try() -> None:
    _placed, client, attempt = begun("several_tries", count=1)
    check(client, attempt, right=False)
    check(client, attempt, right=False)
    (tried,) = Response.objects.get().tries
    assert tried["answer"] == {"options": keys(slots_of(attempt)[0], right=False)[:1]}
    assert tried["fraction"] == 0.0


def test_check_without_an_answer_says_so_and_counts_nothing() -> None:
    placed, client, attempt = begun("several_tries", count=1)
    client.post(check_url(attempt), {}, headers={"referer": f"http://testserver{placed.url}"})
    assert "Hãy trả lời" in page(client, placed)
    assert [each.tries for each in Response.objects.all()] in ([], [[]])


def test_check_saves_the_other_answers_too() -> None:
    _placed, client, attempt = begun("at_once", count=2)
    client.post(check_url(attempt, 1), answers(attempt, right=True))
    assert Response.objects.filter(answer__isnull=False).count() == 2
    assert [len(each.tries) for each in Response.objects.order_by("slot__position")] == [1, 0]


def test_nobody_else_has_it_checked() -> None:
    _placed, _client, attempt = begun("at_once", count=1)
    stranger = learner_of(make_placed())
    check(stranger, attempt, right=True)
    assert Response.objects.count() == 0


def test_quiz_without_checks_checks_nothing() -> None:
    placed, client, attempt = begun("at_end", count=1)
    assert "checks/" not in page(client, placed)
    check(client, attempt, right=True)
    assert Response.objects.get().tries == []
    assert not [secret for secret in SECRETS if secret in page(client, placed)]


def test_certainty_is_asked_saved_and_counts() -> None:
    placed, client, attempt = begun("certainty", count=2, pass_mark=0)
    assert 'name="b1"' in page(client, placed)
    form = {
        "attempt": str(attempt.uuid),
        **answers(attempt, right=True),
        "b1": "3",
        "b2": "2",
    }
    client.post(f"{placed.url}submit/", form)
    assert [
        (each.extra, round(each.fraction or 0, 3))
        for each in Response.objects.order_by("slot__position")
    ] == [({"certainty": 3}, 1.0), ({"certainty": 2}, 0.667)]
    assert "Khá chắc" in page(client, placed)


def test_whole_is_never_below_nothing() -> None:
    placed, client, attempt = begun("certainty", count=2, pass_mark=0)
    form = {"attempt": str(attempt.uuid), **answers(attempt, right=False), "b1": "3", "b2": "3"}
    client.post(f"{placed.url}submit/", form)
    assert Response.objects.filter(fraction=-2.0).count() == 2
    attempt.refresh_from_db()
    assert attempt.grade.percent == 0


def test_quiz_marked_by_a_person_waits() -> None:
    placed, client, attempt = begun("manual", count=2)
    client.post(
        f"{placed.url}submit/", {"attempt": str(attempt.uuid), **answers(attempt, right=True)}
    )
    html = page(client, placed)
    assert "đang được chấm" in html
    assert not [secret for secret in SECRETS if secret in html]
    assert set(Response.objects.values_list("fraction", flat=True)) == {None}


def test_behaviour_chosen_later_leaves_open_attempts_alone() -> None:
    placed, client, attempt = begun("at_end", count=1)
    placed.quiz.behaviour = "at_once"
    placed.quiz.save()
    assert "checks/" not in page(client, placed)
    assert attempt.is_open
