"""What the player asks and says. Answers are JSON; people meet them through `video.js`."""

from __future__ import annotations

import json
import uuid
from typing import Any

from django.http import Http404, HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from lms.learning import api
from lms.people.api import person_of
from lms.plugins.errors import DomainError
from modules.activities.video import services
from modules.activities.video.intervals import LONGEST, read_intervals
from modules.activities.video.models import Playback, Video
from modules.activities.video.rules import ENOUGH

MOST = 50  # videos on one page


@require_POST
def played(request: HttpRequest, activity_uuid: uuid.UUID) -> JsonResponse:
    """Seconds that were played: `intervals` ([[from, to], …] as JSON) and `position`."""
    video = Video.objects.filter(uuid=activity_uuid, live=True).first()
    if video is None:
        raise Http404
    enrolment = api.enrolment_for(person_of(request.user), video)
    if enrolment is None:
        return JsonResponse({"error": str(api.NotEnrolled())}, status=403)
    try:
        intervals = read_intervals(json.loads(request.POST.get("intervals", "[]")), video.duration)
        position = int(request.POST.get("position", "0"))
    except (ValueError, RecursionError):
        return JsonResponse({"error": _("The report of the player is not valid.")}, status=400)
    try:
        playback = services.report(
            enrolment=enrolment,
            video=video,
            intervals=intervals,
            position=max(0, min(position, video.duration or LONGEST)),
        )
    except DomainError as error:
        return JsonResponse({"error": str(error)}, status=409)
    return JsonResponse(_state(playback, video))


@require_GET
def where(request: HttpRequest) -> JsonResponse:
    """Where the learner stopped in the videos `activity` (their uuids): two queries, no write."""
    wanted = set()
    for text in request.GET.getlist("activity")[:MOST]:
        try:
            wanted.add(uuid.UUID(text))
        except ValueError:
            continue
    videos = {
        video.translation_key: video for video in Video.objects.filter(uuid__in=wanted, live=True)
    }
    rows = Playback.objects.filter(
        attempt__enrolment__person=person_of(request.user),
        attempt__enrolment__withdrawn_at__isnull=True,
        attempt__activity_key__in=list(videos),
    ).select_related("attempt")
    states = {}
    for row in rows.order_by("attempt__enrolment__enrolled_at"):
        video = videos[row.attempt.activity_key]
        states[str(video.uuid)] = _state(row, video)
    return JsonResponse(states)


def _state(playback: Playback, video: Video) -> dict[str, Any]:
    fraction = services.fraction_of(playback, video)
    return {
        "position": playback.position,
        "percent": None if fraction is None else int(fraction * 100),
        "done": fraction is not None and fraction >= ENOUGH,
    }
