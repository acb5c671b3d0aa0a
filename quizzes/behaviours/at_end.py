"""Nothing is told before handing in."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy

from quizzes.contracts import Behaviour, Marked, Try, Tuning


class AtEnd(Behaviour):
    """The last answer counts as it is."""

    key = "at_end"
    label = gettext_lazy("Feedback at the end")
    description = gettext_lazy("Answers may be changed until handing in; then all is explained.")

    def mark(self, tries: Sequence[Try], last: Try | None, tuning: Tuning) -> Marked:
        return Marked(last.fraction if last is not None else 0.0)
