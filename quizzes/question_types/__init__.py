"""The kinds of questions that come with the quizzes."""

from quizzes.question_types.choice import MultipleChoice, SingleChoice, TrueFalse
from quizzes.question_types.essay import Essay
from quizzes.question_types.gaps import Gaps
from quizzes.question_types.grouping import Grouping
from quizzes.question_types.hotspot import Hotspot
from quizzes.question_types.judgement import Judgement
from quizzes.question_types.matching import Matching
from quizzes.question_types.numeric import Numeric
from quizzes.question_types.ordering import Ordering
from quizzes.question_types.short_answer import ShortAnswer

BUILT_IN = (
    *(SingleChoice(), MultipleChoice(), TrueFalse()),
    *(ShortAnswer(), Numeric(), Gaps()),
    *(Hotspot(), Essay()),
    *(Matching(), Ordering(), Grouping(), Judgement()),
)
