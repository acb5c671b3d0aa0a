"""One learner in eight tabs at once: no error, one record, nothing acknowledged is lost."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connections
from django.test import Client

from lms.learning.models import Attempt, LearningEvent
from quizzes.models import Response, Sitting, SittingSlot
from quizzes.tests.factories import Placed, answers, keys, make_placed, save_url, slots_of

TABS = 8

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


def tabs_of(placed: Placed) -> list[Client]:
    clients = [Client() for _ in range(TABS)]
    for client in clients:
        client.force_login(placed.user)
    return clients


def at_once(clients: list[Client], act: Callable[[int, Client], Any]) -> list[Any]:
    """What `act` gives in each tab, all begun at the same instant."""
    barrier = threading.Barrier(len(clients))
    given: dict[int, Any] = {}

    def tab(at: int, client: Client) -> None:
        try:
            barrier.wait()
            given[at] = act(at, client)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=tab, args=each) for each in enumerate(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [given[at] for at in sorted(given)]


def test_eight_starts_make_one_attempt() -> None:
    placed = make_placed(count=3)
    codes = at_once(
        tabs_of(placed), lambda at, client: client.post(f"{placed.url}start/").status_code
    )
    assert codes == [302] * TABS
    assert Attempt.objects.count() == Sitting.objects.count() == 1
    assert SittingSlot.objects.count() == 3


def test_eight_first_saves_of_one_answer_make_one_row() -> None:
    placed = make_placed(count=1)
    attempt = placed.begin()
    slot = slots_of(attempt)[0]
    options = [option["key"] for option in slot.version.data["options"]]
    codes = at_once(
        tabs_of(placed),
        lambda at, client: (
            client.post(
                save_url(attempt, 1), {"a1": options[at % 3], "key": uuid.uuid4().hex}
            ).status_code
        ),
    )
    assert codes == [200] * TABS
    assert Response.objects.get().sequence == TABS


def test_eight_saves_that_know_of_none_before_let_one_through() -> None:
    placed = make_placed(count=1)
    attempt = placed.begin()
    chosen = keys(slots_of(attempt)[0], right=True)
    codes = at_once(
        tabs_of(placed),
        lambda at, client: (
            client.post(
                save_url(attempt, 1), {"a1": chosen, "key": uuid.uuid4().hex, "base": "0"}
            ).status_code
        ),
    )
    assert sorted(codes) == [200, *[409] * (TABS - 1)]
    assert Response.objects.get().sequence == 1


def test_the_same_request_eight_times_is_one_save() -> None:
    placed = make_placed(count=1)
    attempt = placed.begin()
    sent = {"a1": keys(slots_of(attempt)[0], right=True), "key": uuid.uuid4().hex, "base": "0"}
    codes = at_once(
        tabs_of(placed),
        lambda at, client: client.post(save_url(attempt, 1), sent).status_code,
    )
    assert codes == [200] * TABS
    assert Response.objects.get().sequence == 1


def test_eight_hand_ins_leave_one_result() -> None:
    placed = make_placed(count=3)
    attempt = placed.begin()
    form = {"attempt": str(attempt.uuid), **answers(attempt, right=True)}
    codes = at_once(
        tabs_of(placed), lambda at, client: client.post(f"{placed.url}submit/", form).status_code
    )
    assert codes == [302] * TABS
    assert Attempt.objects.get().passed is True
    assert Response.objects.filter(fraction=1.0).count() == 3
    assert LearningEvent.objects.filter(name="attempt.graded").count() == 1


def test_every_save_that_was_acknowledged_counts_when_another_tab_hands_in() -> None:
    placed = make_placed(count=TABS - 1)
    attempt = placed.begin()
    slots = slots_of(attempt)

    def act(at: int, client: Client) -> int:
        if at == TABS - 1:
            form = {"attempt": str(attempt.uuid)}
            return client.post(f"{placed.url}submit/", form).status_code
        sent = {f"a{slots[at].position}": keys(slots[at], right=True)}
        return client.post(save_url(attempt, slots[at].position), sent).status_code

    *saves, handed_in = at_once(tabs_of(placed), act)
    assert handed_in == 302
    assert set(saves) <= {200, 409}
    counted = {
        slot.position: response.fraction
        for slot in slots
        for response in Response.objects.filter(slot=slot)
    }
    expected = {slots[at].position: float(code == 200) for at, code in enumerate(saves)}
    assert counted == expected
    assert Attempt.objects.get().raw == sum(expected.values())
