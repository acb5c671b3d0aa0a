"""Fills an empty database for a measurement. Run as `python -m benchmarks.seed` with settings.

Prints one line of JSON: the addresses that the measurement asks for.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import uuid
from typing import Any

import django

from benchmarks import roles

PASSWORD = "do-luong-2026"  # noqa: S105 -- invented, for a database thrown away afterwards


def main() -> None:
    """Make the site, a course, learners and (with --crowd) many more enrolments."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--lessons", type=int, default=200)
    parser.add_argument("--learners", type=int, default=50)
    parser.add_argument("--crowd", type=int, default=0)
    parser.add_argument("--done", type=int, default=50, help="lessons that each has done")
    parser.add_argument("--roles", action="store_true", help="units, and an account of every role")
    options = parser.parse_args()
    django.setup()
    from django.contrib.auth.hashers import make_password  # noqa: PLC0415 -- needs settings

    from lms.people.models import Person, User  # noqa: PLC0415 -- needs settings
    from modules.content.models import LessonPage  # noqa: PLC0415 -- needs settings

    done = min(options.done, options.lessons - 1)
    course = _course(options.lessons, done)
    lessons = list(LessonPage.objects.descendant_of(course).live().order_by("path"))
    password = make_password(PASSWORD)
    learners = []
    for number in range(options.learners):
        person = Person.objects.create(full_name=f"Nguyễn Văn Đo {number}")
        User(username=f"do{number}", person=person, password=password).save()
        learners.append(person)
    communes = roles.make_units() if options.roles else []
    if communes:
        roles.give_posts(learners, communes)
    for person in learners:
        _study(person, course, lessons[:done])
    if options.crowd:
        _crowd(course, lessons, options.crowd)
    held = roles.fill(course, lessons, learners, communes, password) if communes else {}
    activity = next(
        block.value["activity"] for block in lessons[done].body if block.block_type == "activity"
    )
    print(
        json.dumps(
            {
                "course": _path(course),
                "lesson": _path(lessons[done]),
                "activity": str(activity.uuid),
                "password": PASSWORD,
                "roles": held,
            }
        )
    )


def _path(page: Any) -> str:
    return f"/{page.url_path.strip('/').partition('/')[2]}/"


def _course(size: int, done: int) -> Any:
    from django.db import transaction  # noqa: PLC0415 -- needs settings

    from modules.content.models import CoursePage, LessonPage, ModulePage  # noqa: PLC0415 -- as above
    from modules.content.services.outlines import derive_outline  # noqa: PLC0415 -- as above
    from modules.content.services.site import ensure_site  # noqa: PLC0415 -- as above

    catalogue = ensure_site()
    with transaction.atomic():
        course = CoursePage(
            title="Khóa đo", slug="khoa-do", summary="Để đo.", locale=catalogue.locale
        )
        catalogue.add_child(instance=course)
        quiz = _quiz(catalogue.locale)
        for start in range(0, size, 20):
            module = ModulePage(
                title=f"Chuyên đề {start // 20 + 1}", slug=f"cd-{start}", code=str(start // 20 + 1),
                locale=catalogue.locale,
            )  # fmt: skip
            course.add_child(instance=module)
            for number in range(start, min(start + 20, size)):
                module.add_child(
                    instance=_lesson(
                        LessonPage, number, quiz if number == done else None, catalogue.locale
                    )
                )
        derive_outline(course.translation_key)
    return course


def _lesson(model: Any, number: int, quiz: Any | None, locale: Any) -> Any:
    text = "<p>" + "Một câu của bài học để đo, dài như câu thường gặp trong bài. " * 25 + "</p>"
    body: list[tuple[str, Any]] = []
    for part in range(6):
        body += [("heading", {"text": f"Mục {part + 1}", "level": "2"}), ("rich_text", text)]
    if quiz is not None:
        body.append(("activity", {"activity": quiz, "required": True}))
    return model(
        title=f"Bài {number + 1}", slug=f"bai-{number}",
        code=f"{number // 20 + 1}.{number % 20 + 1}",
        minutes=12, body=body, locale=locale,
    )  # fmt: skip


def _quiz(locale: Any) -> Any:
    from lms.plugins.config import registries  # noqa: PLC0415 -- needs settings
    from lms.plugins.contracts.transfer import NoFiles  # noqa: PLC0415 -- as above

    kind = registries.activity_types.get("quizzes.quiz")
    assert kind is not None
    questions = [
        {
            "code": f"do-{number}",
            "type": "single_choice",
            "prompt": f"Câu hỏi {number}?",
            "basis": [],
            "explanation": "",
            "options": [
                {"text": f"Phương án {at}", "correct": at == 0, "feedback": "Vì như vậy."}
                for at in range(4)
            ],
        }
        for number in range(5)
    ]
    data = {"pass_mark": 60, "max_attempts": 0, "shuffle_options": True, "questions": questions}
    quiz = kind.load(data, NoFiles(), version=kind.schema_version)
    quiz.title, quiz.locale = "Bài kiểm tra đo", locale
    quiz.save()
    quiz.save_revision().publish()
    return quiz


def _study(person: Any, course: Any, lessons: list[Any]) -> None:
    from lms.learning import api  # noqa: PLC0415 -- needs settings
    from lms.learning.services.recording import NewFact, record  # noqa: PLC0415 -- as above

    enrolment = api.enrol(person=person, course_key=course.translation_key)
    facts = [NewFact("lesson.viewed", subject_key=each.translation_key) for each in lessons]
    record(enrolment=enrolment, facts=facts)


def _crowd(course: Any, lessons: list[Any], size: int) -> None:
    """Many further enrolments with two lessons done each, written in bulk."""
    from django.utils import timezone  # noqa: PLC0415 -- needs settings

    from lms.learning.models import (  # noqa: PLC0415 -- as above
        CourseProgress,
        Enrolment,
        LessonProgress,
    )
    from lms.people.models import Person  # noqa: PLC0415 -- as above

    now = timezone.now() - dt.timedelta(days=3)
    for start in range(0, size, 2000):
        people = Person.objects.bulk_create(
            Person(full_name=f"Người {n}", sort_key=f"{n:06}", search_text=f"nguoi {n}")
            for n in range(start, min(start + 2000, size))
        )
        rows = Enrolment.objects.bulk_create(
            Enrolment(
                uuid=uuid.uuid4(), person=person, course_key=course.translation_key,
                course_title=course.title, enrolled_at=now,
            )
            for person in people
        )  # fmt: skip
        LessonProgress.objects.bulk_create(
            LessonProgress(enrolment=row, lesson_key=lesson.translation_key, viewed_at=now,
                           completed_at=now)
            for row in rows for lesson in lessons[:2]
        )  # fmt: skip
        CourseProgress.objects.bulk_create(
            CourseProgress(enrolment=row, last_event_at=now) for row in rows
        )


if __name__ == "__main__":
    main()
