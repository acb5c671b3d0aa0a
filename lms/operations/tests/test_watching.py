"""/healthz and /metrics, and the counts that processes share."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

from lms.operations import health, metrics
from lms.operations.counters import AT, BUCKETS, CLASSES, WIDTH, Counters
from lms.operations.heartbeat import TICK, WORKER, beat
from lms.people.tests.factories import PersonFactory

pytestmark = pytest.mark.django_db
FORWARDED = {"HTTP_X_FORWARDED_FOR": "203.0.113.9"}


@pytest.fixture(autouse=True)
def _nothing_kept(monkeypatch) -> None:
    monkeypatch.setattr(metrics, "_gauges", {"at": -metrics.KEPT, "found": []})
    monkeypatch.setattr(health, "_known", {"migrated": False})


def counts(counters: Counters, group: str) -> list[int]:
    return counters.totals()[AT[group] : AT[group] + WIDTH]


def fork(work) -> None:
    """Have a child process do `work`, and wait for its end."""
    child = os.fork()
    if child == 0:
        try:
            work()
        finally:
            os._exit(0)
    os.waitpid(child, 0)


def test_health_is_ok_for_everybody_on_any_host_without_tls(client: Client, settings) -> None:
    settings.ALLOWED_HOSTS, settings.SECURE_SSL_REDIRECT = ["hoc.example.vn"], True
    response = client.get("/healthz", headers={"host": "10.0.0.7:8000"}, **FORWARDED)
    assert (response.status_code, response.content) == (200, b"ok\n")
    assert response["Cache-Control"] == "no-store"
    assert response["X-Request-ID"]


def test_health_says_unavailable_while_a_migration_has_not_run(client: Client, caplog) -> None:
    rows = MigrationRecorder(connection).migration_qs
    rows.filter(app="learning").order_by("-pk")[0].delete()
    response = client.get("/healthz")
    assert (response.status_code, response.content) == (503, b"unavailable\n")
    assert "1 migrations have not run" in caplog.text


def test_health_says_unavailable_without_a_database(client: Client, monkeypatch) -> None:
    def away() -> None:
        raise OperationalError("could not connect to server: password for hanh_trang")

    monkeypatch.setattr(connection, "cursor", away)
    monkeypatch.setattr(health, "_known", {"migrated": True})
    response = client.get("/healthz")
    assert (response.status_code, response.content) == (503, b"unavailable\n")


def test_metrics_are_open_for_this_machine(client: Client) -> None:
    PersonFactory()
    client.get("/account/login/")
    response = client.get("/metrics")
    text = response.content.decode()
    assert response["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert re.search(r'^lms_requests_total\{group="account",status="2xx"\} [1-9]', text, re.M)
    assert re.search(r"^lms_people [1-9]", text, re.M)
    assert re.search(r"^lms_database_up 1$", text, re.M)


def test_metrics_are_in_the_text_format_of_prometheus(client: Client) -> None:
    client.get("/account/login/")
    sample = re.compile(r'[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? [0-9.e+-]+')
    comment = re.compile(r"# (HELP [a-z_]+ .+|TYPE [a-z_]+ (counter|gauge|histogram))")
    lines = client.get("/metrics").content.decode().splitlines()
    assert [line for line in lines if not (sample.fullmatch(line) or comment.fullmatch(line))] == []


@pytest.mark.parametrize("extra", [FORWARDED, {"REMOTE_ADDR": "203.0.113.9"}, {"REMOTE_ADDR": ""}])
def test_metrics_are_nowhere_for_strangers(client: Client, settings, extra: dict) -> None:
    settings.LMS_METRICS_TOKEN = ""
    assert client.get("/metrics", **extra).status_code == 404
    assert client.get("/metrics", headers={"authorization": "Bearer "}, **extra).status_code == 404


def test_metrics_open_with_the_token_and_not_with_another(client: Client, settings) -> None:
    settings.LMS_METRICS_TOKEN = "a-token-of-the-operator"
    right = {"authorization": "Bearer a-token-of-the-operator"}
    assert client.get("/metrics", headers=right, **FORWARDED).status_code == 200
    wrong = {"authorization": "Bearer another"}
    assert client.get("/metrics", headers=wrong, **FORWARDED).status_code == 404


def test_metrics_say_how_old_the_signs_of_life_are(client: Client, settings, tmp_path) -> None:
    settings.LMS_STATE_DIR = str(tmp_path)
    beat(WORKER)
    beat(TICK)
    text = client.get("/metrics").content.decode()
    ages = [
        float(re.search(rf"^lms_{name}_age_seconds (\S+)$", text, re.M)[1])
        for name in ("worker", "tick")
    ]
    assert all(-1 < age < 60 for age in ages)


def test_counts_of_all_processes_are_added_and_outlive_them(tmp_path: Path) -> None:
    counters = Counters(tmp_path)
    counters.count("learn", 200, 0.02)

    def work() -> None:
        counters.count("learn", 200, 0.3)
        counters.count("learn", 503, 99)

    fork(work)
    fork(work)
    expected = [0] * WIDTH
    expected[CLASSES.index("2xx")], expected[CLASSES.index("5xx")] = 3, 2
    expected[len(CLASSES) + BUCKETS.index(0.025)] = 1
    expected[len(CLASSES) + BUCKETS.index(0.5)] = 2
    expected[len(CLASSES) + len(BUCKETS)] = 2
    expected[WIDTH - 1] = 20_000 + 2 * 99_300_000
    assert counts(counters, "learn") == expected
    assert counts(counters, "learn") == expected  # the dead are counted once
    assert len(list(tmp_path.glob("*-*.counts"))) == 1


def test_counts_of_a_living_process_are_read_and_left_alone(tmp_path: Path) -> None:
    one, other = Counters(tmp_path), Counters(tmp_path)
    one.count("home", 200, 0.1)
    assert counts(other, "home")[0] == 1
    one.count("home", 200, 0.1)
    assert counts(other, "home")[0] == 2
    assert counts(one, "home")[0] == 2


def test_counting_goes_on_alone_where_nothing_can_be_written(tmp_path: Path, caplog) -> None:
    (tmp_path / "file").touch()
    counters = Counters(tmp_path / "file")
    counters.count("home", 302, 0.1)
    assert counts(counters, "home")[1] == 1
    assert "counted for each process alone" in caplog.text
