"""A person marks."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy

from quizzes.contracts import Behaviour, Marked, Try, Tuning


class Manual(Behaviour):
    """Nothing is marked by itself; what was not answered earns nothing without being looked at."""

    key = "manual"
    label = gettext_lazy("Marked by a person")
    description = gettext_lazy("Every answer waits for somebody who marks it.")

    def mark(self, tries: Sequence[Try], last: Try | None, tuning: Tuning) -> Marked:
        return Marked(None if last is not None and last.answer is not None else 0.0)
