"""A quiz with its questions as JSON, and back.

    {"pass_mark": 60, "max_attempts": 0, "shuffle_questions": false, "shuffle_options": true,
     "behaviour": "at_end", "tries": 3, "penalty": 33, "intro": "…",
     "questions": [{"code", "type", "name", "prompt", "explanation", "basis": [code],
     "points": "1", "hints": […], and the part of its kind (docs/questions.md), such as
     "options": [{"key", "text", "correct", "feedback"}]}]}

Texts may be clean HTML (it begins with an element) or plain text, in which an empty line parts
paragraphs. A question is known by its code; it is published anew only when it says something else.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from lms.plugins.contracts import Json
from lms.plugins.errors import DomainError
from lms.plugins.vietnamese import nfc
from modules.content.models import LegalReference
from quizzes.bodies import UnreadableBody, as_html
from quizzes.contracts import UnknownQuestionType, behaviours, default_behaviour
from quizzes.faults import content_problems
from quizzes.models import Question, Quiz, QuizSlot

VERSION = 1  # of this form
FLAGS = ("shuffle_questions", "shuffle_options")
NUMBERS = {
    "pass_mark": (0, 100),
    "max_attempts": (0, 32_000),
    "tries": (1, 20),
    "penalty": (0, 100),
}
# What every question has; the rest is the part of its kind.
COMMON = ("code", "type", "name", "prompt", "explanation", "hints", "basis", "points")
POINTS_MAXIMUM = 9999


class UnreadableQuiz(DomainError):
    """What was to be loaded is not a quiz: which part, and why."""


def dump_quiz(quiz: Quiz) -> Json:
    """The quiz and its questions as their authors see them now."""
    slots = list(quiz.slots.all())
    questions = Question.objects.prefetch_related("references").in_bulk(
        [slot.question_id for slot in slots]
    )
    return {
        "intro": quiz.intro,
        "behaviour": quiz.behaviour,
        **{name: getattr(quiz, name) for name in (*NUMBERS, *FLAGS)},
        "questions": [_dump_question(questions[slot.question_id], slot) for slot in slots],
    }


def _dump_question(question: Question, slot: QuizSlot) -> Json:
    return {
        "code": question.code,
        "type": question.type_key,
        "name": question.name,
        "prompt": question.prompt,
        "explanation": question.explanation,
        "basis": sorted(reference.code for reference in question.references.all()),
        "points": str(Decimal(slot.points).normalize()),
        "hints": [each.value.source for each in question.hints],
        **question.written,
    }


def load_quiz(data: Json, *, version: int = VERSION, into: Quiz | None = None) -> Quiz:
    """The quiz that `data` describes: unsaved, with its slots; its questions are saved.

    Raises UnreadableQuiz, before or in the middle of writing: call it inside a transaction.
    """
    if version > VERSION:
        raise UnreadableQuiz(_("This quiz was written by a newer version of the platform."))
    _check(data)
    quiz = into if into is not None else Quiz()
    if "intro" in data:
        quiz.intro = as_html(str(data["intro"] or ""))
    if "behaviour" in data:
        quiz.behaviour = data["behaviour"]
    for name in (*NUMBERS, *FLAGS):
        if name in data:
            setattr(quiz, name, data[name])
    before = {slot.question_id: slot for slot in quiz.slots.all()} if quiz.pk else {}
    slots = []
    for position, each in enumerate(data["questions"]):
        question = _load_question(each, _references(each), set(before))
        slot = before.get(question.pk) or QuizSlot(question=question)
        slot.sort_order = position
        slot.points = _points(each)
        slots.append(slot)
    quiz.slots.set(slots)
    return quiz


def _load_question(
    data: Json, references: list[LegalReference], asked_before: set[int]
) -> Question:
    code = nfc(data["code"])
    question = Question.objects.filter(code=code).first() or Question(code=code, live=False)
    current = question.current_version if question.pk else None
    name = question.name
    _write(question, data, references)
    content = question.content()
    same_text = current is not None and (current.type_key, current.data) == (data["type"], content)
    if same_text and question.live and question.name == name:
        return question
    if question.pk and not same_text and question.pk not in asked_before:
        _refuse_taken(question)
    for problem in content_problems(data["type"], content):
        if problem.is_error:
            raise UnreadableQuiz(
                _("Question %(code)s: %(problem)s") % {"code": code, "problem": problem.message}
            )
    question.save()
    question.save_revision().publish()
    question.refresh_from_db()
    return question


def _write(question: Question, data: Json, references: list[LegalReference]) -> None:
    """Take all that `data` says into `question`, unsaved."""
    question.name = str(data.get("name") or question.name)
    question.prompt = as_html(data["prompt"])
    question.explanation = as_html(str(data.get("explanation") or ""))
    hints = [as_html(each) for each in data.get("hints") or []]
    old = [each.id for each in question.hints]
    question.hints = json.dumps(
        [
            {"type": "hint", "value": hint, "id": old[at] if at < len(old) else str(uuid.uuid4())}
            for at, hint in enumerate(hints)
        ]
    )
    question.references.set(references)
    try:
        question.write(data["type"], {key: data[key] for key in data if key not in COMMON})
    except (UnreadableBody, UnknownQuestionType) as error:
        raise UnreadableQuiz(
            _("Question %(code)s: %(problem)s") % {"code": question.code, "problem": error}
        ) from error


def _refuse_taken(question: Question) -> None:
    # Codes such as 1.1-q1 are likely in a second course: its questions must not be overwritten.
    if question.slots.exists():
        raise UnreadableQuiz(
            _("The code %(code)s belongs to another question, used in “%(quiz)s”.")
            % {"code": question.code, "quiz": question.slots.select_related("quiz")[0].quiz.title}
        )


def _references(data: Json) -> list[LegalReference]:
    codes = list(dict.fromkeys(data.get("basis") or []))
    found = {each.code: each for each in LegalReference.objects.filter(code__in=codes)}
    for code in codes:
        if code not in found:
            raise UnreadableQuiz(
                _("Question %(question)s names an unknown legal reference: %(code)s.")
                % {"question": data["code"], "code": code}
            )
    return [found[code] for code in codes]


def _points(data: Json) -> Decimal:
    try:
        points = Decimal(str(data.get("points", 1)))
    except InvalidOperation:
        points = Decimal(0)
    if not 0 < points <= POINTS_MAXIMUM:
        raise UnreadableQuiz(
            _("Question %(code)s: points must be a number above 0.") % {"code": data["code"]}
        )
    return points


def _check(data: Any) -> None:
    for path, reason in _faults(data):
        raise UnreadableQuiz(_("%(place)s: %(reason)s") % {"place": path, "reason": reason})


def _faults(data: Any) -> Iterator[tuple[str, str]]:
    if not isinstance(data, Mapping):
        yield "data", _("must hold values by name")
        return
    for name, (least, most) in NUMBERS.items():
        value = data.get(name, least)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            yield (
                name,
                _("must be a whole number from %(least)d to %(most)d")
                % {"least": least, "most": most},
            )
    behaviour = data.get("behaviour", default_behaviour())
    if not isinstance(behaviour, str) or behaviour not in behaviours:
        yield "behaviour", _("“%(key)s” is not installed") % {"key": behaviour}
    for name in FLAGS:
        if not isinstance(data.get(name, False), bool):
            yield name, _("must be true or false")
    questions = data.get("questions")
    if not isinstance(questions, list):
        yield "questions", _("must be a list")
        return
    codes = set()
    for at, question in enumerate(questions, 1):
        place = f"questions[{at}]"
        if not isinstance(question, Mapping):
            yield place, _("must hold values by name")
            continue
        for name in ("code", "type", "prompt"):
            if not isinstance(question.get(name), str) or not question[name].strip():
                yield f"{place}.{name}", _("must be a text")
        if question.get("code") in codes:
            yield f"{place}.code", _("is there twice")
        codes.add(str(question.get("code")))
        if len(str(question.get("code"))) > 80:
            yield f"{place}.code", _("is longer than %(maximum)d characters") % {"maximum": 80}
        basis = question.get("basis") or []
        if not isinstance(basis, list) or not all(isinstance(each, str) for each in basis):
            yield f"{place}.basis", _("must be a list of texts")
        hints = question.get("hints") or []
        if not isinstance(hints, list) or not all(isinstance(each, str) for each in hints):
            yield f"{place}.hints", _("must be a list of texts")
