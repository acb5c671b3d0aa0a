"""A learner takes a quiz through HTTP, with JavaScript and without."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from lms.learning import api
from lms.learning.models import Attempt
from lms.people.tests.factories import UserFactory
from modules.content.tests.factories import make_reference
from quizzes.models import Response
from quizzes.tests.factories import (
    Placed,
    answers,
    keys,
    make_placed,
    make_question,
    make_quiz,
    save_url,
    slots_of,
)

pytestmark = pytest.mark.django_db

WRITES = re.compile(r"^\s*(INSERT|UPDATE|DELETE)", re.I)
# What the tests' questions say only where the key or the reasons are shown.
SECRETS = ("KEYFEEDBACK", "KEYEXPLANATION", "is-right", "correct")


def learner_of(placed: Placed) -> Client:
    client = Client()
    client.force_login(placed.user)
    return client


def page(client: Client, placed: Placed) -> str:
    response = client.get(placed.url)
    assert response.status_code == 200
    return response.content.decode()


def finish(placed: Placed, *, right: bool) -> Client:
    """The learner hands in, all right or all wrong."""
    client = learner_of(placed)
    attempt = placed.begin()
    form = {"attempt": str(attempt.uuid), **answers(attempt, right=right)}
    assert client.post(f"{placed.url}submit/", form).status_code == 302
    return client


def test_intro_says_the_rules_and_starts() -> None:
    placed = make_placed(count=2, max_attempts=3, intro="<p>Đọc kỹ.</p>")
    client = learner_of(placed)
    html = page(client, placed)
    assert "Đọc kỹ." in html
    assert "2 câu hỏi" in html
    assert "Đạt từ 60%" in html
    assert "Còn 3 lần làm" in html
    assert "Câu hỏi số" not in html
    assert client.post(f"{placed.url}start/").status_code == 302
    assert "Câu hỏi số" in page(client, placed)


def test_pages_before_handing_in_give_nothing_of_the_key_away() -> None:
    placed = make_placed(
        make_quiz(
            make_question(),
            make_question(kind="multiple_choice"),
            make_question(kind="true_false"),
        )
    )
    client = learner_of(placed)
    shown = [page(client, placed)]
    attempt = placed.begin()
    shown.append(page(client, placed))
    for slot in slots_of(attempt):
        saved = client.post(
            save_url(attempt, slot.position), {f"a{slot.position}": keys(slot, right=True)}
        )
        assert saved.status_code == 200
        shown.append(saved.content.decode())
    shown.append(page(client, placed))
    for html in shown:
        assert [secret for secret in SECRETS if secret in html] == []


def test_page_looks_the_same_whatever_is_right() -> None:
    question = make_question(("Một", True), ("Hai", False), ("Ba", False))
    placed = make_placed(make_quiz(question))
    attempt = placed.begin()
    client = learner_of(placed)
    version = slots_of(attempt)[0].version

    def without_tokens() -> str:
        return re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", page(client, placed))

    before = without_tokens()
    data = version.data
    data["options"][0]["correct"], data["options"][2]["correct"] = False, True
    type(version).objects.filter(pk=version.pk).update(data=data)
    assert without_tokens() == before


def test_author_previews_without_the_key() -> None:
    placed = make_placed(count=2)
    author = UserFactory(is_superuser=True, is_staff=True)
    client = Client()
    client.force_login(author)
    html = page(client, placed)
    assert "Câu hỏi số" in html
    assert [secret for secret in SECRETS if secret in html] == []


def test_whole_flow_without_javascript() -> None:
    placed = make_placed(count=2)
    client = learner_of(placed)
    client.post(f"{placed.url}start/")
    attempt = Attempt.objects.get()
    first, second = slots_of(attempt)
    saved = client.post(
        save_url(attempt),
        {"a1": keys(first, right=True), "w1": "", "w2": ""},
        headers={"referer": f"http://testserver{placed.url}"},
        follow=True,
    )
    assert saved.redirect_chain[-1][0].endswith(placed.url)
    html = saved.content.decode()
    assert "Đã lưu" in html
    assert "Còn 1 câu chưa trả lời." in html
    assert html.count(" checked") == 1
    mark = re.search(r'name="w1" value="(\w+)"', html)
    assert mark is not None
    handed = client.post(
        f"{placed.url}submit/",
        {
            "attempt": str(attempt.uuid),
            "a1": keys(first, right=True),
            "w1": mark[1],
            "a2": keys(second, right=True),
            "w2": "",
        },
        follow=True,
    )
    html = handed.content.decode()
    assert "Đã đạt" in html
    assert "100%" in html
    assert Attempt.objects.get().passed is True


def test_result_shows_what_was_chosen_what_is_right_and_why() -> None:
    reference = make_reference(number="72/2025/QH15", article="Điều 11", title="Luật để thử")
    placed = make_placed(make_quiz(make_question(references=[reference])))
    client = finish(placed, right=False)
    html = page(client, placed)
    assert "Chưa đạt" in html
    assert "Kết quả: 0%; cần từ 60%." in html
    assert "Sai · đã chọn" in html
    assert "Đúng · chưa chọn" in html
    assert "KEYFEEDBACK Sai một" in html
    assert "KEYEXPLANATION" in html
    assert "Điều 11 72/2025/QH15" in html
    assert "Làm lại" in html
    assert html.count("KEYFEEDBACK") == 3


def test_no_more_try_when_attempts_are_used_up() -> None:
    placed = make_placed(count=1, max_attempts=1)
    html = page(finish(placed, right=False), placed)
    assert "Làm lại" not in html
    assert "Còn 0 lần làm." in html


def test_next_attempt_begins_empty() -> None:
    placed = make_placed(count=2)
    client = finish(placed, right=False)
    client.post(f"{placed.url}start/")
    html = page(client, placed)
    assert "Còn 2 câu chưa trả lời." in html
    assert " checked" not in html
    assert Attempt.objects.count() == 2


def test_saving_one_answer_keeps_it() -> None:
    placed = make_placed(count=2)
    client = learner_of(placed)
    attempt = placed.begin()
    slot = slots_of(attempt)[0]
    chosen = keys(slot, right=False)[:1]
    reply = client.post(save_url(attempt, 1), {"a1": chosen, "key": uuid.uuid4().hex, "base": "0"})
    assert reply.status_code == 200
    assert set(reply.json()) == {"time", "sequence", "mark"}
    assert re.fullmatch(r"\d\d:\d\d", reply.json()["time"])
    assert reply.json()["sequence"] == 1
    assert Response.objects.get().answer == {"options": chosen}
    assert Response.objects.get().fraction is None


def test_repeated_request_changes_nothing() -> None:
    placed = make_placed(count=1)
    client = learner_of(placed)
    attempt = placed.begin()
    slot = slots_of(attempt)[0]
    sent = {"a1": keys(slot, right=True), "key": uuid.uuid4().hex, "base": "0"}
    first = client.post(save_url(attempt, 1), sent)
    assert client.post(save_url(attempt, 1), sent).json() == first.json()
    assert Response.objects.get().sequence == 1


def test_late_repeat_does_not_undo_a_newer_answer() -> None:
    placed = make_placed(count=1)
    client = learner_of(placed)
    attempt = placed.begin()
    slot = slots_of(attempt)[0]
    old = {"a1": keys(slot, right=False)[:1], "key": uuid.uuid4().hex, "base": "0"}
    new = {"a1": keys(slot, right=True), "key": uuid.uuid4().hex, "base": "1"}
    client.post(save_url(attempt, 1), old)
    client.post(save_url(attempt, 1), new)
    late = client.post(save_url(attempt, 1), old)
    assert (late.status_code, late.json()["code"], late.json()["sequence"]) == (409, "changed", 2)
    assert Response.objects.get().answer == {"options": keys(slot, right=True)}


def test_answer_can_be_taken_back() -> None:
    placed = make_placed(make_quiz(make_question(kind="multiple_choice")))
    client = learner_of(placed)
    attempt = placed.begin()
    slot = slots_of(attempt)[0]
    client.post(save_url(attempt, 1), {"a1": keys(slot, right=True)})
    client.post(save_url(attempt, 1), {})
    assert Response.objects.get().answer is None
    assert "Còn 1 câu chưa trả lời." in page(client, placed)


@pytest.mark.parametrize("position", [None, 1])
def test_saving_after_handing_in_is_refused_in_words(position: int | None) -> None:
    placed = make_placed(count=1)
    client = finish(placed, right=False)
    attempt = Attempt.objects.get()
    before = Response.objects.get().answer
    sent = {"a1": keys(slots_of(attempt)[0], right=True)}
    reply = client.post(save_url(attempt, position), sent, follow=position is None)
    if position is None:
        with translation.override("vi"):
            assert str(api.AttemptClosed()) in reply.content.decode()
    else:
        assert (reply.status_code, reply.json()["code"]) == (409, "closed")
        assert reply.json()["message"]
    assert Response.objects.get().answer == before


def test_handing_in_twice_says_so_and_keeps_the_first() -> None:
    placed = make_placed(count=1)
    client = finish(placed, right=True)
    attempt = Attempt.objects.get()
    form = {"attempt": str(attempt.uuid), "a1": keys(slots_of(attempt)[0], right=False)[:1]}
    assert client.post(f"{placed.url}submit/", form).status_code == 302
    assert Attempt.objects.get().passed is True
    assert Response.objects.get().fraction == 1.0


def test_answers_of_another_person_cannot_be_touched() -> None:
    placed = make_placed(count=1)
    attempt = placed.begin()
    stranger = Client()
    stranger.force_login(UserFactory())
    sent = {"a1": keys(slots_of(attempt)[0], right=True)}
    assert stranger.post(save_url(attempt, 1), sent).status_code == 404
    assert stranger.post(save_url(attempt), sent).status_code == 302
    assert Response.objects.count() == 0


def test_visitor_is_told_to_sign_in() -> None:
    placed = make_placed(count=1)
    attempt = placed.begin()
    reply = Client().post(save_url(attempt, 1), {})
    assert (reply.status_code, reply.json()["code"]) == (401, "signed_out")
    assert "/account/login/" in Client().post(save_url(attempt), {}).url


@pytest.mark.parametrize("position", [2, 99_999_999_999_999_999_999])
def test_question_that_is_not_there_is_not_found(position: int) -> None:
    placed = make_placed(count=1)
    attempt = placed.begin()
    reply = learner_of(placed).post(save_url(attempt, position), {"a1": "x"})
    assert (reply.status_code, reply.json()["code"]) == (404, "unknown")


@pytest.mark.parametrize("value", ["", "x" * 5000, "<script>", "\x00"])
def test_nonsense_as_an_answer_is_no_answer(value: str) -> None:
    placed = make_placed(count=1)
    attempt = placed.begin()
    sent = {"a1": value, "key": value, "base": value}
    assert learner_of(placed).post(save_url(attempt, 1), sent).status_code == 200
    assert Response.objects.get().answer is None


def test_get_is_refused() -> None:
    placed = make_placed(count=1)
    attempt = placed.begin()
    assert learner_of(placed).get(save_url(attempt, 1)).status_code == 405


def queries_of(client: Client, *args: Any, **kwargs: Any) -> list[str]:
    with CaptureQueriesContext(
        connection,
    ) as seen:
        response = client.generic(*args, **kwargs)
    assert response.status_code in {200, 302}
    return [query["sql"] for query in seen]


@pytest.mark.parametrize("state", ["intro", "open", "result"])
def test_question_page_stays_in_its_budget(state: str) -> None:
    counts = {}
    for count in (5, 20):
        reference = make_reference()
        placed = make_placed(
            make_quiz(*(make_question(references=[reference]) for _ in range(count)))
        )
        client = learner_of(placed)
        if state == "open":
            placed.begin()
        if state == "result":
            finish(placed, right=False)
        page(client, placed)
        queries = queries_of(client, "GET", placed.url)
        assert [sql for sql in queries if WRITES.match(sql)] == []
        counts[count] = len(queries)
    assert counts[5] == counts[20] <= 12


def test_saving_one_answer_stays_in_its_budget() -> None:
    counts = {}
    for count in (5, 20):
        placed = make_placed(count=count)
        client = learner_of(placed)
        attempt = placed.begin()
        slot = slots_of(attempt)[-1]
        body = f"a{slot.position}={keys(slot, right=True)[0]}&key={uuid.uuid4().hex}&base=0"
        queries = queries_of(
            client,
            "POST",
            save_url(attempt, slot.position),
            body,
            content_type="application/x-www-form-urlencoded",
        )
        counts[count] = len(queries)
    assert counts[5] == counts[20] <= 8


def test_handing_in_stays_in_its_budget() -> None:
    counts = {}
    for count in (5, 20):
        placed = make_placed(count=count)
        client = learner_of(placed)
        attempt = placed.begin()
        form = answers(attempt, right=True)
        body = "&".join(f"{name}={values[0]}" for name, values in form.items())
        queries = queries_of(
            client,
            "POST",
            f"{placed.url}submit/",
            body,
            content_type="application/x-www-form-urlencoded",
        )
        assert Attempt.objects.get(pk=attempt.pk).passed is True
        counts[count] = len(queries)
    assert counts[5] == counts[20] <= 20
