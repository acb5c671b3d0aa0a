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
    """A question with the texts of its right and its wrong options."""

    right: tuple[str, ...]
    wrong: tuple[str, ...]


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
        questions = [
            Question(
                *(
                    tuple(_flat(each["text"]) for each in options if each["correct"] is wanted)
                    for wanted in (True, False)
                )
            )
            for options in (question["options"] for question in quiz["data"]["questions"])
        ]
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
