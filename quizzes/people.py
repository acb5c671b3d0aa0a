"""What the quizzes keep about a person."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.utils.html import strip_tags
from django.utils.translation import gettext as _

from lms.plugins.contracts import Json, PersonalData
from quizzes.contracts import question_types
from quizzes.models import Sitting, SittingSlot
from quizzes.tries import response_of

if TYPE_CHECKING:
    from lms.people.models import Person


def answers_of(person: Person) -> Iterator[PersonalData]:
    """Every attempt of `person` with questions and answers in words, oldest first."""
    sittings = (
        Sitting.objects.filter(attempt__enrolment__person=person)
        .select_related("attempt__activity")
        .prefetch_related("slots__version", "slots__response")
        .order_by("attempt__started_at", "pk")
    )
    for sitting in sittings:
        label = _("Quiz “%(title)s”, attempt %(number)d") % {
            "title": sitting.attempt.activity.title,
            "number": sitting.attempt.number,
        }
        yield PersonalData(label, [_answer(slot) for slot in sitting.slots.all()])


def forget_answers_of(person: Person) -> None:
    """Delete what `person` was asked and answered. Marks stay with the platform's record."""
    Sitting.objects.filter(attempt__enrolment__person=person).delete()


def _answer(slot: SittingSlot) -> Json:
    kind = question_types.get(slot.version.type_key)
    response = response_of(slot)
    answer = response.answer if response is not None else None
    words = kind.describe(slot.version.data, answer) if kind and answer is not None else ""
    return {
        "question": " ".join(strip_tags(slot.version.data["prompt"]).split()),
        "answer": words,
        "saved_at": response.saved_at.isoformat() if response is not None else None,
        "fraction": response.fraction if response is not None else None,
    }
