"""Opening the quiz's half of an attempt."""

from __future__ import annotations

import random
import secrets

from django.db import transaction
from django.utils.translation import gettext as _

from lms.plugins.errors import DomainError
from quizzes.contracts import question_type
from quizzes.models import QuestionVersion, Quiz, QuizSlot, Sitting, SittingSlot


class NothingToAsk(DomainError):
    """No question of the quiz is published."""

    def __init__(self) -> None:
        super().__init__(_("This quiz has no questions yet."))


@transaction.atomic
def open_sitting(*, quiz: Quiz, attempt_id: int, chance: random.Random | None = None) -> Sitting:
    """Fix what this attempt asks: versions, worth, order. Four statements for any length.

    Questions that are not published now are left out. Raises NothingToAsk when that leaves none.
    """
    chance = chance or secrets.SystemRandom()
    versions = {
        version.question_id: version
        for version in QuestionVersion.objects.current().filter(question__slots__quiz=quiz.pk)
    }
    slots = [
        slot
        for slot in QuizSlot.objects.filter(quiz=quiz.pk).order_by("sort_order", "pk")
        if slot.question_id in versions
    ]
    if not slots:
        raise NothingToAsk
    if quiz.shuffle_questions:
        chance.shuffle(slots)
    sitting = Sitting.objects.create(
        attempt_id=attempt_id,
        pass_mark=quiz.pass_mark,
        behaviour=quiz.behaviour,
        tries=quiz.tries,
        penalty=quiz.penalty,
    )
    SittingSlot.objects.bulk_create(
        SittingSlot(
            sitting=sitting,
            position=position,
            version=version,
            points=slot.points,
            arrangement=question_type(version.type_key).arrange(
                version.data, chance, shuffle=quiz.shuffle_options
            ),
        )
        for position, slot in enumerate(slots, 1)
        for version in [versions[slot.question_id]]
    )
    return sitting
