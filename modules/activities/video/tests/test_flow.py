"""A learner watches a video: what the player reports over HTTP, and what works without it."""

from __future__ import annotations

import datetime as dt
import json
import threading

import pytest
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from lms.learning import api
from lms.learning.models import ActivityProgress, Attempt, LearningEvent
from lms.people.tests.factories import UserFactory
from modules.activities.video.activity import VideoType, clock
from modules.activities.video.models import Playback
from modules.activities.video.rules import PLAYED
from modules.activities.video.tests.factories import Placed, make_placed, make_video
from modules.content.tests.factories import make_lesson


@pytest.fixture
def placed(db) -> Placed:
    return make_placed()


@pytest.fixture
def learner(placed) -> Client:
    client = Client()
    client.force_login(placed.user)
    return client


def report(client: Client, placed: Placed, *intervals, position: int = 0):
    data = {"intervals": json.dumps(intervals), "position": str(position)}
    return client.post(placed.played_url, data)


def let_time_pass(seconds: int) -> None:
    """As if the last report had come that long ago."""
    for playback in Playback.objects.all():
        playback.reported_at -= dt.timedelta(seconds=seconds)
        playback.save()


def test_lesson_shows_a_plain_video_and_writes_nothing(placed, learner):
    page = learner.get(placed.lesson.url)
    assert page.status_code == 200
    assert f'<source src="{placed.video.file.url}" type="video/webm">' in page.text
    assert f'src="{placed.video.captions.url}"' in page.text
    assert 'preload="none"' in page.text
    assert "video/video.js" in page.text
    assert f'data-played-url="{placed.played_url}"' in page.text
    assert not Attempt.objects.exists()


def test_lesson_for_a_person_not_enrolled_offers_no_report(placed):
    author = Client()
    author.force_login(UserFactory(is_superuser=True))
    page = author.get(f"/learn/activities/{placed.video.uuid}/")
    assert "<video" in page.text
    assert "data-played-url" not in page.text
    assert "data-tell" not in page.text


def test_lesson_costs_the_same_for_one_and_for_nine_videos(placed, learner):
    many = make_lesson(placed.course, *[make_video() for _ in range(9)])
    counts = []
    for lesson in (placed.lesson, many):
        learner.get(lesson.url)
        with CaptureQueriesContext(connection) as queries:
            assert learner.get(lesson.url).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_video_is_served_in_parts(placed, learner):
    answer = learner.get(placed.video.file.url, headers={"Range": "bytes=0-99"})
    assert (answer.status_code, answer["Content-Type"]) == (206, "video/webm")
    assert len(b"".join(answer.streaming_content)) == 100
    captions = learner.get(placed.video.captions.url)
    assert captions["Content-Type"].startswith("text/vtt")


def test_first_report_starts_the_attempt_and_its_clock(placed, learner):
    answer = report(learner, placed)
    assert answer.json() == {"position": 0, "percent": 0, "done": False}
    attempt = Attempt.objects.get(enrolment=placed.enrolment)
    assert attempt.is_open
    assert Playback.objects.get(attempt=attempt).intervals == []


def test_report_counts_seconds_once(placed, learner):
    report(learner, placed)
    let_time_pass(60)
    report(learner, placed, [0, 5], position=5)
    let_time_pass(60)
    answer = report(learner, placed, [0, 5], [3, 10], [12, 14], position=14)
    assert answer.json() == {"position": 14, "percent": 60, "done": False}
    playback = Playback.objects.get()
    assert (playback.intervals, playback.seconds) == ([[0, 10], [12, 14]], 12)


def test_report_ahead_of_the_clock_is_taken_in_part_and_later_whole(db):
    placed = make_placed(duration=600)
    client = Client()
    client.force_login(placed.user)
    assert report(client, placed, [0, 600]).json()["percent"] == 2  # 15 s to spare, of 600
    for _ in range(5):
        report(client, placed, [0, 600])
    assert Playback.objects.get().seconds < 20
    let_time_pass(300)
    assert report(client, placed, [0, 600]).json() == {
        "position": 0,
        "percent": 100,
        "done": True,
    }


def test_progress_is_recorded_and_nine_tenths_hand_in(placed, learner):
    report(learner, placed)
    let_time_pass(60)
    report(learner, placed, [0, 10])
    attempt = Attempt.objects.get(enrolment=placed.enrolment)
    assert attempt.is_open
    let_time_pass(60)
    assert report(learner, placed, [0, 18]).json()["done"] is True
    attempt.refresh_from_db()
    assert attempt.state == "submitted"
    assert attempt.response == {"measured": True, "seconds": 18, "duration": 20}
    state = ActivityProgress.objects.get(activity_key=placed.video.translation_key)
    assert state.completed_at is not None
    events = LearningEvent.objects.filter(name="activity.progressed").order_by("pk")
    assert [event.data["fraction"] for event in events] == [0.5, 0.9]
    assert 'class="badge ok"' in learner.get(placed.lesson.url).text


def test_report_after_handing_in_is_still_kept(placed, learner):
    learner.post(placed.submit_url, {"told": "watched"})
    let_time_pass(60)
    answer = report(learner, placed, [0, 20], position=3)
    assert answer.json() == {"position": 3, "percent": 100, "done": True}
    attempt = Attempt.objects.get(enrolment=placed.enrolment)
    assert attempt.response == {"told": ["watched"]}


def test_rule_by_seconds_is_met_by_playing_alone(db):
    placed = make_placed(completion_rule=PLAYED.key)
    client = Client()
    client.force_login(placed.user)
    assert "data-tell" not in client.get(placed.lesson.url).text
    client.post(placed.submit_url, {"told": "watched"})
    done = ActivityProgress.objects.filter(
        activity_key=placed.video.translation_key, completed_at__isnull=False
    )
    assert not done.exists()
    let_time_pass(60)
    report(client, placed, [0, 18])
    assert done.exists()


def test_telling_works_without_javascript(placed, learner):
    page = learner.get(placed.lesson.url)
    assert f'action="{placed.submit_url}"' in page.text
    answer = learner.post(
        placed.submit_url, {"told": "watched"}, headers={"Referer": "http://testserver/x/"}
    )
    assert answer.status_code == 302
    state = ActivityProgress.objects.get(activity_key=placed.video.translation_key)
    assert state.completed_at is not None
    page = learner.get(placed.lesson.url, headers={"Accept-Language": "vi"})
    assert f'action="{placed.submit_url}"' not in page.text


def test_where_gives_the_place_and_writes_nothing(placed, learner):
    assert learner.get(placed.where_url).json() == {}
    report(learner, placed)
    let_time_pass(60)
    report(learner, placed, [0, 10], position=10)
    before = Playback.objects.get().reported_at
    with CaptureQueriesContext(connection) as queries:
        answer = learner.get(f"{placed.where_url}&activity=nonsense")
    assert answer.json() == {str(placed.video.uuid): {"position": 10, "percent": 50, "done": False}}
    assert len(queries) <= 5, [query["sql"] for query in queries]
    assert Playback.objects.get().reported_at == before


def test_where_of_another_person_is_empty(placed, learner):
    report(learner, placed)
    other = Client()
    other.force_login(UserFactory())
    assert other.get(placed.where_url).json() == {}


@pytest.mark.parametrize(
    "data",
    [
        {"intervals": "x"},
        {"intervals": "{}"},
        {"intervals": "[[0]]"},
        {"intervals": "[" * 100_000},
        {"intervals": "[[NaN, 2]]"},
        {"position": "x"},
        {"position": "9" * 5000},
    ],
)
def test_report_that_is_nonsense_is_refused(placed, learner, data):
    assert learner.post(placed.played_url, data).status_code == 400
    assert not Attempt.objects.exists()


def test_report_needs_an_enrolment_and_an_account(placed):
    other = Client()
    other.force_login(UserFactory())
    answer = report(other, placed, [0, 5])
    assert (answer.status_code, answer.json()) == (403, {"error": str(api.NotEnrolled())})
    assert report(Client(), placed, [0, 5]).status_code == 302
    assert other.get(placed.played_url).status_code == 405
    assert not Attempt.objects.exists()


def test_report_needs_a_csrf_token(placed):
    client = Client(enforce_csrf_checks=True)
    client.force_login(placed.user)
    assert report(client, placed, [0, 5]).status_code == 403


def test_report_keeps_its_query_budget(placed, learner):
    report(learner, placed)
    let_time_pass(60)
    with CaptureQueriesContext(connection) as quiet:
        report(learner, placed, [0, 0])
    assert len(quiet) <= 12, [query["sql"] for query in quiet]


def test_personal_data_and_forget(placed, learner):
    report(learner, placed)
    let_time_pass(60)
    report(learner, placed, [0, 10], position=10)
    (piece,) = VideoType().personal_data(placed.user.person)
    assert piece.data == {"seconds": 10, "position": 10, "intervals": [[0, 10]]}
    VideoType().forget(placed.user.person)
    assert not Playback.objects.exists()


def test_clock_shows_hours_only_when_there_are_any():
    assert (clock(0), clock(125), clock(3723)) == ("0:00", "2:05", "1:02:03")


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_eight_tabs_at_once_leave_one_record():
    placed = make_placed()
    clients = [Client() for _ in range(8)]
    for client in clients:
        client.force_login(placed.user)
    barrier = threading.Barrier(8)
    codes: list[tuple[int, ...]] = []

    def tab(client: Client) -> None:
        try:
            barrier.wait()
            seen = client.get(placed.lesson.url).status_code
            started = report(client, placed).status_code
            if barrier.wait() == 0:
                let_time_pass(60)
            barrier.wait()
            played = report(client, placed, [0, 20], position=20).status_code
            codes.append((seen, started, played))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=tab, args=[client]) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert codes == [(200, 200, 200)] * 8
    attempt = Attempt.objects.get(enrolment=placed.enrolment)
    assert attempt.state == "submitted"
    assert Playback.objects.get(attempt=attempt).intervals == [[0, 20]]
    assert LearningEvent.objects.filter(attempt=attempt, name="attempt.submitted").count() == 1
