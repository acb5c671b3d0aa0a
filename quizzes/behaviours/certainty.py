"""How sure the learner is counts along."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from django.utils.translation import gettext, gettext_lazy
from django.utils.translation import gettext_noop as noop

from lms.plugins.contracts import Json
from quizzes.contracts import Behaviour, Fields, Marked, Try, Tuning

# What a right and a wrong answer earn by certainty, in thirds. A. R. Gardner-Medwin,
# "Confidence-based marking" (2006), table 1: right 1, 2, 3; wrong 0, -2, -6.
THIRDS: Mapping[int, tuple[int, int]] = MappingProxyType({1: (1, 0), 2: (2, -2), 3: (3, -6)})
NAMES: Mapping[int, str] = MappingProxyType(
    {1: noop("Not sure"), 2: noop("Rather sure"), 3: noop("Quite sure")}
)


class Certainty(Behaviour):
    """A sure answer that is right earns most, a sure one that is wrong costs most.

    Without a certainty the lowest is taken. A partly right answer lies between: linear.
    """

    key = "certainty"
    label = gettext_lazy("With certainty")
    description = gettext_lazy(
        "Beside each answer the learner says how sure they are: sure and right earns most, sure and"
        " wrong costs most. Explained at the end."
    )
    extra_template = "quizzes/behaviours/certainty.html"
    lowest = -2.0

    def parse(self, fields: Fields) -> Json:
        given = fields.get("", "")
        return {"certainty": int(given)} if given in {"1", "2", "3"} else {}

    def describe(self, extra: Json) -> str:
        name = NAMES.get(extra.get("certainty", 0))
        return gettext(name) if name else ""

    def mark(self, tries: Sequence[Try], last: Try | None, tuning: Tuning) -> Marked:
        if last is None or last.answer is None:
            return Marked(0.0)
        right, wrong = THIRDS.get(last.extra.get("certainty", 1), THIRDS[1])
        return Marked((last.fraction * right + (1 - last.fraction) * wrong) / 3)
