"""A question may be tried again, with a hint, for less."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy

from quizzes.contracts import Behaviour, Marked, Stage, Try, Tuning


class SeveralTries(Behaviour):
    """The last try counts, less the penalty for each try before it; never below 0.

    After each try that was not right one more hint is shown; after the last, or a right one, all.
    """

    key = "several_tries"
    label = gettext_lazy("Several tries")
    description = gettext_lazy(
        "Who is not right gets a hint and may try again, for less credit each time."
    )
    has_check = True

    def stage(self, tries: Sequence[Try], tuning: Tuning) -> Stage:
        if not tries:
            return Stage(tries_left=tuning.tries)
        left = max(0, tuning.tries - len(tries))
        if tries[-1].fraction >= 1.0 or not left:
            return Stage(
                is_open=False,
                says_right=True,
                says_why=True,
                shows_key=True,
                hints=tuning.hints,
                tries_left=0,
            )
        return Stage(
            says_right=True, says_why=True, hints=min(len(tries), tuning.hints), tries_left=left
        )

    def mark(self, tries: Sequence[Try], last: Try | None, tuning: Tuning) -> Marked:
        counted = list(tries[: tuning.tries])
        is_open = len(counted) < tuning.tries and not (counted and counted[-1].fraction >= 1.0)
        if last is not None and is_open and (not counted or last.answer != counted[-1].answer):
            counted.append(last)
        if not counted:
            return Marked(0.0)
        lost = tuning.penalty * (len(counted) - 1)
        return Marked(max(0.0, counted[-1].fraction - lost))
