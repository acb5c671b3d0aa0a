"""What happens to a review when there is a newer draft."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from wagtail.models import TaskState, WorkflowState

from modules.content.models import PeerReviewTask
from modules.content.substance import says_the_same


@transaction.atomic
def review_newest_draft(*, draft_of: Any) -> None:
    """Let a review that is under way go on with the newest draft of `draft_of`.

    Wagtail would let people approve the draft that was submitted, find that it is not the newest,
    and ask for a second approval. Where the newest says something else, the step of the review
    begins again, so that nobody approves by a list that they opened before.
    """
    state = (
        TaskState.objects.for_instance(draft_of)
        .filter(
            status=TaskState.STATUS_IN_PROGRESS,
            workflow_state__status=WorkflowState.STATUS_IN_PROGRESS,
        )
        .exclude(revision=draft_of.latest_revision_id)
        .select_related("revision", "task")
        .first()
    )
    if state is None or not isinstance(state.task.specific, PeerReviewTask):
        return
    newest = draft_of.latest_revision
    if says_the_same(state.revision, newest):
        state.revision = newest
        state.save(update_fields=["revision"])
    else:
        state.specific.cancel(user=newest.user, resume=True)
