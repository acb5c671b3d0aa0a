"""Taking a player's reports."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from lms.learning import api
from modules.activities.video.intervals import SLACK, Interval, accept, seconds_in
from modules.activities.video.models import Playback, Video
from modules.activities.video.rules import ENOUGH

if TYPE_CHECKING:
    from lms.learning.models import Attempt, Enrolment

STEPS = 20  # the record keeps progress in twentieths


def begin(*, attempt: Attempt) -> Playback:
    """The row of a new attempt; its clock starts now."""
    playback, _created = Playback.objects.get_or_create(
        attempt=attempt, defaults={"reported_at": timezone.now(), "spare": float(SLACK)}
    )
    return playback


def report(
    *, enrolment: Enrolment, video: Video, intervals: Sequence[Interval], position: int
) -> Playback:
    """Add what a player says it played; gives what is known now. The same again changes nothing.

    The first report begins the attempt. Once nine tenths were played the video is handed in.
    """
    attempt = _attempt(enrolment, video)
    playback, before = _keep(attempt, intervals, position)
    fraction = fraction_of(playback, video)
    if fraction is None:
        return playback
    if int(fraction * STEPS) > int(before / max(video.duration, 1) * STEPS):
        api.progressed(attempt=attempt, activity=video, fraction=fraction)
    if fraction >= ENOUGH and attempt.is_open:
        response = {"measured": True, "seconds": playback.seconds, "duration": video.duration}
        with suppress(api.AttemptClosed):  # another tab was first: the same fact
            api.submit(attempt=attempt, activity=video, response=response)
    return playback


def _attempt(enrolment: Enrolment, video: Video) -> Attempt:
    # A video has one attempt per enrolment. Handed in or not, what is played on is still counted.
    playback = (
        Playback.objects.filter(
            attempt__enrolment=enrolment, attempt__activity_key=video.translation_key
        )
        .select_related("attempt__enrolment")
        .first()
    )
    if playback is not None:
        return playback.attempt
    try:
        return api.start(enrolment=enrolment, activity=video)
    except api.CannotOpen:
        # Another tab has begun and handed in within this very moment.
        again = Playback.objects.filter(
            attempt__enrolment=enrolment, attempt__activity_key=video.translation_key
        ).select_related("attempt__enrolment")
        found = again.first()
        if found is None:
            raise
        return found.attempt


@transaction.atomic
def _keep(attempt: Attempt, reported: Sequence[Interval], position: int) -> tuple[Playback, int]:
    """The row after the report, and how many seconds it had before."""
    playback = Playback.objects.select_for_update(of=("self",)).get(attempt=attempt)
    before = playback.seconds
    now = timezone.now()
    known = [(first, last) for first, last in playback.intervals]
    elapsed = (now - playback.reported_at).total_seconds()
    intervals, spare = accept(known, reported, elapsed=elapsed, spare=playback.spare)
    playback.intervals = [list(each) for each in intervals]
    playback.seconds = seconds_in(intervals)
    playback.position = position
    playback.spare = spare
    playback.reported_at = now
    playback.save()
    return playback, before


def fraction_of(playback: Playback, video: Video) -> float | None:
    """The share of the video that was played; None while its duration is not known."""
    if not video.duration:
        return None
    return min(1.0, playback.seconds / video.duration)
