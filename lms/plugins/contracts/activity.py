"""An activity type: a thing that learners do and the platform records.

The plugin reports, the platform decides: a type says what happened (`Grade`, `fraction`); what
that means for completion, progress and hours is decided in `lms.learning`.
"""

from __future__ import annotations

import enum
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from django.core.checks import CheckMessage
from django.core.exceptions import ValidationError
from django.forms import Media
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from lms.plugins.contracts.transfer import ArchiveReader, ArchiveWriter, Json
from lms.plugins.errors import DomainError, Refused

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.utils.functional import _StrOrPromise
    from django.utils.safestring import SafeString
    from wagtail.snippets.views.snippets import SnippetViewSet

    from lms.learning.models import Attempt, Enrolment, LearningEvent
    from lms.people.models import Person
    from modules.content.models import Activity


class Trait(enum.Enum):
    """What the platform should know of a type before it asks anything."""

    GRADED = "graded"  # gives grades
    RESUMABLE = "resumable"  # an open attempt keeps what was done
    TIMED = "timed"
    OFFLINE = "offline"
    HUMAN_GRADED = "human_graded"  # a person may have to mark
    SANDBOXED = "sandboxed"  # runs foreign code, never in the site's origin
    PRINTABLE = "printable"
    FULL_PAGE = "full_page"  # the lesson shows a card; it plays on a page of its own
    EVIDENCE = "evidence"  # 1.1: instructors of the course read what was handed in


class Mode(enum.Enum):
    """Why the activity is shown."""

    LEARN = "learn"
    PREVIEW = "preview"  # an author looks; nothing can be recorded
    REVIEW = "review"  # a finished attempt is looked at again
    PRINT = "print"


@dataclass(frozen=True)
class Visit:
    """Who looks at an activity, and how. Without an enrolment nothing can be recorded.

    `attempt` is the newest attempt, open or not, or None. Since 1.1: after `accept` refused,
    `refused` is what it raised and `response` what was sent, so that the form can show both.
    """

    request: HttpRequest
    learner: Person | None = None
    enrolment: Enrolment | None = None
    attempt: Attempt | None = None
    mode: Mode = Mode.LEARN
    back_url: str = ""
    refused: Refused | None = None
    response: Json = field(default_factory=dict, hash=False)

    @property
    def is_open(self) -> bool:
        """Whether an attempt is under way."""
        return self.attempt is not None and self.attempt.is_open


def whole_percent(scaled: float) -> int:
    """0 to 1 as whole percent, rounded down but for the last digits of a float."""
    return math.floor(scaled * 100 + 1e-9)


@dataclass(frozen=True)
class Grade:
    """A mark: `raw` of `maximum`, whether that passes, and its parts by name (JSON values)."""

    raw: float
    maximum: float
    passed: bool | None = None
    parts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def scaled(self) -> float:
        """The mark as 0 to 1; 0 when there was nothing to gain."""
        if self.maximum <= 0:
            return 0.0
        return max(0.0, min(1.0, self.raw / self.maximum))

    @property
    def percent(self) -> int:
        """In whole percent, rounded down: 59.6 must not read as 60 where 60 is asked for."""
        return whole_percent(self.scaled)


@dataclass(frozen=True)
class Pending:
    """A person must mark this attempt first; `reason` is shown to the learner."""

    reason: _StrOrPromise = ""


@dataclass(frozen=True)
class CompletionRule:
    """When an activity counts as done. `on` names the fact; the platform checks it.

    `on`: "viewed" (the learner finished the lesson), "submitted", "graded", "passed", or
    "progress" (the fraction reached `threshold`).
    """

    key: str
    label: _StrOrPromise
    on: str
    threshold: float = 1.0


VIEWED = CompletionRule("viewed", _("The lesson around it is finished"), "viewed")
SUBMITTED = CompletionRule("submitted", _("It is handed in"), "submitted")
GRADED = CompletionRule("graded", _("It is marked, whatever the mark"), "graded")
PASSED = CompletionRule("passed", _("It is passed"), "passed")


def progress_of(threshold: float, label: _StrOrPromise) -> CompletionRule:
    """A rule met when the reported fraction reaches `threshold` (0 to 1)."""
    return CompletionRule(f"progress_{round(threshold * 100)}", label, "progress", threshold)


@dataclass(frozen=True)
class Problem:
    """Something an author should know before publishing. An error stops publication."""

    message: _StrOrPromise
    is_error: bool = True
    field: str = ""


@dataclass(frozen=True)
class PersonalData:
    """A piece of what a plugin keeps about a person, for their own download."""

    label: _StrOrPromise
    data: Any


@dataclass(frozen=True)
class Permissions:
    """Roles that may author, and mark, activities of this type."""

    author: frozenset[str] = frozenset({"instructor", "centre_manager", "administrator"})
    grader: frozenset[str] = frozenset({"instructor", "centre_manager"})


ADL = "http://adlnet.gov/expapi/verbs"
STANDARD_VERBS: Mapping[str, str] = {
    "attempt.started": f"{ADL}/attempted",
    "attempt.submitted": "http://activitystrea.ms/schema/1.0/submit",
    "attempt.graded": f"{ADL}/scored",
    "activity.progressed": f"{ADL}/progressed",
    "activity.completed": f"{ADL}/completed",
}


class ActivityType:
    """One kind of activity. Only `key`, `model` and a template are required."""

    key: ClassVar[str] = ""
    model: ClassVar[type[Activity]]
    label: ClassVar[_StrOrPromise] = ""
    description: ClassVar[_StrOrPromise] = ""
    icon: ClassVar[str] = "clipboard-list"
    traits: ClassVar[frozenset[Trait]] = frozenset()

    # --- authoring
    viewset_class: ClassVar[type[SnippetViewSet] | None] = None

    def problems(self, activity: Any) -> Iterable[Problem]:
        """What is wrong with `activity` as it stands. An error stops publication."""
        return ()

    # --- delivery: reads only
    template_name: ClassVar[str] = ""
    media: ClassVar[Media] = Media()

    def summary(self, activity: Any) -> _StrOrPromise:
        """One short line for cards and outlines, such as "5 questions"."""
        return self.label

    def get_context(self, activity: Any, visit: Visit) -> dict[str, Any]:
        """What the template needs besides `activity`, `visit` and `attempt`."""
        return {}

    def render(self, activity: Any, visit: Visit) -> SafeString:
        """The activity as HTML for this visit. Must not write."""
        context = {
            "activity": activity,
            "visit": visit,
            "attempt": visit.attempt,
            **self.get_context(activity, visit),
        }
        return render_to_string(self.template_name, context, request=visit.request)

    # --- attempts: inside the caller's transaction, under a lock on the enrolment
    max_attempts: ClassVar[int] = 0  # 0: no limit; a type may read it from the activity

    def attempts_allowed(self, activity: Any) -> int:
        """How many attempts one enrolment may make; 0 means no limit."""
        return self.max_attempts

    def start(self, activity: Any, attempt: Attempt) -> None:
        """A new attempt was opened: prepare the plugin's own rows."""

    def accept(self, activity: Any, attempt: Attempt, response: Json) -> None:
        """Since 1.1: raise Refused when this cannot be handed in as it stands. Must not write.

        Then nothing is recorded, the attempt stays open, and the learner gets the page again with
        the reason and `visit.response`. Whatever is wrong for other reasons is `grade`'s.
        """

    def grade(self, activity: Any, attempt: Attempt, response: Json) -> Grade | Pending | None:
        """Mark what was handed in; None when this type has no marks."""
        return None

    def evidence(self, attempts: Sequence[Attempt]) -> Mapping[int, SafeString]:
        """Since 1.1, for Trait.EVIDENCE: what was handed in, as HTML by the id of the attempt.

        An instructor of the course reads it, so it is theirs to see in full. Must not write, and
        must cost as many queries for many attempts as for one; one of which nothing is kept any
        more is left out.
        """
        return {}

    # --- progress
    completion_rules: ClassVar[tuple[CompletionRule, ...]] = (VIEWED, SUBMITTED)

    def fraction(self, activity: Any, attempt: Attempt) -> float | None:
        """How far an open attempt has come, 0 to 1; None when the type cannot say."""
        return None

    # --- xAPI
    xapi_type: ClassVar[str] = "http://adlnet.gov/expapi/activities/lesson"
    xapi_verbs: ClassVar[Mapping[str, str]] = STANDARD_VERBS

    def xapi_extensions(self, event: LearningEvent) -> Json:
        """Extra facts for a statement, by IRI."""
        return {}

    # --- moving content in and out
    schema_version: ClassVar[int] = 1

    def dump(self, activity: Any, files: ArchiveWriter) -> Json:
        """The activity as JSON values: by default the plain fields of the plugin's own table."""
        own = self.model._meta.local_concrete_fields
        return {
            each.attname: each.value_to_string(activity)
            for each in own
            if not each.primary_key and not each.is_relation
        }

    def load(
        self,
        data: Json,
        files: ArchiveReader,
        *,
        version: int,
        into: Any | None = None,
    ) -> Any:
        """The activity that `data` describes, unsaved; `into` is the existing one to change.

        Raises DomainError when the data cannot be read. Children that need a saved parent are
        attached as unsaved child relations (the model is clusterable).
        """
        activity = into if into is not None else self.model()
        own = {
            each.attname: each
            for each in self.model._meta.local_concrete_fields
            if not each.primary_key and not each.is_relation
        }
        if version > self.schema_version:
            raise DomainError(_("It comes from a newer version of this site."))
        if not isinstance(data, dict):
            raise DomainError(_("The data are not of the form that was expected."))
        for name in own.keys() & data.keys():
            try:
                setattr(activity, name, own[name].to_python(data[name]))
            except (ValidationError, ValueError, TypeError, ArithmeticError) as error:
                reason = _("The data do not fit: %(field)s.") % {"field": name}
                raise DomainError(reason) from error
        return activity

    # --- people and safety
    permissions: ClassVar[Permissions] = Permissions()

    def personal_data(self, person: Person) -> Iterable[PersonalData]:
        """What the plugin keeps about `person`."""
        return ()

    def forget(self, person: Person) -> None:
        """Delete or make anonymous what the plugin keeps about `person`."""

    def check(self) -> Iterable[CheckMessage]:
        """For `manage.py check` and the health page."""
        return ()
