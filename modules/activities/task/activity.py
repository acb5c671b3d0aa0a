"""The workplace task as an activity type."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from django.forms import Media
from django.forms.widgets import Script
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from lms.plugins.contracts import (
    ActivityType,
    CompletionRule,
    PersonalData,
    Problem,
    Trait,
    Visit,
)
from lms.plugins.contracts.transfer import ArchiveReader, ArchiveWriter, Json
from lms.plugins.errors import DomainError
from modules.activities.task import services, transfer
from modules.activities.task.entries import typed_in
from modules.activities.task.evidence import evidence_of
from modules.activities.task.models import TaskWork, WorkplaceTask
from modules.activities.task.presenting import task_context
from modules.activities.task.rules import COMPLETION_RULES

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise
    from django.utils.safestring import SafeString

    from lms.learning.models import Attempt
    from lms.people.models import Person


class TaskType(ActivityType):
    """Steps to carry out at work, each with the day on which it was done, and a note.

    It takes days, so it has a page of its own: the lesson stays light.
    """

    key = "task.task"
    model = WorkplaceTask
    label = gettext_lazy("Workplace task")
    description = gettext_lazy(
        "A checklist to carry out at work, with dates and a note of evidence."
    )
    icon = "task"
    traits = frozenset(
        {Trait.FULL_PAGE, Trait.RESUMABLE, Trait.PRINTABLE, Trait.OFFLINE, Trait.EVIDENCE}
    )
    template_name = "task/task.html"
    media = Media(js=[Script("task/task.js", type="module")])  # type: ignore[list-item]  # stubs lack Script
    max_attempts = 1
    completion_rules: ClassVar[tuple[CompletionRule, ...]] = COMPLETION_RULES
    xapi_type = "http://adlnet.gov/expapi/activities/performance"

    def problems(self, activity: WorkplaceTask) -> Iterable[Problem]:
        """A task needs steps, and they must differ."""
        texts = [step.text.strip() for step in activity.steps.all()]
        if not any(texts):
            yield Problem(_("The task has no steps yet."), field="steps")
        if len(set(texts)) < len(texts):
            yield Problem(_("Two steps have the same text."), is_error=False, field="steps")

    def summary(self, activity: WorkplaceTask) -> _StrOrPromise:
        """Such as "Done at work within 14 days": no query."""
        if not activity.due_days:
            return _("Done at work, in your own time")
        return ngettext(
            "Done at work, within %(days)d day",
            "Done at work, within %(days)d days",
            activity.due_days,
        ) % {"days": activity.due_days}

    def get_context(self, activity: WorkplaceTask, visit: Visit) -> dict[str, Any]:
        """The steps with their dates, the note, when it is due, and who will read it."""
        if visit.refused is None:
            return task_context(activity, visit.attempt, visit.enrolment)
        errors = {name: str(text) for name, text in visit.refused.fields.items()}
        return task_context(
            activity,
            visit.attempt,
            visit.enrolment,
            typed=typed_in(visit.response),
            errors=errors,
            saved=False,
        )

    def start(self, activity: WorkplaceTask, attempt: Attempt) -> None:
        """Fix the due date."""
        services.begin(attempt=attempt, task=activity)

    def accept(self, activity: WorkplaceTask, attempt: Attempt, response: Json) -> None:
        """Refuse while no step has a date or the note is empty."""
        services.check_ready(attempt=attempt)

    def evidence(self, attempts: Sequence[Attempt]) -> Mapping[int, SafeString]:
        """Steps with their dates, and the note: four queries however many attempts."""
        return evidence_of(attempts)

    def fraction(self, activity: WorkplaceTask, attempt: Attempt) -> float | None:
        """The share of the steps that have a date."""
        keys = [step.key for step in activity.steps.all()]
        if not keys:
            return None
        done = TaskWork.objects.filter(attempt=attempt, done__step_key__in=keys).count()
        return done / len(keys)

    def dump(self, activity: WorkplaceTask, files: ArchiveWriter) -> Json:
        """Introduction, days, hint and steps with their keys."""
        return transfer.dump(activity)

    def load(
        self,
        data: Json,
        files: ArchiveReader,
        *,
        version: int,
        into: WorkplaceTask | None = None,
    ) -> WorkplaceTask:
        """The task in `data`, unsaved. Loading the same again changes nothing."""
        if version > self.schema_version:
            raise DomainError(_("The task comes from a newer version of this site."))
        return transfer.load(data, into if into is not None else WorkplaceTask())

    def personal_data(self, person: Person) -> Iterable[PersonalData]:
        """Dates and notes of every task that `person` began."""
        works = (
            TaskWork.objects.filter(attempt__enrolment__person=person)
            .select_related("attempt__activity")
            .prefetch_related("done")
        )
        return [
            PersonalData(
                _("Workplace task: %(title)s") % {"title": work.attempt.activity.title},
                {
                    "note": work.note,
                    "due_on": work.due_on.isoformat() if work.due_on else None,
                    "steps": [
                        {"text": each.text, "done_on": each.done_on.isoformat()}
                        for each in work.done.all()
                    ],
                },
            )
            for work in works
        ]

    def forget(self, person: Person) -> None:
        """Delete the dates and notes of `person`; that the task was handed in stays on record."""
        TaskWork.objects.filter(attempt__enrolment__person=person).delete()
