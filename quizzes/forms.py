"""The editing form of a question."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm

from lms.plugins.contracts import Json
from lms.plugins.vietnamese import nfc
from quizzes.contracts import question_types


class QuestionForm(WagtailAdminModelForm):
    """Drafts may be as they are; what is published or sent to review must make sense."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "type_key" in self.fields:
            choices = [(each.key, each.label) for each in question_types]
            current = self.instance.type_key
            if current not in dict(choices):
                choices.append((current, current))  # its app is gone: do not change it unasked
            self.fields["type_key"] = forms.ChoiceField(label=_("Kind"), choices=choices)

    def is_valid(self) -> bool:
        """Whether fields and options are filled in and, unless a draft is saved, make sense."""
        valid = bool(super().is_valid())
        if not valid or self.is_deferred_validation or "options" not in self.formsets:
            return valid
        found = question_types.get(self.cleaned_data["type_key"])
        if found is None:
            return valid
        errors = [each for each in found.problems(self._content()) if each.is_error]
        for problem in errors:
            self.add_error(None, str(problem.message))
        return not errors

    def _content(self) -> Json:
        rows = [
            form.cleaned_data
            for form in self.formsets["options"].ordered_forms
            if form.cleaned_data and not form.cleaned_data.get("DELETE")
        ]
        return {
            "prompt": self.cleaned_data.get("prompt") or "",
            "options": [
                {
                    "key": str(at),
                    "text": nfc(row.get("text") or ""),
                    "correct": bool(row.get("is_correct")),
                    "feedback": row.get("feedback") or "",
                }
                for at, row in enumerate(rows)
            ],
        }
