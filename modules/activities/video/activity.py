"""The video as an activity type."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar

from django.forms import Media
from django.forms.widgets import Script
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

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
from modules.activities.video import services, transfer
from modules.activities.video.models import Playback, Video
from modules.activities.video.rules import COMPLETION_RULES, WATCHED

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

    from lms.learning.models import Attempt
    from lms.people.models import Person

TYPES = {"mp4": "video/mp4", "webm": "video/webm"}


class VideoType(ActivityType):
    """A video in the lesson, with captions or a transcript. Plays with JavaScript off as well;
    how much was played is then not known.
    """

    key = "video.video"
    model = Video
    label = gettext_lazy("Video")
    description = gettext_lazy("A video file of your own, with captions or a transcript.")
    icon = "video"
    traits = frozenset({Trait.RESUMABLE})
    template_name = "video/video.html"
    media = Media(js=[Script("video/video.js", type="module")])  # type: ignore[list-item]  # stubs lack Script
    max_attempts = 1
    completion_rules: ClassVar[tuple[CompletionRule, ...]] = COMPLETION_RULES
    xapi_type = "https://w3id.org/xapi/video/activity-type/video"

    def problems(self, activity: Video) -> Iterable[Problem]:
        """A video needs its file, its duration, and words for those who cannot hear it."""
        if not activity.file:
            yield Problem(_("The video file is missing."), field="file")
        if not activity.duration:
            yield Problem(
                _("The file does not say how long the video is: give the duration in seconds."),
                field="duration",
            )
        if not activity.captions and not activity.transcript:
            yield Problem(
                _("The video needs captions or a transcript, for those who cannot hear it."),
                field="transcript",
            )

    def summary(self, activity: Video) -> _StrOrPromise:
        """Such as "Video, 5:30"."""
        return _("Video, %(time)s") % {"time": clock(activity.duration)}

    def get_context(self, activity: Video, visit: Visit) -> dict[str, Any]:
        """No query: where the learner stopped is asked for by the player, once per page."""
        code = str(activity.locale.language_code)
        match = getattr(visit.request, "resolver_match", None)
        closed = None if visit.is_open else visit.attempt
        rule = activity.rule
        return {
            "content_type": TYPES.get(str(activity.file).rpartition(".")[2], ""),
            "text_lang": "" if code == get_language() else code,
            "content_lang": code,
            "has_own_page": match is not None and match.view_name == "web:activity",
            "is_closed": closed is not None,
            "was_measured": closed is not None and bool(closed.response.get("measured")),
            "may_tell": rule is None or rule.key == WATCHED.key,
        }

    def start(self, activity: Video, attempt: Attempt) -> None:
        """Start the clock."""
        services.begin(attempt=attempt)

    def fraction(self, activity: Video, attempt: Attempt) -> float | None:
        """The share that was really played."""
        playback = Playback.objects.filter(attempt=attempt).first()
        return None if playback is None else services.fraction_of(playback, activity)

    def dump(self, activity: Video, files: ArchiveWriter) -> Json:
        """The texts and files."""
        return transfer.dump(activity, files)

    def load(
        self, data: Json, files: ArchiveReader, *, version: int, into: Video | None = None
    ) -> Video:
        """The video in `data`, unsaved. Loading the same again changes nothing."""
        if version > self.schema_version:
            raise DomainError(_("The video comes from a newer version of this site."))
        return transfer.load(data, files, into if into is not None else Video())

    def personal_data(self, person: Person) -> Iterable[PersonalData]:
        """How much of each video `person` played."""
        rows = Playback.objects.filter(attempt__enrolment__person=person).select_related(
            "attempt__activity"
        )
        return [
            PersonalData(
                _("Video: %(title)s") % {"title": row.attempt.activity.title},
                {"seconds": row.seconds, "position": row.position, "intervals": row.intervals},
            )
            for row in rows
        ]

    def forget(self, person: Person) -> None:
        """Delete what `person` played; that it was watched stays on record."""
        Playback.objects.filter(attempt__enrolment__person=person).delete()


def clock(seconds: int) -> str:
    """Seconds as a player shows them: 5:30, 1:02:03."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
