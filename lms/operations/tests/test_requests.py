from __future__ import annotations

import io
import json
import logging
import re
import sys

import pytest
from django.core.exceptions import RequestDataTooBig
from django.db import IntegrityError
from django.test import Client, RequestFactory
from django.urls import get_resolver
from django.utils import translation

from lms.operations.logs import JsonFormatter, LineFormatter
from lms.operations.middleware import RequestMiddleware, group_of, limit_for, logged_path
from lms.operations.request_ids import current, new_request_id, request_id_from
from lms.operations.views import bad_request
from lms.people.tests.factories import UserFactory

pytestmark = pytest.mark.django_db
NAME = re.compile(r"[2-9a-hjkmnp-tv-z]{5}-[2-9a-hjkmnp-tv-z]{5}")


@pytest.fixture
def log():
    """What the site logs meanwhile, as the JSON lines of production."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    root, requests = logging.getLogger(), logging.getLogger("lms.requests")
    before = requests.level
    root.addHandler(handler)
    requests.setLevel(logging.INFO)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    requests.setLevel(before)
    root.removeHandler(handler)


def test_request_ids_can_be_read_out_and_differ() -> None:
    names = {new_request_id() for _ in range(500)}
    assert len(names) == 500
    assert all(NAME.fullmatch(name) for name in names)


@pytest.mark.parametrize("header", ["k7q2m-9fxmt", "0af7651916cd43dd8448eb211c80319c"])
def test_sane_request_id_of_the_proxy_is_kept(header: str) -> None:
    assert request_id_from(header) == header


@pytest.mark.parametrize(
    "header", ["", "short", "x" * 65, 'abc"\n{"level": "forged', "a b c d e f"]
)
def test_other_request_ids_are_replaced(header: str) -> None:
    assert NAME.fullmatch(request_id_from(header))


def test_answer_names_the_request_and_says_what_browsers_may(client: Client) -> None:
    response = client.get("/account/login/")
    assert NAME.fullmatch(response["X-Request-ID"])
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "camera=()" in response["Permissions-Policy"].split(", ")
    assert "publickey-credentials-get=(self)" in response["Permissions-Policy"].split(", ")
    assert current.get() == ""


def test_error_page_shows_the_id_that_the_header_has(client: Client) -> None:
    response = client.get("/khong-co-trang-nay/")
    assert response.status_code == 404
    assert f"<code>{response['X-Request-ID']}</code>" in response.content.decode()


def test_page_of_a_fault_shows_the_id_and_the_log_finds_it(
    client: Client, log, monkeypatch
) -> None:
    def broken(*args: object) -> None:
        raise IntegrityError("duplicate key\nDETAIL:  Key (phone)=(0912345678) already exists.")

    monkeypatch.setattr("lms.web.views.catalogue.render", broken)
    client.raise_request_exception = False
    response = client.get("/courses/?q=0912345678")
    assert response.status_code == 500
    name = response["X-Request-ID"]
    assert f"<code>{name}</code>" in response.content.decode()
    (entry,) = [entry for entry in log() if entry["level"] == "ERROR"]
    assert entry["request_id"] == name
    assert entry["error"] == "django.db.utils.IntegrityError"
    assert entry["trace"][-1].endswith(" broken")
    assert "0912345678" not in json.dumps(log())


def test_line_of_a_request_says_who_by_number_and_no_query(client: Client, log) -> None:
    user = UserFactory()
    client.force_login(user)
    client.get("/home/?code=ABCD-EFGH&name=Nguyễn")
    (entry,) = [entry for entry in log() if entry["logger"] == "lms.requests"]
    assert entry.pop("ms") > 0
    assert NAME.fullmatch(entry.pop("request_id"))
    assert entry.pop("time")
    assert entry == {
        "level": "INFO", "logger": "lms.requests", "message": "request",
        "user": user.pk, "method": "GET", "path": "/home/", "status": 200,
    }  # fmt: skip


def test_middleware_makes_no_query(log, django_assert_num_queries) -> None:
    request = RequestFactory().get("/")
    middleware = RequestMiddleware(lambda request: bad_request(request))
    with django_assert_num_queries(0):
        assert middleware(request).status_code == 400
    assert [entry["status"] for entry in log() if entry["logger"] == "lms.requests"] == [400]


@pytest.mark.parametrize(
    ("path", "group"),
    [
        ("/", "front"), ("/en/", "front"), ("/en/learn/lessons/1/", "learn"), ("/learn/", "learn"),
        ("/khoa-hoc/bai-1/", "page"), ("/en/course/", "page"), ("/wp-login.php", "page"),
        ("/x/quizzes/", "x"), ("/static/a.css", "static"),
    ],
)  # fmt: skip
def test_part_of_the_site_is_one_of_few(path: str, group: str) -> None:
    assert group_of(path) == group


def test_names_of_files_stay_out_of_the_log() -> None:
    assert logged_path("/documents/12/danh-sach-nguyen-van-a.pdf") == "/documents/…"
    assert logged_path("/" + "a" * 900) == "/" + "a" * 199


def test_message_of_an_error_stays_where_it_names_code_only() -> None:
    def entry(error: Exception) -> str:
        try:
            raise error
        except type(error):
            record = logging.LogRecord("lms", logging.ERROR, "", 1, "x", (), sys.exc_info())
        return json.loads(JsonFormatter().format(record))["error"]

    assert entry(AttributeError("no attribute 'pk'")) == "AttributeError: no attribute 'pk'"
    assert entry(ValueError("Nguyễn Văn A")) == "ValueError"


def test_line_for_people_ends_with_the_request() -> None:
    record = logging.LogRecord("lms", logging.INFO, "", 1, "one %s", ("thing",), None)
    token = current.set("k7q2m-9fxmt")
    try:
        assert LineFormatter("%(message)s").format(record) == "one thing [k7q2m-9fxmt]"
    finally:
        current.reset(token)
    assert LineFormatter("%(message)s").format(record) == "one thing"


@pytest.mark.parametrize(
    ("prefix", "words", "language"),
    [("", "Tệp hoặc biểu mẫu quá lớn", "vi"), ("/en", "This is too large", "en")],
)
def test_body_beyond_the_limit_is_refused_in_words(
    client: Client, prefix: str, words: str, language: str
) -> None:
    path = f"{prefix}/account/login/"
    length = str(limit_for(path) + 1)
    response = client.generic(
        "POST", path, b"x", "application/x-www-form-urlencoded", CONTENT_LENGTH=length
    )
    page = response.content.decode()
    assert response.status_code == 413
    assert f'<html lang="{language}">' in page
    assert f"<h1>{words}</h1>" in page
    assert "6 MB" in page
    assert response["X-Request-ID"] in page


def test_places_that_take_files_take_more() -> None:
    assert limit_for("/account/login/") == 6 * 2**20
    assert limit_for("/manage/people/import/") == 17 * 2**20
    assert limit_for("/en/manage/people/import/") == 17 * 2**20
    assert limit_for("/admin/documents/add/") == 512 * 2**20


def test_form_with_too_many_bytes_gets_413(client: Client, settings) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    response = client.post("/account/login/", {"login": "a" * 2000, "password": "b"})
    assert response.status_code == 413
    with translation.override("en"):
        page = bad_request(RequestFactory().get("/"), RequestDataTooBig()).content.decode()
    assert "Go back and send less." in page


def test_handler_of_bad_requests_is_ours() -> None:
    assert get_resolver().resolve_error_handler(400) is bad_request
