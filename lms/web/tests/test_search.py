"""Search finds words without diacritics, marks them, and shows nobody what they may not open."""

from __future__ import annotations

import pytest
from django.test import Client

from lms.plugins.vietnamese import fold
from lms.web.views.search import passage
from modules.content.models import Access
from modules.content.tests.factories import make_course, make_lesson

pytestmark = pytest.mark.django_db


def titles(client: Client, q: str, prefix: str = "") -> list[str]:
    response = client.get(f"{prefix}/search/", {"q": q})
    assert response.status_code == 200
    return [result["title"] for result in response.context["results"]]


@pytest.fixture(autouse=True)
def lessons() -> None:
    course = make_course(modules=1, lessons=0, title="Khóa nền", access=Access.PUBLIC)
    make_lesson(
        course,
        title="Kỹ năng lãnh đạo",
        body=[("rich_text", "<p>Điều hành hội nghị cấp ủy đúng giờ.</p>")],
    )
    make_lesson(course, title="Đạo đức công vụ", body=[("rich_text", "<p>Giữ chữ tín.</p>")])


@pytest.mark.parametrize("q", ["lanh dao", "lãnh đạo", "LÃNH ĐẠO", "lanh đao", "lãnh"])
def test_title_is_found_with_and_without_diacritics(client: Client, q: str) -> None:
    assert titles(client, q) == ["Kỹ năng lãnh đạo"]


def test_text_of_a_lesson_is_found_and_the_passage_marked(client: Client) -> None:
    response = client.get("/search/", {"q": "hoi nghi"})
    assert [result["title"] for result in response.context["results"]] == ["Kỹ năng lãnh đạo"]
    excerpt = response.context["results"][0]["excerpt"]
    assert "<mark>hội</mark>" in excerpt or "<mark>hội nghị</mark>" in excerpt


def test_beginning_of_a_word_is_enough(client: Client) -> None:
    assert titles(client, "lanh d") == ["Kỹ năng lãnh đạo"]


@pytest.mark.parametrize("q", ["", " ", "x", "khong co tu nay", "'\"; --", "%", "* OR 1"])
def test_odd_words_find_nothing_and_break_nothing(client: Client, q: str) -> None:
    assert titles(client, q) == []


def test_what_was_typed_is_escaped(client: Client) -> None:
    html = client.get("/search/", {"q": "<script>alert(1)</script>"}).content.decode()
    assert "<script>alert(1)" not in html


def test_results_under_en_lead_under_en(client: Client) -> None:
    response = client.get("/en/search/", {"q": "lanh dao"})
    assert [result["url"][:4] for result in response.context["results"]] == ["/en/"]


def test_passage_escapes_and_keeps_whole_words() -> None:
    text = "Một & hai <b>ba</b> bốn " * 20 + "lãnh đạo là phục vụ"
    found = passage(text, fold("lãnh"))
    assert "<mark>lãnh</mark> đạo" in found
    assert "&amp;" in found
    assert "<b>" not in found
