"""What pages read of reports."""

from __future__ import annotations

from lms.feedback.models import ContentReport
from lms.plugins.prepared import Prepared

LONGEST_LIST = 3

_NEW_ANSWERS: Prepared[ContentReport] = Prepared(
    lambda user_id: ContentReport.objects.new_answers_for(user_id)[:LONGEST_LIST], int
)


def new_answers(user_id: int) -> list[ContentReport]:
    """The newest answers that the reporter has not read yet, three at most; one query."""
    return _NEW_ANSWERS(user_id)
