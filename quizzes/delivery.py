"""What the pages of a quiz show. Reads only: one query for a whole attempt."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from lms.plugins.contracts import Json, Visit
from modules.content.models import LegalReference
from modules.content.models.references import ReferenceState
from quizzes.answers import mark_of
from quizzes.contracts import QuestionType, question_types
from quizzes.models import QuestionVersion, Quiz, Response, SittingSlot
from quizzes.services.answering import response_of


@dataclass(frozen=True)
class Basis:
    """A legal reference behind a question, as readers should know it today."""

    name: str
    title: str
    url: str
    state: ReferenceState


@dataclass(frozen=True)
class ShownQuestion:
    """One question on a page. `template` is empty where the app of its kind is gone."""

    position: int
    prompt: SafeString
    is_short: bool  # one paragraph: it can stand in the legend itself
    template: str
    own: dict[str, Any]  # what the kind's template needs
    instruction: str = ""
    mark: str = ""
    sequence: int = 0
    is_answered: bool = False
    saved_at: dt.datetime | None = None
    fraction: float | None = None
    explanation: SafeString = SafeString("")
    basis: list[Basis] = field(default_factory=list)

    @property
    def is_right(self) -> bool:
        """Whether the answer earned everything."""
        return self.fraction == 1.0

    @property
    def is_partly_right(self) -> bool:
        """Whether the answer earned something, but not everything."""
        return self.fraction is not None and 0.0 < self.fraction < 1.0


def asked(attempt_id: int) -> list[ShownQuestion]:
    """The questions of an attempt with the answers so far; nothing of the key is in it."""
    return [
        _asked(slot.position, slot.version, slot.arrangement, response_of(slot))
        for slot in slots_of(attempt_id)
    ]


def previewed(quiz: Quiz) -> list[ShownQuestion]:
    """The questions as a new attempt would ask them, in the author's order."""
    versions = (
        QuestionVersion.objects.current()
        .filter(question__slots__quiz=quiz.pk)
        .order_by("question__slots__sort_order")
    )
    return [_asked(position, version, {}, None) for position, version in enumerate(versions, 1)]


def reviewed(attempt_id: int) -> tuple[list[ShownQuestion], int]:
    """The questions of a marked attempt with answers, key and feedback; and its pass mark."""
    slots = slots_of(attempt_id)
    basis = _basis(code for slot in slots for code in slot.version.data.get("basis", []))
    questions = [_reviewed(slot, response_of(slot), basis) for slot in slots]
    return questions, slots[0].sitting.pass_mark if slots else 0


def slots_of(attempt_id: int) -> list[SittingSlot]:
    """What an attempt asks, versions and answers loaded, in order."""
    return list(
        SittingSlot.objects.filter(sitting__attempt_id=attempt_id)
        .select_related("sitting", "version", "response")
        .order_by("position")
    )


def attempts_left(quiz: Quiz, visit: Visit) -> int | None:
    """How many more attempts may be started; None without a limit."""
    if not quiz.max_attempts:
        return None
    used = visit.attempt.number if visit.attempt is not None else 0
    return max(0, quiz.max_attempts - used)


def _asked(
    position: int, version: QuestionVersion, arrangement: Json, response: Response | None
) -> ShownQuestion:
    kind = question_types.get(version.type_key)
    answer = response.answer if response is not None else None
    prompt, is_short = _prompt(version.data)
    return ShownQuestion(
        position=position,
        prompt=prompt,
        is_short=is_short,
        template=kind.ask_template if kind else "",
        own=kind.ask(version.data, arrangement, answer) if kind else {},
        instruction=str(kind.instruction) if kind else "",
        mark=mark_of(answer),
        sequence=response.sequence if response is not None else 0,
        is_answered=answer is not None,
        saved_at=response.saved_at if response is not None else None,
    )


def _reviewed(
    slot: SittingSlot, response: Response | None, basis: dict[str, Basis]
) -> ShownQuestion:
    kind: QuestionType | None = question_types.get(slot.version.type_key)
    data = slot.version.data
    answer = response.answer if response is not None else None
    prompt, is_short = _prompt(data)
    return ShownQuestion(
        position=slot.position,
        prompt=prompt,
        is_short=is_short,
        template=kind.review_template if kind else "",
        own=kind.review(data, slot.arrangement, answer) if kind else {},
        is_answered=answer is not None,
        fraction=response.fraction if response is not None else None,
        explanation=_safe(data["explanation"]),
        basis=[basis[code] for code in data.get("basis", []) if code in basis],
    )


def _prompt(data: Json) -> tuple[SafeString, bool]:
    html = data["prompt"]
    inner = html.removeprefix("<p>").removesuffix("</p>")
    if (
        html == f"<p>{inner}</p>"
        and "<p" not in inner
        and "<ul" not in inner
        and "<ol" not in inner
    ):
        return _safe(inner), True
    return _safe(html), False


def _basis(codes: Iterable[str]) -> dict[str, Basis]:
    wanted = set(codes)
    if not wanted:
        return {}
    today = timezone.localdate()
    return {
        reference.code: Basis(
            str(reference), reference.title, reference.url, reference.state(today)
        )
        for reference in LegalReference.objects.filter(code__in=wanted)
    }


def _safe(html: str) -> SafeString:
    # Versions hold what `shown` made: cleaned when it was written.
    return mark_safe(html)  # noqa: S308 -- as said
