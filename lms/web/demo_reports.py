"""What invented learners tell about lessons, and what the instructor answers."""

from __future__ import annotations

from dataclasses import dataclass

from lms.feedback.models import ContentReport
from lms.feedback.services.reporting import Spot, answer_report, report_content
from lms.people.models import User
from modules.content.outline import Outline

ANSWERED_BY = "giangvien"


@dataclass(frozen=True)
class Told:
    """A report on one lesson of a course; without an answer it is still new."""

    username: str
    lesson: int
    kind: str
    text: str
    answer: str = ""
    show_name: bool = False


REPORTS = (
    Told(
        username="hocvien2",
        lesson=0,
        kind=ContentReport.Kind.OTHER,
        text="Ví dụ trong bài là ở cấp xã. Ở chi bộ thôn bản thì làm theo cách nào?",
        answer=(
            "Cách làm như nhau, chỉ khác người chủ trì và số người dự. Lần sửa bài tới sẽ thêm một"
            " ví dụ ở chi bộ thôn."
        ),
        show_name=True,
    ),
    Told(
        username="hocvien",
        lesson=1,
        kind=ContentReport.Kind.BROKEN,
        text="Xem trên điện thoại nhỏ thì bảng trong bài phải kéo ngang mới thấy hết cột cuối.",
    ),
)


def report_and_answer(outline: Outline) -> None:
    """Add the reports on the lessons of this course, unless there are some already."""
    if ContentReport.objects.filter(course_key=outline.course_key).exists():
        return
    lessons = list(outline.lessons())
    for told in REPORTS:
        if told.lesson >= len(lessons):
            continue
        lesson = lessons[told.lesson]
        report = report_content(
            user=User.objects.get(username=told.username),
            spot=Spot(
                where=ContentReport.Where.LESSON,
                key=lesson.key,
                course_key=outline.course_key,
                title=f"{lesson.code} {lesson.page('vi').title}".strip(),
                language="vi",
            ),
            kind=told.kind,
            text=told.text,
            show_name=told.show_name,
        )
        if told.answer:
            answer_report(
                report=report,
                by=User.objects.get(username=ANSWERED_BY),
                state=ContentReport.State.NO_FAULT,
                text=told.answer,
            )
