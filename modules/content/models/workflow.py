"""Draft → review → approve → publish, in which nobody approves their own work."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail.models import AbstractGroupApprovalTask

from modules.content.models.activity import Activity
from modules.content.reviewing import faults_of, own_work_in


class PeerReviewTask(AbstractGroupApprovalTask):
    """Approval by a member of the chosen groups who is not the author of what is approved."""

    class Meta:
        verbose_name = _("Review by somebody else")
        verbose_name_plural = _("Reviews by somebody else")

    def is_own_work(self, obj: Any, user: Any) -> bool:
        """Whether `user` asked for this review, or wrote any of it since the last publication."""
        return bool(own_work_in(obj, user))

    def may_review(self, obj: Any, user: Any) -> bool:
        """Whether `user` belongs to those who review, whoever wrote it."""
        if isinstance(obj, Activity) and obj.activity_type is None:
            return False  # its plugin is gone: nobody can see what they would approve
        return bool(super().get_actions(obj, user))

    def get_actions(self, obj: Any, user: Any) -> list[tuple[str, Any, bool]]:
        if not self.may_review(obj, user) or self.is_own_work(obj, user):
            return []
        return list(super().get_actions(obj, user))

    def on_action(self, task_state: Any, user: Any, action_name: str, **kwargs: Any) -> Any:
        """Approve or send back, unless something stands against it: then the address says what."""
        # The draft may have been edited since the form was shown: ask again at the moment of
        # action. Where `task_state` is over, a newer draft has one of its own.
        refused = reverse("content_refused", args=[task_state.pk])
        obj = task_state.workflow_state.content_object
        if task_state.status != task_state.STATUS_IN_PROGRESS:
            return refused
        if action_name in {"approve", "reject"} and self.is_own_work(obj, user):
            return refused
        if action_name == "approve" and faults_of(task_state.revision.as_object()):
            return refused
        return super().on_action(task_state, user, action_name, **kwargs)

    @classmethod
    def get_description(cls) -> str:
        return str(_("Members of the chosen groups approve; nobody approves their own work."))
