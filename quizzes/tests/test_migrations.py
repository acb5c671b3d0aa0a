"""Questions written before kinds had bodies keep what they say, and so do their versions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from wagtail.models import Revision

from quizzes.models import Question

pytestmark = pytest.mark.django_db(transaction=True)

BEFORE = [("quizzes", "0001_initial")]
OPTIONS = [("k1", "Nhỏ hơn: a < b", True, "<p>Vì …</p>"), ("k2", "Không", False, "")]


def migrate(target: list[tuple[str, str]] | None = None) -> Any:
    """Bring the tables there, to the newest unless told; the models of that moment."""
    executor = MigrationExecutor(connection)
    target = target or executor.loader.graph.leaf_nodes("quizzes")
    executor.migrate(target)
    return MigrationExecutor(connection).loader.project_state(target).apps


@pytest.fixture
def old() -> Iterator[Any]:
    yield migrate(BEFORE)
    migrate()


def make_old(apps: Any) -> int:
    """A question with options as rows, a revision and a version."""
    question = apps.get_model("quizzes", "Question").objects.create(
        code="cu", type_key="multiple_choice", prompt="<p>Hỏi?</p>", explanation=""
    )
    rows = apps.get_model("quizzes", "QuestionOption").objects
    for at, (key, text, correct, feedback) in enumerate(OPTIONS):
        rows.create(
            question=question,
            key=key,
            text=text,
            is_correct=correct,
            feedback=feedback,
            sort_order=at,
        )
    content_type = ContentType.objects.get_for_model(Question)
    Revision.objects.create(
        content_type=content_type,
        base_content_type=content_type,
        object_id=str(question.pk),
        created_at=timezone.now(),
        object_str="cu",
        content={
            **{"pk": question.pk, "code": "cu", "type_key": "multiple_choice", "name": ""},
            **{"prompt": "<p>Hỏi mới?</p>", "explanation": "", "references": []},
            "options": [
                {
                    **{"pk": at, "question": question.pk, "sort_order": at, "key": key},
                    **{"text": text, "is_correct": correct, "feedback": feedback},
                }
                for at, (key, text, correct, feedback) in enumerate(OPTIONS)
            ],
        },
    )
    apps.get_model("quizzes", "QuestionVersion").objects.create(
        question=question,
        number=1,
        type_key="multiple_choice",
        created_at=timezone.now(),
        data={
            **{"prompt": '<p data-block-key="ab1">Hỏi?</p>', "explanation": "", "basis": []},
            "options": [
                {"key": key, "text": text, "correct": correct, "feedback": feedback}
                for key, text, correct, feedback in OPTIONS
            ],
        },
    )
    return int(question.pk)


def test_options_become_a_body_and_versions_say_the_same(old: Any) -> None:
    pk = make_old(old)
    migrate()
    question = Question.objects.get(pk=pk)
    found = [(each["key"], each["text"], each["correct"]) for each in question.own["options"]]
    assert found == [("k1", "Nhỏ hơn: a &lt; b", True), ("k2", "Không", False)]
    # What the editor has and what was published are equal: no new version for nothing.
    assert question.current_version is not None
    assert question.current_version.data == question.content()
    draft = question.revisions.get().as_object()
    assert (draft.prompt, draft.own) == ("<p>Hỏi mới?</p>", question.own)


def test_and_back(old: Any) -> None:
    pk = make_old(old)
    migrate()
    apps = migrate(BEFORE)
    rows = apps.get_model("quizzes", "QuestionOption").objects.filter(question_id=pk)
    assert [
        (row.key, row.text, row.is_correct, row.feedback) for row in rows.order_by("sort_order")
    ] == OPTIONS
    version = apps.get_model("quizzes", "QuestionVersion").objects.get(question_id=pk)
    assert [each["text"] for each in version.data["options"]] == [text for _, text, *_ in OPTIONS]
    revision = Revision.objects.get(object_id=str(pk))
    assert [each["text"] for each in revision.content["options"]] == [t for _, t, *_ in OPTIONS]
    assert "body" not in json.dumps(revision.content)
