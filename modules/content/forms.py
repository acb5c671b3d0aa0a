"""The form in which a lesson is written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from wagtail.admin.forms import WagtailAdminPageForm
from wagtail.blocks.stream_block import StreamBlockValidationError
from wagtail.blocks.struct_block import StructBlockValidationError

from modules.content.publishing import errors_in, sentence

GOING_OUT = ("action-publish", "action-submit", "action-restart-workflow")


def is_going_out(data: Mapping[str, Any]) -> bool:
    """Whether what was posted asks for publication, or for a review that leads to it."""
    if any(name in data for name in GOING_OUT):
        return True
    return bool(data.get("action-workflow-action")) and (
        data.get("workflow-action-name") == "approve"
    )


class LessonPageForm(WagtailAdminPageForm):
    """Refuses to let a lesson go out while an activity in it reports an error.

    Nothing typed is lost: the form comes back with the reason at the activity. Saving a draft is
    always possible.
    """

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        body = cleaned.get("body")
        if body is None or not is_going_out(self.data):
            return cleaned
        reasons: dict[int, list[str]] = {}
        for activity, message in errors_in(body):
            reasons.setdefault(activity.pk, []).append(message)
            self.add_error(None, sentence(activity.title, message))
        if reasons:
            blocks = {
                at: StructBlockValidationError({"activity": ValidationError(reasons[pk])})
                for at, child in enumerate(body)
                if child.block_type == "activity"
                and (pk := getattr(child.value["activity"], "pk", None)) in reasons
            }
            self.add_error("body", StreamBlockValidationError(block_errors=blocks))
        return cleaned
