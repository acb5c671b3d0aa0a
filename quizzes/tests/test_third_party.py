"""Apps of others add kinds of questions and behaviours; a broken one breaks only its questions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from wagtail import blocks

from lms.plugins.contracts import Json
from quizzes.behaviours.at_end import AtEnd
from quizzes.contracts import (
    Behaviour,
    Fields,
    Marked,
    QuestionType,
    Try,
    Tuning,
    behaviours,
    question_types,
)
from quizzes.models import Response
from quizzes.tests.factories import answers, make_placed, make_question, make_quiz, save_url
from quizzes.tests.test_play import learner_of, page

pytestmark = pytest.mark.django_db


class YearBody(blocks.StructBlock):
    year = blocks.IntegerBlock()


class Year(QuestionType):
    """The dummy: a year to be named."""

    key = "others.year"
    label = "Năm"
    body = YearBody
    ask_template = "quizzes/types/_dummy_ask.html"
    review_template = "quizzes/types/_dummy_ask.html"

    def parse(self, data: Json, fields: Fields) -> Json | None:
        given = fields.get("", "")
        return {"year": int(given)} if given.isascii() and given.isdigit() else None

    def score(self, data: Json, answer: Json) -> float:
        return 1.0 if answer["year"] == data["year"] else 0.0

    def ask(self, data: Json, arrangement: Json, answer: Json | None) -> dict[str, Any]:
        return {"year": answer["year"] if answer else ""}


class Failing(Year):
    """The failing example: nothing works."""

    key = "others.failing"

    def _fail(self, *args: Any, **kwargs: Any) -> Any:
        raise RuntimeError("on purpose")

    parse = score = ask = review = comments = instruct = _fail


class Forgiving(Behaviour):
    """The dummy: half is the least that an answer earns."""

    key = "others.forgiving"
    label = "Rộng lượng"

    def mark(self, tries: Sequence[Try], last: Try | None, tuning: Tuning) -> Marked:
        return Marked(max(0.5, last.fraction) if last is not None else 0.0)


@pytest.fixture(autouse=True)
def installed(settings: Any, tmp_path: Any) -> Iterator[None]:
    """As if an app had added them; its templates come along."""
    folder = tmp_path / "quizzes" / "types"
    folder.mkdir(parents=True)
    (folder / "_dummy_ask.html").write_text(
        '<input name="a{{ question.position }}" aria-label="Năm" value="{{ question.own.year }}">',
        encoding="utf-8",
    )
    templates = [dict(each) for each in settings.TEMPLATES]
    templates[0] = {**templates[0], "DIRS": [*templates[0].get("DIRS", []), tmp_path]}
    settings.TEMPLATES = templates
    question_types.add(Year())
    question_types.add(Failing())
    behaviours.add(Forgiving())
    yield
    question_types.remove("others.year")
    question_types.remove("others.failing")
    behaviours.remove("others.forgiving")


def test_kind_of_others_is_written_asked_saved_and_marked() -> None:
    question = make_question(kind="others.year", written={"year": 1945})
    assert question.current_version.data["year"] == 1945
    placed = make_placed(make_quiz(question))
    client, attempt = learner_of(placed), placed.begin()
    assert 'aria-label="Năm"' in page(client, placed)
    assert client.post(save_url(attempt, 1), {"a1": "1945"}).status_code == 200
    client.post(f"{placed.url}submit/", {"attempt": str(attempt.uuid)})
    assert (Response.objects.get().answer, Response.objects.get().fraction) == (
        {"year": 1945},
        1.0,
    )


def test_behaviour_of_others_marks() -> None:
    placed = make_placed(count=1, behaviour="others.forgiving")
    client, attempt = learner_of(placed), placed.begin()
    form = {"attempt": str(attempt.uuid), **answers(attempt, right=False)}
    client.post(f"{placed.url}submit/", form)
    assert Response.objects.get().fraction == 0.5


def test_failing_kind_breaks_only_its_own_question(settings: Any) -> None:
    settings.LMS_PLUGINS_STRICT = False
    failing = make_question(kind="others.failing", written={"year": 1})
    placed = make_placed(make_quiz(make_question(), failing))
    client, attempt = learner_of(placed), placed.begin()
    html = page(client, placed)
    assert html.count("Câu hỏi này hiện chưa hiển thị được.") == 1
    assert 'name="a1"' in html
    reply = client.post(save_url(attempt, 2), {"a2": "x"})
    assert (reply.status_code, reply.json()["code"]) == (503, "unavailable")
    form = {"attempt": str(attempt.uuid), "a1": answers_of_first(attempt), "a2": "x"}
    assert client.post(f"{placed.url}submit/", form).status_code == 302
    first = Response.objects.get(slot__position=1)
    assert first.fraction == 1.0


def test_answer_that_a_failing_kind_cannot_mark_waits_for_a_person(settings: Any) -> None:
    settings.LMS_PLUGINS_STRICT = False
    question = make_question(kind="others.failing", written={"year": 1})
    placed = make_placed(make_quiz(question))
    client, attempt = learner_of(placed), placed.begin()
    slot = attempt.quiz_sitting.slots.get()
    Response.objects.create(slot=slot, answer={"year": 2}, saved_at=attempt.started_at)
    client.post(f"{placed.url}submit/", {"attempt": str(attempt.uuid)})
    assert Response.objects.get().fraction is None
    assert "đang được chấm" in page(client, placed)


def test_behaviour_that_is_gone_tells_all_at_the_end() -> None:
    placed = make_placed(count=1, behaviour="others.forgiving")
    attempt = placed.begin()
    behaviours.remove("others.forgiving")
    client = learner_of(placed)
    form = {"attempt": str(attempt.uuid), **answers(attempt, right=False)}
    client.post(f"{placed.url}submit/", form)
    assert Response.objects.get().fraction == 0.0
    behaviours.add(Forgiving())
    assert AtEnd().key in behaviours


def answers_of_first(attempt: Any) -> list[str]:
    slot = attempt.quiz_sitting.slots.get(position=1)
    return [each["key"] for each in slot.version.data["options"] if each["correct"]]
