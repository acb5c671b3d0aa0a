"""Each question is explained as soon as it has been checked."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy

from quizzes.contracts import Behaviour, Marked, Stage, Try, Tuning


class AtOnce(Behaviour):
    """One check; after it the answer stands. What was not checked counts as it is."""

    key = "at_once"
    label = gettext_lazy("Feedback at once")
    description = gettext_lazy(
        "The learner has each question checked once; it is explained and closed at once."
    )
    has_check = True

    def stage(self, tries: Sequence[Try], tuning: Tuning) -> Stage:
        if not tries:
            return Stage()
        return Stage(is_open=False, says_right=True, says_why=True, shows_key=True)

    def mark(self, tries: Sequence[Try], last: Try | None, tuning: Tuning) -> Marked:
        counted = tries[0] if tries else last
        return Marked(counted.fraction if counted is not None else 0.0)
