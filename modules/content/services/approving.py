"""What happens when the last review of a page or an activity ends well.

Wagtail imports this while its own models are being made: nothing of them may be imported here.
"""

from __future__ import annotations

from typing import Any


def publish_approved(workflow_state: Any, user: Any = None) -> None:
    """Publish what was approved, by the approval alone.

    Wagtail would also ask whether the approver may publish. Who may do that could publish their
    own work without any review, so here nobody but administrators may; the review itself is what
    allows it. Named by WAGTAIL_FINISH_WORKFLOW_ACTION.
    """
    revision = workflow_state.content_object.get_latest_revision()
    revision.publish(user=user, skip_permission_checks=True)
