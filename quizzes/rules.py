"""What a quiz offers its authors to choose: when it counts as done, how questions are tried."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.utils.choices import CallableChoiceIterator

from lms.plugins.contracts import GRADED, PASSED, SUBMITTED, CompletionRule
from quizzes.contracts import behaviours

COMPLETION_RULES: Final[tuple[CompletionRule, ...]] = (PASSED, SUBMITTED, GRADED)


def rule_choice() -> forms.Select:
    """The rules by name; the empty value of an older row means the first."""
    first, *others = COMPLETION_RULES
    return forms.Select(choices=[("", first.label), *((each.key, each.label) for each in others)])


class BehaviourChoice(forms.RadioSelect):
    """The behaviours that are installed, by name and what they do."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        # Asked anew each time: an app may add one.
        self.choices = CallableChoiceIterator(_behaviours)


def _behaviours() -> list[tuple[str, str]]:
    return [(each.key, f"{each.label}. {each.description}") for each in behaviours]
