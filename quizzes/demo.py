"""What invented learners answer, so that a site for trying out has results to look at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from lms.learning import api
from lms.plugins.contracts import Json
from quizzes.contracts import question_type
from quizzes.models import Quiz, Response, SittingSlot

if TYPE_CHECKING:
    from lms.learning.models import Attempt, Enrolment


def take(*, enrolment: Enrolment, activity: Quiz, right: bool) -> Attempt | None:
    """Hand in an attempt with all answers right, or only the first; None where nothing is asked.

    The platform calls this for learners when it makes the data of the demo.
    """
    if not activity.question_count:
        return None
    attempt = api.start(enrolment=enrolment, activity=activity)
    slots = SittingSlot.objects.filter(sitting__attempt_id=attempt.pk).select_related("version")
    Response.objects.bulk_create(
        Response(slot=slot, answer=answer, saved_at=timezone.now())
        for at, slot in enumerate(slots.order_by("position"))
        for answer in [_answer(slot, right=right or at == 0)]
        if answer is not None
    )
    return api.submit(attempt=attempt, activity=activity, response={})


def _answer(slot: SittingSlot, *, right: bool) -> Json | None:
    """What earns everything; else a wrong option, and nothing where there are no options."""
    data = slot.version.data
    if right:
        return question_type(slot.version.type_key).solution(data)
    wrong = [option["key"] for option in data.get("options", ()) if not option["correct"]]
    return {"options": wrong[:1]} if wrong else None
