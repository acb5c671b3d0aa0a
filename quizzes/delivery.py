"""What the pages of a quiz show. Reads only: one query for a whole attempt."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from lms.plugins.contracts import Json, Visit
from lms.plugins.guard import PluginFailure, guard
from modules.content.models import LegalReference
from modules.content.models.references import ReferenceState
from quizzes.answers import mark_of
from quizzes.bodies import has_no_blocks, in_line
from quizzes.contracts import QuestionType, Stage, behaviours, question_types
from quizzes.models import Mark, QuestionVersion, Quiz, Response, SittingSlot
from quizzes.tries import behaviour_of, is_for_person, response_of, stage_of, tries_of


@dataclass(frozen=True)
class Basis:
    """A legal reference behind a question, as readers should know it today."""

    name: str
    title: str
    url: str
    state: ReferenceState


@dataclass(frozen=True)
class Marked:
    """What a person gave for an answer, in words for the learner."""

    comment: str
    levels: list[tuple[str, str]]  # (criterion, level)


@dataclass(frozen=True)
class ShownQuestion:
    """One question on a page. `template` is empty where the app of its kind is gone."""

    position: int
    prompt: SafeString
    is_short: bool  # one paragraph: it can stand in the legend itself
    template: str
    own: dict[str, Any]  # what the kind's template needs
    instruction: str = ""
    scripts: tuple[str, ...] = ()
    verdict: str = ""  # said of the answer instead of right, partly or wrong
    mark: str = ""
    sequence: int = 0
    is_answered: bool = False
    is_open: bool = True  # the answer may be changed
    is_explained: bool = False  # `template` is that of the review
    can_check: bool = False
    tries_left: int | None = None
    comments: list[SafeString] = field(default_factory=list)  # on what was answered
    hints: list[SafeString] = field(default_factory=list)
    beside: str = ""  # the template of what the behaviour asks beside the answer
    extra: Json = field(default_factory=dict)
    extra_words: str = ""
    saved_at: dt.datetime | None = None
    fraction: float | None = None  # of the last try, or what it earned
    explanation: SafeString = SafeString("")
    marked: Marked | None = None  # what a person gave
    basis: list[Basis] = field(default_factory=list)

    @property
    def is_right(self) -> bool:
        """Whether the answer earned everything."""
        return self.fraction is not None and self.fraction >= 1.0

    @property
    def is_tried(self) -> bool:
        """Whether the page tells how right the last try was."""
        return self.fraction is not None

    @property
    def is_partly_right(self) -> bool:
        """Whether the answer earned something, but not everything."""
        return self.fraction is not None and 0.0 < self.fraction < 1.0


def asked(attempt_id: int) -> list[ShownQuestion]:
    """The questions of an open attempt with the answers so far.

    Nothing of the key is in it, but for questions that their behaviour has closed.
    """
    slots = slots_of(attempt_id)
    explained = [slot for slot in slots if stage_of(slot).shows_key]
    basis = _basis(code for slot in explained for code in slot.version.data.get("basis", []))
    return [
        _explained(slot, basis) if stage_of(slot).shows_key else _asked_of(slot) for slot in slots
    ]


def previewed(quiz: Quiz) -> list[ShownQuestion]:
    """The questions as a new attempt would ask them, in the author's order."""
    versions = (
        QuestionVersion.objects.current()
        .filter(question__slots__quiz=quiz.pk)
        .order_by("question__slots__sort_order")
    )
    beside = _beside(quiz.behaviour)
    return [
        replace(_asked(position, version, {}, None), beside=beside)
        for position, version in enumerate(versions, 1)
    ]


def reviewed(attempt_id: int) -> tuple[list[ShownQuestion], int]:
    """The questions of a marked attempt with answers, key and feedback; and its pass mark."""
    slots = slots_of(attempt_id)
    basis = _basis(code for slot in slots for code in slot.version.data.get("basis", []))
    marks = _marks(slots)
    questions = [replace(_reviewed(slot, basis), marked=marks.get(slot.pk)) for slot in slots]
    return questions, slots[0].sitting.pass_mark if slots else 0


def _marks(slots: list[SittingSlot]) -> dict[int, Marked]:
    """What people gave, by slot; no query where no person marks anything."""
    by_person = [slot for slot in slots if is_for_person(slot)]
    if not by_person:
        return {}
    newest: dict[int, Mark] = {
        mark.response.slot_id: mark
        for mark in Mark.objects.filter(response__slot__in=by_person)
        .select_related("response")
        .order_by("at", "pk")
    }
    return {
        slot.pk: Marked(mark.comment, _chosen_levels(slot.version.data, mark.levels))
        for slot in by_person
        if (mark := newest.get(slot.pk)) is not None
    }


def _chosen_levels(data: Json, chosen: Json) -> list[tuple[str, str]]:
    return [
        (criterion["name"], level["name"])
        for criterion in data.get("rubric") or []
        for level in criterion["levels"]
        if chosen.get(criterion["key"]) == level["key"]
    ]


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


def _asked_of(slot: SittingSlot) -> ShownQuestion:
    """A question that is open, with what its behaviour tells after the tries so far."""
    response = response_of(slot)
    asked = _asked(slot.position, slot.version, slot.arrangement, response)
    behaviour, stage, tries = behaviour_of(slot), stage_of(slot), tries_of(response)
    kind = question_types.get(slot.version.type_key)
    last = tries[-1] if tries else None
    comments: Any = ()
    if kind is not None and last is not None and stage.says_why:
        comments = _said(kind, "comments", slot.version.data, last.answer or {})
    shown = last.fraction if last is not None and stage.says_right else None
    return replace(
        asked,
        verdict=_verdict(kind, shown),
        is_open=stage.is_open,
        can_check=behaviour.has_check and stage.is_open,
        tries_left=stage.tries_left,
        fraction=shown,
        comments=[_safe(each) for each in comments or ()],
        hints=_hints(slot, stage),
        beside=behaviour.extra_template,
        extra=response.extra if response is not None else {},
    )


def _explained(slot: SittingSlot, basis: dict[str, Basis]) -> ShownQuestion:
    """A question that its behaviour has closed before the attempt was handed in."""
    tries = tries_of(response_of(slot))
    fraction = tries[-1].fraction if tries else None
    return replace(
        _reviewed(slot, basis),
        is_open=False,
        fraction=fraction,
        verdict=_verdict(question_types.get(slot.version.type_key), fraction),
        hints=_hints(slot, stage_of(slot)),
    )


def _hints(slot: SittingSlot, stage: Stage) -> list[SafeString]:
    return [_safe(each) for each in (slot.version.data.get("hints") or [])[: stage.hints]]


def _beside(key: str) -> str:
    behaviour = behaviours.get(key)
    return behaviour.extra_template if behaviour is not None else ""


def _asked(
    position: int, version: QuestionVersion, arrangement: Json, response: Response | None
) -> ShownQuestion:
    kind = question_types.get(version.type_key)
    answer = response.answer if response is not None else None
    prompt, is_short = _prompt(version.data)
    own = _said(kind, "ask", version.data, arrangement, answer) if kind else None
    return ShownQuestion(
        position=position,
        prompt=prompt,
        is_short=is_short,
        template=kind.ask_template if kind and own is not None else "",
        own=own or {},
        scripts=tuple(kind.media) if kind and own is not None else (),
        instruction=str(_said(kind, "instruct", version.data) or "") if kind else "",
        mark=mark_of(answer, response.extra if response is not None else None),
        sequence=response.sequence if response is not None else 0,
        is_answered=answer is not None,
        saved_at=response.saved_at if response is not None else None,
    )


def _reviewed(slot: SittingSlot, basis: dict[str, Basis]) -> ShownQuestion:
    kind: QuestionType | None = question_types.get(slot.version.type_key)
    data = slot.version.data
    response = response_of(slot)
    answer = response.answer if response is not None else None
    extra = response.extra if response is not None else {}
    prompt, is_short = _prompt(data)
    own = _said(kind, "review", data, slot.arrangement, answer) if kind else None
    return ShownQuestion(
        position=slot.position,
        prompt=prompt,
        is_short=is_short,
        template=kind.review_template if kind and own is not None else "",
        own=own or {},
        is_answered=answer is not None,
        is_explained=True,
        extra=extra,
        verdict=_verdict(kind, response.fraction if answer and response else None),
        extra_words=behaviour_of(slot).describe(extra),
        fraction=response.fraction if response is not None else None,
        explanation=_safe(data["explanation"]),
        basis=[basis[code] for code in data.get("basis", []) if code in basis],
    )


def _verdict(kind: QuestionType | None, fraction: float | None) -> str:
    return str(_said(kind, "verdict", fraction) or "") if kind and fraction is not None else ""


def _said(kind: QuestionType, operation: str, *values: Any) -> Any:
    """What the kind answers; None where it fails, which is in the log then."""
    try:
        with guard(kind.key, operation, writes=False):
            return getattr(kind, operation)(*values)
    except PluginFailure:
        return None


def _prompt(data: Json) -> tuple[SafeString, bool]:
    """The prompt, and whether it is one paragraph: that can stand in a line, without its <p>."""
    html = in_line(data["prompt"])
    return _safe(html), has_no_blocks(html)


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
