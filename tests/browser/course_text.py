"""What the course says, read from its texts: the tests answer questions as a learner would."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

CURRICULUM = Path(__file__).resolve().parents[2] / "modules" / "curriculum"
SLUG = "ky-nang-lanh-dao-va-xu-ly-tinh-huong"


@dataclass(frozen=True)
class Question:
    """A question: its kind, and what is to be chosen or typed, right and wrong.

    `right` and `wrong` hold, by kind: the texts of options; the number typed; the texts of items in
    order; (text, match) of each pair; what goes into each gap.
    """

    kind: str
    right: tuple[Any, ...]
    wrong: tuple[Any, ...]


@dataclass(frozen=True)
class Lesson:
    """A lesson, the questions of its quiz, its workplace task."""

    code: str
    title: str
    quiz_title: str
    questions: tuple[Question, ...]
    task_title: str  # of the workplace task in it; empty where it has none


def _front_matter(path: Path) -> dict[str, Any]:
    return yaml.safe_load(path.read_text(encoding="utf-8").split("\n---\n")[0])


def _flat(text: str) -> str:
    return " ".join(text.split())


def _question(data: dict[str, Any]) -> Question:
    right, wrong = {
        "numeric": _numbers,
        "ordering": _orders,
        "matching": _matches,
        "gaps": _fillings,
    }.get(data["type"], _options)(data)
    return Question(data["type"], tuple(right), tuple(wrong))


Both = tuple[list[Any], list[Any]]


def _options(data: dict[str, Any]) -> Both:
    right, wrong = (
        [_flat(each["text"]) for each in data["options"] if each["correct"] is wanted]
        for wanted in (True, False)
    )
    return right, wrong[:1]


def _numbers(data: dict[str, Any]) -> Both:
    right, wrong = (
        [str(each["value"]) for each in data["answers"] if each.get("credit", 100) == wanted]
        for wanted in (100, 0)
    )
    return right[:1], wrong[:1]


def _orders(data: dict[str, Any]) -> Both:
    items = [_flat(each["text"]) for each in data["items"]]
    return items, items[::-1]


def _matches(data: dict[str, Any]) -> Both:
    pairs = [(_flat(each["text"]), each["match"]) for each in data["pairs"]]
    matches = {match for _text, match in pairs}
    return pairs, [(text, min(matches - {match})) for text, match in pairs]


def _fillings(data: dict[str, Any]) -> Both:
    gaps = data["gaps"]
    return [each["answers"][0] for each in gaps], [each.get("wrong", ["7"])[0] for each in gaps]


@cache
def course_title() -> str:
    """The title of the course."""
    return str(_front_matter(CURRICULUM / SLUG / "course.md")["title"])


@cache
def lessons() -> tuple[Lesson, ...]:
    """The lessons of the first module, in order."""
    folder = min(path.parent for path in (CURRICULUM / SLUG).glob("*/module.md"))
    found = []
    for path in sorted(folder.glob("[0-9]*.md")):
        lesson = _front_matter(path)
        quiz = _front_matter(folder / "activities" / f"{lesson['code']}-quiz.md")
        task = folder / "activities" / f"{lesson['code']}-task.md"
        questions = [_question(each) for each in quiz["data"]["questions"]]
        found.append(
            Lesson(
                lesson["code"],
                lesson["title"],
                quiz["title"],
                tuple(questions),
                _front_matter(task)["title"] if task.exists() else "",
            )
        )
    return tuple(found)
