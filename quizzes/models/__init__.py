from quizzes.models.files import ResponseFile
from quizzes.models.imports import QuestionImport
from quizzes.models.marks import Mark
from quizzes.models.questions import Question, QuestionVersion
from quizzes.models.quizzes import Quiz, QuizSlot
from quizzes.models.sittings import Response, Sitting, SittingSlot

__all__ = [
    "Mark",
    "Question",
    "QuestionImport",
    "QuestionVersion",
    "Quiz",
    "QuizSlot",
    "Response",
    "ResponseFile",
    "Sitting",
    "SittingSlot",
]
