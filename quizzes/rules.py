"""When a quiz counts as done, for its type and for its editing form."""

from __future__ import annotations

from typing import Final

from django import forms

from lms.plugins.contracts import GRADED, PASSED, SUBMITTED, CompletionRule

COMPLETION_RULES: Final[tuple[CompletionRule, ...]] = (PASSED, SUBMITTED, GRADED)


def rule_choice() -> forms.Select:
    """The rules by name; the empty value of an older row means the first."""
    first, *others = COMPLETION_RULES
    return forms.Select(choices=[("", first.label), *((each.key, each.label) for each in others)])
