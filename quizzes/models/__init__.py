from quizzes.models.questions import Question, QuestionOption, QuestionVersion
from quizzes.models.quizzes import Quiz, QuizSlot
from quizzes.models.sittings import Response, Sitting, SittingSlot

__all__ = [
    "Question",
    "QuestionOption",
    "QuestionVersion",
    "Quiz",
    "QuizSlot",
    "Response",
    "Sitting",
    "SittingSlot",
]
