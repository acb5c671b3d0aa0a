"""Whether a lesson or a draft may go out: what the plugins say about what is theirs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from django.utils.translation import gettext as _

from lms.plugins.contracts import ActivityType, Problem
from lms.plugins.guard import PluginFailure, guard
from modules.content.models.activity import Activity

if TYPE_CHECKING:
    from modules.content.models import LessonPage


def problems_of(lesson: LessonPage) -> list[tuple[Activity, Problem]]:
    """What is wrong with the activities in `lesson` as it stands in memory, in its order."""
    return problems_in(lesson.body)


def problems_in(body: Any) -> list[tuple[Activity, Problem]]:
    """What is wrong with the activities placed in a lesson's `body`."""
    ids = []
    for child in body:
        if child.block_type == "activity" and child.value.get("activity"):
            ids.append(child.value["activity"].pk)
    found = {row.pk: row for row in Activity.objects.filter(pk__in=ids).specific()}
    return [
        (found[pk], problem)
        for pk in dict.fromkeys(ids)
        if pk in found
        for problem in problems_of_activity(found[pk])
    ]


def errors_in(body: Any) -> list[tuple[Activity, str]]:
    """The problems that stop publication, as sentences for the author."""
    return [
        (activity, str(problem.message))
        for activity, problem in problems_in(body)
        if problem.is_error
    ]


def problems_of_activity(activity: Activity) -> list[Problem]:
    """What its type says about `activity` (the specific one), as it would go out with a lesson.

    That is its newest draft as long as it was never published, else what is published.
    """
    activity_type = activity.activity_type
    if activity_type is None:
        return []  # its plugin is gone: learners see a placeholder, authors can do nothing here
    if not activity.live and activity.first_published_at is not None:
        return [Problem(_("It was taken offline. Publish it again, or take it out of the lesson."))]
    revision = None if activity.live else activity.latest_revision
    return _ask(activity_type, revision.as_object() if revision is not None else activity)


@runtime_checkable
class ChecksItself(Protocol):
    """A draft that is reviewed on its own and is no activity, such as a question of a quiz.

    What a plugin makes reviewable says by this method what is wrong with it: as it stands, and
    reading only. An error stops its approval.
    """

    def problems(self) -> Iterable[Problem]: ...


def errors_of_draft(draft: Any) -> list[str]:
    """What stops this very draft from being published on its own.

    `draft`: an activity, or anything else that is reviewed; see ChecksItself.
    """
    found: list[Problem] = []
    if isinstance(draft, Activity):
        activity_type = draft.activity_type
        found = [] if activity_type is None else _ask(activity_type, draft)
    elif isinstance(draft, ChecksItself):
        found = _ask_itself(draft)
    return [str(problem.message) for problem in found if problem.is_error]


def sentence(title: str, message: str) -> str:
    """What cannot be published yet, and why."""
    return _("“%(title)s” cannot be published yet: %(reason)s") % {
        "title": title,
        "reason": message,
    }


def _ask(activity_type: ActivityType, shown: Activity) -> list[Problem]:
    try:
        with guard(activity_type.key, "problems", writes=False):
            return list(activity_type.problems(shown))
    except PluginFailure:
        return [Problem(_("Its plugin could not check it."), is_error=False)]


def _ask_itself(draft: ChecksItself) -> list[Problem]:
    try:
        with guard(type(draft).__module__.partition(".")[0], "problems", writes=False):
            return list(draft.problems())
    except PluginFailure:
        return [Problem(_("Its plugin could not check it."), is_error=False)]
