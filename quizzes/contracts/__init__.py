"""What apps add to the quizzes: kinds of questions and behaviours. The rest is ours."""

from quizzes.contracts.behaviour import (
    Behaviour,
    Marked,
    Stage,
    Try,
    Tuning,
    behaviours,
    default_behaviour,
)
from quizzes.contracts.question import (
    Fields,
    QuestionType,
    Reply,
    UnknownQuestionType,
    question_type,
    question_types,
)

__all__ = [
    "Behaviour",
    "Fields",
    "Marked",
    "QuestionType",
    "Reply",
    "Stage",
    "Try",
    "Tuning",
    "UnknownQuestionType",
    "behaviours",
    "default_behaviour",
    "question_type",
    "question_types",
]
