"""The kinds of questions that come with the quizzes."""

from quizzes.question_types.choice import MultipleChoice, SingleChoice, TrueFalse

BUILT_IN = (SingleChoice(), MultipleChoice(), TrueFalse())
