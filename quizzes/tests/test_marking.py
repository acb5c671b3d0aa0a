"""Instructors mark what waits for a person; nobody else does."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from lms.learning.models import CourseInstructor, LearningEvent
from lms.people.models import RecordAccess
from lms.people.tests.factories import RoleGrantFactory
from quizzes.models import Mark, Response
from quizzes.tests.factories import Placed, answers, make_placed
from quizzes.tests.test_play import learner_of, page

pytestmark = pytest.mark.django_db
QUEUE = "/x/quizzes/marking/"


def handed_in(**fields: Any) -> tuple[Placed, str]:
    """A quiz of two questions marked by a person, handed in; and the address where it is marked."""
    placed = make_placed(count=2, behaviour="manual", **fields)
    attempt = placed.begin()
    form = {"attempt": str(attempt.uuid), **answers(attempt, right=True)}
    learner_of(placed).post(f"{placed.url}submit/", form)
    return placed, f"{QUEUE}{attempt.uuid}/"


def instructor_of(placed: Placed | None) -> Client:
    grant = RoleGrantFactory(role="instructor")
    if placed is not None:
        CourseInstructor.objects.create(
            course_key=placed.course.translation_key, person=grant.user.person
        )
    client = Client()
    client.force_login(grant.user)
    return client


def test_queue_shows_what_waits_in_courses_that_one_teaches() -> None:
    placed, address = handed_in()
    html = instructor_of(placed).get(QUEUE).content.decode()
    assert address in html
    assert placed.user.person.full_name in html
    assert address not in instructor_of(None).get(QUEUE).content.decode()
    assert address not in learner_of(placed).get(QUEUE).content.decode()


def test_home_tells_how_much_waits() -> None:
    placed, _address = handed_in()
    assert "1 lượt làm bài chờ chấm" in instructor_of(placed).get("/home/").content.decode()
    assert "chờ chấm" not in instructor_of(None).get("/home/").content.decode()


def test_marks_make_the_grade_and_the_learner_reads_the_comment() -> None:
    placed, address = handed_in(pass_mark=60)
    client = instructor_of(placed)
    sent = {"points-1": "1", "points-2": "0,5", "comment-2": "Thiếu căn cứ <b>"}
    assert client.post(address, sent).status_code == 302
    assert list(Mark.objects.values_list("fraction", flat=True)) == [1.0, 0.5]
    html = page(learner_of(placed), placed)
    assert "Thiếu căn cứ &lt;b&gt;" in html
    assert "75%" in html
    event = LearningEvent.objects.get(name="attempt.graded")
    assert (event.data["raw"], event.data["maximum"], event.data["passed"]) == (1.5, 2.0, True)
    assert address not in client.get(QUEUE).content.decode()


def test_marks_may_be_given_one_by_one() -> None:
    placed, address = handed_in()
    client = instructor_of(placed)
    client.post(address, {"points-1": "1"})
    assert not LearningEvent.objects.filter(name="attempt.graded").exists()
    assert "đang được chấm" in page(learner_of(placed), placed)
    client.post(address, {"points-1": "1", "points-2": "1"})
    assert LearningEvent.objects.filter(name="attempt.graded").count() == 1


def test_second_mark_stands_beside_the_first_and_supersedes_the_grade() -> None:
    placed, address = handed_in()
    client = instructor_of(placed)
    client.post(address, {"points-1": "0", "points-2": "0"})
    client.post(address, {"points-1": "1", "points-2": "1"})
    assert Mark.objects.count() == 4
    first, second = LearningEvent.objects.filter(name="attempt.graded").order_by("id")
    assert (second.supersedes, second.data["scaled"]) == (first, 1.0)
    assert set(Response.objects.values_list("fraction", flat=True)) == {1.0}


@pytest.mark.parametrize("points", ["2", "-1", "nhiều", "NaN", "1e9"])
def test_points_that_do_not_fit_are_refused_and_nothing_typed_is_lost(points: str) -> None:
    placed, address = handed_in()
    sent = {"points-1": points, "points-2": "1", "comment-1": "Lời nhận xét"}
    reply = instructor_of(placed).post(address, sent)
    html = reply.content.decode()
    assert reply.status_code == 422
    assert "Nhập điểm từ 0 đến 1." in html
    assert "Lời nhận xét" in html
    assert not Mark.objects.exists()


def test_comment_without_a_mark_is_not_lost_silently() -> None:
    placed, address = handed_in()
    reply = instructor_of(placed).post(address, {"comment-1": "Lời nhận xét"})
    assert reply.status_code == 422
    assert "Lời nhận xét" in reply.content.decode()


def test_nobody_else_opens_or_marks_an_attempt() -> None:
    placed, address = handed_in()
    for client in (instructor_of(None), learner_of(placed)):
        assert client.get(address).status_code == 404
        assert client.post(address, {"points-1": "1"}).status_code == 404
    manager = Client()
    manager.force_login(RoleGrantFactory(role="administrator").user)
    assert manager.get(address).status_code == 404
    assert not Mark.objects.exists()


def test_look_at_an_attempt_is_noted_for_the_learner() -> None:
    placed, address = handed_in()
    instructor_of(placed).get(address)
    access = RecordAccess.objects.get()
    assert (access.person, access.subject) == (placed.user.person, "evidence")


def test_quiz_that_marks_itself_does_not_wait() -> None:
    placed = make_placed(count=1)
    attempt = placed.begin()
    form = {"attempt": str(attempt.uuid), **answers(attempt, right=True)}
    learner_of(placed).post(f"{placed.url}submit/", form)
    client = instructor_of(placed)
    assert str(attempt.uuid) not in client.get(QUEUE).content.decode()
    reply = client.post(f"{QUEUE}{attempt.uuid}/", {"points-1": "0"})
    assert reply.status_code == 302
    assert not Mark.objects.exists()


def test_mark_never_changes() -> None:
    placed, address = handed_in()
    instructor_of(placed).post(address, {"points-1": "1"})
    mark = Mark.objects.get()
    mark.fraction = 0.0
    with pytest.raises(TypeError):
        mark.save()
