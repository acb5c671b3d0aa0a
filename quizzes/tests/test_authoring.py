"""Authors write questions and quizzes in the Wagtail admin."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from lms.people.tests.factories import RoleGrantFactory, UserFactory
from modules.content.services.site import ensure_site
from quizzes.models import Question
from quizzes.tests.factories import make_question, make_quiz

pytestmark = pytest.mark.django_db


@pytest.fixture
def author() -> Client:
    client = Client()
    client.force_login(UserFactory(is_superuser=True, is_staff=True, language="vi"))
    return client


def form(*options: tuple[str, bool], action: str = "publish", **fields: str) -> dict[str, Any]:
    """What the editor of a question posts."""
    sent = {
        "code": "cau-moi",
        "name": "Câu mới",
        "prompt": _draftail("Ai ký?"),
        "explanation": "null",
        "hints-count": "0",
        "body-count": "1",
        "body-0-type": "single_choice",
        "body-0-order": "0",
        "body-0-deleted": "",
        "body-0-id": "",
        "body-0-value-options-count": str(len(options)),
        **fields,
    }
    if action != "draft":
        sent[f"action-{action}"] = "1"
    for at, (text, right) in enumerate(options):
        row = f"body-0-value-options-{at}"
        sent |= {
            f"{row}-id": "",
            f"{row}-order": str(at),
            f"{row}-deleted": "",
            f"{row}-value-text": _draftail(text),
            f"{row}-value-credit": "",
            f"{row}-value-feedback": _draftail("Vì quy định."),
        }
        if right:
            sent[f"{row}-value-correct"] = "on"
    return sent


def _draftail(text: str) -> str:
    block = {
        "key": "a1",
        "text": text,
        "type": "unstyled",
        "depth": 0,
        "inlineStyleRanges": [],
        "entityRanges": [],
    }
    return json.dumps({"blocks": [block], "entityMap": {}})


def address(name: str, *args: Any) -> str:
    return reverse(f"wagtailsnippets_quizzes_question:{name}", args=args)


def test_author_publishes_a_question(author: Client) -> None:
    sent = form(("Chủ tịch", True), ("Bí thư", False))
    assert author.post(address("add"), sent).status_code == 302
    question = Question.objects.get(code="cau-moi")
    assert question.live
    data = question.current_version.data
    assert [(each["text"], each["correct"]) for each in data["options"]] == [
        ("Chủ tịch", True),
        ("Bí thư", False),
    ]
    assert question.current_version.created_by is not None


def test_question_without_a_key_is_not_published_and_nothing_typed_is_lost(
    author: Client,
) -> None:
    sent = form(("Chủ tịch", False), ("Bí thư", False))
    page = author.post(address("add"), sent)
    html = page.content.decode()
    assert page.status_code == 200
    assert "Chưa phương án nào được đánh dấu là đúng." in html
    # The editor's scripts get it as JSON in JSON.
    assert json.dumps(json.dumps("Chủ tịch"))[3:-3] in html
    assert Question.objects.count() == 0


def test_draft_may_be_as_it_is(author: Client) -> None:
    sent = form(("Chủ tịch", False), action="draft")
    assert author.post(address("add"), sent).status_code == 302
    question = Question.objects.get()
    assert not question.live
    assert question.current_version is None


def test_bank_is_searched_without_diacritics(author: Client) -> None:
    make_question(prompt="<p>Ai lãnh đạo toàn diện?</p>", name="Lãnh đạo", code="tim-thay")
    make_question(prompt="<p>Việc khác?</p>", code="khong-thay")
    html = author.get(address("list"), {"q": "lanh dao"}).content.decode()
    assert "tim-thay" in html
    assert "khong-thay" not in html


def test_bank_lists_how_many_quizzes_ask_a_question(
    author: Client, django_assert_max_num_queries
) -> None:
    question = make_question(code="hai-bai")
    make_quiz(question)
    make_quiz(question)
    response = author.get(address("list"))
    (row,) = response.context["object_list"]
    assert row.quiz_count == 2


def test_page_of_a_question_tells_where_it_is_used(author: Client) -> None:
    question = make_question()
    make_quiz(question, title="Bài có câu này")
    html = author.get(address("usage", question.pk)).content.decode()
    assert "Bài có câu này" in html


def test_question_in_a_quiz_is_not_deleted(author: Client) -> None:
    question = make_question()
    make_quiz(question)
    author.post(address("delete", question.pk))
    assert Question.objects.filter(pk=question.pk).exists()


def test_quiz_editor_opens(author: Client) -> None:
    quiz = make_quiz()
    page = author.get(reverse("wagtailsnippets_quizzes_quiz:edit", args=[quiz.pk]))
    assert page.status_code == 200
    assert "mức đạt" in page.content.decode().lower()


def test_quiz_editor_offers_the_rules_of_the_type(author: Client) -> None:
    quiz = make_quiz()
    page = author.get(reverse("wagtailsnippets_quizzes_quiz:edit", args=[quiz.pk]))
    field = page.context_data["form"].fields["completion_rule"]
    assert [key for key, _ in field.widget.choices] == ["", "submitted", "graded"]


def test_edit_of_a_question_goes_through_review() -> None:
    ensure_site()
    grant = RoleGrantFactory(role="instructor")
    instructor = Client()
    instructor.force_login(grant.user)
    question = make_question()
    assert question.get_workflow() is not None
    options = question.own["options"]
    chosen = [(each["text"], each["correct"]) for each in options]
    sent = form(*chosen, action="submit", code=question.code)
    sent |= {f"body-0-value-options-{at}-id": each["key"] for at, each in enumerate(options)}
    assert instructor.post(address("edit", question.pk), sent).status_code == 302
    question = Question.objects.get(pk=question.pk)
    assert question.workflow_in_progress
    assert question.current_version.number == 1
    state = question.current_workflow_state.current_task_state
    reviewer = Client()
    reviewer.force_login(RoleGrantFactory(role="reviewer").user)
    approve = address("workflow_action", question.pk, "approve", state.pk)
    assert reviewer.post(approve, {"comment": ""}).status_code == 302
    assert Question.objects.get(pk=question.pk).current_version.number == 2
