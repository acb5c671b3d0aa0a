"""When a workplace task counts as done; the first rule is the one that holds by default."""

from __future__ import annotations

from django import forms

from lms.plugins.contracts import SUBMITTED, VIEWED

COMPLETION_RULES = (SUBMITTED, VIEWED)


def rule_choice() -> forms.Select:
    """The rules as a choice for the editing form."""
    return forms.Select(choices=[(rule.key, rule.label) for rule in COMPLETION_RULES])
