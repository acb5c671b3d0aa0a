"""Questions and quizzes in review: what is wrong stays out, and nobody approves their own."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from wagtail.models import TaskState

from modules.content.reviewing import own_work_in
from modules.content.services.site import ensure_site
from modules.content.tests.desk import signed_in
from modules.content.tests.factories import make_course, make_lesson
from quizzes.models import Question
from quizzes.tests.factories import make_question, make_quiz, with_options

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def site() -> None:
    ensure_site()


def send_for_review(draft: Any, author: Client) -> None:
    draft.save_revision(user=author.user)
    draft.get_workflow().start(draft, author.user)


def approve_question(client: Client, question: Question):
    """Press "Approve" in the list of what waits for review."""
    state = TaskState.objects.get(status=TaskState.STATUS_IN_PROGRESS)
    name = Question.snippet_viewset.get_url_name("workflow_action")
    address = reverse(name, args=[question.pk, "approve", state.pk])
    return client.post(address, {"comment": ""}, follow=True)


def test_approving_a_faulty_question_is_refused_and_says_why() -> None:
    author, reviewer = signed_in("instructor"), signed_in("reviewer")
    question = make_question(prompt="<p>Ai ký?</p>")
    with_options(question, ("Đúng rồi", False), ("Sai một", False))
    send_for_review(question, author)
    page = approve_question(reviewer, question).content.decode()
    stored = Question.objects.get(pk=question.pk)
    assert TaskState.objects.get().status == TaskState.STATUS_IN_PROGRESS
    assert (stored.has_unpublished_changes, stored.versions.count()) == (True, 1)
    reason = str(question.problems()[0].message)
    assert f"Chưa thể công bố “{question}”: {reason}" in page


def test_approving_a_sound_question_makes_its_version() -> None:
    author, reviewer = signed_in("instructor"), signed_in("reviewer")
    question = make_question(prompt="<p>Ai ký?</p>")
    question.prompt = "<p>Ai ký nháy?</p>"
    send_for_review(question, author)
    approve_question(reviewer, question)
    stored = Question.objects.get(pk=question.pk)
    assert stored.has_unpublished_changes is False
    assert stored.current_version.data["prompt"] == "<p>Ai ký nháy?</p>"


def test_reviewer_cannot_approve_a_quiz_that_brings_out_a_question_of_theirs() -> None:
    author, reviewer = signed_in("instructor"), signed_in("reviewer")
    question = make_question(publish=False)
    question.prompt = "<p>Câu của người thẩm định?</p>"
    question.save_revision(user=reviewer.user)
    quiz = make_quiz(question, publish=False)
    send_for_review(quiz, author)
    assert str(question) in own_work_in(quiz, reviewer.user)
    assert own_work_in(quiz, signed_in("reviewer").user) == ""


def test_reviewer_cannot_approve_a_lesson_whose_new_quiz_brings_out_a_question_of_theirs() -> None:
    author, reviewer = signed_in("instructor"), signed_in("reviewer")
    question = make_question(publish=False)
    question.prompt = "<p>Câu của người thẩm định?</p>"
    question.save_revision(user=reviewer.user)
    quiz = make_quiz(question, publish=False)
    lesson = make_lesson(make_course(lessons=0), quiz, publish=False)
    send_for_review(lesson, author)
    assert question.code in own_work_in(lesson, reviewer.user)
