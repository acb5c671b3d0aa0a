"""A quiz with its questions as JSON, and back.

    {"pass_mark": 60, "max_attempts": 0, "shuffle_questions": false, "shuffle_options": true,
     "intro": "…", "questions": [{"code", "type", "name", "prompt", "explanation", "basis": [code],
     "points": "1", "options": [{"key", "text", "correct", "feedback"}]}]}

Texts may be clean HTML (it begins with an element) or plain text, in which an empty line parts
paragraphs. A question is known by its code; it is published anew only when it says something else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.html import escape
from django.utils.translation import gettext as _

from lms.plugins.contracts import Json
from lms.plugins.errors import DomainError
from lms.plugins.vietnamese import nfc
from modules.content.models import LegalReference
from quizzes.models import Question, QuestionOption, Quiz, QuizSlot
from quizzes.models.questions import content_problems, new_key, shown

VERSION = 1  # of this form
FLAGS = ("shuffle_questions", "shuffle_options")
NUMBERS = {"pass_mark": 100, "max_attempts": 32_000}
POINTS_MAXIMUM = 9999


class UnreadableQuiz(DomainError):
    """What was to be loaded is not a quiz: which part, and why."""


def dump_quiz(quiz: Quiz) -> Json:
    """The quiz and its questions as their authors see them now."""
    slots = list(quiz.slots.all())
    questions = Question.objects.prefetch_related("options", "references").in_bulk(
        [slot.question_id for slot in slots]
    )
    return {
        "intro": quiz.intro,
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
        "options": [
            {
                "key": option.key,
                "text": option.text,
                "correct": option.is_correct,
                "feedback": option.feedback,
            }
            for option in question.options.all()
        ],
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


def as_html(text: str) -> str:
    """`text` as HTML: taken as it is where it begins with an element, else made paragraphs."""
    text = nfc(text).strip()
    if text.startswith("<") or not text:
        return text
    parts = (" ".join(part.split()) for part in text.replace("\r\n", "\n").split("\n\n"))
    return "".join(f"<p>{escape(part)}</p>" for part in parts if part)


def _load_question(
    data: Json, references: list[LegalReference], asked_before: set[int]
) -> Question:
    code = nfc(data["code"])
    question = Question.objects.filter(code=code).first() or Question(code=code, live=False)
    options = _options(question, data)
    content = {
        "prompt": shown(as_html(data["prompt"])),
        "explanation": shown(as_html(str(data.get("explanation") or ""))),
        "basis": sorted(reference.code for reference in references),
        "options": [
            {
                "key": option.key,
                "text": nfc(option.text).strip(),
                "correct": option.is_correct,
                "feedback": shown(option.feedback),
            }
            for option in options
        ],
    }
    current = question.current_version if question.pk else None
    same_text = current is not None and (current.type_key, current.data) == (data["type"], content)
    if same_text and question.live and question.name == str(data.get("name") or question.name):
        return question
    if question.pk and not same_text and question.pk not in asked_before:
        _refuse_taken(question)
    for problem in content_problems(data["type"], content):
        if problem.is_error:
            raise UnreadableQuiz(
                _("Question %(code)s: %(problem)s") % {"code": code, "problem": problem.message}
            )
    question.type_key = data["type"]
    question.name = str(data.get("name") or question.name)
    question.prompt = as_html(data["prompt"])
    question.explanation = as_html(str(data.get("explanation") or ""))
    question.options.set(options)
    question.references.set(references)
    question.save()
    question.save_revision().publish()
    question.refresh_from_db()
    return question


def _refuse_taken(question: Question) -> None:
    # Codes such as 1.1-q1 are likely in a second course: its questions must not be overwritten.
    if question.slots.exists():
        raise UnreadableQuiz(
            _("The code %(code)s belongs to another question, used in “%(quiz)s”.")
            % {"code": question.code, "quiz": question.slots.select_related("quiz")[0].quiz.title}
        )


def _options(question: Question, data: Json) -> list[QuestionOption]:
    """The options of `data`; one that was there keeps its key, by key, then text, then place.

    Answers name options by key, so a corrected letter must not make a new option.
    """
    old = list(question.options.all()) if question.pk else []
    rows: list[Json] = data.get("options") or []
    found: dict[int, QuestionOption] = {}
    for same in (_same_key, _same_text, _same_place):
        for at, row in enumerate(rows):
            if at in found:
                continue
            match = next((each for each in old if same(each, row, at)), None)
            if match is not None:
                old.remove(match)
                found[at] = match
    options = []
    for at, row in enumerate(rows):
        option = found.get(at) or QuestionOption(key=str(row.get("key") or "") or new_key())
        option.text = nfc(str(row["text"])).strip()
        option.is_correct = bool(row.get("correct"))
        option.feedback = as_html(str(row.get("feedback") or ""))
        option.sort_order = at
        options.append(option)
    return options


def _same_key(option: QuestionOption, row: Json, at: int) -> bool:
    return bool(row.get("key")) and option.key == row["key"]


def _same_text(option: QuestionOption, row: Json, at: int) -> bool:
    return not row.get("key") and option.text == nfc(str(row["text"])).strip()


def _same_place(option: QuestionOption, row: Json, at: int) -> bool:
    return not row.get("key") and option.sort_order == at


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
    for name, maximum in NUMBERS.items():
        value = data.get(name, 0)
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= maximum:
            yield name, _("must be a whole number from 0 to %(maximum)d") % {"maximum": maximum}
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
        options = question.get("options") or []
        if not isinstance(options, list):
            yield f"{place}.options", _("must be a list")
            continue
        for number, option in enumerate(options, 1):
            if not isinstance(option, Mapping) or not isinstance(option.get("text"), str):
                yield f"{place}.options[{number}]", _("must hold a text")
            elif not isinstance(option.get("correct", False), bool):
                yield f"{place}.options[{number}].correct", _("must be true or false")
