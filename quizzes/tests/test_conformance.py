from __future__ import annotations

from typing import Any

import pytest

from lms.plugins.testing import ActivityTypeTests
from quizzes.activity import QuizType
from quizzes.tests.factories import make_question, make_quiz


@pytest.mark.django_db
class TestQuiz(ActivityTypeTests):
    activity_type = QuizType()

    def make_activity(self) -> Any:
        return make_quiz(
            make_question(),
            make_question(kind="multiple_choice"),
            make_question(kind="true_false"),
            intro="<p>Đọc kỹ từng câu.</p>",
        )

    def make_response(self, activity: Any) -> Any:
        response = {}
        for position, slot in enumerate(activity.slots.all(), 1):
            options = slot.question.current_version.data["options"]
            response[f"a{position}"] = [each["key"] for each in options if each["correct"]]
            response[f"w{position}"] = [""]
        return response
