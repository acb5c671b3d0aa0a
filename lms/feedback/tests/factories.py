"""Reports on invented lessons."""

from __future__ import annotations

import uuid
from typing import Any

from lms.feedback.models import ContentReport
from lms.feedback.services.reporting import Spot, report_content
from lms.people.models import User
from lms.people.tests.factories import UserFactory
from modules.content.models import LessonPage


def spot_of(lesson: LessonPage | None = None, **fields: Any) -> Spot:
    """The spot of a lesson; of one that is nowhere when none is given."""
    course = lesson.get_parent().get_parent() if lesson else None
    return Spot(
        **{
            "where": ContentReport.Where.LESSON,
            "key": lesson.translation_key if lesson else uuid.uuid4(),
            "course_key": course.translation_key if course else uuid.uuid4(),
            "title": lesson.title if lesson else "Bài 1.1",
            "language": "vi",
            **fields,
        }
    )


def make_report(
    lesson: LessonPage | None = None,
    *,
    user: User | None = None,
    text: str = "Ngày này sai.",
    show_name: bool = False,
    **fields: Any,
) -> ContentReport:
    """A report on `lesson`; `fields` go to its spot."""
    return report_content(
        user=user or UserFactory(),
        spot=spot_of(lesson, **fields),
        kind=ContentReport.Kind.WRONG,
        text=text,
        show_name=show_name,
    )
