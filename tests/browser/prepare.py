"""Fills the database of a site for the browser tests. Runs as a program, in development settings.

python -m tests.browser.prepare
"""

from __future__ import annotations

import contextlib
import io

import django

LEARNERS = 60
PASSWORD = "hanh-trang-2026"  # of every account here
FILM_COURSE = "Xem một cuộc họp"  # a course of one lesson with a video in it, beside the real one
FILM_LESSON = "Năm phút đầu của cuộc họp"
FILM = "Đoạn phim mở đầu cuộc họp"


def learner_name(number: int) -> str:
    """The user name of the account kept for one test, which finds it unused."""
    return f"nguoihoc{number}"


def learner_phone(number: int) -> str:
    """The phone number that the same account signs in with."""
    return f"0912 345 {number:03}"


def learner_full_name(number: int) -> str:
    """What the pages call that person."""
    return f"Trần Thị Sen {number}"


def main() -> None:
    """The real course, the demo people, and learners who have done nothing yet."""
    django.setup()
    from django.core.management import call_command  # noqa: PLC0415 -- needs the site

    from lms.people.models import Person  # noqa: PLC0415
    from lms.people.services.accounts import create_account  # noqa: PLC0415

    with contextlib.redirect_stdout(io.StringIO()):
        call_command("migrate", verbosity=0)
        call_command("load_curriculum")
        call_command("load_demo")
    for number in range(LEARNERS):
        create_account(
            person=Person.objects.create(full_name=learner_full_name(number)),
            username=learner_name(number),
            phone=learner_phone(number),
            password=PASSWORD,
        )
    add_film_course()


def add_film_course() -> None:
    """A course whose only lesson has a video of 20 seconds with captions and a transcript."""
    from modules.activities.video.tests.factories import make_video  # noqa: PLC0415
    from modules.content.tests.factories import make_course, make_lesson  # noqa: PLC0415

    course = make_course(lessons=0, title=FILM_COURSE)
    film = make_video(title=FILM, transcript="<p>Chủ trì nêu việc cần quyết và giờ kết thúc.</p>")
    make_lesson(course, film, title=FILM_LESSON)


if __name__ == "__main__":
    main()
