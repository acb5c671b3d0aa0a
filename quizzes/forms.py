"""The editing form of a question."""

from __future__ import annotations

from django.utils.translation import gettext as _
from wagtail.admin.forms import WagtailAdminModelForm

from lms.plugins.contracts import Json
from quizzes.bodies import data_of
from quizzes.contracts import question_types
from quizzes.faults import content_problems


class QuestionForm(WagtailAdminModelForm):
    """Drafts may be as they are; what is published or sent to review must make sense."""

    def is_valid(self) -> bool:
        """Whether all is filled in and, unless a draft is saved, makes sense."""
        valid = bool(super().is_valid())
        if not valid or "body" not in self.fields:
            return valid
        kind = self.instance.type_key
        if kind and kind not in question_types:
            self.add_error(
                None,
                _(
                    "The kind of question “%(key)s” is not installed: the question can be edited"
                    " again when it is."
                )
                % {"key": kind},
            )
            return False
        if self.is_deferred_validation:
            return valid
        body = self.cleaned_data.get("body")
        if not body:
            self.add_error("body", _("The question has no answers yet: choose its kind."))
            return False
        problems = content_problems(body[0].block_type, self._content())
        errors = [each for each in problems if each.is_error]
        for problem in errors:
            self.add_error(None, str(problem.message))
        return not errors

    def _content(self) -> Json:
        """What a version would keep, as far as kinds look at it."""
        (body,) = self.cleaned_data["body"]
        return {
            "prompt": self.cleaned_data.get("prompt") or "",
            "explanation": self.cleaned_data.get("explanation") or "",
            "hints": [each.value.source for each in self.cleaned_data.get("hints") or ()],
            "basis": [],
            **data_of(body.block, body.value),
        }
