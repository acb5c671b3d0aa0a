"""What stands against an approval: one's own work, and faults in what would go out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, Protocol, runtime_checkable

from django.utils.translation import gettext as _
from wagtail.models import Revision

from lms.plugins.guard import PluginFailure, guard
from modules.content.models.activity import Activity
from modules.content.models.pages import LessonPage
from modules.content.publishing import errors_in, errors_of_draft, sentence
from modules.content.substance import says_the_same


@runtime_checkable
class BringsOut(Protocol):
    """A draft with parts that are reviewed on their own, but go out with it the first time.

    A plugin's model says so by this method, reading only; a quiz names its new questions.
    """

    def goes_out_with(self) -> Iterable[Any]: ...


def has_written(obj: Any, user_id: int) -> bool:
    """Whether the person changed anything of substance since `obj` was last published.

    Each draft is held against the one before it, and a change that somebody undid later counts
    too: otherwise a text could be written, taken back, and restored by somebody else.
    """
    drafts = obj.revisions.filter(user_id=user_id)
    if obj.live_revision_id is not None:
        drafts = drafts.filter(pk__gt=obj.live_revision_id)
    for draft in drafts.order_by("pk"):
        before = obj.revisions.filter(pk__lt=draft.pk).order_by("-pk").first()
        if before is None or not says_the_same(before, draft):
            return True
    return False


def own_work_in(obj: Any, user: Any) -> str:
    """Why `user` may not decide on the review of `obj`, as a sentence; empty when they may."""
    state = obj.current_workflow_state
    if state is None:
        return ""
    if state.requested_by_id == user.pk:
        return _(
            "You asked for this review yourself, so you cannot decide on it. Another reviewer has"
            " to look at it."
        )
    if has_written(obj, user.pk):
        return _(
            "Part of this text is your own work, so you cannot approve it. Another reviewer has to"
            " look at it."
        )
    for part in _brought_out_by(obj):
        if has_written(part, user.pk):
            return _(
                "“%(title)s” is your own work and would be published with this, so you cannot"
                " approve it. Another reviewer has to look at it."
            ) % {"title": part.get_latest_revision_as_object()}
    return ""


def _brought_out_by(obj: Any) -> Iterator[Any]:
    """What would be published for the first time together with `obj`, and with that in turn."""
    revision: Revision | None = obj.latest_revision
    model = revision.content_type.model_class() if revision is not None else None
    if revision is None or model is None:
        return
    if model is LessonPage:
        for activity in _new_activities(revision.content):
            yield activity
            yield from _brought_out_by(activity)
    elif issubclass(model, BringsOut):
        try:
            with guard(model._meta.app_label, "goes_out_with", writes=False):
                parts = list(revision.as_object().goes_out_with())
        except PluginFailure:
            return
        yield from parts


def _new_activities(content: dict[str, Any]) -> list[Activity]:
    """The activities in the draft of a lesson that were never published."""
    ids = [
        block["value"]["activity"]
        for block in json.loads(content.get("body") or "[]")
        if block["type"] == "activity" and block["value"].get("activity")
    ]
    return list(Activity.objects.filter(pk__in=ids, live=False, first_published_at=None))


def faults_of(draft: Any) -> list[str]:
    """What stops this very draft from being published, as sentences for people."""
    if isinstance(draft, LessonPage):
        return [sentence(activity.title, message) for activity, message in errors_in(draft.body)]
    return [sentence(str(draft), message) for message in errors_of_draft(draft)]
