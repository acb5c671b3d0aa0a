"""A question may be tried until it is right; the best that remains counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.utils.translation import gettext_lazy

from quizzes.contracts import Behaviour, Marked, Stage, Try, Tuning


class Adaptive(Behaviour):
    """Each try earns its fraction less a penalty for each different one before it; the best counts.

    The same answer again costs nothing. Only a right one closes the question and shows the key.
    """

    key = "adaptive"
    label = gettext_lazy("Until it is right")
    description = gettext_lazy(
        "As many tries as the learner likes; each one that is not right costs credit, and the best"
        " counts."
    )
    has_check = True

    def stage(self, tries: Sequence[Try], tuning: Tuning) -> Stage:
        if not tries:
            return Stage()
        is_right = tries[-1].fraction >= 1.0
        return Stage(
            is_open=not is_right,
            says_right=True,
            says_why=True,
            shows_key=is_right,
            hints=min(len(_different(tries)), tuning.hints),
        )

    def mark(self, tries: Sequence[Try], last: Try | None, tuning: Tuning) -> Marked:
        closed = bool(tries) and tries[-1].fraction >= 1.0
        different = _different([*tries, *([last] if last is not None and not closed else [])])
        earned = (each.fraction - tuning.penalty * n for n, each in enumerate(different))
        return Marked(max([0.0, *earned]))


def _different(tries: Iterable[Try]) -> list[Try]:
    found: list[Try] = []
    for each in tries:
        if all(each.answer != other.answer for other in found):
            found.append(each)
    return found
