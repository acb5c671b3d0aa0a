"""Draft → review → approve → publish, in which nobody approves their own work."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail.models import AbstractGroupApprovalTask

from modules.content.models.activity import Activity
from modules.content.models.pages import LessonPage
from modules.content.publishing import errors_in, errors_of_draft


class PeerReviewTask(AbstractGroupApprovalTask):
    """Approval by a member of the chosen groups who is not the author of what is approved."""

    class Meta:
        verbose_name = _("Review by somebody else")
        verbose_name_plural = _("Reviews by somebody else")

    def is_own_work(self, obj: Any, user: Any) -> bool:
        """Whether `user` asked for this review, or wrote any draft since the last publication."""
        state = obj.current_workflow_state
        if state is None:
            return False
        if state.requested_by_id == user.pk:
            return True
        drafts = obj.revisions.filter(user_id=user.pk)
        if obj.live_revision_id is not None:
            drafts = drafts.filter(pk__gt=obj.live_revision_id)
        return bool(drafts.exists())

    def get_actions(self, obj: Any, user: Any) -> list[tuple[str, Any, bool]]:
        if self.is_own_work(obj, user):
            return []
        if isinstance(obj, Activity) and obj.activity_type is None:
            return []  # its plugin is gone: nobody can see what they would approve
        return list(super().get_actions(obj, user))

    def on_action(self, task_state: Any, user: Any, action_name: str, **kwargs: Any) -> Any:
        # The page may have been edited since the form was shown: ask again at the moment of action.
        obj = task_state.workflow_state.content_object
        if action_name in {"approve", "reject"} and self.is_own_work(obj, user):
            return None
        if action_name == "approve" and task_state.revision is not None:
            draft = task_state.revision.as_object()
            # Nothing is approved then; the address says why.
            if isinstance(draft, LessonPage) and errors_in(draft.body):
                return reverse("content_refused", args=[draft.pk])
            if isinstance(draft, Activity) and errors_of_draft(draft):
                return reverse("content_activity_refused", args=[draft.pk])
        return super().on_action(task_state, user, action_name, **kwargs)

    @classmethod
    def get_description(cls) -> str:
        return str(_("Members of the chosen groups approve; nobody approves their own work."))
