"""The texts of this repository keep the promises that the platform makes to learners."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from django.conf import settings
from wagtail import blocks

from modules.content.curriculum.reading import read_curriculum
from modules.content.curriculum.texts import Curriculum
from modules.content.models import LessonPage

ROOT = Path(settings.BASE_DIR) / "modules" / "curriculum"
NOT_THE_LAW = "Tài liệu học tập, không thay thế văn bản pháp luật"


@pytest.fixture(scope="module")
def curriculum() -> Curriculum:
    return read_curriculum(ROOT)


def lessons(curriculum: Curriculum) -> list:
    return [lesson for course in curriculum.courses for lesson in course.lessons()]


def quizzes(curriculum: Curriculum) -> list:
    return [
        activity
        for course in curriculum.courses
        for activity in course.activities()
        if activity.type_key == "quizzes.quiz"
    ]


def questions(curriculum: Curriculum) -> list[dict]:
    return [question for quiz in quizzes(curriculum) for question in quiz.data["questions"]]


def tokens(text: str) -> int:
    return len(text.split())


def body_of(lesson) -> str:
    return (ROOT / lesson.source.path).read_text(encoding="utf-8").split("\n---\n", 1)[1]


def test_module_one_has_its_four_lessons(curriculum):
    (course,) = curriculum.courses
    assert [lesson.code for lesson in course.modules[0].lessons] == ["1.1", "1.2", "1.3", "1.4"]


def test_every_lesson_has_1500_to_2200_tokens(curriculum):
    lengths = {lesson.code: tokens(body_of(lesson)) for lesson in lessons(curriculum)}
    assert {code: n for code, n in lengths.items() if not 1500 <= n <= 2200} == {}


def test_every_lesson_takes_ten_to_fifteen_minutes(curriculum):
    assert [each.code for each in lessons(curriculum) if not 10 <= each.minutes <= 15] == []


def test_every_lesson_has_the_parts_that_were_promised(curriculum):
    wanted = {"heading", "rich_text", "callout", "worked_example", "reveal", "checklist"}
    for lesson in lessons(curriculum):
        assert wanted - {piece.kind for piece in lesson.pieces} == set(), lesson.code
        keys = [piece for piece in lesson.pieces if piece.value and piece.kind == "callout"]
        assert "key" in [piece.value["kind"] for piece in keys], lesson.code
        assert lesson.objectives != [], lesson.code
        assert any(each.type_key == "quizzes.quiz" for each in lesson.activities), lesson.code


def test_every_lesson_says_that_it_is_not_the_law(curriculum):
    missing = [each.code for each in lessons(curriculum) if NOT_THE_LAW not in body_of(each)]
    assert missing == []


def test_every_lesson_has_a_date_for_its_review(curriculum):
    assert [each.code for each in lessons(curriculum) if each.review_by is None] == []


def test_there_are_twenty_questions(curriculum):
    assert len(questions(curriculum)) == 20


def test_question_codes_are_unique(curriculum):
    counts = Counter(question["code"] for question in questions(curriculum))
    assert [code for code, count in counts.items() if count > 1] == []


def parts_of(question: dict) -> list[dict]:
    """What is answered or chosen one by one, whatever the kind calls it."""
    names = ("options", "answers", "pairs", "gaps", "actions", "areas")
    return [part for name in names for part in question.get(name, ())]


def test_everything_that_can_be_answered_has_feedback_of_twelve_tokens_or_more(curriculum):
    short, shared = [], []
    for question in questions(curriculum):
        feedback = [part.get("feedback") or part.get("reason") or "" for part in parts_of(question)]
        if not feedback:  # an order, or groups: something is said about the whole
            feedback = [question.get("feedback") or question["explanation"]]
        short += [(question["code"], text) for text in feedback if tokens(text) < 12]
        if len(set(feedback)) < len(feedback):
            shared.append(question["code"])
    assert (short, shared) == ([], [])


def test_every_question_with_options_has_a_key_that_fits_its_type(curriculum):
    # Whether the others can be answered rightly is for their kinds to say: quizzes/tests.
    for question in questions(curriculum):
        options = question.get("options", ())
        right = sum(option["correct"] for option in options)
        wrong = len(options) - right
        if question["type"] == "multiple_choice":
            assert right >= 1 and wrong >= 1, question["code"]
        elif options:
            assert right == 1 and wrong >= 1, question["code"]


def test_every_question_is_explained_in_twelve_tokens_or_more(curriculum):
    explained = {each["code"]: tokens(each["explanation"]) for each in questions(curriculum)}
    assert {code: count for code, count in explained.items() if count < 12} == {}


def test_questions_of_module_one_that_are_not_choices(curriculum):
    choices = {"single_choice", "multiple_choice", "true_false"}
    found = {each["code"]: each["type"] for each in questions(curriculum)}
    assert {code: kind for code, kind in found.items() if kind not in choices} == {
        "1.1-q1": "matching",
        "1.2-q1": "numeric",
        "1.2-q3": "ordering",
        "1.2-q4": "matching",
        "1.2-q5": "gaps",
        "1.3-q1": "gaps",
        "1.3-q3": "matching",
        "1.4-q1": "gaps",
    }


def test_no_quiz_that_counts_waits_for_a_person(curriculum):
    waiting = [
        quiz.code
        for quiz in quizzes(curriculum)
        if quiz.required and any(each["type"] == "essay" for each in quiz.data["questions"])
    ]
    assert waiting == []


def test_no_key_rests_on_a_doubtful_or_remembered_reference(curriculum):
    doubtful = {code for code, each in curriculum.references.items() if not each.is_certain}
    assert doubtful != set()  # the register marks some, so this test can fail
    resting = {
        question["code"]: sorted(doubtful & set(question["basis"]))
        for question in questions(curriculum)
        if doubtful & set(question["basis"])
    }
    assert resting == {}


def test_every_cited_reference_is_in_the_register(curriculum):
    cited = {code for lesson in lessons(curriculum) for code in lesson.references}
    cited |= {code for question in questions(curriculum) for code in question["basis"]}
    assert cited - set(curriculum.references) == set()


def test_no_reference_claims_to_have_been_checked():
    entries = yaml.safe_load((ROOT / "references.yaml").read_text(encoding="utf-8"))
    claims = [each["code"] for each in entries if {"last_checked", "checked_by"} & set(each)]
    assert claims == []


def test_every_reference_that_was_read_names_where(curriculum):
    nowhere = [
        code
        for code, each in curriculum.references.items()
        if each.fields["certainty"] == "read" and not each.fields["source"]
    ]
    assert nowhere == []


def test_no_text_is_due_for_review_already(curriculum):
    # The day on which the texts were written; a later due date is for authors, not for tests.
    written = dt.date(2026, 11, 23)
    assert [each.code for each in lessons(curriculum) if each.review_by <= written] == []


def rich_texts(block: blocks.Block, value) -> Iterator[tuple[blocks.RichTextBlock, str]]:
    if isinstance(block, blocks.RichTextBlock):
        yield block, value.source
    elif isinstance(block, blocks.StreamBlock):
        for child in value:
            yield from rich_texts(child.block, child.value)
    elif isinstance(block, blocks.StructBlock):
        for name, child in block.child_blocks.items():
            yield from rich_texts(child, value[name])


def essence(html: str) -> tuple[str, Counter]:
    """The letters of `html` and its elements; the editor says b where Markdown says strong."""
    html = html.replace("strong>", "b>").replace("em>", "i>")
    return re.sub(r"<[^>]+>|\s", "", html), Counter(re.findall(r"</?(\w+)", html))


def test_editor_gives_every_text_back_as_it_was(curriculum):
    block = LessonPage._meta.get_field("body").stream_block
    changed, seen = [], 0
    for lesson in lessons(curriculum):
        raw = [
            {
                "type": piece.kind,
                "value": {
                    **piece.value,
                    "more": [{"type": kind, "value": part} for kind, part in piece.value["more"]],
                }
                if isinstance(piece.value, dict) and "more" in piece.value
                else piece.value,
            }
            for piece in lesson.pieces
            if piece.kind != "activity"
        ]
        for child, html in rich_texts(block, block.to_python(raw)):
            widget = child.field.widget
            again = widget.value_from_datadict({"x": widget.format_value(html)}, {}, "x")
            seen += 1
            if essence(again) != essence(html):
                changed.append((lesson.code, html, again))
    assert changed == []
    assert seen > 50
