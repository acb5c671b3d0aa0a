"""When a video counts as watched; the first rule is the one that holds by default.

`watched` is met by a submission. The plugin submits by itself once nine tenths were really played;
where nothing can be measured (JavaScript off, transcript read instead) the learner says so with a
button, and the record shows that it was said, not measured.
"""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from lms.plugins.contracts import VIEWED, CompletionRule, progress_of

ENOUGH = 0.9
WATCHED = CompletionRule(
    "watched", _("90% was played, or the learner says it was watched or read"), "submitted"
)
PLAYED = progress_of(ENOUGH, _("90% was really played (not possible without JavaScript)"))
COMPLETION_RULES = (WATCHED, PLAYED, VIEWED)


def rule_choice() -> forms.Select:
    """The rules as a choice for the editing form."""
    return forms.Select(choices=[(rule.key, rule.label) for rule in COMPLETION_RULES])
