"""The behaviours that come with the quizzes."""

from quizzes.behaviours.adaptive import Adaptive
from quizzes.behaviours.at_end import AtEnd
from quizzes.behaviours.at_once import AtOnce
from quizzes.behaviours.certainty import Certainty
from quizzes.behaviours.manual import Manual
from quizzes.behaviours.several_tries import SeveralTries

BUILT_IN = (AtEnd(), AtOnce(), SeveralTries(), Adaptive(), Certainty(), Manual())
